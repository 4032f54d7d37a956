"""A generation: one built index as a folder, named by what made it, never changed after it is published.

    index/current                    the id of the generation in use, one line
    index/activations.jsonl          what was put in use when, by what and why
    index/<id>/manifest.json         format, what made it, counts, sha256 of every other file
    index/<id>/manifest.json.sha256  the manifest's own hash
    index/<id>/...                   corpus, documents, sentences, passages, vectors (and a readable twin beside each binary)

Publishing writes a folder beside, syncs it, renames it and syncs the parent; then one pointer file is replaced. Reading checks
every hash before a byte is parsed. What it leaves out: what the files hold, which is `building`'s to know.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chatbot.datatypes import Json
from chatbot.errors import IndexDamaged, IndexMissing, IndexUnusable
from chatbot.index import activations, files
from chatbot.index.activations import Activation as Activation
from chatbot.index.files import lock as lock

FORMAT = 2
READABLE = (1, 2)  # format 1 is kept for proving old answers; it cannot be answered from
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
    return [json.loads(line) for line in raw.decode().split("\n") if line]


def publish(
    index: Path, made_of: Mapping[str, str], counts: Mapping[str, int], built_on: str, content: Mapping[str, bytes]
) -> str:
    """Writes a generation and returns its id; it is not in use yet. An intact one of the same id is left as it is."""
    found = generation_id(made_of)
    target = index / found
    with lock(index), files.told(index):
        files.sweep(index)
        damaged = target.exists() and not _is_intact(index, found)
        if target.exists() and not damaged:
            return found
        manifest = {
            "format": FORMAT,
            "generation": found,
            "made_of": dict(made_of),
            "counts": dict(counts),
            "built_on": built_on,
            "files": {name: sha256(raw) for name, raw in sorted(content.items())},
        }
        raw = json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"
        beside = files.write_folder(target, {**content, MANIFEST: raw, MANIFEST_HASH: f"{sha256(raw)}\n".encode()})
        if damaged:
            target.rename(index / f"{files.DAMAGED}{found}-{secrets.token_hex(4)}")
        beside.rename(target)
        files.sync(index)
    return found


def activate(
    index: Path,
    generation: str,
    because: str = "",
    *,
    by: activations.By = "build",
    overridden: bool = False,
    summary: str = "",
) -> None:
    """Makes the pointer name `generation`; a reader sees the old or the new one, never something between.

    Recorded in activations.jsonl first. One that is in use already is left so, without a record.
    """
    with lock(index), files.told(index):
        read(index, generation)
        before = _pointer(index)
        if before == generation:
            return
        line = activations.to_line(
            Activation(files.now(), generation, before, by, because, overridden=overridden, summary=summary)
        )
        files.replace(index / activations.FILE, _log_bytes(index) + line)
        files.replace(index / POINTER, f"{generation}\n".encode())


def rollback(index: Path, because: str = "") -> str:
    """Puts the generation that was in use before this one in use again; its id. Raises IndexMissing when there is none."""
    with lock(index):
        now = current(index)
        found = activations.used_before(history(index))
        if not found:
            raise IndexMissing(
                f"{index}: nothing was in use before {now}; `chatbot index list` shows what `chatbot index activate` may name"
            )
        activate(index, found, because, by="rollback")
        return found


def history(index: Path) -> tuple[Activation, ...]:
    """Every activation that took place, the oldest first."""
    return activations.finished(_log_bytes(index), _pointer(index))


def prune(index: Path, keep: int, needed: Iterable[str] = ()) -> tuple[str, ...]:
    """Removes all but the `keep` newest generations, the one in use, the one before it and those `needed`; ids that went.

    Raises IndexUnusable, and removes nothing, when it cannot be known which one is in use.
    """
    with lock(index), files.told(index):
        kept = {current(index), activations.used_before(history(index)), *needed}
        files.sweep(index)
        ids = list_ids(index)
        kept.update(ids[len(ids) - keep :] if keep else ())
        gone = tuple(found for found in ids if found not in kept)
        for found in gone:
            files.remove_folder(index / found)
        for aside in sorted(index.glob(f"{files.DAMAGED}*")):
            files.remove_folder(aside)
    return gone


def current(index: Path) -> str:
    """The id in use. Raises IndexMissing when there is none, IndexDamaged for a pointer that is no id."""
    try:
        found = (index / POINTER).read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        raise IndexMissing(f"{index}: no index was built yet; {REBUILD}") from None
    except OSError as error:
        raise IndexDamaged(f"{index / POINTER}: cannot be read ({error.strerror}); restore it or {REBUILD}") from error
    if not ID.fullmatch(found[:-1]) or found[-1] != "\n":
        raise IndexDamaged(f"{index / POINTER}: {found.strip()[:40]!r} is no generation's id on a line; {REBUILD}")
    return found[:-1]


def read(index: Path, generation: str) -> Generation:
    """The generation, every byte checked. Raises IndexMissing or IndexDamaged naming the file."""
    manifest = read_manifest(index, generation)
    folder = index / generation
    content = {}
    for name, expected in manifest["files"].items():
        raw = _bytes(folder / name)
        if sha256(raw) != expected:
            raise IndexDamaged(
                f"{folder / name}: is not what the manifest says (sha256 {sha256(raw)[:12]}…); {REBUILD}"
            )
        content[name] = raw
    return Generation(generation, folder, manifest, content)


def read_manifest(index: Path, generation: str) -> Json:
    """What a generation says of itself, checked by its own hash; its other files are not looked at."""
    folder = index / generation
    if not ID.fullmatch(generation) or not folder.is_dir():
        raise IndexMissing(f"{folder}: no such generation; `chatbot index list` shows what there is, or {REBUILD}")
    raw = _bytes(folder / MANIFEST)
    if _bytes(folder / MANIFEST_HASH).decode("ascii", "replace") != f"{sha256(raw)}\n":
        raise IndexDamaged(f"{folder / MANIFEST} and {folder / MANIFEST_HASH} disagree: one is damaged; {REBUILD}")
    try:
        manifest: Json = json.loads(raw)
        said, made_of = (manifest["format"], manifest["generation"]), manifest["made_of"]
        named = all(
            isinstance(n, str) and not Path(n).is_absolute() and ".." not in Path(n).parts for n in manifest["files"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{folder / MANIFEST}: is no manifest ({error}); {REBUILD}") from error
    if said[0] not in READABLE:
        raise IndexDamaged(f"{folder / MANIFEST}: format {said[0]}, this version reads {FORMAT}; {REBUILD}")
    if said[1] != generation or generation_id(made_of) != generation or not named:
        raise IndexDamaged(f"{folder / MANIFEST}: is of generation {said[1]}, not {generation}; {REBUILD}")
    return manifest


def list_ids(index: Path) -> list[str]:
    """Ids of the generations on disk, the oldest first."""
    if not index.is_dir():
        return []
    try:
        found = [p for p in index.iterdir() if p.is_dir() and ID.fullmatch(p.name)]
        return [p.name for p in sorted(found, key=lambda p: (p.stat().st_mtime_ns, p.name))]
    except OSError as error:
        raise IndexDamaged(f"{index}: cannot be listed ({error.strerror}); mend the disk or its rights") from error


def _is_intact(index: Path, generation: str) -> bool:
    try:
        read(index, generation)
    except IndexUnusable:
        return False
    return True


def _pointer(index: Path) -> str:
    """The id in use, "" when none is, "?" when the pointer cannot be read."""
    try:
        return current(index)
    except IndexMissing:
        return ""
    except IndexDamaged:
        return activations.UNKNOWN


def _log_bytes(index: Path) -> bytes:
    """activations.jsonl as it is, with a last line that ends."""
    path = index / activations.FILE
    raw = _bytes(path) if path.exists() else b""
    return raw if raw.endswith(b"\n") or not raw else raw + b"\n"


def _bytes(path: Path) -> bytes:
    """A file's bytes, or IndexDamaged naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"{path}: cannot be read ({error.strerror}); {REBUILD}") from error
