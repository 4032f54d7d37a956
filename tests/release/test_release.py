"""What the gate puts in use, what it keeps back, and what is left on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from maintainer import CASES, GOLD, Ticks, breaking, edit, harmless, tree

from chatbot.errors import CorpusError, IndexUnusable
from chatbot.gathering import read_corpus
from chatbot.index import generations
from chatbot.release.rehearsing import kept, path_of, questions_of
from chatbot.release.releasing import Release, as_report, release_json


def test_the_first_generation_is_used_without_asking_anything(
    build: Callable[..., Release], index: Path, ticks: Ticks
) -> None:
    found = build()
    assert (found.result, found.exit_code, found.previous) == ("activated", 0, "")
    assert generations.current(index) == found.generation
    assert ticks.asked() == set()
    assert "nothing to compare it with" in as_report(found)
    assert found.embedded > 0 and found.reused == 0


def test_the_same_again_changes_nothing(build: Callable[..., Release], index: Path) -> None:
    first = build()
    before = tree(index)
    again = build()
    assert (again.result, again.exit_code, again.generation) == ("unchanged", 0, first.generation)
    assert again.embedded == 0
    assert tree(index) == before


def test_an_edit_that_breaks_nothing_is_put_in_use(
    build: Callable[..., Release], corpus: Path, index: Path, ticks: Ticks
) -> None:
    first = build()
    harmless(corpus)
    found = build()
    assert (found.result, found.exit_code, found.previous) == ("activated", 0, first.generation)
    assert generations.current(index) == found.generation
    assert found.embedded == 0
    assert found.comparison is not None
    assert found.comparison.counts()["kept"] == len(CASES)
    assert ticks.asked() == {first.generation[:8], found.generation[:8]}
    assert [(a.by, a.generation, a.before) for a in generations.history(index)] == [
        ("build", first.generation, ""),
        ("build", found.generation, first.generation),
    ]
    assert "5 cases: 5 kept" in generations.history(index)[-1].summary


def test_a_case_that_breaks_keeps_the_old_one(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    first = build()
    breaking(corpus)
    found = build()
    assert (found.result, found.exit_code) == ("kept back", 3)
    assert generations.current(index) == first.generation
    assert set(generations.list_ids(index)) == {first.generation, found.generation}
    assert [a.generation for a in generations.history(index)] == [first.generation]
    assert found.comparison is not None
    assert [q.after.ident for q in found.comparison.broken] == ["cases:1"]
    assert [p.change for p in found.comparison.passages] == ["changed"]
    report = as_report(found)
    assert "cases:1" in report
    assert f'chatbot index activate {found.generation} --because "..."' in report
    assert "passages: 0 added, 0 removed, 1 changed" in report
    as_json = json.loads(json.dumps(release_json(found)))
    assert (as_json["format"], as_json["result"], as_json["exit_code"]) == (1, "kept back", 3)
    broke = as_json["comparison"]["questions"][0]["broke"]
    assert broke == found.comparison.broken[0].broke
    assert broke.split("; ")[0] == "no longer quotes a sentence that answers"


def test_a_case_that_follows_the_edit_lets_it_through(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    """The old generation is asked the new cases too: one that did not hold before cannot break."""
    build()
    breaking(corpus)
    cases = corpus.parent / "cases" / "cases.jsonl"
    cases.write_text(
        cases.read_text(encoding="utf-8").replace(GOLD, "MDMA stands for a long chemical name."), encoding="utf-8"
    )
    found = build()
    # two of five replies change their words: the share, and nothing else, speaks against it
    assert all("MAX_CHANGED_SHARE" in reason for reason in found.reasons)
    assert found.comparison is not None
    assert found.comparison.broken == ()


def test_a_generation_is_asked_once(build: Callable[..., Release], corpus: Path, index: Path, ticks: Ticks) -> None:
    build()
    harmless(corpus)
    second = build()
    ticks.clear()
    edit(corpus, "messages.toml", "[crisis]", "# and again\n[crisis]")
    third = build()
    assert ticks.asked() == {third.generation[:8]}
    path_of(index, third.generation).write_bytes(b"{ damaged")
    ticks.clear()
    edit(corpus, "messages.toml", "[crisis]", "# once more\n[crisis]")
    fourth = build()
    assert ticks.asked() == {third.generation[:8], fourth.generation[:8]}
    asked = questions_of(read_corpus(corpus))
    assert all(kept(index, g.generation, asked) for g in (second, third, fourth))


def test_one_that_was_kept_back_costs_nothing_the_next_time(
    build: Callable[..., Release], corpus: Path, ticks: Ticks
) -> None:
    build()
    breaking(corpus)
    first = build()
    ticks.clear()
    again = build()
    assert (again.result, again.reasons) == ("kept back", first.reasons)
    assert list(ticks) == []


def test_a_dry_run_tells_and_writes_nothing(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    empty = build(dry_run=True)
    assert (empty.result, index.exists()) == ("would be activated", False)
    build()
    before = tree(index)
    breaking(corpus)
    found = build(dry_run=True)
    assert (found.result, found.exit_code) == ("would be kept back", 3)
    assert found.comparison is not None and len(found.comparison.broken) == 1
    assert tree(index) == before


def test_without_replay_it_is_published_and_not_used(
    build: Callable[..., Release], corpus: Path, index: Path, ticks: Ticks
) -> None:
    first = build()
    harmless(corpus)
    found = build(replay=False)
    assert (found.result, found.exit_code) == ("published", 0)
    assert generations.current(index) == first.generation
    assert found.generation in generations.list_ids(index)
    assert ticks.asked() == set()
    assert build().result == "activated"


def test_a_full_build_reuses_nothing_and_is_the_same(build: Callable[..., Release], corpus: Path) -> None:
    first = build()
    again = build(full=True)
    assert (again.result, again.generation, again.reused) == ("unchanged", first.generation, 0)
    assert again.embedded == first.embedded


def test_while_another_holds_the_lock_nothing_happens(
    build: Callable[..., Release], corpus: Path, index: Path, tmp_path: Path
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    build()
    harmless(corpus)
    before = tree(index)
    with generations.lock(index), ThreadPoolExecutor(1) as pool, pytest.raises(IndexUnusable, match="is at work here"):
        pool.submit(build).result()
    assert tree(index) == before


def test_a_folder_of_cases_that_is_not_there_stops_before_anything_is_built(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    edit(corpus, "sources.toml", "../cases", "../nowhere")
    with pytest.raises(CorpusError, match=r"cases = '\.\./nowhere': .* is no folder; name the folder"):
        build()
    assert generations.list_ids(index) == []


def test_a_corpus_without_cases_is_asked_its_examples(build: Callable[..., Release], corpus: Path) -> None:
    edit(corpus, "sources.toml", 'cases = "../cases"\n', "")
    build()
    harmless(corpus)
    found = build()
    assert found.comparison is not None
    assert [q.after.ident for q in found.comparison.questions] == [f"examples:{n}" for n in range(1, 9)]
