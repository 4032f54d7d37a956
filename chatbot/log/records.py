"""Outcome to Record, and Record to the columns of a row and back.

A record holds what was asked (redacted), the reply's JSON as the reader saw it, every candidate with its scores, and
what made the reply: generation and settings. Of a crisis only the kind is kept: no question, no candidates, no
wording that came from it. The reader is known by `owner` alone, the hash of a receipt code which only the reader has.

What it leaves out: which words to remove (`privacy`), and who asked: no address, no browser, no conversation.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from base64 import b32encode
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from chatbot.datatypes import Citation, Evidence, Json
from chatbot.errors import LogError
from chatbot.log.chain import Columns, Entry, checksum_of
from chatbot.replies import Abstention, Answer, Outcome, Redirect, Reply

MIN_VISIT = 16  # characters of a visit id; fewer could be guessed, and with them the receipt
RECEIPT_GROUPS = 5  # of five letters or figures: 125 bits, to be typed by hand
CRISIS = "crisis"  # the kind of which nothing else is kept
FORMAT = 1  # of the body; a change of form counts up, and `record_of` reads the earlier ones
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that was looked at. `shown` tells whether the reply quotes it; `signals` are (name, value) pairs.

    A score or value that was not a finite number is None.
    """

    doc_id: str
    start: int
    end: int
    score: float | None
    signals: tuple[tuple[str, float | None], ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One reply. `asked_at` is the hour, as 2026-11-24T08:00Z; `kind` answer, abstention or a redirect's own kind.

    `hits` are in the order in which the candidates were ranked; `seconds` is what the reply took.
    """

    record_id: str
    owner: str
    asked_at: str
    kind: str
    question: str
    reply: Json
    hits: tuple[Candidate, ...]
    settings_digest: str
    generation: str
    confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did about a record or an account: a thumb, a verdict, a sign-in. `note` is the free or secret part.

    When the record that is its `subject` is removed, the note goes and the rest stays.
    """

    at: str
    kind: str
    subject: str
    who: str = ""
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the writer is handed: an outcome, whose it is, and when."""

    outcome: Outcome
    record_id: str
    owner: str
    asked_at: str


class RowRefused(LogError):
    """The database does not take this very row; trying again will not help."""


class BytesHeld(LogError):
    """Rows were removed, and their bytes are still in the file because a reader holds them."""


class Render(Protocol):
    """A reply in its public JSON form."""

    def __call__(self, reply: Reply, *, ident: str, seconds: float) -> Json:
        """The JSON of one reply under the identifier `ident`."""
        ...


class RedactReply(Protocol):
    """A reply's JSON without what readers may have said of themselves."""

    def __call__(self, reply: Json, known: AbstractSet[str]) -> Json:
        """`known` are the case-folded words that may stand in what was made of the question."""
        ...


def hour_of(moment: datetime) -> str:
    """The hour of an aware moment, in UTC; such strings sort as their moments do.

    >>> hour_of(datetime(2026, 11, 24, 8, 59, tzinfo=UTC))
    '2026-11-24T08:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:00Z")


def hour_now() -> str:
    """The hour it is."""
    return hour_of(datetime.now(UTC))


def hours_ago(moment: datetime, hours: int) -> str:
    """The hour that lay `hours` before `moment`."""
    return hour_of(moment - timedelta(hours=hours))


def receipt_of(visit: str) -> str:
    """The receipt code of a visit, the same each time. Raises LogError for a visit id that could be guessed.

    >>> receipt_of("0123456789abcdef")
    'WAXMI-ES4NG-63LCP-XX7GM-F6FYZ'
    """
    if len(visit) < MIN_VISIT:
        raise LogError(
            f"a visit id has {len(visit)} characters; give at least {MIN_VISIT}, made by chatbot.log.new_visit()"
        )
    code = b32encode(hashlib.sha256(f"receipt of {visit}".encode()).digest()).decode()
    return "-".join(code[i : i + 5] for i in range(0, 5 * RECEIPT_GROUPS, 5))


def owner_of(receipt: str) -> str:
    """What a row keeps of a receipt code, however it was typed.

    >>> owner_of("ab c-1") == owner_of("ABC1")
    True
    """
    plain = "".join(c for c in receipt.upper() if c.isalnum())
    return hashlib.sha256(f"owner {plain}".encode()).hexdigest()


def words_of(text: str) -> set[str]:
    """The case-folded words of a text."""
    return set(WORD.findall(text.casefold()))


def make_record(asked: Asked, *, render: Render, redact: Callable[[str], str], redact_reply: RedactReply) -> Record:
    """The record of an outcome. Of a crisis only its kind is kept."""
    reply, trace = asked.outcome.reply, asked.outcome.trace
    shown = render(reply, ident=asked.record_id, seconds=trace.seconds)
    kind = reply.kind if isinstance(reply, Redirect) else str(shown["kind"])
    hits: tuple[Candidate, ...] = ()
    if kind == CRISIS:
        kept = ("format", "id", "kind", "redirect", "disclaimer", "generation", "seconds")
        body = {key: shown[key] for key in kept if key in shown} | {"question": ""}
    else:
        body = redact_reply(shown, _known_words(reply, redact(reply.question), trace.candidates))
        spans = [(c.quote.doc_id, c.quote.start, c.quote.end) for c in citations_of(reply)]
        hits = tuple(_candidate(evidence, spans) for evidence in trace.candidates)
    return Record(
        record_id=asked.record_id,
        owner=asked.owner,
        asked_at=asked.asked_at,
        kind=kind,
        question=str(body["question"]),
        reply=body,
        hits=hits,
        settings_digest=trace.settings_digest,
        generation=reply.generation,
        confidence=_finite(trace.confidence) or 0.0,
        seconds=round(trace.seconds, 3),
    )


def citations_of(reply: Reply) -> tuple[Citation, ...]:
    """What the reply answers with, in order; a refusal's closest passages are not among it."""
    if isinstance(reply, Answer):
        return tuple(c for statement in reply.statements for c in statement.citations)
    return () if isinstance(reply, Abstention) else reply.citations


def _known_words(reply: Reply, question: str, candidates: tuple[Evidence, ...]) -> set[str]:
    """Words of the redacted question, what they were read as, and words of the sentences that were looked at."""
    left = words_of(question)
    out = left | words_of(" ".join(e.sentence.text for e in candidates))
    for was, now in reply.understood.changes:
        if words_of(was) <= left:
            out |= words_of(now)
    return out


def _finite(value: float) -> float | None:
    """The value to five places, or None when it is no number."""
    return round(float(value), 5) if math.isfinite(value) else None


def _candidate(evidence: Evidence, spans: list[tuple[str, int, int]]) -> Candidate:
    """A candidate as logged: where it stands instead of its words, which the generation's documents hold."""
    sentence = evidence.sentence
    shown = any(d == sentence.doc_id and s <= sentence.start and sentence.end <= e for d, s, e in spans)
    signals = tuple((name, _finite(value)) for name, value in evidence.signals)
    return Candidate(sentence.doc_id, sentence.start, sentence.end, _finite(evidence.score), signals, shown)


def columns_of(record: Record) -> Columns:
    """The record as a row. Raises ValueError for what JSON cannot hold."""
    body = {
        "format": FORMAT,
        "reply": record.reply,
        "hits": [
            {
                "doc_id": h.doc_id,
                "start": h.start,
                "end": h.end,
                "score": h.score,
                "shown": h.shown,
                "signals": dict(h.signals),
            }
            for h in record.hits
        ],
        "settings_digest": record.settings_digest,
        "seconds": record.seconds,
    }
    return Columns(
        record.record_id,
        record.owner,
        record.asked_at,
        record.kind,
        record.generation,
        record.confidence,
        record.question,
        json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")),
    )


def record_of(entry: Entry) -> Record:
    """The row as a record. Raises LogError when it is not what was written."""
    said = entry.columns
    if checksum_of(entry.seq, said, entry.salt) != entry.checksum:
        raise LogError(f"row {entry.seq} of the answer log is not what was written; run `chatbot log verify`")
    body = json.loads(said.body)
    if body.get("format") != FORMAT:
        raise LogError(
            f"row {entry.seq} of the answer log has form {body.get('format')!r}; this version reads {FORMAT}"
        )
    hits = tuple(
        Candidate(h["doc_id"], h["start"], h["end"], h["score"], tuple(h["signals"].items()), h["shown"])
        for h in body["hits"]
    )
    return Record(
        record_id=said.record_id,
        owner=said.owner,
        asked_at=said.asked_at,
        kind=said.kind,
        question=said.question,
        reply=body["reply"],
        hits=hits,
        settings_digest=body["settings_digest"],
        generation=said.generation,
        confidence=said.confidence,
        seconds=body["seconds"],
    )
