"""Which replies to look at next: those that nobody has judged, by what is worth seeing.

A reply that a reader thumbed down comes first. Then, by how little it would have taken to go the other way: refusals
just below the threshold, answers just above it. Redirects lie between, because a wrong one harms whichever way it is
wrong. Among equals the newest comes first. What it leaves out: likeness of questions, and who looks at what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType

from chatbot.review.values import Reviewable

NEAR = 0.15  # of probability: what lies so near the threshold is named as near it; not measured yet
REDIRECT_WORTH = 0.5  # between a reply on the threshold (1) and one that could not be clearer (0)
MIDDLE = 0.5  # the threshold where no reply tells it


@dataclass(frozen=True, slots=True)
class Queued:
    """A record to look at, why, and how much it is worth: 1 to 2 with a thumb down, 0 to 1 without."""

    record: Reviewable
    reasons: tuple[str, ...]
    worth: float


def review_queue(
    records: Iterable[Reviewable],
    *,
    judged: AbstractSet[str] = frozenset(),
    thumbed_down: Mapping[str, str] = MappingProxyType({}),
    threshold: float | None = None,
) -> list[Queued]:
    """The records whose id is not among `judged`, the most worth seeing first.

    `thumbed_down` are the ids of records with a thumb down, each with the reader's reason, "" for none.
    `threshold` is the probability from which the chatbot answers; without it, it is worked out from the records.
    """
    kept = list(records)
    at = estimated_threshold(kept) if threshold is None else threshold
    queued = [
        _queued(record, thumbed_down.get(record.record_id), at) for record in kept if record.record_id not in judged
    ]
    queued.sort(key=lambda item: (item.record.asked_at, item.record.record_id), reverse=True)
    queued.sort(key=lambda item: (item.record.record_id in thumbed_down, item.worth), reverse=True)
    return queued


def estimated_threshold(records: Sequence[Reviewable]) -> float:
    """Half way between the surest refusal and the least sure answer; from one of them alone where the other is missing.

    >>> estimated_threshold([])
    0.5
    """
    refused = [r.confidence for r in records if r.kind == "abstention"]
    answered = [r.confidence for r in records if r.kind == "answer"]
    ends = [*([max(refused)] if refused else []), *([min(answered)] if answered else [])]
    return sum(ends) / len(ends) if ends else MIDDLE


def _queued(record: Reviewable, thumbed_down: str | None, threshold: float) -> Queued:
    """`thumbed_down` is the reason of a thumb down, None where there is no thumb down."""
    because = f": {thumbed_down.replace('_', ' ')}" if thumbed_down else ""
    reasons = [] if thumbed_down is None else [f"thumbs down{because}"]
    distance = abs(record.confidence - threshold)
    if record.kind in ("answer", "abstention"):
        worth = 1 - min(1.0, distance)
        if distance <= NEAR:
            reasons.append("refused near the threshold" if record.kind == "abstention" else "low confidence")
    else:
        worth = REDIRECT_WORTH
        reasons.append(record.kind)
    return Queued(record, tuple(reasons), worth + (thumbed_down is not None))
