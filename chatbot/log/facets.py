"""What is kept of a record beside the chain, so that it can be found, counted and put in order: its facets.

All of it follows from the record (`facet_of`) and from the events about it (`after`), but for its vector and its group, which a
`Mark` brings along (`log.grouping` makes them). So facets may change, and can be made again. Words are looked for as `words_in` takes them
from a text, the same in both databases: case and accents folded, nothing but letters and figures. Left out: word forms, and languages
that put no space between words, of which a whole run is one word.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chatbot.datatypes import Json
from chatbot.log.chain import Columns
from chatbot.log.records import Event
from chatbot.log.thumbs import KIND as THUMB
from chatbot.log.thumbs import thumb_of

VERDICT, CLAIM, RELEASE = "verdict", "claim", "release"  # kinds of event, as the review room writes them
DUE = "due"  # behind a verdict's label and a colon: a second one is to follow that does not know it
KINDS = frozenset({THUMB, VERDICT, CLAIM, RELEASE})
MAX_WORD = 60  # characters of a word that count; PostgreSQL takes 2,046 bytes
WORD = re.compile(r"[^\W_]+")
ACCENTS = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Facet:
    """What follows from the record alone. `words` are sorted and distinct; `same` is equal for the same words in the same order, "" for none."""

    seq: int
    record_id: str
    asked_at: str
    kind: str
    generation: str
    confidence: float
    n_quotes: int
    same: str
    words: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What people made of a record so far: the last thumb, the last verdict, who has it on the desk.

    `due` is who gave the last verdict where a second one by somebody else is due who may not see it, else "".
    """

    thumb: str = ""
    thumb_reason: str = ""
    label: str = ""
    reviewer: str = ""
    judged_at: str = ""
    due: str = ""
    n_verdicts: int = 0
    assigned_to: str = ""
    assigned_until: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What the writer knows of a question: its vector as float16 bytes, and the id of the record whose group it joins, each "" for none."""

    vector: bytes = b""
    like: str = ""


def words_in(text: str) -> list[str]:
    """The words of a text in order, case and accents folded.

    >>> words_in("Naïve “Café”: MDMA-assisted, Straße")
    ['naive', 'cafe', 'mdma', 'assisted', 'strasse']
    """
    plain = text if text.isascii() else ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return [word[:MAX_WORD] for word in WORD.findall(plain.casefold())]


def facet_of(seq: int, columns: Columns, reply: Json) -> Facet:
    """The facets of a record that is row `seq`."""
    quotes = [quote for quote in reply.get("quotes") or () if isinstance(quote, dict)]
    asked = words_in(columns.question)
    return Facet(
        seq=seq,
        record_id=columns.record_id,
        asked_at=columns.asked_at,
        kind=columns.kind,
        generation=columns.generation,
        confidence=columns.confidence,
        n_quotes=len(quotes),
        same=hashlib.sha256(" ".join(asked).encode()).hexdigest()[:32] if asked else "",
        words=tuple(sorted({*asked, *_all_words(str(quote.get("text", "")) for quote in quotes)})),
        documents=tuple(sorted({str(quote["doc_id"]) for quote in quotes if quote.get("doc_id")})),
    )


def _all_words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in words_in(text)}


def after(standing: Standing, event: Event) -> Standing:
    """Where a record stands after an event about it; events of other kinds than KINDS change nothing.

    >>> after(Standing(), Event("2026-11-24", "claim", "r1", "ann", "2026-11-25")).assigned_to
    'ann'
    """
    if event.kind == THUMB:
        thumb = thumb_of(event)
        return replace(standing, thumb=thumb.thumb, thumb_reason=thumb.reason)
    if event.kind == VERDICT:
        label, _, more = event.label.partition(":")
        return replace(
            standing,
            label=label,
            reviewer=event.who,
            judged_at=event.at,
            due=event.who if more == DUE else "",
            n_verdicts=standing.n_verdicts + 1,
            tags=tags_of(event.note),
        )
    if event.kind == CLAIM:
        return replace(standing, assigned_to=event.who, assigned_until=event.label)
    if event.kind == RELEASE:
        return replace(standing, assigned_to="", assigned_until="")
    return standing


def tags_of(note: str) -> tuple[str, ...]:
    """The tags in a verdict's note, sorted; none where it was blanked or is no verdict's.

    >>> tags_of('{"tags": ["dose", "dose", "age"]}')
    ('age', 'dose')
    """
    try:
        said = json.loads(note) if note else {}
    except ValueError:
        return ()
    tags = said.get("tags") if isinstance(said, dict) else None
    return tuple(sorted({str(tag) for tag in tags})) if isinstance(tags, list) else ()


def is_free(standing: Standing, who: str, at: str) -> bool:
    """Whether somebody may take a record at a moment: nobody has it, or they have it, or it was to be given back before."""
    return standing.assigned_to in ("", who) or standing.assigned_until <= at
