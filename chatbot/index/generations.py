"""A generation: one built index as a folder, named by what made it, never changed after it is published.

    index/current                    the id of the generation in use, one line
    index/<id>/manifest.json         format, what made it, counts, sha256 of every other file
    index/<id>/manifest.json.sha256  the manifest's own hash
    index/<id>/...                   documents, sentences, passages, vectors (and a readable twin beside each binary)

Publishing writes a folder beside, syncs it, renames it and syncs the parent; then one pointer file is replaced. Reading checks
every hash before a byte is parsed. What it leaves out: what the files hold, which is `building`'s to know.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatbot.datatypes import Json
from chatbot.errors import IndexDamaged, IndexMissing, IndexUnusable

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_HASH = "manifest.json.sha256"
POINTER = "current"
ID = re.compile(r"[0-9a-f]{16}")
REBUILD = "run `chatbot index build`"


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation whose every byte was checked. `files` maps a name to its bytes, the manifest left out."""

    generation_id: str
    folder: Path
    manifest: Json
    files: dict[str, bytes]


def sha256(raw: bytes) -> str:
    """Hexadecimal sha256."""
    return hashlib.sha256(raw).hexdigest()


def generation_id(made_of: Mapping[str, str]) -> str:
    """The id that corpus, settings and models give: 16 hexadecimal digits."""
    return sha256(json.dumps(made_of, sort_keys=True).encode())[:16]


def to_lines(rows: list[Json]) -> bytes:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows).encode()


def from_lines(raw: bytes) -> list[Json]:
    """JSON Lines as rows."""
    return [json.loads(line) for line in raw.decode().splitlines() if line]


@contextmanager
def lock(index: Path) -> Iterator[None]:
    """Holds the index's one lock. A second holder gets IndexUnusable that says who has it."""
    index.mkdir(parents=True, exist_ok=True)
    with (index / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise IndexUnusable(
                f"{index}: process {file.read().strip() or '?'} is building here; wait until it has ended"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def publish(
    index: Path, made_of: Mapping[str, str], counts: Mapping[str, int], built_on: str, files: Mapping[str, bytes]
) -> str:
    """Writes a generation and returns its id. An intact one of the same id is left as it is."""
    found = generation_id(made_of)
    target = index / found
    if target.exists():
        try:
            read(index, found)
            return found
        except IndexDamaged:
            target.rename(index / f".damaged-{found}-{secrets.token_hex(4)}")
    manifest = {
        "format": FORMAT,
        "generation": found,
        "made_of": dict(made_of),
        "counts": dict(counts),
        "built_on": built_on,
        "files": {name: sha256(raw) for name, raw in sorted(files.items())},
    }
    raw = json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"
    beside = index / f".new-{found}-{secrets.token_hex(4)}"
    try:
        for name, content in {**files, MANIFEST: raw, MANIFEST_HASH: f"{sha256(raw)}\n".encode()}.items():
            _write(beside / name, content)
        for folder in sorted({p.parent for p in beside.rglob("*")} | {beside}):
            _sync(folder)
        beside.rename(target)
        _sync(index)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return found


def activate(index: Path, generation: str) -> None:
    """Makes the pointer name `generation`; a reader sees the old or the new one, never something between."""
    read(index, generation)
    beside = index / f".{POINTER}-{secrets.token_hex(4)}"
    _write(beside, f"{generation}\n".encode())
    beside.replace(index / POINTER)
    _sync(index)


def current(index: Path) -> str:
    """The id in use. Raises IndexMissing when there is none, IndexDamaged for a pointer that is no id."""
    try:
        found = (index / POINTER).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        raise IndexMissing(f"{index}: no index was built yet; {REBUILD}") from None
    if not ID.fullmatch(found):
        raise IndexDamaged(f"{index / POINTER}: {found[:40]!r} is no generation's id; {REBUILD}")
    return found


def read(index: Path, generation: str) -> Generation:
    """The generation, every byte checked. Raises IndexMissing or IndexDamaged naming the file."""
    folder = index / generation
    if not folder.is_dir():
        raise IndexMissing(f"{folder}: no such generation; `chatbot index list` shows what there is, or {REBUILD}")
    raw = _bytes(folder / MANIFEST)
    if _bytes(folder / MANIFEST_HASH).decode("ascii", "replace") != f"{sha256(raw)}\n":
        raise IndexDamaged(f"{folder / MANIFEST} and {folder / MANIFEST_HASH} disagree: one is damaged; {REBUILD}")
    manifest = json.loads(raw)
    if manifest["format"] != FORMAT:
        raise IndexDamaged(f"{folder / MANIFEST}: format {manifest['format']}, this version reads {FORMAT}; {REBUILD}")
    if manifest["generation"] != generation or generation_id(manifest["made_of"]) != generation:
        raise IndexDamaged(
            f"{folder / MANIFEST}: is of generation {manifest['generation']}, not {generation}; {REBUILD}"
        )
    files = {}
    for name, expected in manifest["files"].items():
        content = _bytes(folder / name)
        if sha256(content) != expected:
            raise IndexDamaged(
                f"{folder / name}: is not what the manifest says (sha256 {sha256(content)[:12]}…); {REBUILD}"
            )
        files[name] = content
    return Generation(generation, folder, manifest, files)


def list_ids(index: Path) -> list[str]:
    """Ids of the generations on disk, the oldest first."""
    if not index.is_dir():
        return []
    found = [p for p in index.iterdir() if p.is_dir() and ID.fullmatch(p.name)]
    return [p.name for p in sorted(found, key=lambda p: (p.stat().st_mtime, p.name))]


def _bytes(path: Path) -> bytes:
    """A file's bytes, or IndexDamaged naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); {REBUILD}") from error


def _write(path: Path, content: bytes) -> None:
    """Writes and syncs one file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes a folder's names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
