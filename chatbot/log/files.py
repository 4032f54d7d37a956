"""The file of a SQLite log: found or made, readable by its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from chatbot.errors import LogError


def prepare_file(path: Path, create: bool) -> None:
    """Makes the file, or finds it, with mode 0600. SQLite gives its companions the same mode."""
    if not create and not path.exists():
        raise LogError(f"{path}: no answer log there; give --log, or start the application once with logging on")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LogError(
            f"{path}: {error.strerror}; the answer log needs a folder that can be written, see --log"
        ) from error
