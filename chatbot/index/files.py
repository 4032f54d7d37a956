"""The folders of an index that survive a power cut, and its one lock.

A folder is written beside, synced and renamed, so that a reader sees all of it or nothing. What the disk refuses (full, read-only,
broken) comes out as IndexUnusable that names the file and says what to do. Single files are `chatbot.files`' to replace.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from chatbot.errors import IndexUnusable
from chatbot.files import BESIDE as BESIDE
from chatbot.files import replace as replace
from chatbot.files import sync as sync
from chatbot.files import write as write

LOCK = ".lock"
NEW, OLD, DAMAGED = ".new-", ".old-", ".damaged-"  # how names of unfinished or set-aside folders begin
UNCHANGED = "the generation in use is unchanged; free the disk or mend its rights, then run the command again"

_held: dict[str, tuple[int, int]] = {}  # index folder -> (thread, how often it took the lock)
_guard = threading.Lock()


def now() -> str:
    """The time as `2026-11-24T09:30:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def told(index: Path) -> Iterator[None]:
    """What the disk refuses within comes out as IndexUnusable."""
    try:
        yield
    except OSError as error:
        where = error.filename or index
        raise IndexUnusable(f"{where}: cannot be written ({error.strerror}); {UNCHANGED}") from error


@contextmanager
def lock(index: Path) -> Iterator[None]:
    """Holds the index's one lock; the thread that has it may take it again. Any other gets IndexUnusable that says who has it."""
    key, me = str(index.resolve()), threading.get_ident()
    with _guard:
        owner, depth = _held.get(key, (me, 0))
        if depth and owner == me:
            _held[key] = (me, depth + 1)
    if depth and owner == me:
        try:
            yield
        finally:
            with _guard:
                _held[key] = (me, _held[key][1] - 1)
        return
    with _flock(index):
        with _guard:
            _held[key] = (me, 1)
        try:
            yield
        finally:
            with _guard:
                del _held[key]


@contextmanager
def _flock(index: Path) -> Iterator[None]:
    """The lock between processes. It goes when its holder ends, however that ends."""
    with told(index):
        index.mkdir(parents=True, exist_ok=True)
        file = (index / LOCK).open("a+")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise IndexUnusable(f"{index}: {holder} is at work here; wait until it has ended") from None
        except OSError as error:
            raise IndexUnusable(f"{index / LOCK}: cannot be locked ({error.strerror}); {UNCHANGED}") from error
        with told(index):
            file.truncate(0)
            file.write(f"process {os.getpid()} (since {now()})")
            file.flush()
        yield


def write_folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """Writes and syncs a folder beside `target`; its path, ready to be renamed. Nothing is left of it after an error."""
    beside = target.parent / f"{NEW}{target.name}-{secrets.token_hex(4)}"
    try:
        for name, content in files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            write(beside / name, content)
        for folder in sorted({p for p in beside.rglob("*") if p.is_dir()} | {beside}):
            sync(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return beside


def remove_folder(folder: Path) -> None:
    """Removes a folder: first out of its name, so that nobody sees half of it."""
    gone = folder.parent / f"{OLD}{folder.name}-{secrets.token_hex(4)}"
    folder.rename(gone)
    sync(folder.parent)
    shutil.rmtree(gone)


def leftovers(index: Path) -> list[Path]:
    """What builders that were killed have left behind, sorted."""
    return sorted(p for p in index.glob(".*") if p.name.startswith((NEW, OLD, BESIDE)))


def sweep(index: Path) -> None:
    """Removes the leftovers; for the holder of the lock, to whom none of them can belong."""
    for path in leftovers(index):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _forget(path)


def _forget(path: Path) -> None:
    """Removes a file if that can be done; the next holder of the lock sweeps it otherwise."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
