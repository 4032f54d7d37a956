"""What a corpus marks in its own sentences: benefits, what qualifies them, the terms that it explains, and what is pinned or banned for
a question. All are places in documents.

The files that say so are read by `corpus.marks`, `corpus.glossary` and `corpus.pins`; what a reply makes of them is in
`answer.keeping`, `answer.glossary` and `answer.pinning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CautionKind = Literal["limit", "risk", "regulatory"]
Action = Literal["pin", "ban"]
ANY = "any"  # in place of the ids of the sources whose benefit a caution qualifies


@dataclass(frozen=True, slots=True)
class Place:
    """document.text[start:end] of the document `doc_id`."""

    doc_id: str
    start: int
    end: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two share a character."""
        return self.doc_id == other.doc_id and self.start < other.end and other.start < self.end

    def holds(self, other: Place) -> bool:
        """Whether the other lies within it."""
        return self.doc_id == other.doc_id and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Benefit:
    """Words that speak of benefit. `topic` says which cautions fit, "" for those without a topic."""

    place: Place
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """Sentences on a limit, a risk or approval. `qualifies` are ids of sources, or ANY."""

    place: Place
    kind: CautionKind
    qualifies: tuple[str, ...]
    topic: str = ""

    def fits(self, benefit: Benefit) -> bool:
        """Whether it qualifies that benefit."""
        return self.topic == benefit.topic and (ANY in self.qualifies or benefit.place.doc_id in self.qualifies)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked, in the order of the file. `n_aside` counts marks of notes in whose place a fetched text stands."""

    benefits: tuple[Benefit, ...] = ()
    cautions: tuple[Caution, ...] = ()
    n_aside: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """A term with the forms by which the corpus uses it. `place` is a sentence that defines it, `definition` this project's own words;
    the place goes before."""

    name: str
    forms: tuple[str, ...]
    definition: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms, in the order of the file. `n_aside` counts defining sentences of notes in whose place a fetched text stands."""

    terms: tuple[Term, ...] = ()
    n_aside: int = 0


@dataclass(frozen=True, slots=True)
class Pin:
    """Sentences to be shown first (action pin), or never (ban), to whoever asks what one of the questions asks.

    `since` is the day of its approval, as 2026-11-29; `why` may be "".
    """

    ident: str
    action: Action
    questions: tuple[str, ...]
    place: Place
    since: str
    approved_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins and bans of a corpus. `n_aside` counts those on notes in whose place a fetched text stands."""

    entries: tuple[Pin, ...] = ()
    n_aside: int = 0
