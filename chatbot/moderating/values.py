"""What the moderators' desk shows and what is done at it. Plain values: no database, no page.

Whoever acts is an `Account` of `review.values`; which records are meant is said by `log.finding.Filters`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatbot.log.records import Record
from chatbot.log.thumbs import Thumb
from chatbot.marked import Place
from chatbot.review.values import Action as Action
from chatbot.review.values import Gap as Gap
from chatbot.review.values import Label, QuoteVerdict, Triage, Verdict
from chatbot.review.values import MadeCase as MadeCase
from chatbot.review.values import Proposal as Proposal
from chatbot.review.values import State as State


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue. `reasons` say why it is worth seeing, `worth` how much (higher comes first).

    `repeated` counts the records that ask the same, this one included; `group` names them. `label` and `reviewer` are the last
    verdict's, "" before any, and "" for whoever is to judge it blind. `assigned_to` is who has it on the desk.
    """

    record_id: str
    asked_at: str
    kind: str
    question: str
    generation: str
    confidence: float
    reasons: tuple[str, ...]
    worth: float
    repeated: int
    group: int
    thumb: Thumb | None
    label: str
    reviewer: str
    assigned_to: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows `at` to `at + len(rows)` of `total` that the filters let through; `n_open` of all records have no verdict."""

    rows: tuple[Row, ...]
    at: int
    total: int
    n_open: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by: values that occur in the log, each list sorted. `sources` are (doc_id, title)."""

    kinds: tuple[str, ...]
    generations: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    reviewers: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A sentence that was looked at. `text` is "" where its generation is gone; `why` says in words why it was shown or dropped."""

    place: Place
    text: str
    heading: str
    score: float | None
    signals: Mapping[str, float | None]
    shown: bool
    why: str


@dataclass(frozen=True, slots=True)
class Like:
    """A question like the one on the desk, with its last verdict. `likeness` is a cosine."""

    record_id: str
    question: str
    kind: str
    label: str
    reviewer: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Change:
    """Something done about a record: read, claimed, judged, made a case, proposed. `what` is a word, `words` the rest."""

    at: str
    who: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class View:
    """One record as the desk shows it. While `blind`, `history`, `like` and `changes` hold nothing of other reviewers' verdicts.

    `documents` are (doc_id, title) of its generation; where that is gone it is `stale` and they are those of now, for finding a sentence
    that answers.
    """

    record: Record
    thumb: Thumb | None
    candidates: tuple[CandidateView, ...]
    documents: tuple[tuple[str, str], ...]
    stale: bool
    history: tuple[Verdict, ...]
    like: tuple[Like, ...]
    changes: tuple[Change, ...]
    cases: tuple[MadeCase, ...]
    proposals: tuple[Proposal, ...]
    gaps: tuple[Gap, ...]
    assigned_to: str
    blind: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a moderator says of a reply and of its quotes, before it is checked."""

    label: Label
    note: str = ""
    tags: tuple[str, ...] = ()
    quotes: tuple[QuoteVerdict, ...] = ()
    triage: Triage | None = None
    gold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """A line or a set of bars, with the table that says the same. `points` are (label, value, low, high), in order.

    Low and high are a 95 % interval; both are the value itself where there is none to give. `counts` are what each value rests on.
    """

    name: str
    unit: str
    points: tuple[tuple[str, float, float, float], ...]
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """Unanswered questions that ask the same: how many, one of them in full, and some of their record ids."""

    question: str
    count: int
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of a number of days. Each series has a plot and a table; `figures` are (name, value in words)."""

    days: int
    figures: tuple[tuple[str, str], ...]
    series: tuple[Series, ...]
    topics: tuple[Topic, ...]
