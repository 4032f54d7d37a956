"""What a reader is told: an answer, an abstention or a redirect, each ending with the disclaimer.

None of them can be built without a disclaimer, an Answer not without a citation. `render_json` in `answer.rendering` is their
public form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chatbot.datatypes import Citation, Evidence, Quote

RedirectKind = Literal["crisis", "drug_request", "medical_advice"]
Reason = Literal["nothing_close", "not_answered", "no_text"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of the question. `text` is what was searched; `changes` are (typed, read as) pairs.

    `carried` are words taken over from the conversation, or of the corpus's subject; `parts` the questions it was divided into, at least one.
    """

    text: str
    changes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclaimer:
    """The article's own regulatory sentence, its jurisdiction and the date of the corpus."""

    quote: Quote
    jurisdiction: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One quoted sentence or run of sentences, with at least one citation. `part` is the index of the part it answers."""

    citations: tuple[Citation, ...]
    part: int = 0

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("a Statement needs at least one Citation")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a term in a quote means: the words of a source, or this project's own where `citation` is None."""

    term: str
    text: str
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class _Reply:
    """What every reply has. `glossary` explains terms of its quotes, in the order in which they appear."""

    question: str
    understood: Understood
    disclaimer: Disclaimer
    generation: str
    glossary: tuple[Definition, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.disclaimer, Disclaimer):
            raise ValueError("a Reply ends with the disclaimer and cannot be built without it")


@dataclass(frozen=True, slots=True)
class Answer(_Reply):
    """One to three statements; `unanswered_parts` are parts of the question that nothing answers.

    `keep_in_mind` are quotes of limits or risks to be shown beside a quote of a benefit.
    `message` is empty, or fixed wording that the question takes something for granted that the quotes contradict.
    `reading_grade` is the school grade of the quotes, None when they are too short to say.
    """

    statements: tuple[Statement, ...]
    confidence: float
    unanswered_parts: tuple[str, ...] = ()
    keep_in_mind: tuple[Citation, ...] = ()
    message: str = ""
    reading_grade: int | None = None

    def __post_init__(self) -> None:
        _Reply.__post_init__(self)
        if not self.statements:
            raise ValueError("an Answer needs at least one Statement")


@dataclass(frozen=True, slots=True)
class Abstention(_Reply):
    """The sources do not answer. `near_misses` are the closest quotes, which are not an answer.

    `unknown_terms` are words of the question that the corpus never uses; `covered` topics it does speak of;
    `suggestions` questions it can answer.
    """

    reason: Reason
    message: str
    near_misses: tuple[Citation, ...]
    unknown_terms: tuple[str, ...]
    covered: tuple[str, ...]
    suggestions: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Redirect(_Reply):
    """A fixed message from corpus/messages.toml comes first; `citations` are general information, empty in a crisis.

    `keep_in_mind` is as in an Answer.
    """

    kind: RedirectKind
    message: str
    help_lines: tuple[tuple[str, str, str], ...]
    citations: tuple[Citation, ...]
    keep_in_mind: tuple[Citation, ...] = ()


Reply = Answer | Abstention | Redirect


@dataclass(frozen=True, slots=True)
class Trace:
    """How a reply came about, for the log, the moderators and the evaluation; never for the reader's page."""

    candidates: tuple[Evidence, ...]
    confidence: float
    settings_digest: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply and how it came about."""

    reply: Reply
    trace: Trace
