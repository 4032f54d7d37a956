"""Which records are meant and in what order: the filters and weights of the moderators' desk, and what is found.

Plain values that the database turns into a query and fills. Left out: why a record is worth what it is (`review.queue`), and bodies:
a found row is what a line of a list shows; the record itself is read by its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UNJUDGED, JUDGED = "unjudged", "judged"  # in the place of a verdict's label
WEIGHED = ("answer", "abstention")  # kinds whose confidence says how near they were to the other

Order = Literal["worth", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a record must have; "" lets everything through.

    `text` are words that stand in the question or in a quote of the reply; `kind` a record's; `source` the id of a document that
    is quoted; `verdict` a label of the last verdict, UNJUDGED or JUDGED; `tag` one of its tags; `since` and `until` are days as 2026-11-24, both
    included; `thumb` is up or down; `assigned_to` who has it on the desk; `group` the number of a group of like questions, 0 for any.
    """

    text: str = ""
    kind: str = ""
    source: str = ""
    generation: str = ""
    verdict: str = ""
    reviewer: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""
    thumb: str = ""
    assigned_to: str = ""
    group: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """How much a record is worth seeing, as a sum of weights.

    `near` times 1 - |confidence - threshold|, for an answer or an abstention, or what `kinds` gives for another kind; `thumb_down`
    for a thumb down; `newest` for a record of `generation`; `repeated` for each further record of its group, as if no group had more
    than `max_repeated`.
    """

    threshold: float = 0.5
    thumb_down: float = 0.0
    near: float = 0.0
    kinds: tuple[tuple[str, float], ...] = ()
    generation: str = ""
    newest: float = 0.0
    repeated: float = 0.0
    max_repeated: int = 10


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One record without its body. `repeated` counts the records of its `group`, this one included.

    `label`, `reviewer` and `judged_at` are the last verdict's, "" before any; `assigned_to` is "" when nobody has it, or no longer.
    `worth` is 0 where no order by worth was asked for.
    """

    seq: int
    record_id: str
    asked_at: str
    kind: str
    question: str
    generation: str
    confidence: float
    n_quotes: int
    group: int
    repeated: int
    thumb: str
    thumb_reason: str
    label: str
    reviewer: str
    judged_at: str
    n_verdicts: int
    assigned_to: str
    assigned_until: str
    worth: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a page, and how many rows (or groups, where groups were asked for) there are on all pages."""

    rows: tuple[FoundRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LikeRow:
    """A record whose question is like another one's; `likeness` is a cosine, 1 for the same words."""

    row: FoundRow
    likeness: float


@dataclass(frozen=True, slots=True)
class Occurring:
    """What occurs in the log and can be filtered by, each sorted."""

    kinds: tuple[str, ...]
    generations: tuple[str, ...]
    documents: tuple[str, ...]
    reviewers: tuple[str, ...]
    tags: tuple[str, ...]
