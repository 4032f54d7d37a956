"""What the web application is given of the log: replies and thumbs go in, readers see and delete rows by receipt.

Each reply is a visit of its own and has a receipt of its own, so that no two questions can be told to be one reader's.
To see and to delete go through a connection of their own, after what waits in the writer's line is written. A receipt
that is not known has no rows; nothing tells it from one whose rows are gone. Left out: the request (`web.feedback`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Protocol

from chatbot.datatypes import Json
from chatbot.errors import LogError
from chatbot.log.records import BytesHeld, Event, Record, owner_of
from chatbot.log.thumbs import KIND, Thumb, latest
from chatbot.replies import Outcome

FLUSH_SECONDS = 2.0  # for what waits in line; a line that is not empty by then waits for a log that cannot be written
BUSY_SECONDS = 2.0  # for another process's write; the reader waits meanwhile, so less than the writer's five


class Recording(Protocol):
    """What is needed of the writer."""

    def record(self, outcome: Outcome, visit: str, ident: str = "") -> str:
        """Puts an outcome in line; its receipt, "" where it was not taken."""
        ...

    def thumb(self, record_id: str, thumb: Thumb) -> bool:
        """Puts a thumb in line; whether there was room."""
        ...

    def status(self) -> Json:
        """How it fares."""
        ...

    def flush(self, seconds: float) -> bool:
        """Waits until nothing is in line; whether it is so."""
        ...


class Store(Protocol):
    """What is needed of a database."""

    def records(self, *, owners: Sequence[str] | None = None) -> Iterable[Record]:
        """Records of owners, in order of arrival."""
        ...

    def events(self, kind: str, subject: str | None = None) -> Sequence[Event]:
        """Events about a subject, in order."""
        ...

    def remove(self, reason: str, *, owners: Sequence[str] | None = None) -> int:
        """Deletes records of owners; tells how many."""
        ...

    def close(self) -> None:
        """Gives back connections."""
        ...


class ReaderLog:
    """A log as readers use it. `open_store` is called for each look; `new_visit` makes ids that nobody guesses."""

    def __init__(self, recorder: Recording, open_store: Callable[[], Store], new_visit: Callable[[], str]) -> None:
        self._recorder, self._open_store, self._new_visit = recorder, open_store, new_visit

    def record(self, outcome: Outcome, ident: str) -> str:
        """Puts a reply in line and returns its receipt, "" where it was not taken; never blocks, never raises."""
        return self._recorder.record(outcome, self._new_visit(), ident)

    def thumb(self, ident: str, thumb: Thumb) -> bool:
        """Puts a thumb in line; whether there was room. Never blocks, never raises."""
        return self._recorder.thumb(ident, thumb)

    def status(self) -> Json:
        """The writer's, for /healthz."""
        return self._recorder.status()

    def flush(self, seconds: float) -> bool:
        """Waits until nothing is in line, at most `seconds`; whether it is so."""
        return self._recorder.flush(seconds)

    def show(self, receipts: Sequence[str]) -> list[Json]:
        """What is kept under receipts, as JSON, in order of arrival. Blocks for seconds; raises LogError."""
        owners = {owner_of(receipt): receipt for receipt in receipts}
        self._settle()
        with closing(self._open_store()) as store:
            kept = list(store.records(owners=tuple(owners)))
            return [
                row_of(record, owners[record.owner], latest(store.events(KIND, record.record_id))) for record in kept
            ]

    def delete(self, receipts: Sequence[str]) -> int:
        """Removes what is kept under receipts, down to its bytes; tells how many. Blocks for seconds; raises LogError.

        Where another reader of the file holds the bytes, the rows are gone for everybody and the next removal, within a
        day, sees to the bytes.
        """
        owners = tuple({owner_of(receipt) for receipt in receipts})
        self._settle()
        with closing(self._open_store()) as store:
            count = sum(1 for _ in store.records(owners=owners))
            try:
                return store.remove("receipt", owners=owners) if count else 0
            except BytesHeld:
                return count

    def _settle(self) -> None:
        """Raises LogError when what is in line is not written shortly: a row could come after its deletion."""
        if not self._recorder.flush(FLUSH_SECONDS):
            raise LogError("replies wait for the answer log and are not written yet; try again when it can be written")


def row_of(record: Record, receipt: str, thumbs: dict[str, Thumb]) -> Json:
    """A record as its reader is shown it: what was understood, answered and thought of it, not how it was scored."""
    thumb = thumbs.get(record.record_id)
    return {
        "receipt": receipt,
        "id": record.record_id,
        "asked_at": record.asked_at,
        "kind": record.kind,
        "question": record.question,
        "generation": record.generation,
        "quotes": [
            {key: quote[key] for key in ("doc_id", "start", "end")} for quote in record.reply.get("quotes") or ()
        ],
        "thumb": thumb.as_json() if thumb else None,
    }
