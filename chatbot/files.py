"""A file is put in the place of another whole, or not at all: written beside, synced, renamed, the folder synced.

What every room that keeps something needs. Callers say in their own error what to do when the disk refuses.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BESIDE = ".beside-"  # how the name of a file begins that is not finished


def write(path: Path, content: bytes) -> None:
    """Writes and syncs one new file in a folder that is there. Raises OSError."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, content: bytes) -> None:
    """Puts `content` in the place of a file, or where none was; a reader sees the old bytes or the new ones. Raises OSError."""
    beside = path.parent / f"{BESIDE}{path.name}-{secrets.token_hex(4)}"
    try:
        write(beside, content)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):  # left behind where even that is refused; the old file is whole
            beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock of a file, made if it is not there; waits for whoever has it, so it is for what takes milliseconds. Raises OSError."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sync(folder: Path) -> None:
    """Makes a folder's names durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
