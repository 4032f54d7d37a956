"""pins.toml: what it says must stand in the texts, and it is changed entry by entry with all else byte for byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedder, no_triage, write_corpus
from hypothesis import given
from hypothesis import strategies as st
from maintainer import fetched

from chatbot.building import prepare
from chatbot.checking import check_corpus
from chatbot.corpus.pins import HEADING, Row, changed, read_rows, write_pins
from chatbot.errors import CorpusError
from chatbot.gathering import FIXED, read_corpus
from chatbot.pinchecks import check_pins

TEXTS = {
    "one": ("It helps. It heals. It is not tested. Does it work?", "It heals too."),
    "two": ("A dram is a small drink.",),
}
PIN = Row("a-1", "pin", ("Does it help?",), "one", ("It helps.", "It heals."), "2026-11-29", "lead", "asked often")
BAN = Row("b-2", "ban", ('What is a "dram"?', "dram?"), "two", ("A dram is a small drink.",), "2026-11-28", "lead", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus", TEXTS)


def written(*rows: Row) -> str:
    return changed("", rows, ())


def test_a_corpus_without_them_has_none_and_keeps_its_hash(folder: Path) -> None:
    before = read_corpus(folder)
    assert before.pins.entries == () and "pins.toml" in FIXED
    assert write_pins(folder, [PIN], ())
    assert read_corpus(folder).sha256 != before.sha256
    assert write_pins(folder, [], ["a-1"])
    assert not (folder / "pins.toml").exists()
    assert read_corpus(folder).sha256 == before.sha256


def test_a_generation_without_pins_is_the_one_it_always_was(folder: Path) -> None:
    draft = prepare(folder, HashEmbedder())
    assert not [name for name in draft.files if "pins" in name]
    assert "pins" not in draft.counts
    write_pins(folder, [PIN], ())
    pinned = prepare(folder, HashEmbedder())
    assert set(pinned.files) - set(draft.files) == {
        "pins.jsonl",
        "vectors/pins.npy",
        "vectors/pins.keys",
        "corpus/pins.toml",
    }
    assert (pinned.made_of["answer_digest"] != draft.made_of["answer_digest"], pinned.counts["pins"]) == (True, 1)
    write_pins(folder, [], ["a-1"])
    assert prepare(folder, HashEmbedder()).generation_id == draft.generation_id


def test_entries_are_places(folder: Path) -> None:
    write_pins(folder, [PIN, BAN], ())
    found = read_corpus(folder)
    pin, ban = found.pins.entries
    assert found.documents["one"].text[pin.place.start : pin.place.end] == "It helps. It heals."
    assert (pin.ident, pin.action, pin.questions, pin.since, pin.approved_by, pin.why) == (
        "a-1",
        "pin",
        ("Does it help?",),
        "2026-11-29",
        "lead",
        "asked often",
    )
    assert (ban.action, ban.questions, ban.why) == ("ban", ('What is a "dram"?', "dram?"), "")
    assert read_rows(folder) == (PIN, BAN)


def test_adding_and_taking_out_leave_all_else_as_it_was() -> None:
    by_hand = f"# kept by hand\n\n{written(PIN)[len(HEADING) :].lstrip()}\n# on drams\n{written(BAN)[len(HEADING) :].lstrip()}# the end\n"
    third = replace(PIN, ident="c-3")
    assert changed(by_hand, [third], ["c-3"]) == changed(by_hand, [third], ())
    more = changed(by_hand, [third], ())
    assert more.startswith(by_hand)
    assert changed(more, [third], ()) == more
    assert changed(more, (), ["c-3", "not there"]) == by_hand
    without = changed(by_hand, (), ["a-1"])
    assert without == f"# kept by hand\n\n# on drams\n{written(BAN)[len(HEADING) :].lstrip()}# the end\n"


@given(
    rows=st.lists(
        st.builds(
            Row,
            st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True),
            st.sampled_from(["pin", "ban"]),
            st.lists(
                st.text(min_size=1).filter(lambda t: t.strip() == t and "\r" not in t and t.isprintable()),
                min_size=1,
                max_size=3,
            ).map(tuple),
            st.just("one"),
            st.just(("It helps.",)),
            st.just("2026-11-29"),
            st.just("lead"),
            st.sampled_from(["", "[[pin]]", "two\nlines\n[[ban]]\n", 'said "no" \\ # x']),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda r: r.ident,
    )
)
def test_whatever_is_added_is_read_back_and_taken_out_again(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pins")
    first, rest = rows[0], rows[1:]
    write_pins(folder, [first], ())
    before = (folder / "pins.toml").read_bytes()
    write_pins(folder, rest, ())
    assert set(read_rows(folder)) == set(rows)
    write_pins(folder, (), [r.ident for r in rest])
    assert (folder / "pins.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(PIN, sentences=("It hurts.",)), r"pins\.toml:\d+: a-1: 'It hurts\.' is no slice of the text of one"),
        (
            replace(PIN, sentences=("It helps.", "It is not tested.")),
            "a-1: 'It helps.' does not stand right before the next",
        ),
        (replace(PIN, source="three"), "a-1: source 'three' is no source with a text"),
        (replace(PIN, sentences=("It he",)), "a-1: cuts through a sentence"),
        (replace(PIN, sentences=("Does it work?",)), "a-1: names words that are no answer"),
    ],
)
def test_an_entry_that_fits_no_sentence_stops_a_build_and_is_named(folder: Path, row: Row, said: str) -> None:
    write_pins(folder, [row], ())
    with pytest.raises(CorpusError, match=said):
        prepare(folder, HashEmbedder())
    (problem,) = (p for p in check_corpus(folder) if "pins.toml" in p.file)
    assert "a-1" in problem.problem


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(PIN, ident="a 1"), "id = 'a 1'; use letters"),
        (replace(PIN, questions=()), "it has no question"),
        (replace(PIN, questions=("",)), "it has no question"),
        (replace(PIN, sentences=()), "it has no sentences"),
        (replace(PIN, since="yesterday"), "since = 'yesterday' is no day"),
        (replace(PIN, approved_by=""), "nobody approved it"),
    ],
)
def test_what_is_not_well_formed_is_not_written(folder: Path, row: Row, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        write_pins(folder, [row], ())
    assert not (folder / "pins.toml").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[pin]]\nid = \n", "not TOML"),
        ("[[note]]\nid = 'x'\n", "unknown 'note'"),
        ("[[pin]]\nid = 'x'\nword = 'y'\n", "x: unknown key 'word'"),
        ("[[pin]]\nid = 'x'\n", "x: it has no question"),
        (written(PIN) + written(replace(PIN, action="ban"))[len(HEADING) :], "a-1: this id stands there twice"),
    ],
)
def test_a_file_that_is_not_well_formed_is_named(folder: Path, text: str, said: str) -> None:
    (folder / "pins.toml").write_text(text)
    with pytest.raises(CorpusError, match=said):
        read_corpus(folder)


def test_an_entry_on_a_note_that_a_fetched_text_replaces_is_set_aside(folder: Path) -> None:
    write_pins(folder, [PIN, BAN], ())
    fetched(folder, "two", ("A dram was once a coin, and nobody minds it now.",))
    found = read_corpus(folder).pins
    assert ([p.ident for p in found.entries], found.n_aside) == (["a-1"], 1)
    (note,) = (p for p in check_corpus(folder) if p.file.endswith("pins.toml"))
    assert note.severity == "note" and "1 of its sentences" in note.problem


def test_the_check_names_what_cannot_take_effect_or_is_said_twice(folder: Path) -> None:
    rows = [
        replace(PIN, ident="buy", questions=("Where can I buy MDMA?",)),
        replace(PIN, ident="danger", questions=("I want to kill myself",)),
        replace(BAN, ident="fine", questions=("What is a dram?",)),
        replace(PIN, ident="leans", questions=("And that?",)),
        replace(PIN, ident="two", questions=("What is a dram, and who drinks it?",)),
        replace(PIN, ident="again", questions=("what is a dram and who drinks it",)),
        replace(PIN, ident="against", action="ban", questions=("Where can I buy MDMA?",)),
    ]
    write_pins(folder, rows, ())
    notes = {
        (p.problem.split(":")[0], p.problem.split(": ", 1)[1][:24])
        for p in check_pins(folder, HashEmbedder, lambda: no_triage)
    }
    assert {ident for ident, said in notes if said.startswith("can never take effect")} == {"buy", "danger", "against"}
    assert ("leans", "'And that?' does not say") in notes
    assert {ident for ident, said in notes if "asks 2 things" in said or said.startswith("'what is a dram and")} >= {
        "again"
    }
    assert ("again", "says what two says, for ") in notes
    assert ("against", "bans what buy pins, for ") in notes
    assert "fine" not in {ident for ident, _ in notes}


def test_nothing_is_opened_where_there_is_nothing_to_check(folder: Path) -> None:
    def fail() -> HashEmbedder:
        raise AssertionError("a model was opened")

    assert check_pins(folder, fail, fail) == ()  # type: ignore[arg-type]
