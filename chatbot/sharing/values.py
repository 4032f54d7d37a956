"""What is asked to be taken along, and what was proved of it.

A Turn comes from outside and holds no word of a source: only what the reader typed, the kind of the reply, and the places of its
quotes. A Proved turn is made by `proving.prove` alone; its words are the sources' and the corpus's own. The forms (`card`, `paper`,
`notes`, `works`) see nothing but Proved turns. Left out: whether these quotes were the reply to that question; a place does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from chatbot.datatypes import Citation, Source
from chatbot.errors import Malformed
from chatbot.replies import Disclaimer, Reason, RedirectKind

Kind = Literal["answer", "abstention"] | RedirectKind
KINDS = ("answer", "abstention", *get_args(RedirectKind))
REASONS = get_args(Reason)
PLACE = re.compile(r"([0-9A-Za-z]{0,64})/([^/\s]{1,200})/([0-9]{1,9})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands: document.text[start:end] in the corpus of a generation. `written` is its one form.

    >>> Place.read("77781b05d90c6a49/mitchell-2021/120-310")
    Place(generation='77781b05d90c6a49', doc_id='mitchell-2021', start=120, end=310)
    """

    generation: str
    doc_id: str
    start: int
    end: int

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that a text names. Raises Malformed."""
        found = PLACE.fullmatch(text)
        if not found:
            raise Malformed(f"{text[:80]!r} is no place of a quote; send GENERATION/doc_id/start-end.")
        return cls(found[1], found[2], int(found[3]), int(found[4]))

    @property
    def written(self) -> str:
        """What `read` reads."""
        return f"{self.generation}/{self.doc_id}/{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and where its reply's quotes stand, as a page or a program names them.

    `question` and `unanswered` are the reader's words. `generation` is needed only where no place names one. `reason` chooses an
    abstention's wording, "" lets the quotes choose; `false_premise` says that the answer came with that warning.
    """

    question: str
    kind: Kind
    quotes: tuple[Place, ...] = ()
    keep_in_mind: tuple[Place, ...] = ()
    unanswered: tuple[str, ...] = ()
    generation: str = ""
    reason: Reason | Literal[""] = ""
    false_premise: bool = False


@dataclass(frozen=True, slots=True)
class Proved:
    """A turn whose words were looked up: `message` and `help_lines` are the corpus's fixed wording, `near` the words over an
    abstention's quotes. `works` are what is quoted and what the quoted sentences rely on, each once, the quoted ones first.
    `open_parts` says that a part stayed unanswered, `unanswered` which, as far as the question holds these words.
    """

    question: str
    kind: Kind
    message: str
    help_lines: tuple[tuple[str, str, str], ...]
    quotes: tuple[Citation, ...]
    keep_in_mind: tuple[Citation, ...]
    unanswered: tuple[str, ...]
    open_parts: bool
    near: str
    disclaimer: Disclaimer
    generation: str
    title: str
    works: tuple[Source, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every quote, in the order shown."""
        return (*self.quotes, *self.keep_in_mind)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be taken along. Its name holds a date and nothing of the question."""

    name: str
    media_type: str
    content: bytes
