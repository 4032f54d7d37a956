"""Which records are judged twice, and by whom."""

from __future__ import annotations

from chatbot.review.sampling import is_due, is_sampled, pairs, waits_for
from chatbot.review.values import Label, Verdict


def said(
    reviewer: str, label: Label = "good", *, blind: bool = False, due: bool = False, record: str = "r1"
) -> Verdict:
    return Verdict(record, label, reviewer, "", "2026-11-24T08:00:00Z", blind=blind, due=due)


def test_the_sample_is_a_share_and_always_the_same() -> None:
    chosen = [n for n in range(5000) if is_sampled(f"r{n}", 0.1)]
    assert 440 < len(chosen) < 560  # 500 +- 21 by chance
    assert chosen[:5] == [n for n in range(5000) if is_sampled(f"r{n}", 0.1)][:5]
    assert all(is_sampled(f"r{n}", 0.2) for n in chosen)


def test_a_second_verdict_is_due_to_the_first_of_a_sampled_record() -> None:
    assert is_due([], "r1", "ann", 1.0)
    assert not is_due([], "r1", "ann", 0.0)
    assert not is_due([said("ann")], "r1", "ann", 1.0)  # judged before there was a sample
    first = said("ann", due=True)
    assert waits_for([first]) == "ann"
    assert is_due([first], "r1", "ann", 1.0)  # who changes their mind still waits
    assert not is_due([first], "r1", "bob", 1.0)
    assert waits_for([first, said("bob", blind=True)]) == ""
    assert waits_for([]) == ""


def test_pairs() -> None:
    given = [
        said("ann", "good", due=True),
        said("ann", "unsafe", record="r2"),
        said("ann", "unsafe", due=True),
        said("bob", "good", blind=True),
        said("ann", "good"),
        said("bob", "should_have_refused"),
        said("bob", "good", record="r2"),
        said("ann", "good", record="r3", due=True),
    ]
    assert [(first.label, second.label, second.reviewer) for first, second in pairs(given)] == [
        ("unsafe", "good", "bob")
    ]
