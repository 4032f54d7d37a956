"""Why a record is worth seeing, in words; the order itself is the log's."""

from __future__ import annotations

import pytest

from chatbot.review import queue
from chatbot.review.queue import Seen, reasons


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen("answer", 0.99), ()),
        (Seen("answer", 0.99, "up"), ()),
        (Seen("answer", 0.64), ("low confidence",)),
        (Seen("answer", 0.66), ()),
        (Seen("abstention", 0.36), ("refused near the threshold",)),
        (Seen("abstention", 0.02), ()),
        (Seen("crisis", 0.5), ("crisis",)),
        (Seen("drug_request", 0.5), ("drug request",)),
        (Seen("answer", 0.99, "down"), ("thumbs down",)),
        (Seen("answer", 0.99, "down", "not_answered"), ("thumbs down: not answered",)),
        (Seen("answer", 0.99, new_index=True, repeated=12), ("new index", "asked 12 times")),
        (
            Seen("abstention", 0.45, "down", "wrong_passage", new_index=True, repeated=2),
            ("thumbs down: wrong passage", "refused near the threshold", "new index", "asked 2 times"),
        ),
    ],
)
def test_reasons(seen: Seen, expected: tuple[str, ...]) -> None:
    assert reasons(seen, 0.5) == expected


def test_a_thumb_down_outweighs_all_else_together() -> None:
    most = queue.CLOSENESS + queue.NEW_INDEX + queue.REPEATED * (queue.MAX_REPEATED - 1)
    assert most == pytest.approx(1.7)
    assert queue.REDIRECT < queue.CLOSENESS
    assert most < queue.THUMB_DOWN
