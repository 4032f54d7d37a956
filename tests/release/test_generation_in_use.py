"""The gate beside a generation in use that is damaged, old, stale or was rolled back, and beside the log."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from maintainer import Ticks, breaking, harmless, tree

from chatbot import settings
from chatbot.errors import IndexMissing
from chatbot.evaluate.values import Case
from chatbot.gathering import read_corpus
from chatbot.index import generations
from chatbot.release import releasing
from chatbot.release.contrasting import Tools, measure
from chatbot.release.rehearsing import path_of, program_digest
from chatbot.release.releasing import Release, as_report, judge


def test_a_damaged_generation_in_use_is_compared_by_the_replies_that_were_kept(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    build()
    harmless(corpus)
    used = build().generation
    (index / used / "passages.jsonl").write_bytes(b"{}\n")
    breaking(corpus)
    found = build()
    assert (found.result, generations.current(index)) == ("kept back", used)
    assert "cannot be opened" in as_report(found)
    path_of(index, used).unlink()
    assert (
        build().result == "activated"
    )  # nothing is left to compare with, and readers get nothing from the damaged one


def test_a_damaged_generation_in_use_is_mended_by_building_it_again(build: Callable[..., Release], index: Path) -> None:
    used = build().generation
    (index / used / "passages.jsonl").write_bytes(b"{}\n")
    found = build()
    assert (found.generation, found.exit_code) == (used, 0)
    assert generations.read(index, used)


def test_changing_a_setting_is_a_new_generation_against_the_replies_of_then(
    build: Callable[..., Release], monkeypatch: pytest.MonkeyPatch, corpus: Path, index: Path
) -> None:
    build()
    harmless(corpus)
    second = build()
    monkeypatch.setattr(settings, "STATEMENT_SHARE", 0.0)
    program_digest.cache_clear()
    found = build()
    program_digest.cache_clear()
    assert found.comparison is not None
    assert (found.comparison.before, found.generation != second.generation) == (second.generation, True)
    assert "answer_digest" in [d.name for d in found.comparison.made_of]
    assert found.comparison.counts()["changed quote"] > 0
    assert "by another version of the program" in as_report(found)


def test_logged_questions_are_asked_of_both_and_kept_nowhere(
    build: Callable[..., Release], corpus: Path, index: Path, tools: Tools
) -> None:
    first = build()
    breaking(corpus)
    second = build()
    logged = (Case("log:r1", "What is the word MDMA short for?", "watch", "log"),)
    found = measure(read_corpus(corpus), index, tools, first.generation, second.generation, logged=logged)
    changes = [q for q in found.questions if q.after.ident == "log:r1"]
    assert [q.change for q in changes] == ["newly refused"]
    assert judge(found) == second.reasons
    assert not [name for name, raw in tree(index).items() if b"the word MDMA" in raw]


def test_measuring_afresh_asks_both_again(
    build: Callable[..., Release], corpus: Path, index: Path, tools: Tools, ticks: Ticks
) -> None:
    first = build()
    harmless(corpus)
    second = build()
    ticks.clear()
    measure(read_corpus(corpus), index, tools, first.generation, second.generation)
    assert ticks.asked() == set()
    measure(read_corpus(corpus), index, tools, first.generation, second.generation, fresh=True)
    assert ticks.asked() == {first.generation[:8], second.generation[:8]}


def test_an_index_that_is_stale_is_built_through_the_gate(
    build: Callable[..., Release], corpus: Path, index: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "shipped_tools", lambda model="": tools)
    said: list[str] = []
    releasing.ensure_index(corpus, index, said.append)
    first = generations.current(index)
    assert len(said) == 1
    releasing.ensure_index(corpus, index, said.append)
    assert len(said) == 1
    breaking(corpus)
    releasing.ensure_index(corpus, index, said.append)
    assert generations.current(index) == first
    assert "changed since it was built" in said[1]
    assert f"Readers still get {first}" in said[2]


def test_rolling_back_goes_to_the_one_before(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    first = build()
    with pytest.raises(IndexMissing, match="nothing was in use before"):
        generations.rollback(index)
    harmless(corpus)
    build()
    assert generations.rollback(index, "not yet") == first.generation
    assert generations.current(index) == first.generation


def test_a_build_does_not_undo_a_rollback(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    first = build()
    harmless(corpus)
    second = build()
    generations.rollback(index, "wrong tone")
    again = build()
    assert (again.result, again.generation) == ("kept back", second.generation)
    assert re.fullmatch(r"it was taken out of use by hand, rollback of .*Z: wrong tone", again.reasons[0])
    assert generations.current(index) == first.generation
    generations.activate(index, second.generation, by="activate")
    assert build().result == "unchanged"
    generations.activate(index, first.generation, by="activate")
    assert build(dry_run=True).result == "would be kept back"
