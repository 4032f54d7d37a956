"""What to keep in mind beside a quote of benefit: a sentence on limits, risk or approval that the corpus marks, never a generated one.

A reply that quotes such a sentence by itself needs none. Otherwise each source whose benefit is quoted gets one, two at most: limits and
risks before approval (of which the disclaimer speaks already), the same source's before another's, then the nearest in meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from chatbot.marked import Caution, Marks, Place

MAX_CAUTIONS = 2
Likeness = Callable[[Sequence[Place], Place], float]  # of quoted places and a caution's, higher is nearer


def keep_in_mind(
    shown: Sequence[Place], marks: Marks, likeness: Likeness, always: Sequence[Place] = ()
) -> tuple[Caution, ...]:
    """The cautions to show beside the quoted places, in the order of the quotes that they qualify; none where no benefit is quoted.

    `always` are places that every reply shows, which are never chosen.
    """
    if any(place.overlaps(caution.place) for place in shown for caution in marks.cautions):
        return ()
    kept: list[Caution] = []
    for doc_id in dict.fromkeys(place.doc_id for place in shown):
        of_source = [place for place in shown if place.doc_id == doc_id]
        praised = [b for b in marks.benefits if any(place.overlaps(b.place) for place in of_source)]
        quoted = [place for place in of_source if any(place.overlaps(b.place) for b in praised)]
        fitting = [
            c
            for c in marks.cautions
            if any(c.fits(b) for b in praised) and c not in kept and not any(c.place.overlaps(a) for a in always)
        ]
        best = min(fitting, key=partial(_order, doc_id, quoted, likeness), default=None)
        if best is not None and len(kept) < MAX_CAUTIONS:
            kept.append(best)
    return tuple(kept)


def _order(doc_id: str, quoted: Sequence[Place], likeness: Likeness, caution: Caution) -> tuple[bool, bool, float, int]:
    """What goes first among cautions; the place decides between equals."""
    near = likeness(quoted, caution.place)
    return caution.kind == "regulatory", caution.place.doc_id != doc_id, -near, caution.place.start
