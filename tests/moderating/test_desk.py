"""The desk over a real log: the queue, one record, a verdict, assignment, and what is written down of it all."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from moderated import ANN, BOB, LEA, NEW, OLD, PASSWORD, TEXT, Clock, Texts, candidate, quote, record

from chatbot.errors import Forbidden, NoSuch, ReviewError
from chatbot.log.database import Database
from chatbot.log.facets import Mark
from chatbot.log.finding import Filters
from chatbot.log.records import Event
from chatbot.log.thumbs import Thumb
from chatbot.marked import Place
from chatbot.moderating.desk import Moderation
from chatbot.moderating.values import Change, Judgement
from chatbot.review.values import Account, QuoteVerdict, Verdict

GOOD = Judgement("good")


def audits(log: Database) -> list[tuple[str, str, str]]:
    return [(event.who, event.label, event.subject) for event in log.events("audit")]


def test_the_queue_says_why(desk: Moderation, log: Database) -> None:
    log.append(
        [
            record("clear", confidence=0.99, question="What is kindness?", generation=OLD),
            record("unsure", confidence=0.52, question="Is it hard?", generation=OLD),
            record("refused", "abstention", 0.41, "How many sites?", generation=OLD),
            record("new", confidence=0.99, question="Was it approved?"),
            record("crisis", "crisis", 1.0, generation=OLD),
            record("bad", confidence=0.99, question="Who was harmed?", generation=OLD),
        ]
    )
    log.note([Event("1", "thumb", "bad", label="down:unclear", note="=what?")])
    page = desk.queue(ANN)
    assert [(row.record_id, row.reasons, round(row.worth, 2)) for row in page.rows] == [
        ("bad", ("thumbs down: unclear",), 2.51),
        ("unsure", ("low confidence",), 0.98),
        ("refused", ("refused near the threshold",), 0.91),
        ("new", ("new index",), 0.76),
        ("clear", (), 0.51),
        ("crisis", ("crisis",), 0.5),
    ]
    assert (page.at, page.total, page.n_open) == (0, 6, 6)
    assert page.rows[0].thumb == Thumb("down", "unclear")
    second = desk.queue(ANN, Filters(kind="answer"), at=1, limit=2)
    assert ([row.record_id for row in second.rows], second.at, second.total, second.n_open) == (
        ["unsure", "new"],
        1,
        4,
        6,
    )
    assert audits(log) == [("ann", "queue", "all")] * 2


def test_the_threshold_of_the_index_in_use_counts(desk: Moderation, log: Database, texts: Texts) -> None:
    log.append([record("a", confidence=0.5, question="One?"), record("b", confidence=0.7, question="Two?")])
    assert [row.record_id for row in desk.queue(ANN).rows] == ["a", "b"]
    assert [row.record_id for row in desk.queue(ANN, threshold=0.7).rows] == ["b", "a"]
    texts.thresholds[NEW] = 0.8
    assert [row.record_id for row in desk.queue(ANN).rows] == ["b", "a"]


def test_what_is_asked_again_is_counted(desk: Moderation, log: Database) -> None:
    log.append([record(name, confidence=0.9, generation=OLD) for name in ("a", "b", "c")])
    row = desk.queue(ANN).rows[0]
    assert (row.repeated, row.reasons) == (3, ("asked 3 times",))
    assert desk.queue(ANN, Filters(group=row.group)).total == 3


def test_choices(desk: Moderation, log: Database) -> None:
    other = {"quotes": [{"doc_id": "gone", "start": 0, "end": 1, "text": "x"}, quote("Kindness helps.")]}
    log.append([record("r1"), record("r2", reply=other, generation=OLD), record("r3", "abstention", 0.1)])
    desk.judge(ANN, "r1", replace(GOOD, tags=("dose",)))
    found = desk.choices(BOB)
    assert (found.kinds, found.generations) == (("abstention", "answer"), (OLD, NEW))
    assert found.sources == (("article", "On kindness"), ("gone", "gone"))
    assert (found.reviewers, found.tags) == (("ann",), ("dose",))


def test_a_record_as_it_stands(desk: Moderation, log: Database) -> None:
    log.append([record("r1"), record("r2")])
    log.note([Event("1", "thumb", "r1", label="up", note="thanks")])
    said = Judgement("good", "as it should be", ("kind",), (QuoteVerdict("article", 0, 15, "answers"),))
    verdict = desk.judge(ANN, "r1", said)
    assert (verdict.label, verdict.reviewer, verdict.quotes, verdict.tags) == ("good", "ann", said.quotes, ("kind",))
    desk.judge(ANN, "r1", Judgement("should_have_refused"))
    view = desk.view(BOB, "r1")
    assert (view.record, view.thumb) == (next(log.records(record_id="r1")), Thumb("up", "", "thanks"))
    assert [(v.label, v.note) for v in view.history] == [("good", "as it should be"), ("should_have_refused", "")]
    assert [(c.place, c.text, c.heading, c.shown, c.why) for c in view.candidates] == [
        (Place("article", 0, 15), TEXT[:15], "Kindness", True, "shown as quote 1")
    ]
    assert (view.documents, view.stale, view.blind, view.assigned_to) == (
        (("article", "On kindness"),),
        False,
        False,
        "",
    )
    assert [(change.who, change.what, change.words) for change in view.changes] == [
        ("ann", "verdict", "good"),
        ("ann", "verdict", "should_have_refused"),
    ]
    like = desk.view(BOB, "r2").like
    assert [(found.record_id, found.label, found.reviewer, found.likeness) for found in like] == [
        ("r1", "should_have_refused", "ann", 1.0)
    ]
    assert audits(log)[-2:] == [("bob", "view", "r1"), ("bob", "view", "r2")]


def test_a_record_of_a_generation_that_is_gone(desk: Moderation, log: Database, texts: Texts) -> None:
    log.append([record("r1", generation="9" * 16)])
    view = desk.view(ANN, "r1")
    assert view.stale
    assert [(c.text, c.heading) for c in view.candidates] == [("", "")]
    assert view.documents == (("article", "On kindness"),)  # those of now, to find a sentence that answers
    assert [document.text for document in desk.documents(ANN, "r1")] == [TEXT]


def test_words_are_cut_from_the_records_own_generation(desk: Moderation, log: Database) -> None:
    log.append([record("r1", generation=OLD)])
    assert [c.text for c in desk.view(ANN, "r1").candidates] == ["Old words.\nOld "]
    assert desk.document(ANN, "r1", "article").text == "Old words.\nOld words. Of then."
    with pytest.raises(NoSuch, match=r"^'other' is no document of r1; its page lists them$"):
        desk.document(ANN, "r1", "other")


def test_what_is_not_there(desk: Moderation) -> None:
    message = r"^'r9' is no record of the log; `chatbot review list` shows their ids$"
    for ask in (desk.view, desk.claim, desk.documents):
        with pytest.raises(NoSuch, match=message):
            ask(ANN, "r9")
    with pytest.raises(NoSuch, match=message):
        desk.judge(ANN, "r9", GOOD)
    assert desk.next_for(ANN) is None


def test_a_record_on_a_desk_is_left_alone(desk: Moderation, log: Database, clock: Clock) -> None:
    log.append([record("r1"), record("r2", question="Else?", confidence=0.99)])
    assert desk.next_for(ANN) == "r1"
    assert desk.next_for(BOB) == "r2"
    assert desk.next_for(ANN) == "r1"  # theirs still
    assert (desk.claim(BOB, "r1"), desk.claim(ANN, "r1")) == ("ann", "ann")
    with pytest.raises(
        ReviewError, match=r"^r1: ann has it on the desk; take another, or wait until it is given back$"
    ):
        desk.judge(BOB, "r1", GOOD)
    assert (desk.view(BOB, "r1").assigned_to, desk.queue(BOB).rows[0].assigned_to) == ("ann", "ann")
    desk.release(BOB, "r1")  # not theirs: nothing happens
    assert desk.claim(BOB, "r1") == "ann"
    clock.move(minutes=30)
    assert desk.claim(BOB, "r1") == "bob"
    desk.release(BOB, "r1")
    assert desk.next_for(ANN, skip={"r2"}) == "r1"
    desk.judge(ANN, "r1", GOOD)
    assert desk.view(ANN, "r1").assigned_to == ""
    assert desk.next_for(ANN, skip={"r2"}) is None


def test_two_at_once_never_get_the_same_record(desk: Moderation, log: Database) -> None:
    log.append([record(f"r{n}", question=f"Question {n}?") for n in range(24)])
    got: dict[str, list[str]] = {name: [] for name in ("ann", "bob", "cat", "dan")}
    failed: list[BaseException] = []
    start = threading.Barrier(len(got))

    def work(name: str) -> None:
        start.wait()
        who = Account(name, "moderator")
        try:
            while record_id := desk.next_for(who):
                got[name].append(record_id)
                desk.judge(who, record_id, GOOD)
        except BaseException as error:  # shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    worked = [record_id for records in got.values() for record_id in records]
    assert sorted(worked) == sorted(f"r{n}" for n in range(24))
    assert len(log.events("verdict")) == 24


def test_a_crisis_can_be_judged_and_nothing_be_made_of_it(desk: Moderation, log: Database) -> None:
    log.append([record("r1", "crisis", 1.0)])
    desk.judge(ANN, "r1", Judgement("wrong_triage", "a film was meant", triage="benign_lookalike"))
    (given,) = desk.view(ANN, "r1").history
    assert (given.note, given.triage) == ("a film was meant", "benign_lookalike")
    message = r"^r1: the text of a crisis is not logged, so nothing can be made of it$"
    with pytest.raises(ReviewError, match=message):
        desk.make_case(ANN, "r1", "Why?", "crisis")
    with pytest.raises(ReviewError, match=message):
        desk.propose(ANN, "r1", "ban", "Why?", Place("article", 0, 15))
    with pytest.raises(ReviewError, match=message):
        desk.report_gap(ANN, "r1", "words")


def test_signing_in_and_out(desk: Moderation, log: Database, clock: Clock) -> None:
    assert not desk.has_accounts()
    desk.add_account(LEA, "ann", "moderator", PASSWORD)
    assert desk.has_accounts()
    assert desk.sign_in("ann", PASSWORD) == ANN
    since = desk.moment()
    assert desk.account("ann", since) == ANN
    assert (desk.account("bob"), desk.account("../x")) == (None, None)
    desk.add_account(LEA, "ann", "lead", PASSWORD)  # another role ends the session
    assert (desk.account("ann", since), desk.account("ann")) == (None, Account("ann", "lead"))
    since = desk.moment()
    desk.close_account(LEA, "ann")
    assert (desk.account("ann", since), desk.account("ann")) == (None, None)
    with pytest.raises(ReviewError, match=r"^wrong name or password$"):
        desk.sign_in("ann", PASSWORD)
    desk.add_account(LEA, "ann", "moderator", PASSWORD)  # opened again: old sessions stay closed
    assert (desk.account("ann", since), desk.account("ann")) == (None, ANN)
    assert PASSWORD not in repr(log.events("audit"))


def test_what_is_for_leads(desk: Moderation, log: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("out")
    for ask, what in (
        (lambda: desk.export(ANN, "csv"), "export verdicts"),
        (lambda: desk.import_verdicts(ANN, []), "import verdicts"),
        (lambda: desk.agreement(ANN), "see how far reviewers agree"),
        (lambda: desk.accounts(ANN), "list accounts"),
        (lambda: desk.add_account(ANN, "eve", "lead", PASSWORD), "add accounts"),
        (lambda: desk.close_account(ANN, "lea"), "close accounts"),
        (lambda: desk.close_gap(ANN, "g1"), "close or open a gap"),
        (lambda: desk.write_cases(ANN, folder), "write cases"),
        (lambda: desk.write_pins(ANN, folder), "write pins into a corpus"),
    ):
        with pytest.raises(Forbidden) as caught:
            ask()
        assert str(caught.value) == f"only a lead may {what}; ask one"
    assert log.events("account") == []
    assert list(folder.iterdir()) == []


def test_everything_is_audited_without_a_word_that_was_typed(desk: Moderation, log: Database) -> None:
    log.append([record("r1", hits=(candidate("Kindness helps.", 0.8, shown=True),))])
    desk.queue(ANN, Filters(text="canary"))
    desk.choices(ANN)
    desk.next_for(ANN, Filters(text="kindness"))
    desk.view(ANN, "r1")
    desk.documents(ANN, "r1")
    desk.document(ANN, "r1", "article")
    desk.judge(ANN, "r1", Judgement("good", "canary"))
    desk.make_case(ANN, "r1", "canary?", "answer", [Place("article", 0, 15)])
    proposal = desk.propose(ANN, "r1", "pin", "canary?", Place("article", 0, 15), "canary")
    desk.decide(LEA, proposal.proposal_id, "approved", "canary")
    desk.withdraw(LEA, proposal.proposal_id)
    gap = desk.report_gap(ANN, "r1", "canary")
    desk.close_gap(LEA, gap.gap_id)
    desk.cases(ANN)
    desk.proposals(ANN)
    desk.gaps(ANN)
    desk.dashboard(ANN)
    desk.agreement(LEA)
    list(desk.export(LEA, "csv"))
    desk.import_verdicts(LEA, [])
    assert audits(log) == [
        ("ann", "queue", "all"),
        ("ann", "choices", "all"),
        ("ann", "next", "r1"),
        ("ann", "view", "r1"),
        ("ann", "documents", "r1"),
        ("ann", "document", "r1"),
        ("ann", "judge", "r1"),
        ("ann", "case", "r1"),
        ("ann", "propose pin", "r1"),
        ("lea", f"approved {proposal.proposal_id}", "r1"),
        ("lea", f"withdrawn {proposal.proposal_id}", "r1"),
        ("ann", "gap", "r1"),
        ("lea", f"closed {gap.gap_id}", "r1"),
        ("ann", "cases", "all"),
        ("ann", "proposals", "all"),
        ("ann", "gaps", "all"),
        ("ann", "dashboard", "all"),
        ("lea", "agreement", "all"),
        ("lea", "export csv", "verdicts"),
        ("lea", "import 0 verdicts", "all"),
    ]


def test_the_words_of_changes(desk: Moderation, log: Database) -> None:
    log.append([record("r1")])
    desk.claim(ANN, "r1")
    desk.release(ANN, "r1")
    desk.make_case(ANN, "r1", "Why?", "refuse")
    proposal = desk.propose(ANN, "r1", "ban", "Why?", Place("article", 0, 15))
    desk.decide(LEA, proposal.proposal_id, "rejected", "too much")
    desk.report_gap(BOB, "r1", "")
    changes = [change for change in desk.view(ANN, "r1").changes if change.what in ("claim", "release")]
    assert [(c.who, c.what, c.words[:11]) for c in changes] == [("ann", "claim", "until 2026-"), ("ann", "release", "")]
    told = [
        (c.who, c.what, c.words)
        for c in desk.view(ANN, "r1").changes
        if c.what in ("case", "proposal", "gap") and c.words
    ]
    assert told == [
        ("ann", "case", "refuse"),
        ("ann", "proposal", "ban, proposed"),
        ("lea", "proposal", "ban, rejected: too much"),
        ("bob", "gap", "open"),
    ]
    assert isinstance(changes[0], Change)
    assert Verdict("r1", "good", "ann", "", "1").due is False


def test_only_what_is_like_a_question_is_shown_as_like_it(desk: Moderation, log: Database) -> None:
    near, far = ("r2", (0.6, 0.8)), ("r3", (0.4, 0.9165))
    asked = [record("r1"), record("r2", question="Is it kind?"), record("r3", question="Who was there?")]
    log.append(asked, {name: Mark(np.float16(v).tobytes()) for name, v in (("r1", (1.0, 0.0)), near, far)})
    for name in ("r2", "r3"):
        desk.judge(ANN, name, GOOD)
    assert [(like.record_id, round(like.likeness, 2)) for like in desk.view(ANN, "r1").like] == [("r2", 0.6)]
