"""Hands finished outcomes to the answer log without making a reader wait.

A bounded queue and one daemon thread. A full queue or a log that fails costs the row, never the reply; both are counted, and
/healthz then says "degraded". Messages name the kind of error alone, because an error's text could hold the question.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from chatbot.replies import Outcome

logger = logging.getLogger(__name__)

Record = Callable[[Outcome, str], None]

MAX_QUEUED = 1000  # outcomes; at 20 a second that is a log silent for 50 seconds


class Recorder:
    """Calls `record(outcome, ident)` in a thread of its own. `lost` counts what could not be recorded."""

    def __init__(self, record: Record, *, max_queued: int = MAX_QUEUED) -> None:
        self.lost = 0
        self._record = record
        self._queue: queue.Queue[tuple[Outcome, str]] = queue.Queue(max_queued)
        threading.Thread(target=self._work, name="record", daemon=True).start()

    def __call__(self, outcome: Outcome, ident: str) -> None:
        """Queues an outcome; never blocks, never raises."""
        try:
            self._queue.put_nowait((outcome, ident))
        except queue.Full:
            self.lost += 1

    def flush(self, seconds: float) -> bool:
        """Waits until everything queued is recorded, at most `seconds`; whether it was."""
        end = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)
        return not self._queue.unfinished_tasks

    def _work(self) -> None:
        while True:
            outcome, ident = self._queue.get()
            try:
                self._record(outcome, ident)
            except Exception as error:
                self.lost += 1
                logger.warning("the answer log did not take a reply (%s); /healthz says degraded", type(error).__name__)
            finally:
                self._queue.task_done()
