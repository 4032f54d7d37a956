"""A corpus folder as one value: manifest, wording, synonyms and documents, with the hash of every file that an index depends on.

The folder is the maintainer's, or the copy that a generation carries: both are read alike. Where a source's full text was fetched
(`fetched/`), it takes the place of the note that sources.toml names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatbot.answer.spelling import Speller
from chatbot.corpus import calibration, glossary, marks, pins, provenance, readings
from chatbot.corpus.manifest import Manifest, read_manifest
from chatbot.corpus.messages import Messages, read_messages, read_synonyms
from chatbot.corpus.placing import Shelf
from chatbot.corpus.text import mark_disclaimer, read_bytes, text_and_blocks
from chatbot.datatypes import Document, Source
from chatbot.errors import CorpusError
from chatbot.marked import Glossary, Marks, Pins

FIXED = (
    "sources.toml",
    "messages.toml",
    "synonyms.toml",
    "questions.jsonl",
    calibration.FILE,
    provenance.FILE,
    marks.FILE,
    glossary.FILE,
    pins.FILE,
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus folder as read. `documents` are those of the sources that have a text, `replaced` the notes in whose place a fetched
    text stands: nothing of them is quoted, but the question bank and the cases may still speak of their sentences."""

    folder: Path
    manifest: Manifest
    messages: Messages
    synonyms: tuple[tuple[str, tuple[str, ...]], ...]
    documents: dict[str, Document]
    sha256: str
    replaced: tuple[Document, ...] = ()
    marks: Marks = field(default_factory=Marks)
    glossary: Glossary = field(default_factory=Glossary)
    pins: Pins = field(default_factory=Pins)


def corpus_files(folder: Path, manifest: Manifest) -> list[Path]:
    """Every file that an index depends on, sorted."""
    named = {folder / source.file for source in (*manifest.sources, *manifest.replaced) if source.file}
    return sorted(path for path in (*named, *(folder / name for name in FIXED)) if path.exists())


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """What the disk refuses to read within comes out as CorpusError."""
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"{error.filename or folder}: cannot be read ({error.strerror}); mend its rights or the disk and run the command again"
        ) from error


def read_corpus(folder: Path) -> Corpus:
    """The whole corpus folder. Raises CorpusError at the first thing wrong, or when it was edited meanwhile."""
    with readable(folder):
        return _read_corpus(folder)


def read_described(folder: Path) -> Manifest:
    """The manifest, each source with its fetched text where there is one. Raises CorpusError."""
    manifest, fetched = read_manifest(folder), provenance.read_fetched(folder)
    unknown = sorted(set(fetched) - {s.doc_id for s in manifest.sources})
    if unknown:
        raise CorpusError(
            f"{folder / provenance.FILE}: [{unknown[0]}] is no source of sources.toml; add it there or take the table out"
        )
    return replace(
        manifest,
        sources=tuple(with_text(s, fetched[s.doc_id]) if s.doc_id in fetched else s for s in manifest.sources),
        hashes=manifest.hashes | {found.file: found.sha256 for found in fetched.values()},
        replaced=tuple(s for s in manifest.sources if s.doc_id in fetched and s.file),
    )


def with_text(source: Source, found: provenance.Provenance) -> Source:
    """The source with its fetched text in place of its note."""
    licence = found.licence or source.licence
    return replace(source, file=found.file, text_kind="full", licence=licence, limited=not found.open)


def read_document(folder: Path, source: Source, *, sha256: str, disclaimer: str = "") -> Document:
    """The Document of a source that has a file: plain text, Markdown, or the reading of a foreign file. `sha256` is of the file's
    bytes; "" skips that check. Raises CorpusError when the file is missing, is not of its form or is not the one described."""
    raw, path = read_bytes(folder, source, sha256), folder / source.file
    if path.name.endswith(readings.SUFFIX):
        text, blocks = readings.text_of(readings.from_bytes(raw, path)[0])
    else:
        text, blocks = text_and_blocks(raw, path, source.title)
    return Document(source, text, Document.digest(text), mark_disclaimer(text, blocks, disclaimer))


def _read_corpus(folder: Path) -> Corpus:
    """What `read_corpus` returns."""
    manifest = read_described(folder)
    before = hash_of(copies(folder, manifest))

    def read(source: Source) -> Document:
        disclaimer = manifest.disclaimer if source.doc_id == manifest.article else ""
        return read_document(folder, source, sha256=manifest.hashes[source.file], disclaimer=disclaimer)

    documents = {source.doc_id: read(source) for source in manifest.sources if source.file}
    if manifest.article not in documents:
        raise CorpusError(f"{folder / 'sources.toml'}: article {manifest.article!r} has no file; name its text")
    if not manifest.disclaimer:
        raise CorpusError(
            f"{folder / 'sources.toml'}: the disclaimer is empty; copy the sentence that every reply ends with from the article"
        )
    if manifest.disclaimer not in documents[manifest.article].text:
        raise CorpusError(
            f"{folder / 'sources.toml'}: the disclaimer is no slice of {manifest.article!r}; copy it exactly"
        )
    replaced = tuple(read(source) for source in manifest.replaced)
    wording = read_messages(folder), read_synonyms(folder)
    shelf = shelf_of(manifest, documents, replaced)
    marked, explained = marks.read_marks(folder, shelf), glossary.read_glossary(folder, shelf)
    pinned = pins.read_pins(folder, shelf)
    corpus = Corpus(folder, manifest, *wording, documents, before, replaced, marked, explained, pinned)
    if read_described(folder) != manifest:
        raise edited(folder)
    unedited_copies(corpus)
    return corpus


def shelf_of(manifest: Manifest, documents: dict[str, Document], replaced: tuple[Document, ...]) -> Shelf:
    """The documents in which marks, definitions and pins have their places."""
    return Shelf(documents, {d.doc_id: d for d in replaced}, [s.doc_id for s in manifest.sources])


def copies(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """The bytes of every file that an index depends on, by its path within the folder."""
    out = {}
    for path in corpus_files(folder, manifest):
        if ".." in path.relative_to(folder).parts:
            raise CorpusError(
                f"{folder / 'sources.toml'}: file = {str(path.relative_to(folder))!r}; write it without .."
            )
        out[path.relative_to(folder).as_posix()] = path.read_bytes()
    return out


def hash_of(content: dict[str, bytes]) -> str:
    """sha256 over names and bytes, in the order of the names' paths."""
    state = hashlib.sha256()
    for name in sorted(content, key=Path):
        state.update(f"{name}\0".encode() + hashlib.sha256(content[name]).digest())
    return state.hexdigest()


def unedited_copies(corpus: Corpus) -> dict[str, bytes]:
    """Byte-exact copies of what was read. Raises CorpusError when a file was edited since."""
    with readable(corpus.folder):
        content = copies(corpus.folder, corpus.manifest)
    if hash_of(content) != corpus.sha256:
        raise edited(corpus.folder)
    return content


def edited(folder: Path) -> CorpusError:
    """The error of a corpus that changes under the reader's hands."""
    return CorpusError(f"{folder}: was edited while it was being read; save everything and run the command again")


def speller_of(corpus: Corpus) -> Speller:
    """Corrects spelling by the corpus's own words, names and synonyms."""
    names = [
        n for s in corpus.manifest.sources for n in (*s.names, s.title, s.container, *(a.family for a in s.authors))
    ]
    lay = [lay for lay, _ in corpus.synonyms]
    return Speller([*(d.text for d in corpus.documents.values()), *names, *lay, *corpus.messages.substances])
