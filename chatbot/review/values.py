"""The values of the review room, and what it needs of records and of storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from chatbot.datatypes import Json
from chatbot.marked import Action as Action
from chatbot.marked import Place
from chatbot.settings import MAX_QUESTION_CHARACTERS

Label = Literal["good", "should_have_refused", "should_have_answered", "wrong_triage", "unsafe"]
Triage = Literal["crisis", "drug_request", "medical_advice", "benign_lookalike"]
Expectation = Literal["answer", "refuse", "crisis", "drug_request", "medical_advice", "benign_lookalike"]
Role = Literal["moderator", "lead"]
State = Literal["proposed", "approved", "rejected", "withdrawn"]
QuoteLabel = Literal["answers", "partly", "does_not", "misleading"]  # misleading: true, and not so out of its context

REDIRECTS = ("crisis", "drug_request", "medical_advice")  # kinds of a record that was answered with fixed wording first
MAX_QUESTION = MAX_QUESTION_CHARACTERS  # of a case, a proposal or a gap: as many as in a reader's question
MAX_GOLD = 20  # sentences; the longest list of the shipped cases has 12
Z = 1.959963984540054  # the normal distribution's 97.5 % point, for intervals at 95 %


class Reviewable(Protocol):
    """A logged reply. `reply` is its public JSON; `kind` answer, abstention, or a redirect's own kind."""

    @property
    def record_id(self) -> str:
        """Its id."""
        ...

    @property
    def asked_at(self) -> str:
        """The hour, as text that sorts."""
        ...

    @property
    def kind(self) -> str:
        """answer, abstention, crisis, drug_request, medical_advice."""
        ...

    @property
    def question(self) -> str:
        """The redacted question, empty for a crisis."""
        ...

    @property
    def reply(self) -> Json:
        """The reply as the reader saw it."""
        ...

    @property
    def confidence(self) -> float:
        """The probability, 0 to 1, that the sources answer."""
        ...


class Note(Protocol):
    """One line of a notebook."""

    @property
    def at(self) -> str:
        """When, as text that sorts."""
        ...

    @property
    def subject(self) -> str:
        """The record or account that it is about."""
        ...

    @property
    def who(self) -> str:
        """Who did it."""
        ...

    @property
    def label(self) -> str:
        """What it says, as one word."""
        ...

    @property
    def note(self) -> str:
        """The free or secret part; empty once the record it is about was removed."""
        ...


class Notebook(Protocol):
    """Append-only storage."""

    def write(self, kind: str, subject: str, *, at: str, who: str = "", label: str = "", note: str = "") -> None:
        """Adds a line."""
        ...

    def write_within(self, kind: str, subject: str, *, at: str, since: str, limit: int) -> bool:
        """Adds a line unless `limit` of its kind and subject stand there after `since`, in one step; whether it did."""
        ...

    def read(self, kind: str, subject: str | None = None) -> Sequence[Note]:
        """Lines of a kind, of one subject or of all, in the order in which they were written."""
        ...


@dataclass(frozen=True, slots=True)
class QuoteVerdict:
    """A moderator's judgement of one quote of a reply, document.text[start:end] of the document `doc_id`."""

    doc_id: str
    start: int
    end: int
    label: QuoteLabel


@dataclass(frozen=True, slots=True)
class Verdict:
    """A moderator's judgement of one reply.

    `gold` are sentences of the sources that answer, for a reply that should have answered; `triage` is how the question
    should have been taken, for a wrong triage or an unsafe reply. `judged_at` is UTC to the second, as text. `quotes` are verdicts on
    its quotes, `tags` words to find it by; `blind` says that the reviewer saw no earlier verdict, `due` that somebody else is to
    give a blind second one.
    """

    record_id: str
    label: Label
    reviewer: str
    note: str
    judged_at: str
    gold: tuple[str, ...] = ()
    triage: Triage | None = None
    quotes: tuple[QuoteVerdict, ...] = ()
    tags: tuple[str, ...] = ()
    blind: bool = False
    due: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is expected of it; `gold` are sentences of which one is to be quoted, empty for a refusal."""

    question: str
    expectation: Expectation
    gold: tuple[str, ...]
    from_record: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pin or a ban: show, or never show, the sentences at `place` (`text`) for questions like `question`.

    It takes effect when it is approved by a lead, written into corpus/pins.toml and built into an index. `note` is why it was proposed,
    `decision` what was said last of its state; `decided_at` is when it came into that, "" for one that is proposed.
    """

    proposal_id: str
    record_id: str
    action: Action
    question: str
    place: Place
    text: str
    by: str
    at: str
    state: State
    decided_by: str
    note: str
    decided_at: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that readers ask and no source tells. `closed_by` is "" while it is open."""

    gap_id: str
    record_id: str
    question: str
    words: str
    by: str
    at: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class MadeCase:
    """A test case made at the desk. `gold` are sentences, copied from the documents at the places that were marked."""

    case_id: str
    record_id: str
    question: str
    expectation: Expectation
    gold: tuple[str, ...]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. A lead may add accounts; both may judge."""

    name: str
    role: Role
