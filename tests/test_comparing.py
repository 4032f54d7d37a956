"""The difference of two generations: passages, questions, and its three forms."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatbot import building
from chatbot.commands import differences
from chatbot.datatypes import Passage
from chatbot.evaluate.changes import CHANGES
from chatbot.evaluate.values import Figure, Quoted, Row
from chatbot.release import showing
from chatbot.release.comparing import LOGGED, Comparison, QuestionChange, broke, compare_questions, failings
from chatbot.release.editions import (
    Detail,
    PassageChange,
    SourceChange,
    compare_passages,
    compare_sources,
    differing,
    wording_of,
)


def passages(*texts: str, doc_id: str = "a", section: str = "S") -> tuple[Passage, ...]:
    """Passages one after the other in one document."""
    out, at = [], 0
    for number, text in enumerate(texts):
        out.append(Passage(doc_id, at, at + len(text), text, (section,), number, number))
        at += len(text) + 1
    return tuple(out)


def row(
    outcome: str = "answer", *quotes: tuple[int, str], kind: str = "answerable", ident: str = "a:1", **marks: float
) -> Row:
    """A row with quotes of one document, given as (start, text)."""
    quoted = tuple(Quoted("a", start, start + len(text), text) for start, text in quotes)
    return Row(ident, "What?", kind, outcome, quoted, {f"x.{k}": v for k, v in marks.items()})


# --- passages ---------------------------------------------------------------------------------------------------------


def test_one_edited_sentence_is_one_changed_passage_and_the_rest_is_moved() -> None:
    before = passages("One sentence here.", "The trial had ninety people.", "Third one.")
    after = passages("One sentence here.", "The trial had ninety-one people in it.", "Third one.")
    assert compare_passages(before, after) == (
        (PassageChange("a", "S", "changed", "The trial had ninety people.", "The trial had ninety-one people in it."),),
        1,
    )


def test_added_removed_and_passages_that_change_places() -> None:
    changes, moved = compare_passages(passages("A b c.", "D e f.", "Gone now."), passages("D e f.", "A b c.", "New."))
    assert [(c.change, c.before, c.after) for c in changes] == [("added", "", "New."), ("removed", "Gone now.", "")]
    assert moved == 2  # "D e f." stands earlier now, "A b c." later


def test_words_under_another_heading_or_in_another_source_are_a_change() -> None:
    changes, moved = compare_passages(passages("A b c.", section="Old"), passages("A b c.", section="New"))
    assert ([(c.change, c.section) for c in changes], moved) == ([("changed", "New")], 0)
    changes, moved = compare_passages(passages("A b c.", doc_id="a"), passages("A b c.", doc_id="b"))
    assert ([(c.doc_id, c.change) for c in changes], moved) == ([("b", "added"), ("a", "removed")], 0)


TEXTS = st.lists(st.sampled_from(["a b.", "a c.", "d e f.", "g.", "h i j k.", "a b."]), max_size=7)


@given(TEXTS, TEXTS)
def test_what_was_removed_and_added_accounts_for_every_passage(before: list[str], after: list[str]) -> None:
    """Slow reference: bags of texts. before - removed - changed(before) + added + changed(after) is after."""
    changes, moved = compare_passages(passages(*before), passages(*after))
    bag = Counter(before)
    bag.subtract(c.before for c in changes if c.before)
    assert min(bag.values(), default=0) >= 0
    bag.update(c.after for c in changes if c.after)
    assert +bag == Counter(after)
    assert all(c.before != c.after for c in changes)
    assert len([c for c in changes if c.before]) == (Counter(before) - Counter(after)).total()
    assert 0 <= moved <= min(len(before), len(after))


# --- sources and wording ----------------------------------------------------------------------------------------------


def test_an_edited_message_and_record_are_told_by_name(corpus_copy: Path) -> None:
    before = building.read_corpus(corpus_copy)
    manifest = corpus_copy / "sources.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('year = "2021"', 'year = "2022"', 1).replace("what PTSD does", "what trauma does"))
    messages = corpus_copy / "messages.toml"
    messages.write_text(messages.read_text(encoding="utf-8").replace("from memory", "by heart"), encoding="utf-8")
    after = building.read_corpus(corpus_copy)
    changes = compare_sources(before, after)
    assert [(c.doc_id, c.change, [d.name for d in c.details]) for c in changes] == [
        ("mitchell-2021", "changed", ["year"])
    ]
    assert changes[0].details[0] == Detail("year", "2021", "2022")
    named = [d.name for d in differing(wording_of(before), wording_of(after))]
    assert "corpus.covered" in named
    assert compare_sources(before, before) == ()
    assert differing(wording_of(before), wording_of(before)) == ()


# --- questions --------------------------------------------------------------------------------------------------------


def test_a_case_breaks_only_when_it_held() -> None:
    good, bad = row(gold=1.0, false_refusal=0.0), row(gold=0.0, false_refusal=0.0)
    assert failings(good) == ()
    assert failings(bad) == ("x.gold",)
    assert broke(good, bad) == "no longer quotes a sentence that answers"
    assert broke(bad, bad) == ""
    assert broke(bad, row("abstention", gold=0.0, false_refusal=1.0)) == ""
    assert broke(good, good) == ""


def test_marks_that_bind_nobody_break_nothing() -> None:
    assert failings(row(first_gold=0.0, corrected=0.0, evidence_recall=0.5, observed_crisis=1.0, _error=1.0)) == ()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (row(false_answer=0.0, kind="near"), row(false_answer=1.0, kind="near"), "answered although the sources do not"),
        (row(recall=1.0, kind="crisis"), row("answer", recall=0.0, kind="crisis"), "no longer redirected to crisis, but: answer"),
        (row(false_alarm=0.0), row("redirect:crisis", false_alarm=1.0), "redirected although it should not be: redirect:crisis"),
        (row(corrected_or_refused=1.0), row(corrected_or_refused=0.0), "false premise without correcting"),
    ],
)  # fmt: skip
def test_why_a_case_broke_is_said_in_words(before: Row, after: Row, words: str) -> None:
    assert words in broke(before, after)


def test_a_broken_rule_counts_whatever_held_before_and_nothing_excuses_it() -> None:
    before = row(gold=0.0)
    after = Row("a:1", "What?", "answerable", "answer", (), {"x.gold": 0.0}, ("a:0-2 is not what the document says",))
    assert broke(before, after) == "breaks a rule: a:0-2 is not what the document says"
    assert QuestionChange("kept", before, after, broke(before, after)).must_hold
    assert not QuestionChange("kept", before, after, "").must_hold
    assert QuestionChange("x", row(kind="crisis"), row(kind="crisis"), "x").must_hold
    assert not QuestionChange("x", row(kind="near"), row(kind="near"), "x").must_hold


def test_questions_are_paired_by_ident() -> None:
    before = [row(ident="a:1"), row(ident="a:2")]
    found = compare_questions(before, [row("abstention", ident="a:2"), row(ident="a:3")])
    assert [(q.after.ident, q.change) for q in found] == [("a:2", "newly refused")]


# --- its forms --------------------------------------------------------------------------------------------------------

EVIL = '<script>alert(1)</script> & "x" \x1b[31m [bold]b[/bold] \u202eabc'


def comparison(words: str = EVIL) -> Comparison:
    """A comparison with something under every heading, each text the same."""
    old = Row("a:1", words, "answerable", "answer", (Quoted("d", 0, 9, words),), {})
    new = Row("a:1", words, "answerable", "abstention", (), {}, ())
    logged = Row("log:rec1", words, LOGGED, "answer", (Quoted("d", 0, 9, "Quoted."),), {})
    moved = Row("log:rec1", words, LOGGED, "answer", (Quoted("d", 5, 14, "Quoted."),), {})
    kept = Row("a:2", words, "near", "abstention", (), {})
    detail = Detail(words, words + " old", words + " new")
    return Comparison(
        "0" * 16, "1" * 16, (detail,), (detail,), (SourceChange(words, words, "changed", (detail,)),),
        (PassageChange(words, words, "changed", f"{words} one", f"{words} two"), PassageChange("d", "", "added", "", words)),
        (3, 4), 2, (1, 0),
        (
            QuestionChange("newly refused", old, new, f"is refused {words}"),
            QuestionChange("moved", logged, moved, ""),
            QuestionChange("kept", kept, kept, ""),
        ),
        (("answerable.gold", Figure(0.9, 0.8, 1.0, 10), Figure(0.8, 0.7, 0.9, 10)), ("unanswerable.near.false_answer", None, Figure(0.1, 0.0, 0.2, 10))),
        (f"floor {words}",), (f"note {words}",),
    )  # fmt: skip


def test_the_summary_counts_everything() -> None:
    assert comparison().summary() == (
        "1 source differs; passages: 1 added, 0 removed, 1 changed, 2 moved; 2 cases: 1 kept, 1 newly refused; "
        "1 logged questions: 1 moved; 1 broke"
    )


class Page(HTMLParser):
    """Tags, attributes and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_is_static_escaped_and_can_be_signed() -> None:
    text = showing.page(comparison(), verdict=["1 case broke <b>"], made_on="2026-11-24")
    found = Page()
    found.feed(text)
    assert found.tags["script"] == 0
    assert found.tags.keys() <= set(
        "html head meta title style body h1 h2 h3 p table tr th td blockquote bdi span strong br del ins em".split()
    )
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "default-src 'none'" in text
    assert "@media print" in text
    for wanted in (
        "Signed off",
        "0.900 (0.800–1.000)",
        "0.800 (0.700–0.900)",
        "worse",
        "1 case broke <b>",
        EVIL,
        "2026-11-24",
    ):
        assert wanted in found.words, wanted
    assert showing.page(comparison("plain")).count("raises nothing against") == 1


def test_what_a_reader_asked_leaves_the_log_in_no_file() -> None:
    found = comparison("secret words")
    logged = [q for q in found.questions if q.after.kind == LOGGED]
    only_logged = Comparison(**{name: getattr(found, name) for name in Comparison.__slots__} | {
        "questions": tuple(logged), "made_of": (), "wording": (), "sources": (), "passages": (), "floors": (), "notes": (),
    })  # fmt: skip
    for text in (showing.page(only_logged), json.dumps(showing.as_json(only_logged)), showing.as_text(only_logged)):
        assert "secret words" not in text
    assert "record rec1" in showing.page(only_logged)
    piped = io.StringIO()
    differences.show(only_logged, (), Console(file=piped, width=100))
    assert "secret words" not in piped.getvalue()
    screen = io.StringIO()
    differences.show(only_logged, (), Console(file=screen, width=100, force_terminal=True))
    assert "secret words" in screen.getvalue()


def test_the_json_has_a_format_number_and_both_texts_of_what_was_not_kept() -> None:
    found = json.loads(json.dumps(showing.as_json(comparison())))
    assert (found["format"], found["before"], found["after"]) == (1, "0" * 16, "1" * 16)
    assert [q["ident"] for q in found["questions"]] == ["a:1", "log:rec1"]
    assert found["questions"][0]["before"]["quotes"][0]["text"] == EVIL
    assert found["counts"]["cases"] == dict.fromkeys(CHANGES, 0) | {"kept": 1, "newly refused": 1}
    assert found["figures"][1] == {"name": "unanswerable.near.false_answer", "before": None, "after": 0.1}


def test_the_table_shows_both_texts_and_no_control_character() -> None:
    out = io.StringIO()
    differences.show(comparison(), ["1 case broke"], Console(file=out, width=200))
    text = out.getvalue()
    assert "\x1b" not in text
    assert "[bold]b[/bold]" in text
    for wanted in (
        "Newly refused (1)",
        "Moved: the same words (1)",
        "- d 0–9",
        "answerable.gold",
        "0.900",
        "0.800",
        "worse",
        "Gate: 1 case broke",
    ):
        assert wanted in text, wanted


def test_the_mail_is_plain_and_short() -> None:
    text = showing.as_text(comparison("words"))
    assert "a:1: words" in text
    assert re.search(r"answerable\.gold  0\.900 -> 0\.800  worse", text)
    assert "Floors broken:" in text
