"""Row checksums and the chain of rows, as pure functions.

Every row carries `checksum`, the sha256 of its own values, and `link`, the sha256 of the previous row's link and its
own checksum. A row that is removed leaves its sequence number and checksum behind, so that the links after it can
still be worked out. The checksum covers a random salt which goes with the row: what stays behind cannot confirm a
guess at what the row said. A removal is itself a row (kind "removal"), which names the sequence numbers it took.

What it leaves out: a secret key. The chain finds damage and hasty edits; whoever rewrites the whole file can make
another chain, and only a head noted elsewhere (`chatbot log verify` prints it) shows that.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

GENESIS = hashlib.sha256(b"chatbot.log, form 1").hexdigest()  # the link before the first row
REMOVAL = "removal"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a row says. `question` is redacted, `body` JSON; both were scrubbed of what no database takes."""

    record_id: str
    owner: str
    asked_at: str
    kind: str
    generation: str
    confidence: float
    question: str
    body: str


NAMES = tuple(field.name for field in fields(Columns))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as kept. `seq` counts from 1 without a gap."""

    seq: int
    columns: Columns
    salt: str
    checksum: str
    link: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last row's sequence number (0: none yet) and link."""

    seq: int
    link: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, at one row (0: at none)."""

    seq: int
    what: str

    def __str__(self) -> str:
        return f"row {self.seq}: {self.what}" if self.seq else self.what


def checksum_of(seq: int, columns: Columns, salt: str) -> str:
    """sha256 over the row's values as a JSON list. A value of a type that was never written counts as damage, not an error."""
    values = [
        seq,
        columns.record_id,
        columns.owner,
        columns.asked_at,
        columns.kind,
        columns.generation,
        columns.confidence,
        columns.question,
        columns.body,
        salt,
    ]
    return hashlib.sha256(json.dumps(values, default=repr).encode()).hexdigest()


def link_of(previous: str, checksum: str) -> str:
    """The link of the row that follows one with link `previous`.

    >>> link_of(GENESIS, "a" * 64)[:16]
    'bb7f8763056ecebf'
    """
    return hashlib.sha256(f"{previous}{checksum}".encode()).hexdigest()


def seal(previous: Head, columns: Columns, salt: str) -> Entry:
    """The row that follows `previous`."""
    seq = previous.seq + 1
    checksum = checksum_of(seq, columns, salt)
    return Entry(seq, columns, salt, checksum, link_of(previous.link, checksum))


def seal_all(previous: Head, rows: Iterable[Columns], new_salt: Callable[[], str]) -> list[Entry]:
    """The rows that follow `previous`, in order."""
    out: list[Entry] = []
    for columns in rows:
        out.append(seal(previous, columns, new_salt()))
        previous = Head(out[-1].seq, out[-1].link)
    return out


def flat(entry: Entry) -> dict[str, object]:
    """The row's values by the names of its columns."""
    chained = {"seq": entry.seq, "salt": entry.salt, "checksum": entry.checksum, "link": entry.link}
    return {name: getattr(entry.columns, name) for name in NAMES} | chained


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """Sorted numbers as [first, last] runs.

    >>> ranges_of([1, 2, 3, 7])
    [[1, 3], [7, 7]]
    """
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return out


def removed_by(body: str) -> Iterator[int]:
    """The sequence numbers that a removal row names. Raises ValueError when `body` is not such a row's."""
    try:
        for first, last in json.loads(body)["removed"]:
            yield from range(first, last + 1)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the body of a removal ({error})") from error


class Walk:
    """Walks rows and removed checksums in order of `seq` and keeps what does not fit in `findings`.

    `entries` yields the rows that are sound, so that a caller can go on to prove what they quote. `links` are those
    of the rows named by `watch`.
    """

    def __init__(
        self, rows: Iterable[Entry], removed: Sequence[tuple[int, str]], head: Head, watch: Sequence[int] = ()
    ) -> None:
        self.findings: list[Finding] = []
        self.links: dict[int, str] = {}
        self.n_removed = len(removed)
        self._rows = rows
        self._watch = frozenset(watch)
        self._removed = dict(removed)
        self.head = head
        self._order = sorted(self._removed)
        self._named: set[int] = set()
        self._at = Head(0, GENESIS)

    def entries(self) -> Iterator[Entry]:
        """Every sound row; when it is used up, `findings` is complete."""
        for entry in self._rows:
            if not isinstance(entry.seq, int) or entry.seq <= self._at.seq:
                self._find(0, f"a row numbered {entry.seq!r} stands where row {self._at.seq + 1} belongs")
                continue
            self._skip_to(entry.seq)
            if self._is_sound(entry):
                yield entry
            self._step(Head(entry.seq, entry.link))
        self._skip_to(self.head.seq + 1)
        self._end()

    def _find(self, seq: int, what: str) -> None:
        self.findings.append(Finding(seq, what))

    def _step(self, to: Head) -> None:
        self._at = to
        if to.seq in self._watch:
            self.links[to.seq] = to.link

    def _skip_to(self, seq: int) -> None:
        """Passes removed rows up to `seq`, which is not one of them. A gap is one finding, however wide."""
        low, high = bisect_left(self._order, self._at.seq + 1), bisect_left(self._order, seq)
        expected = self._at.seq + 1
        for number in [*self._order[low:high], seq]:
            if number > expected:
                which = f"to {number - 1} are" if number - 1 > expected else "is"
                self._find(expected, f"{which} missing, and no checksum was kept")
            if number < seq:
                self._step(Head(number, link_of(self._at.link, self._removed[number])))
            expected = number + 1

    def _is_sound(self, entry: Entry) -> bool:
        """Checks one row against its checksum, its link and the removed rows."""
        before = len(self.findings)
        if entry.seq in self._removed:
            self._find(entry.seq, "is there, though it is listed as removed")
        if checksum_of(entry.seq, entry.columns, entry.salt) != entry.checksum:
            self._find(entry.seq, "is not what was written: its checksum does not match")
        elif link_of(self._at.link, entry.checksum) != entry.link:
            self._find(entry.seq, "does not follow the row before it: its link does not match")
        sound = len(self.findings) == before
        if sound and entry.columns.kind == REMOVAL:
            try:
                self._named.update(removed_by(entry.columns.body))
            except ValueError as error:
                self._find(entry.seq, str(error))
        return sound

    def _end(self) -> None:
        """The head, and whether every removed row is named by a removal."""
        if self._at != self.head:
            self._find(
                0, f"the chain ends at row {self._at.seq}, but its head says row {self.head.seq}, or another link"
            )
        for seq in sorted(set(self._removed) - self._named):
            self._find(seq, "was removed, and no removal names it")
        for seq in sorted(self._named - set(self._removed)):
            self._find(seq, "is named by a removal, and its checksum was not kept")
