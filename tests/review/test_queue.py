"""What is looked at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatbot.review.queue import estimated_threshold, review_queue

Seen = Callable[..., Any]


def test_the_order(seen: Seen) -> None:
    records = [
        seen("sure answer", "answer", 0.99),
        seen("unsure answer", "answer", 0.55),
        seen("sure refusal", "abstention", 0.02),
        seen("near refusal", "abstention", 0.47),
        seen("crisis", "crisis", 0.5),
        seen("thumbed", "answer", 0.99),
        seen("thumbed refusal", "abstention", 0.45),
        seen("judged", "answer", 0.5),
    ]
    queue = review_queue(
        records, judged={"judged"}, thumbed_down={"thumbed": "", "thumbed refusal": "wrong_passage"}, threshold=0.5
    )
    assert [(item.record.record_id, item.reasons) for item in queue] == [
        ("thumbed refusal", ("thumbs down: wrong passage", "refused near the threshold")),
        ("thumbed", ("thumbs down",)),
        ("near refusal", ("refused near the threshold",)),
        ("unsure answer", ("low confidence",)),
        ("sure refusal", ()),
        ("sure answer", ()),
        ("crisis", ("crisis",)),
    ]
    assert [round(item.worth, 2) for item in queue] == [1.95, 1.51, 0.97, 0.95, 0.52, 0.51, 0.5]


def test_among_equals_the_newest_first(seen: Seen) -> None:
    records = [seen(f"r{n}", asked_at=f"2026-11-2{n}T08:00Z") for n in (1, 3, 2)]
    assert [item.record.record_id for item in review_queue(records)] == ["r3", "r2", "r1"]


def test_the_threshold_is_worked_out(seen: Seen) -> None:
    refused = [seen("a", "abstention", 0.1), seen("b", "abstention", 0.4)]
    answered = [seen("c", "answer", 0.6), seen("d", "answer", 0.9), seen("e", "crisis", 0.0)]
    assert estimated_threshold([*refused, *answered]) == 0.5
    assert estimated_threshold(refused) == 0.4
    assert estimated_threshold(answered) == 0.6


@settings(deadline=None)
@example([("answer", 1.0), ("answer", 0.0)], 0.0)  # a thumb on the plainest answer against a bare threshold
@given(
    st.lists(st.tuples(st.sampled_from(["answer", "abstention", "crisis"]), st.floats(0, 1)), max_size=12),
    st.floats(0, 1),
)
def test_every_record_once_and_thumbs_before_all(drawn: list[tuple[str, float]], threshold: float) -> None:
    from dataclasses import dataclass, field

    @dataclass
    class Seen:
        record_id: str
        kind: str
        confidence: float
        question: str = ""
        asked_at: str = ""
        reply: dict[str, Any] = field(default_factory=dict)

    records = [Seen(f"r{n}", kind, confidence) for n, (kind, confidence) in enumerate(drawn)]
    thumbed = {f"r{n}" for n in range(0, len(records), 3)}
    queue = review_queue(records, thumbed_down=dict.fromkeys(thumbed, ""), threshold=threshold)
    assert sorted(item.record.record_id for item in queue) == sorted(record.record_id for record in records)
    assert [item.record.record_id in thumbed for item in queue] == [True] * len(thumbed) + [False] * (
        len(queue) - len(thumbed)
    )
    assert all(0 <= item.worth <= 2 for item in queue)
