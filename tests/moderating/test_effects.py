"""From a verdict to an effect: cases, pins, bans and gaps, and what is left of them when a reader deletes the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from moderated import ANN, BOB, LEA, LEO, PASSWORD, TEXT, Clock, Texts, place_of, record

from chatbot.corpus.pins import Row, read_rows
from chatbot.errors import Forbidden, NoSuch, ReviewError
from chatbot.evaluate.questions import read_questions
from chatbot.log.database import Database
from chatbot.log.finding import Filters
from chatbot.log.records import owner_of
from chatbot.marked import Place
from chatbot.moderating.desk import Moderation
from chatbot.moderating.values import Judgement
from chatbot.review.values import Gap

SITES = Place("article", *place_of("MDMA was given at 15 sites."))


@pytest.fixture
def filled(desk: Moderation, log: Database) -> Moderation:
    """Two leads, two moderators and three records."""
    for who in (ANN, BOB, LEA, LEO):
        desk.add_account(LEA, who.name, who.role, PASSWORD)
    log.append(
        [
            record("r1", "abstention", 0.4, "How many sites?", owner=owner_of("A")),
            record("r2", question="Was it approved?"),
            record("r3", "crisis", 1.0),
        ]
    )
    return desk


def test_from_the_desk_to_the_evaluation(filled: Moderation, tmp_path: Path) -> None:
    filled.judge(ANN, "r1", Judgement("should_have_answered", gold=("Nobody was harmed.",)))
    filled.judge(ANN, "r2", Judgement("should_have_refused"))
    filled.judge(ANN, "r3", Judgement("good"))
    assert filled.write_cases(LEA, tmp_path / "set").files == {"answerable.jsonl": 1, "unanswerable.jsonl": 1}
    case = filled.make_case(BOB, "r1", "  At how many\nsites was it given? ", "answer", [SITES])
    assert (case.question, case.gold, case.by) == (
        "At how many sites was it given?",
        ("MDMA was given at 15 sites.",),
        "bob",
    )
    written = filled.write_cases(LEA, tmp_path / "set")
    assert (dict(written.files), written.n_cases, written.n_verdicts) == (
        {"answerable.jsonl": 1, "unanswerable.jsonl": 1},
        2,
        3,
    )
    assert written.left_out == ("r3: the text of a crisis is not logged; write its case by hand",)
    assert [(c.ident, c.question, c.gold) for c in read_questions(tmp_path / "set")] == [
        ("answerable:R-r1", "At how many sites was it given?", ("MDMA was given at 15 sites.",)),
        ("unanswerable:R-r2", "Was it approved?", ()),
    ]
    assert filled.view(ANN, "r1").cases == filled.cases(ANN) == (case,)


def test_gold_is_copied_from_the_records_own_documents(filled: Moderation, log: Database, texts: Texts) -> None:
    log.append([record("old", generation="0" * 16)])
    case = filled.make_case(ANN, "old", "What words?", "answer", [Place("article", 0, 10)])
    assert case.gold == ("Old words.",)
    with pytest.raises(ReviewError, match=r"^article has no text at 0-99; it has 30 characters$"):
        filled.make_case(ANN, "old", "What words?", "answer", [Place("article", 0, 99)])
    texts.kept = {}
    with pytest.raises(ReviewError, match=r"^'article' is no document of this record; there are $"):
        filled.make_case(ANN, "old", "What words?", "answer", [Place("article", 0, 10)])


def test_a_marked_part_stands_for_whole_sentences(filled: Moderation) -> None:
    made = filled.propose(
        ANN, "r1", "pin", "How many sites?", Place("article", SITES.start + 3, SITES.end + 4), "clear"
    )
    assert made.text == "MDMA was given at 15 sites. Nobody was harmed."
    assert TEXT[made.place.start : made.place.end] == made.text
    across = Place("article", 50, 70)  # the end of one paragraph and the start of the next
    with pytest.raises(ReviewError, match=r"^article:16-87 is not whole sentences of one paragraph; mark it anew$"):
        filled.propose(ANN, "r1", "ban", "Why?", across)
    with pytest.raises(ReviewError, match=r"^article:9000-9001 is not whole sentences of one paragraph; mark it anew$"):
        filled.propose(ANN, "r1", "pin", "Why?", Place("article", 9000, 9001))
    with pytest.raises(ReviewError, match=r"^none:0-3 is not whole sentences of one paragraph; mark it anew$"):
        filled.propose(ANN, "r1", "pin", "Why?", Place("none", 0, 3))


def test_the_life_of_a_pin(filled: Moderation) -> None:
    made = filled.propose(ANN, "r1", "pin", "How many sites?", SITES, "clear")
    assert filled.proposals(BOB) == filled.proposals(BOB, "proposed") == (made,)
    with pytest.raises(Forbidden, match=r"is for a lead to decide; ask one$"):
        filled.decide(BOB, made.proposal_id, "approved")
    approved = filled.decide(LEA, made.proposal_id, "approved", "yes")
    assert (approved.state, approved.decided_by, approved.decided_at[:10]) == ("approved", "lea", "2026-11-24")
    assert (approved.note, approved.decision) == ("clear", "yes")
    assert filled.view(BOB, "r1").proposals == (approved,)
    with pytest.raises(Forbidden, match=r"can be withdrawn by a lead, and before it is decided by ann$"):
        filled.withdraw(ANN, made.proposal_id)
    assert filled.withdraw(LEO, made.proposal_id).state == "withdrawn"
    assert filled.proposals(BOB, "approved") == ()


def test_a_lead_does_not_decide_on_their_own_unless_alone(filled: Moderation) -> None:
    made = filled.propose(LEA, "r1", "pin", "How many sites?", SITES)
    with pytest.raises(Forbidden, match=r"is your own; another lead decides it: leo$"):
        filled.decide(LEA, made.proposal_id, "approved")
    filled.close_account(LEA, "leo")
    assert filled.decide(LEA, made.proposal_id, "approved").state == "approved"


def test_a_gap(filled: Moderation) -> None:
    gap = filled.report_gap(ANN, "r1", " a source on sites ")
    assert (
        gap
        == replace(filled.gaps(BOB)[0])
        == Gap(gap.gap_id, "r1", "How many sites?", "a source on sites", "ann", gap.at, "")
    )
    assert filled.close_gap(LEA, gap.gap_id).closed_by == "lea"
    assert (filled.gaps(BOB), len(filled.gaps(BOB, closed=True))) == ((), 1)
    assert filled.reopen_gap(LEA, gap.gap_id) == gap


def test_what_a_reader_deletes_is_gone_from_everything(filled: Moderation, log: Database, tmp_path: Path) -> None:
    """Notes and words go down to their bytes; labels, names and states stay."""
    filled.judge(
        ANN, "r1", Judgement("should_have_answered", "canary-note", ("canary-tag",), gold=("Nobody was harmed.",))
    )
    filled.make_case(ANN, "r1", "canary-case?", "answer", [SITES])
    pin = filled.propose(ANN, "r1", "pin", "canary-pin?", SITES, "canary-why")
    filled.decide(LEA, pin.proposal_id, "approved", "canary-yes")
    filled.report_gap(ANN, "r1", "canary-gap")
    assert log.remove("receipt", owners=[owner_of("A")]) == 1

    (case,), (proposal,), (gap,) = filled.cases(BOB), filled.proposals(BOB), filled.gaps(BOB)
    assert (case.question, case.gold, case.expectation) == ("", (), "answer")
    assert (proposal.question, proposal.text, proposal.note) == ("", "", "")
    assert (proposal.action, proposal.state, proposal.decided_by) == ("pin", "approved", "lea")
    assert (gap.question, gap.words, gap.by) == ("", "", "ann")
    exported = "".join(filled.export(LEA, "jsonl"))
    assert '"should_have_answered"' in exported
    assert filled.write_cases(LEA, tmp_path / "set").files == {}
    assert filled.dashboard(LEA).figures[0] == ("Questions", "2")
    assert "canary" not in exported + repr([case, proposal, gap])
    for path in tmp_path.iterdir():
        assert path.is_dir() or b"canary" not in path.read_bytes(), path
    assert (
        filled.withdraw(LEA, pin.proposal_id, "canary").state == "withdrawn"
    )  # it can still be taken out of the corpus


def test_no_note_outlives_its_record(filled: Moderation, log: Database, clock: Clock) -> None:
    """A record that is removed while somebody writes takes nothing more."""
    log.remove("receipt", owners=[owner_of("A")])
    with pytest.raises(ReviewError, match=r"^'r1' is no record of the log"):
        filled.judge(ANN, "r1", Judgement("good", "canary"))
    with pytest.raises(ReviewError, match=r"^'r1' is no record of the log"):
        filled._room.book.write("verdict", "r1", at="1", note="canary")
    assert log.events("verdict") == []


ODD = "lone \ud800, nought \x00, \u202e, =1+1, <script>"
KEPT = "lone ?, nought \ufffd, \u202e, =1+1, <script>"


def test_whatever_is_typed_is_kept_as_text_or_refused(filled: Moderation) -> None:
    assert filled.judge(ANN, "r1", Judgement("good", ODD)).note == KEPT
    assert filled.view(ANN, "r1").history[0].note == KEPT
    made = filled.propose(ANN, "r1", "pin", ODD, SITES, ODD)
    assert (made.question, made.note) == (KEPT, KEPT)
    assert filled.decide(LEA, made.proposal_id, "approved", ODD).note == KEPT
    assert filled.make_case(ANN, "r1", ODD, "answer", [SITES]).question == KEPT
    assert filled.report_gap(ANN, "r1", ODD).words == KEPT
    for ask in (filled.view, filled.claim, filled.documents):
        with pytest.raises(NoSuch):
            ask(ANN, ODD)
    with pytest.raises(NoSuch):
        filled.document(ANN, "r1", ODD)
    for ident in (ODD, ""):
        with pytest.raises(NoSuch):
            filled.decide(LEA, ident, "approved")
        with pytest.raises(NoSuch):
            filled.close_gap(LEA, ident)
    for bad in (
        Judgement(ODD),
        Judgement("good", tags=(ODD,)),
        Judgement("good", gold=(ODD,)),
        Judgement("unsafe", triage=ODD),
    ):  # type: ignore[arg-type]
        with pytest.raises(ReviewError):
            filled.judge(ANN, "r1", bad)
    lines = "".join(filled.export(LEA, "jsonl"))
    assert filled.import_verdicts(LEA, [lines.replace("=1+1", "\\ud800\\u0000 \ud800")]).count("wrong") == 1
    assert filled.account(ODD) is None
    assert filled.queue(ANN, Filters(text=ODD, reviewer=ODD, tag=ODD, source=ODD)).rows == ()
    assert filled.next_for(ANN, Filters(text=ODD), skip=[ODD]) is None


def test_pins_whose_words_are_gone_cannot_be_written(filled: Moderation, log: Database, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lost = filled.propose(ANN, "r1", "pin", "How many sites?", SITES)
    filled.decide(LEA, lost.proposal_id, "approved")
    log.remove("receipt", owners=[owner_of("A")])
    written = filled.write_pins(LEA, folder)
    assert (written.added, written.removed) == ((), ())
    assert written.left_out == (f"{lost.proposal_id}: its record was removed, and its words with it",)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("gone", [False, True])
def test_what_is_written_into_a_corpus(filled: Moderation, texts: Texts, tmp_path: Path, gone: bool) -> None:
    """Two sentences in a row stay two, also where the generation that they were marked in is gone."""
    both = Place("article", SITES.start, SITES.end + 5)
    kept = filled.propose(ANN, "r2", "ban", "Was it approved?", both, "not so")
    never = filled.propose(ANN, "r2", "pin", "Was it approved?", SITES)
    filled.decide(LEA, kept.proposal_id, "approved")
    filled.decide(LEA, never.proposal_id, "rejected")
    if gone:
        texts.kept = {}
    assert filled.write_pins(LEA, tmp_path).added == (kept.proposal_id,)
    sentences = ("MDMA was given at 15 sites.", "Nobody was harmed.")
    expected = Row(kept.proposal_id, "ban", ("Was it approved?",), "article", sentences, "2026-11-24", "lea", "not so")
    assert read_rows(tmp_path) == (expected,)
    filled.withdraw(LEO, kept.proposal_id)
    assert filled.write_pins(LEA, tmp_path).removed == (kept.proposal_id,)
    assert read_rows(tmp_path) == ()
