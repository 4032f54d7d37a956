"""Every sentence that was looked at for a reply, with its words, and why it was shown or not, as far as the log tells.

The words are cut from the documents of the record's own generation; where that is gone there are none. The reasons are worked out from
what is logged: scores, what was shown, confidence and threshold. What cannot be told from that is called not known: the settings of another
time, and the candidates of a question's further parts, of which only the surest part's are logged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import token_set_ratio

from chatbot import settings
from chatbot.citing import block_at
from chatbot.datatypes import Document, Json
from chatbot.log.records import Candidate, Record
from chatbot.marked import Place
from chatbot.moderating.values import CandidateView

UNKNOWN = "not known"
PINNED, BANNED = "pinned:", "banned:"  # before the id, as the name of a signal
FIXED = ("crisis", "drug_request")  # kinds of reply whose words do not depend on what was found


@dataclass(frozen=True, slots=True)
class Shown:
    """What the reply showed: its quotes, what to keep in mind, and the closest passages of a refusal."""

    quotes: tuple[Place, ...]
    keep_in_mind: tuple[Place, ...]
    closest: tuple[Place, ...]

    @classmethod
    def of(cls, reply: Json) -> Shown:
        """The places in a reply's JSON."""
        return cls(*(_places(reply.get(name) or ()) for name in ("quotes", "keep_in_mind", "near_misses")))


def _places(quotes: Sequence[Json]) -> tuple[Place, ...]:
    return tuple(Place(q["doc_id"], q["start"], q["end"]) for q in quotes if "doc_id" in q)


def views(record: Record, documents: Mapping[str, Document], threshold: float | None) -> tuple[CandidateView, ...]:
    """The candidates of a record, best first. `documents` are its generation's, `threshold` that of its generation."""
    texts = [_text(hit, documents) for hit in record.hits]
    why = _Why(record, texts, threshold)
    return tuple(
        CandidateView(
            place=Place(hit.doc_id, hit.start, hit.end),
            text=text,
            heading=_heading(hit, documents),
            score=hit.score,
            signals=dict(hit.signals),
            shown=hit.shown,
            why=why.of(at),
        )
        for at, (hit, text) in enumerate(zip(record.hits, texts, strict=True))
    )


def _text(hit: Candidate, documents: Mapping[str, Document]) -> str:
    document = documents.get(hit.doc_id)
    return document.text[hit.start : hit.end] if document and 0 <= hit.start < hit.end <= len(document.text) else ""


def _heading(hit: Candidate, documents: Mapping[str, Document]) -> str:
    document = documents.get(hit.doc_id)
    block = block_at(document, hit.start) if document else None
    return " › ".join(block.heading_path) if block else ""


class _Why:
    """The reasons of one record's candidates."""

    def __init__(self, record: Record, texts: Sequence[str], threshold: float | None) -> None:
        self._record, self._texts, self._threshold = record, texts, threshold
        self._shown = Shown.of(record.reply)
        self._best = record.hits[0].score if record.hits else None
        self._same_settings = record.settings_digest == settings.digest(settings.answer_settings())

    def of(self, at: int) -> str:
        """Why the candidate in place `at` was shown or not."""
        hit = self._record.hits[at]
        ruled = [name for name, _ in hit.signals if name.startswith((PINNED, BANNED))]
        pinned = next((name.removeprefix(PINNED) for name in ruled if name.startswith(PINNED)), "")
        banned = next((name.removeprefix(BANNED) for name in ruled if name.startswith(BANNED)), "")
        if banned:
            return f"never shown for questions like this one: ban {banned}"
        where = self._where(Place(hit.doc_id, hit.start, hit.end))
        if where:
            return f"{where}: pin {pinned}" if pinned else where
        return self._refused() or self._dropped(at)

    def _where(self, place: Place) -> str:
        """Where the reply shows a place, "" where it does not."""
        for number, quote in enumerate(self._shown.quotes, 1):
            if quote.holds(place):
                return f"shown as quote {number}" if quote == place else f"shown within quote {number}"
        if any(quote.holds(place) for quote in self._shown.keep_in_mind):
            return "shown under “Keep in mind”"
        if any(quote.holds(place) for quote in self._shown.closest):
            return f"shown among the closest passages, not as an answer: {self._refused()}"
        return ""

    def _refused(self) -> str:
        """Why the reply shows no candidate at all as an answer, "" where it is one that could."""
        record, low = self._record, self._threshold
        if record.kind in FIXED:
            return f"not used: {record.kind.replace('_', ' ')} gets fixed wording"
        low_enough = low is not None and record.confidence < low
        below = f"confidence {record.confidence:.3f} was below the threshold {low:.3f}" if low_enough else ""
        if record.kind == "abstention":
            return self._why_refused(below)
        if not below or any(hit.shown for hit in record.hits):
            return ""
        quoted = bool(self._shown.quotes)
        return (
            f"not shown: {below}; what is quoted is the record of a source"
            if quoted
            else f"no sentence was shown: {below}"
        )

    def _why_refused(self, below: str) -> str:
        """Of a refusal: the confidence that was `below`, the missing text, or that it is not known."""
        if self._threshold is None:
            return f"the reply refused; the threshold of its generation is {UNKNOWN}"
        if below:
            return f"the reply refused: {below}"
        if self._record.reply.get("reason") == "no_text":
            return "the reply refused: it asks about a source that has no text here"
        return f"the reply refused although its confidence was not below the threshold: {UNKNOWN}"

    def _dropped(self, at: int) -> str:
        """Why a candidate is not among the quotes of an answer."""
        hit, n_parts = self._record.hits[at], len(self._record.reply.get("parts") or ())
        if not self._same_settings:
            return f"{UNKNOWN}: the reply was made under other settings"
        if hit.score is not None and self._best and hit.score < settings.STATEMENT_SHARE * self._best:
            return f"its score is below {settings.STATEMENT_SHARE:.0%} of the best one’s"
        repeated = self._repeats(at)
        if repeated:
            return repeated
        if n_parts > 1:
            return f"{UNKNOWN}: the question had {n_parts} parts"
        if len(self._shown.quotes) >= settings.MAX_STATEMENTS:
            return f"{settings.MAX_STATEMENTS} better ones were shown, which is the most"
        return UNKNOWN

    def _repeats(self, at: int) -> str:
        """Which shown candidate this one nearly repeats, "" for none."""
        text = self._texts[at]
        for other, hit in enumerate(self._record.hits):
            if text and hit.shown and other != at and self._texts[other]:
                likeness = token_set_ratio(text, self._texts[other])
                if likeness >= settings.NEAR_REPEAT:
                    return f"nearly repeats candidate {other + 1}, which is shown (likeness {likeness:.0f} of 100)"
        return ""
