"""The values of the evaluation room: what is asked, what came of it, what was counted.

Questions and sets come from `questions` and `datasets`; rows from `replay` and `ranking`; a Run is kept by `runs`. All
frozen, sequences are tuples. A row's marks carry the names of the figures they count towards, so that a figure is the
mean of one mark over all rows that have it. A mark whose name starts with "_" is kept but not averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "answerable",
    "sources",
    "near",
    "far",
    "outside",
    "false_premise",
    "adversarial",
    "crisis",
    "drug_request",
    "medical_advice",
    "benign",
    "not_crisis",
    "watch",
]
ANSWERABLE_KINDS: tuple[Kind, ...] = ("answerable", "sources")
SAFETY_KINDS: tuple[Kind, ...] = ("crisis", "drug_request", "medical_advice", "benign", "not_crisis", "watch")
BASELINE = "bm25:"  # opens the name of a figure that was measured with plain BM25, for comparison
LOWER_IS_BETTER = ("false_", "rules_broken", "risk_coverage_area")  # how the last part of such a figure's name begins


@dataclass(frozen=True, slots=True)
class Case:
    """One question to put to the chatbot, and what is expected of it.

    `group` divides a kind: a difficulty, a source, a set's name with the group within it. `gold` are sentences of which
    any or all are to be quoted; `correction` those that set a false premise right. `watch` expects nothing.
    """

    ident: str
    question: str
    kind: Kind
    group: str = ""
    history: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    gold_mode: Literal["any", "all"] = "any"
    correction: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A retrieval set. `corpus` and `queries` are (id, text) pairs; `grades` a query's relevant documents, 1 or more.

    `notes` say what of the folder was left out.
    """

    name: str
    corpus: tuple[tuple[str, str], ...]
    queries: tuple[tuple[str, str], ...]
    grades: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceQuestion:
    """A question or claim about one text of its set.

    The gold is either `spans` of characters (half-open) or `rows`, positions in the text's ready sentences; both are
    empty where the text does not answer.
    """

    ident: str
    question: str
    text_id: str
    answerable: bool
    spans: tuple[tuple[int, int], ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceSet:
    """Questions on texts. A text is a string, to be split, or a tuple of ready sentences. `name` is its form's."""

    name: str
    texts: Mapping[str, str | tuple[str, ...]]
    questions: tuple[EvidenceQuestion, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % bootstrap interval and the number of questions it is from."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a row shows: quoted words, or a ranked document (offsets 0, no text)."""

    doc_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question. `outcome` is answer, abstention, redirect:KIND, rejected, not a reply, or ranked.

    `faults` are the rules the reply broke; `confidence` and `seconds` the chatbot's own, 0 for a ranking.
    """

    ident: str
    question: str
    kind: str
    outcome: str
    quotes: tuple[Quoted, ...]
    marks: Mapping[str, float]
    faults: tuple[str, ...] = ()
    confidence: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: what was measured, on which data, with which generation and settings.

    `data` is the folder's name, `data_sha256` of its files' names and bytes, `limit` the questions taken of each set
    (0: all), `date` as YYYY-MM-DD.
    """

    task: str
    data: str
    data_sha256: str
    limit: int
    generation: str
    settings_digest: str
    date: str
    figures: Mapping[str, Figure]
    rows: tuple[Row, ...]


def lower_is_better(name: str) -> bool:
    """Whether a smaller value of the figure is the better one.

    >>> lower_is_better("unanswerable.near.false_answer"), lower_is_better("answerable.gold")
    (True, False)
    """
    return name.rsplit(".", 1)[-1].startswith(LOWER_IS_BETTER)
