"""A blind second verdict: nothing of the first reaches whoever is to give the second, in no field and no count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest
from moderated import ANN, BOB, LEA, NEW, Clock, record

from chatbot.errors import NoSuch
from chatbot.log.database import Database
from chatbot.log.finding import JUDGED, UNJUDGED, Filters
from chatbot.marked import Place
from chatbot.moderating.desk import Moderation
from chatbot.moderating.values import Judgement
from chatbot.review.values import Account, QuoteVerdict

UNSAFE = Judgement("unsafe", "secret-note", ("secret-tag",), (QuoteVerdict("article", 0, 15, "misleading"),))
PLACE = Place("article", 0, 15)


@pytest.fixture
def judged(desk: Moderation, log: Database, sampled: Callable[[float], None]) -> Moderation:
    """r1 was judged by ann and made much of, a second verdict is due; r2 asks the same and was never sampled; r3 is open."""
    log.append([record("r1"), record("r2"), record("r3", question="Something else?", confidence=0.99)])
    desk.judge(BOB, "r2", Judgement("good"))
    sampled(1.0)
    desk.claim(ANN, "r1")
    assert desk.judge(ANN, "r1", UNSAFE).due
    desk.make_case(ANN, "r1", "secret-case", "refuse")
    desk.propose(ANN, "r1", "ban", "secret-ban", PLACE)
    desk.report_gap(ANN, "r1", "secret-gap")
    return desk


@pytest.mark.parametrize("who", [BOB, LEA, Account("root", "lead")])
def test_no_field_tells(judged: Moderation, who: Account) -> None:
    view = judged.view(who, "r1")
    assert view.blind
    assert (view.history, view.like, view.changes, view.cases, view.proposals, view.gaps) == ((), (), (), (), (), ())
    assert view.assigned_to == ""
    row = next(row for row in judged.queue(who).rows if row.record_id == "r1")
    assert (row.label, row.reviewer) == ("", "")
    seen = repr([asdict(view), judged.queue(who), judged.choices(who), judged.view(who, "r2"), judged.view(who, "r3")])
    seen += repr([judged.cases(who), judged.proposals(who), judged.gaps(who, closed=True)])
    for word in ("secret", "unsafe", "misleading", "'ann'"):
        assert word not in seen, word


def test_filters_and_counts_tell_nothing(judged: Moderation) -> None:
    def ids(who: Account, filters: Filters) -> list[str]:
        page = judged.queue(who, filters)
        assert page.total == len(page.rows)
        return [row.record_id for row in page.rows]

    for filters, blind, first in (
        (Filters(verdict=UNJUDGED), ["r1", "r3"], ["r3"]),
        (Filters(verdict=JUDGED), ["r2"], ["r1", "r2"]),
        (Filters(verdict="unsafe"), [], ["r1"]),
        (Filters(reviewer="ann"), [], ["r1"]),
        (Filters(tag="secret-tag"), [], ["r1"]),
    ):
        assert (sorted(ids(BOB, filters)), sorted(ids(ANN, filters))) == (blind, first)
    assert (judged.queue(BOB).n_open, judged.queue(ANN).n_open) == (2, 1)
    assert [row.record_id for row in judged.queue(BOB).rows] == ["r1", "r3", "r2"]  # r1 stands among the unjudged
    assert judged.queue(ANN).rows[0].record_id == "r3"
    assert (judged.choices(BOB).reviewers, judged.choices(BOB).tags) == (("bob",), ())
    assert (judged.choices(ANN).reviewers, judged.choices(ANN).tags) == (("ann", "bob"), ("secret-tag",))


def test_the_dashboard_counts_what_may_be_known(judged: Moderation) -> None:
    def verdicts(who: Account) -> list[tuple[str, float]]:
        (found,) = [s for s in judged.dashboard(who).series if s.name == "Verdicts"]
        return [(label, value) for label, value, _, _ in found.points]

    assert (verdicts(BOB), verdicts(ANN)) == ([("good", 1)], [("good", 1), ("unsafe", 1)])
    shares = {who.name: dict(judged.dashboard(who).figures)["Good among the judged"] for who in (ANN, BOB)}
    assert (shares["ann"][:4], shares["bob"][:5]) == ("50 %", "100 %")
    assert (dict(judged.dashboard(BOB).figures)["Judged"], dict(judged.dashboard(ANN).figures)["Judged"]) == (
        "1 (33 %)",
        "2 (67 %)",
    )


def test_likeness_tells_nothing(judged: Moderation, log: Database) -> None:
    assert [like.record_id for like in judged.view(BOB, "r2").like] == []
    assert [like.record_id for like in judged.view(ANN, "r2").like] == ["r1"]


def test_whoever_was_first_sees_their_own_and_is_never_second(judged: Moderation) -> None:
    view = judged.view(ANN, "r1")
    assert not view.blind
    assert ([v.label for v in view.history], len(view.cases), len(view.proposals), len(view.gaps)) == (
        ["unsafe"],
        1,
        1,
        1,
    )
    assert judged.next_for(ANN) == "r3"
    again = judged.judge(ANN, "r1", Judgement("good"))
    assert (again.blind, again.due) == (False, True)
    assert judged.view(BOB, "r1").blind


def test_the_second_verdict_ends_it(judged: Moderation) -> None:
    assert judged.next_for(BOB) == "r1"
    second = judged.judge(BOB, "r1", Judgement("good"))
    assert (second.blind, second.due) == (True, False)
    for who in (ANN, BOB, LEA):
        view = judged.view(who, "r1")
        assert not view.blind
        assert [(v.reviewer, v.label, v.blind, v.due) for v in view.history] == [
            ("ann", "unsafe", False, True),
            ("bob", "good", True, False),
        ]
        assert (len(view.cases), len(view.proposals), len(view.gaps)) == (1, 1, 1)
    assert judged.next_for(BOB) == "r3"
    found = judged.agreement(LEA)
    assert (found.n, found.agreed, found.table) == (1, 0, (("unsafe", "good", 1),))


def test_proposals_about_it_wait_for_the_second_verdict(judged: Moderation) -> None:
    (proposal,) = judged.proposals(ANN)
    with pytest.raises(
        NoSuch, match=rf"^'{proposal.proposal_id}' is no proposal; `chatbot review proposals` lists them$"
    ):
        judged.decide(LEA, proposal.proposal_id, "approved")
    (gap,) = judged.gaps(ANN)
    with pytest.raises(NoSuch, match=rf"^'{gap.gap_id}' is no gap; `chatbot review gaps` lists them$"):
        judged.close_gap(LEA, gap.gap_id)
    judged.judge(BOB, "r1", Judgement("unsafe"))
    assert judged.decide(LEA, proposal.proposal_id, "approved").state == "approved"
    assert judged.close_gap(LEA, gap.gap_id).closed_by == "lea"


def test_whoever_took_out_all_verdicts_is_not_blind(judged: Moderation, clock: Clock) -> None:
    clock.move(seconds=1)
    assert "secret-note" in "".join(judged.export(LEA, "jsonl"))
    verdict = judged.judge(LEA, "r1", Judgement("good"))
    assert (verdict.blind, verdict.due) == (False, False)
    assert judged.agreement(LEA).n == 0


def test_an_earlier_export_spoils_nothing(desk: Moderation, log: Database, sampled: Callable[[float], None]) -> None:
    log.append([record("r1", generation=NEW)])
    sampled(1.0)
    list(desk.export(LEA, "csv"))
    desk.judge(ANN, "r1", UNSAFE)
    assert desk.judge(LEA, "r1", Judgement("unsafe")).blind
    assert desk.agreement(LEA).agreed == 1


def test_agreement_outlives_the_records(desk: Moderation, log: Database, sampled: Callable[[float], None]) -> None:
    sampled(1.0)
    labels = [("good", "good"), ("unsafe", "unsafe"), ("good", "unsafe")]
    for n, (first, second) in enumerate(labels):
        log.append([record(f"r{n}", owner=f"o{n}")])
        desk.judge(ANN, f"r{n}", Judgement(first))  # type: ignore[arg-type]
        desk.judge(BOB, f"r{n}", Judgement(second, "secret"))  # type: ignore[arg-type]
    before = desk.agreement(LEA)
    assert (before.n, before.agreed) == (3, 2)
    log.remove("receipt", owners=["o0", "o1", "o2"])
    assert desk.agreement(LEA) == before


def test_not_sampled_is_not_blind(desk: Moderation, log: Database) -> None:
    log.append([record("r1")])
    assert not desk.judge(ANN, "r1", UNSAFE).due
    assert not desk.view(BOB, "r1").blind
    assert not desk.judge(BOB, "r1", UNSAFE).blind
