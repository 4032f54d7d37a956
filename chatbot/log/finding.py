"""Which records are meant: the filters of the moderators' desk, as a plain value that the database turns into a query."""

from __future__ import annotations

from dataclasses import dataclass

UNJUDGED, JUDGED = "unjudged", "judged"  # in the place of a verdict's label


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
