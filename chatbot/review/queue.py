"""What is worth seeing first, as weights and in words.

A record's worth is a sum that the log turns into the order of its rows (`log.finding.Worth`):

    closeness    1 - |confidence - threshold| for answers and refusals: how little it would have taken to go the other way
    redirect     REDIRECT instead, between a reply on the threshold (1) and one that could not be clearer (0): a wrong one harms either way
    thumb down   THUMB_DOWN, more than all else together, so that what a reader disliked always comes first
    new index    NEW_INDEX for replies of the newest generation, which nobody has looked at for long
    asked again  REPEATED for each further record that asks the same, up to MAX_REPEATED

The weights say an order of importance and were not measured: verdicts of a running desk would tell which of the records that come first
were worth it. Left out: the rows themselves, and who looks at what.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.review.values import REDIRECTS

NEAR = 0.15  # of probability: what lies so near the threshold is named as near it; not measured yet
CLOSENESS = 1.0  # the unit of the others
REDIRECT = 0.5
NEW_INDEX = 0.25  # as much as a quarter of probability nearer to the threshold
REPEATED = 0.05  # ten records that ask the same are worth .45
MAX_REPEATED = 10
THUMB_DOWN = 2.0  # the rest is at most 1 + .25 + 9 * .05 = 1.7


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reasons of a record come from. `thumb` is "", up or down, `repeated` how many records ask the same, it included."""

    kind: str
    confidence: float
    thumb: str = ""
    thumb_reason: str = ""
    new_index: bool = False
    repeated: int = 1


def reasons(seen: Seen, threshold: float) -> tuple[str, ...]:
    """Why a record is worth seeing, in words, the weightiest first; none for a clear one.

    `threshold` is the probability from which the chatbot answers.

    >>> reasons(Seen("abstention", 0.45, "down", "wrong_passage", repeated=3), 0.5)
    ('thumbs down: wrong passage', 'refused near the threshold', 'asked 3 times')
    """
    out = []
    if seen.thumb == "down":
        out.append(f"thumbs down: {seen.thumb_reason.replace('_', ' ')}" if seen.thumb_reason else "thumbs down")
    if seen.kind in REDIRECTS:
        out.append(seen.kind.replace("_", " "))
    elif abs(seen.confidence - threshold) <= NEAR:
        out.append("refused near the threshold" if seen.kind == "abstention" else "low confidence")
    if seen.new_index:
        out.append("new index")
    if seen.repeated > 1:
        out.append(f"asked {seen.repeated} times")
    return tuple(out)
