"""The figures of the moderators' dashboard, as counted by the database. Left out: intervals, rates and words for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """Records of a generation, those that have a verdict, and those whose last one is the good one."""

    generation: str
    n: int
    n_judged: int
    n_good: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was not answered, how often it and its like were asked, and some of the records, the newest first."""

    group: int
    question: str
    n: int
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of some days. Days are text as 2026-11-24, by when the question was asked.

    `per_day` are (day, kind, n), `thumbs` (day, up or down, n), `labels` (label of the last verdict, n), `judged` (day, with a verdict,
    with the good one), `documents` (doc_id, records that quote it), the most quoted first; `generations` in order of their first use.
    """

    per_day: tuple[tuple[str, str, int], ...]
    thumbs: tuple[tuple[str, str, int], ...]
    labels: tuple[tuple[str, int], ...]
    judged: tuple[tuple[str, int, int], ...]
    generations: tuple[Judged, ...]
    documents: tuple[tuple[str, int], ...]
    topics: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Records without a verdict: how many, and when the oldest and the middle one were asked; "" when there are none."""

    n_open: int
    oldest: str
    median: str
