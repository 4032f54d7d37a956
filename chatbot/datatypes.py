"""The values that pass between rooms, from a source to a citation.

All frozen; sequences are tuples; `start` and `end` are half-open offsets in code points of `Document.text`. A span proves
itself: `document.text[span.start:span.end] == span.text`. What a reader is told is in `replies`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

TextKind = Literal["full", "digest", "none"]
Role = Literal["front_matter", "title", "heading", "body", "disclaimer", "caption", "table", "footnote", "reference"]
Vectors = NDArray[np.float32]
ARTICLE = "article"  # the kind of the one source that the corpus is about; the others are works that it cites


@dataclass(frozen=True, slots=True)
class Author:
    """A person, or a body when `given` is empty."""

    family: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a source's standing: `state` is clear, correction, concern or retracted, `checked` the day, "" for never.

    `relies_on` names works in its reference list that were retracted or put under concern. `page` says of a web page that it is no longer
    as it was when its text was taken: "changed" or "gone" and the day on which that was seen, "" while nothing of the kind is known.
    """

    state: Literal["clear", "correction", "concern", "retracted"]
    checked: str
    basis: str
    relies_on: tuple[str, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One work: the article itself or one that it cites. Fields are empty strings where they do not apply.

    `reference` is the APA string as the article prints it, `reference_corrected` ours, with the reason beside it.
    `names` are words by which readers call it ("the 2021 trial"); `cited_as` the article's in-text citations of it. `hosts` are
    servers, besides its own, that a fetch may ask for it. `limited` texts were fetched and their licence lets nobody copy them whole:
    a reply shows at most `max_words` of one, and they are for use on the maintainer's machine.
    """

    doc_id: str
    kind: str
    title: str
    authors: tuple[Author, ...]
    year: str
    container: str
    doi: str
    url: str
    licence: str
    text_kind: TextKind
    reference: str
    status: Status
    volume: str = ""
    issue: str = ""
    pages: str = ""
    file: str = ""
    reference_corrected: str = ""
    reference_corrected_reason: str = ""
    cited_as: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    max_words: int = 0
    limited: bool = False

    @property
    def link(self) -> str:
        """The address a reader opens: the DOI where there is one."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def label(self) -> str:
        """The APA in-text form; a digest says whose note it is.

        >>> Source("m", "journal-article", "T", (Author("Mitchell", "J."), Author("A"), Author("B")), "2021", "", "",
        ...        "", "", "digest", "", Status("clear", "", "")).label
        'Note on Mitchell et al. (2021)'
        """
        families = [a.family for a in self.authors]
        if not families:
            who = f"“{self.title.split(':')[0]}”"
        elif len(families) > 2:
            who = f"{families[0]} et al."
        else:
            who = " & ".join(families)
        named = f"{who} ({self.year})"
        return f"Note on {named}" if self.text_kind == "digest" else named


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document with one role: a paragraph, a heading, one printed reference."""

    start: int
    end: int
    role: Role
    heading_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A source's text as read: decoded, newlines normalised, then never changed. `sha256` is of its UTF-8 bytes."""

    source: Source
    text: str
    sha256: str
    blocks: tuple[Block, ...] = ()

    @property
    def doc_id(self) -> str:
        """The source's identifier."""
        return self.source.doc_id

    def quote(self, start: int, end: int, generation: str) -> Quote:
        """The only way to make a Quote. Raises ValueError for an empty or outside span."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"{self.doc_id}: no text at {start}-{end} (the document has {len(self.text)} characters)")
        return Quote(self.doc_id, start, end, self.text[start:end], self.sha256, generation, _by_document=True)

    @staticmethod
    def digest(text: str) -> str:
        """sha256 of the text's UTF-8 bytes, as hexadecimal."""
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `position` counts from 0 within its block, so that neighbours can be told."""

    doc_id: str
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    role: Role
    block: int
    position: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences in a row, of one block. `first` and `last` are indices into the generation's sentences."""

    doc_id: str
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    first: int
    last: int

    @property
    def passage_id(self) -> str:
        """`doc_id:start-end`."""
        return f"{self.doc_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question of the corpus's question bank, with the row numbers of the sentences that answer it (none: nothing does).

    `plain` ones are worded well enough to be offered to a reader; `corrects` are the rows that set right what a question takes for
    granted which nothing answers.
    """

    question: str
    answers: tuple[int, ...]
    plain: bool = False
    corrects: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PinQuestion:
    """A question for which the sentences of rows `first` to `last` are pinned, or banned; worded as it is compared with a reader's.

    `ident` is the entry's of corpus/pins.toml; an entry has as many of these as it has questions.
    """

    ident: str
    action: Literal["pin", "ban"]
    first: int
    last: int
    question: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found for a query. `row` is its index among the generation's sentences; `rank` counts from 1."""

    row: int
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with what was measured of it against the question; `score` is in [0, 1], higher is better.

    `signals` are (name, value) pairs, in the order of `answer.evidence.SIGNALS`; in a trace a sentence that was pinned or banned for
    the question has two more (`answer.pinning`).
    """

    row: int
    sentence: Sentence
    score: float
    signals: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Exact words of one document. Made only by `Document.quote`; `sha256` is the document's."""

    doc_id: str
    start: int
    end: int
    text: str
    sha256: str
    generation: str
    _by_document: bool = False

    def __post_init__(self) -> None:
        if not self._by_document:
            raise TypeError("a Quote is made by Document.quote(start, end, generation) and by nothing else")


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote and all a reader needs to check it.

    `link` opens the source at the words (a text fragment) where the source is the quoted text itself; `relies_on` are the
    labels and references of works that the quoted sentence cites. `alert` is a banner that the quote never goes without, "" for
    a work in good standing. `emphasis` are half-open offsets into `quote.text` of the words that carry the answer, in order; `terms` are
    (start, end, name) of words in it that the reply's glossary explains.
    """

    number: int
    quote: Quote
    label: str
    reference: str
    link: str
    section: str
    status: str
    text_kind: TextKind
    lead_in: str
    relies_on: tuple[tuple[str, str, str], ...] = ()
    alert: str = ""
    emphasis: tuple[tuple[int, int], ...] = ()
    terms: tuple[tuple[int, int, str], ...] = ()


class Embedder(Protocol):
    """Text to unit vectors."""

    name: str
    sha256: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, each row of length 1."""
        ...

    def count_pieces(self, text: str) -> int:
        """How many word pieces the model reads of `text`, its marks included, before any cut."""
        ...


class SecondStage(Protocol):
    """Reads question and sentence together."""

    name: str
    sha256: str

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One logit a text: above 0, the text more likely answers than not."""
        ...


Json = dict[str, Any]
