"""Pins are measured like everything else: what they change is shown, and one that does harm is held back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from maintainer import CASES, GOLD

from chatbot.corpus.pins import Row, write_pins
from chatbot.errors import IndexStale
from chatbot.gathering import read_corpus
from chatbot.index import generations
from chatbot.opening import open_reader
from chatbot.pinchecks import standing
from chatbot.release.releasing import Release

OTHER = (
    "People with PTSD often experience intrusive thoughts, flashbacks, and nightmares that make them feel as though they are back "
    "in the traumatic situation."
)
FLASHBACKS, FOOTBALL, SHORT = CASES[1]["question"], CASES[2]["question"], CASES[0]["question"]


def row(action: str, question: object, sentence: str, source: str = "unlocking-healing") -> Row:
    return Row(
        f"{action}-1",
        "ban" if action == "ban" else "pin",
        (str(question),),
        source,
        (sentence,),
        "2026-11-29",
        "lead",
        "",
    )


def test_a_pin_that_changes_a_reply_shows_in_the_comparison(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    first = build()
    sentence = next(
        line for line in read_corpus(corpus).documents["unlocking-healing"].text.split("\n") if "PTSD" in line
    )
    pinned = sentence.split(". ")[0] + "."
    write_pins(corpus, [row("pin", FLASHBACKS, pinned)], ())
    assert [how for _, how in standing(corpus, index)] == ["not built yet: run `chatbot index build`"]
    found = build(dry_run=True)
    assert found.comparison is not None
    (changed,) = (q for q in found.comparison.questions if q.after.ident == "cases:2")
    assert changed.after.quotes[0].text == pinned
    assert changed.change in ("changed quote", "newly answered")
    assert all(q.change in ("kept", "moved") for q in found.comparison.questions if q.after.ident != "cases:2")
    assert found.embedded == 1
    assert generations.current(index) == first.generation


def test_a_pin_that_answers_what_is_to_be_refused_is_held_back(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    first = build()
    write_pins(corpus, [row("pin", FOOTBALL, GOLD, "agin-liebes-2025")], ())
    found = build()
    assert (found.result, found.exit_code) == ("kept back", 3)
    assert generations.current(index) == first.generation
    assert found.comparison is not None
    assert [(q.after.ident, q.change) for q in found.comparison.broken] == [("cases:3", "newly answered")]
    write_pins(corpus, (), ["pin-1"])
    assert build().result == "unchanged"


def test_a_ban_on_what_answers_is_held_back(build: Callable[..., Release], corpus: Path) -> None:
    build()
    write_pins(corpus, [row("ban", SHORT, GOLD, "agin-liebes-2025")], ())
    found = build()
    assert found.result == "kept back"
    assert found.comparison is not None
    assert [q.after.ident for q in found.comparison.broken] == ["cases:1"]


def test_a_pin_on_a_crisis_or_a_request_changes_nothing_and_is_used(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    build()
    rows = [
        Row(f"pin-{n}", "pin", (str(CASES[n]["question"]),), "agin-liebes-2025", (GOLD,), "2026-11-29", "lead", "")
        for n in (3, 4)
    ]
    write_pins(corpus, rows, ())
    found = build()
    assert found.result == "activated"
    assert found.comparison is not None
    assert found.comparison.counts()["kept"] == len(CASES)
    assert [how for _, how in standing(corpus, index)] == ["in use", "in use"]
    write_pins(corpus, (), ["pin-3"])
    assert [(r.ident, how) for r, how in standing(corpus, index)] == [
        ("pin-4", "in use"),
        ("pin-3", "withdrawn, in use until `chatbot index build`"),
    ]


def test_an_index_is_stale_once_pins_were_written(
    build: Callable[..., Release], corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fakes import HashEmbedder

    build()
    monkeypatch.setattr("chatbot.index.embedding.open_embedder", lambda *_: HashEmbedder())
    write_pins(corpus, [row("pin", FOOTBALL, GOLD, "agin-liebes-2025")], ())
    with pytest.raises(IndexStale, match=r"the corpus .* changed since it was built"):
        open_reader(read_corpus(corpus), index)
