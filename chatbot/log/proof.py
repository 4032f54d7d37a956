"""Proves a log: that the chain is whole, and that every quote in it is still a slice of its document.

A quote is proved against the documents of its reply's generation: same document hash, same offsets, same words.
Documents come as a mapping (of one generation) or as a function from a generation's id to its documents, None where
they are no longer at hand. A quote whose document is at hand only with another hash is *unproved*, not broken: the
document has been edited since. A quote that says other words than the very document it names is broken.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from chatbot.datatypes import Document
from chatbot.errors import LogError
from chatbot.log.chain import REMOVAL, Entry, Finding, Head, Walk

Documents = Mapping[str, Document] | Callable[[str], Mapping[str, Document] | None]
QUOTE_KEYS = {"doc_id", "start", "end", "text", "sha256"}


class View(Protocol):
    """A log as it is at one moment."""

    def faults(self) -> Sequence[str]:
        """What the database's own check finds, nothing when all is well."""
        ...

    def entries(self) -> Iterable[Entry]:
        """Every row in order."""
        ...

    def removed(self) -> Sequence[tuple[int, str]]:
        """Sequence numbers and checksums of rows that were removed."""
        ...

    def head(self) -> Head:
        """The last row's number and link."""
        ...

    def strays(self) -> Sequence[str]:
        """How what records are found by differs from them, nothing when it does not."""
        ...


class Provable(Protocol):
    """What is needed of a database."""

    def snapshot(self) -> AbstractContextManager[View]:
        """The log at this moment. What cannot be read within comes out of it as a LogError."""
        ...


@dataclass(frozen=True, slots=True)
class Verification:
    """`n_records` rows hold replies, `n_removed` were removed; `n_proved` quotes are slices of their documents.

    `unproved` counts quotes by (generation, doc_id) whose document is not at hand. The log is sound when `broken` is
    empty. `strays` say where the search has parted from the records, which proves nothing of them and can be mended.
    """

    n_records: int
    n_removed: int
    head: Head
    n_proved: int
    unproved: Mapping[tuple[str, str], int]
    broken: tuple[Finding, ...]
    strays: tuple[str, ...] = ()


def verify(
    store: Provable,
    documents: Documents | None = None,
    *,
    expected: Head | None = None,
    tick: Callable[[int, int], None] = lambda *_: None,
) -> Verification:
    """Walks the whole log once. `expected` is a head noted earlier, which must still be in the chain.

    Without documents no quote is looked at. `tick` is called after each row, with its number and the
    last one's. A log that cannot be read to its end is
    broken too, not an error.
    """
    broken: list[Finding] = []
    proof = _Proof(documents, broken)
    walk = Walk((), (), Head(0, ""))
    strays: tuple[str, ...] = ()
    try:
        with store.snapshot() as view:
            broken += [Finding(0, fault) for fault in view.faults()]
            watch = (expected.seq,) if expected else ()
            walk = Walk(view.entries(), view.removed(), view.head(), watch)
            for entry in walk.entries():
                proof.take(entry)
                tick(entry.seq, walk.head.seq)
            strays = tuple(view.strays())
    except LogError as error:
        broken.append(Finding(0, str(error)))
    broken += walk.findings
    if expected and walk.links.get(expected.seq) != expected.link:
        broken.append(Finding(expected.seq, f"does not have the link {expected.link[:12]}… that was noted"))
    unproved = dict(proof.unproved)
    return Verification(proof.n_records, walk.n_removed, walk.head, proof.n_proved, unproved, tuple(broken), strays)


class _Proof:
    """Counts records and proves their quotes, row by row; what is wrong goes to `broken`."""

    def __init__(self, documents: Documents | None, broken: list[Finding]) -> None:
        self.n_records = self.n_proved = 0
        self.unproved: Counter[tuple[str, str]] = Counter()
        self._documents = documents
        self._broken = broken

    def take(self, entry: Entry) -> None:
        """One sound row."""
        if entry.columns.kind == REMOVAL:
            return
        self.n_records += 1
        if self._documents is None:
            return
        generation = entry.columns.generation
        for quote in quotes_in(json.loads(entry.columns.body)["reply"]):
            fault = fault_of(quote, self._documents, generation)
            if fault is None:
                self.unproved[generation, str(quote["doc_id"])] += 1
            elif fault:
                self._broken.append(Finding(entry.seq, fault))
            else:
                self.n_proved += 1


def quotes_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every quote in a reply's JSON, however deep: an object with the keys of one."""
    if isinstance(value, dict):
        if value.keys() >= QUOTE_KEYS:
            yield value
        for item in value.values():
            yield from quotes_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from quotes_in(item)


def fault_of(quote: Mapping[str, Any], documents: Documents, generation: str) -> str | None:
    """What is wrong with a quote: "" for nothing, None when its document is not at hand."""
    at_hand = documents(generation) if callable(documents) else documents
    document = at_hand.get(quote["doc_id"]) if at_hand is not None else None
    if document is None or document.sha256 != quote["sha256"]:
        return None
    where = f"{quote['doc_id']}:{quote['start']}-{quote['end']}"
    if Document.digest(document.text) != document.sha256:
        return f"quotes {where}, but the document at hand is not the one its hash names; run `chatbot index verify`"
    if document.text[quote["start"] : quote["end"]] != quote["text"]:
        return f"quotes {where}, but the document says other words there"
    return ""
