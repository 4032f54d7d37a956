"""Run by test_faults: a child that records as fast as it can is killed, again and again, in one log.

    python kill_loop.py LOG ROUNDS SEED

Prints every record id whose write was acknowledged before its round's kill, one a line. The child tells an id through a pipe
when `append` has returned; what it told before it died must be in the log for ever.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatbot.log.database import Database
from chatbot.log.records import Asked, Record
from chatbot.log.thumbs import Thumb
from chatbot.log.writer import Recorder


class Telling:
    """A store that tells what it has written."""

    def __init__(self, path: Path, pipe: int) -> None:
        self._database, self._pipe = Database.open(path, create=True), pipe
        self.attach, self.close = self._database.attach, self._database.close

    def append(self, records: Sequence[Record]) -> int:
        count = self._database.append(records)
        os.write(self._pipe, "".join(f"{r.record_id}\n" for r in records).encode())
        return count


def make(asked: Asked) -> Record:
    return Record(
        asked.record_id, asked.owner, asked.asked_at, "answer", "x" * 500, {"quotes": []}, (), "s", "g", 0.5, 0.1
    )


def record_for_ever(path: Path, pipe: int, name: str) -> None:
    recorder = Recorder(lambda: Telling(path, pipe), make, redact=str, retry_seconds=0.05)
    outcome: Any = None
    for number in range(1_000_000):
        recorder.record(outcome, "visit-of-the-loop", f"{name}-{number}")
        if number % 10 == 9:
            recorder.thumb(f"{name}-{number}", Thumb("down", "other", f"on {name}-{number}"))
            time.sleep(0.001)


def main() -> None:
    path, rounds, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    for number in range(rounds):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            record_for_ever(path, writing, f"round{number}")
        os.close(writing)
        told = os.read(reading, 1 << 16)  # at least one batch is written before the kill
        time.sleep(chance.random() * 0.15)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reading, 1 << 16):
            told += more
        os.close(reading)
        sys.stdout.write(told.decode())


if __name__ == "__main__":
    main()
