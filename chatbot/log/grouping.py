"""Like questions put together while they are written: a vector for each question, and the group that it joins.

Leader clustering: a question joins the nearest leader at a cosine of at least `likeness`, or leads a group of its own. The leaders are a
matrix of bounded size in the writer's thread, the newest kept, filled from the log when it is opened. Groups are named by their leader's
record id until the database numbers them; so two processes, each with leaders of its own, make at worst two groups of one. Equal words go
together in the database, with or without vectors. A crisis has no text and so no vector.
Left out: groups that grow together later, and vectors of two models in one log (another length is never compared).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.log.facets import Mark
from chatbot.log.records import Event, Record
from chatbot.log.vectors import packed, unpacked
from chatbot.settings import GROUP_LIKENESS

logger = logging.getLogger(__name__)

Embed = Callable[
    [str], NDArray[np.float32] | None
]  # the unit vector of a text, None when there is no model at the time
MAX_KEPT = 1000  # marks of records that the database refused one by one
MAX_LEADERS = 20_000  # 31 MB at 384 dimensions; comparing one question with all of them takes 3 ms


class Leaders:
    """The vectors that groups are known by, with their records' ids."""

    def __init__(self, likeness: float = GROUP_LIKENESS, max_leaders: int = MAX_LEADERS) -> None:
        self._likeness, self._max = likeness, max_leaders
        self._ids: list[str] = []
        self._rows = np.zeros((0, 0), dtype=np.float32)
        self._oldest = 0  # the row that the next leader replaces once all are taken

    def join(self, record_id: str, vector: bytes) -> str:
        """The id of the nearest leader that is near enough; "" when there is none, and the record leads from now on."""
        dimension = len(vector) // 2
        row = unpacked([vector], dimension)[0]
        if self._ids and self._rows.shape[1] == dimension:
            cosines = self._rows[: len(self._ids)] @ row
            best = int(np.argmax(cosines))
            if cosines[best] >= self._likeness:
                return self._ids[best]
        self._lead(record_id, row)
        return ""

    def learn(self, leaders: Sequence[tuple[str, bytes]]) -> None:
        """Takes records as leaders as they are, the newest last; of several lengths only the newest's."""
        length = len(leaders[-1][1]) if leaders else 0
        kept = [(record_id, vector) for record_id, vector in leaders if len(vector) == length][-self._max :]
        for record_id, vector in kept:
            self._lead(record_id, unpacked([vector], length // 2)[0])

    def _lead(self, record_id: str, row: NDArray[np.float32]) -> None:
        if self._rows.shape[1] != len(row):
            self._ids, self._oldest = [], 0
            self._rows = np.zeros((min(64, self._max), len(row)), dtype=np.float32)
        if len(self._ids) < self._max:
            if len(self._ids) == len(self._rows):
                more = min(len(self._ids), self._max - len(self._ids))
                self._rows = np.concatenate([self._rows, np.zeros((more, len(row)), dtype=np.float32)])
            self._rows[len(self._ids)] = row
            self._ids.append(record_id)
            return
        self._rows[self._oldest], self._ids[self._oldest] = row, record_id
        self._oldest = (self._oldest + 1) % self._max


class Marker:
    """Marks questions: embeds those that have no vector and finds their group. Called from one thread."""

    def __init__(self, embed: Embed | None, leaders: Leaders | None = None) -> None:
        self._embed, self._leaders = embed, leaders or Leaders()
        self._failed = False

    def learn(self, leaders: Sequence[tuple[str, bytes]]) -> None:
        """Takes the leaders of a log that is there."""
        self._leaders.learn(leaders)

    def mark(self, record_id: str, question: str, vector: bytes = b"") -> Mark:
        """The mark of a question, empty when it has no words. `vector` is one that it was given earlier."""
        kept = vector or self._vector(question)
        return Mark(kept, self._leaders.join(record_id, kept)) if kept else Mark()

    def _vector(self, question: str) -> bytes:
        """Never raises: a model that fails costs a vector, not a row."""
        if self._embed is None or not question.strip():
            return b""
        try:
            found = self._embed(question)
        except Exception as error:  # its words could hold the question, so its type is named
            if not self._failed:
                logger.warning("%s while a question was embedded; it is kept without a vector", type(error).__name__)
            self._failed = True
            return b""
        return b"" if found is None or not np.isfinite(found).all() else packed(found)


class Store(Protocol):
    """What is needed of a database."""

    def append(self, records: Sequence[Record], marks: Mapping[str, Mark] = ...) -> int:
        """Adds records, all or none, each with its mark."""
        ...

    def attach(self, events: Sequence[Event]) -> int:
        """Adds events."""
        ...

    def remove(self, reason: str, *, until: str) -> int:
        """Deletes records asked in the hour `until` or before."""
        ...

    def leaders(self, limit: int) -> Sequence[tuple[str, bytes]]:
        """(record id, vector) of groups, the newest last."""
        ...

    def close(self) -> None:
        """Gives back connections."""
        ...


class Grouped:
    """A database for the writer's thread: what is appended is marked first."""

    def __init__(self, store: Store, embed: Embed | None) -> None:
        self._store = store
        self._marker = Marker(embed)
        # of records that are not written yet: a busy log is tried again, not embedded again
        self._marks: dict[str, Mark] = {}
        if embed is not None:
            self._marker.learn(store.leaders(MAX_LEADERS))

    def append(self, records: Sequence[Record]) -> int:
        """Adds records, all or none; passes over those that are there."""
        marks = {
            r.record_id: self._marks.get(r.record_id) or self._marker.mark(r.record_id, r.question) for r in records
        }
        self._marks = self._marks | marks if len(self._marks) < MAX_KEPT else marks
        count = self._store.append(records, marks)
        for record in records:
            self._marks.pop(record.record_id, None)
        return count

    def attach(self, events: Sequence[Event]) -> int:
        """Adds events, all or none; passes over those about records that are not there."""
        return self._store.attach(events)

    def remove(self, reason: str, *, until: str) -> int:
        """Deletes records asked in the hour `until` or before."""
        return self._store.remove(reason, until=until)

    def close(self) -> None:
        """Gives back connections."""
        self._store.close()
