"""What was fetched, from where and when: corpus/fetched/fetched.toml (format 1), one table a source.

The file stands beside the fetched texts, which are never committed; a source that has a table there is read from its fetched text
in place of the note in sources.toml. Deleting the table, or the folder, brings the note back. What it leaves out: fetching.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import tomlkit

from chatbot import files
from chatbot.errors import CorpusError

FOLDER = "fetched"
FILE = f"{FOLDER}/fetched.toml"
LOCK = f"{FOLDER}/.lock"
FORMAT = 1
HEAD = "What `chatbot corpus fetch` brought: one table a source. Take a table out, and its note in sources.toml is used again."


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fetched text came from. Files are named relative to the corpus folder, hashes are of their bytes.

    `text_sha256` is of the document's text, so that a page that only changed its furniture counts as unchanged. `licence` is as
    found, "" when none was; `open` says whether it lets anybody copy the text whole.
    """

    file: str
    sha256: str
    original: str
    original_sha256: str
    text_sha256: str
    media_type: str
    asked: str
    url: str
    fetched_at: str
    licence: str
    open: bool


def read_fetched(folder: Path) -> dict[str, Provenance]:
    """By source id; empty when nothing was fetched. Raises CorpusError for a file that is not of this form."""
    path = folder / FILE
    if not path.exists():
        return {}
    again = "remove the file and run `chatbot corpus fetch` again"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not TOML: {error}; {again}") from error
    if table.pop("format", None) != FORMAT:
        raise CorpusError(f"{path}: is not of format {FORMAT}; {again}")
    types = {f.name: bool if f.name == "open" else str for f in fields(Provenance)}
    out = {}
    for doc_id, row in table.items():
        if not isinstance(row, dict) or {k: type(v) for k, v in row.items()} != types:
            raise CorpusError(f"{path}: [{doc_id}] has not the keys {', '.join(types)}; {again}")
        if not all(inside(folder, row[key]) for key in ("file", "original")):
            raise CorpusError(f"{path}: [{doc_id}] names a file outside {folder / FOLDER}; {again}")
        out[doc_id] = Provenance(**row)
    return out


def inside(folder: Path, name: str) -> bool:
    """Whether a file name is one within the folder of fetched texts, and not that of the table itself."""
    try:
        path, within = (folder / name).resolve(), (folder / FOLDER).resolve()
    except ValueError:  # NUL
        return False
    return within in path.parents and path != (folder / FILE).resolve()


def write_fetched(folder: Path, fetched: Mapping[str, Provenance]) -> None:
    """Puts the file in place whole. Raises CorpusError when the disk refuses."""
    document = tomlkit.document()
    document.add(tomlkit.comment(HEAD))
    document.add("format", tomlkit.item(FORMAT))
    for doc_id in sorted(fetched):
        document.add(doc_id, tomlkit.item(asdict(fetched[doc_id])))
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        files.replace(folder / FILE, tomlkit.dumps(document).encode())
    except OSError as error:
        raise CorpusError(
            f"{folder / FILE}: cannot be written ({error.strerror}); mend its rights or the disk"
        ) from error


def store(folder: Path, doc_id: str, found: Provenance, contents: dict[str, bytes]) -> None:
    """Writes a fetched text, then names it in fetched.toml, then removes the one that it replaces. Raises CorpusError."""
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        for name, raw in contents.items():
            files.replace(folder / name, raw)
    except OSError as error:
        raise CorpusError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); mend it and fetch again"
        ) from error
    with _alone(folder):
        fetched = read_fetched(folder)
        old = fetched.get(doc_id)
        write_fetched(folder, fetched | {doc_id: found})
    if old is not None:
        _forget(folder, {old.file, old.original} - set(contents))


def remove(folder: Path, idents: Sequence[str]) -> tuple[str, ...]:
    """Takes fetched texts away, so that the notes are read again; the ids that had one. Raises CorpusError for one that has none."""
    with _alone(folder):
        fetched = read_fetched(folder)
        for ident in idents:
            if ident not in fetched:
                known = f"they are: {', '.join(fetched)}" if fetched else "nothing was fetched"
                raise CorpusError(f"{ident!r} has no fetched text in {folder / FOLDER}; {known}")
        write_fetched(folder, {k: v for k, v in fetched.items() if k not in idents})
    for ident in idents:
        _forget(folder, {fetched[ident].file, fetched[ident].original})
    return tuple(idents)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else changes fetched.toml meanwhile: what two fetches bring at once is both kept. Raises CorpusError."""
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        with files.held(folder / LOCK):
            yield
    except OSError as error:
        raise CorpusError(
            f"{folder / LOCK}: cannot be locked ({error.strerror}); mend its rights or the disk"
        ) from error


def _forget(folder: Path, names: set[str]) -> None:
    """Removes files that nothing names any more; one that cannot be removed does no harm."""
    for name in names:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
