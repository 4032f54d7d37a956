"""Makes a working corpus from an article with a reference list: `chatbot new ARTICLE --into DIR`.

    the file -> its text and blocks -> printed references -> records -> in-text citations -> sources.toml, messages.toml, README.md

The article is copied as it is where it is text; a page, JATS or PDF is read apart, and its reading stands beside the file. Each
reference becomes a source that is listed and linked, never quoted, until its text is fetched; its record is parsed from the printed
words and completed by Crossref where a network is there. What only a person can know is never made up: the disclaimer is one that
the article prints, or is left to fill in, and so are jurisdiction, examples and help lines. `chatbot corpus check` names what is open.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from chatbot import files, settings
from chatbot.corpus import readings
from chatbot.corpus.drafting import Listed, Outline, describe
from chatbot.corpus.references.citations import cite_marks
from chatbot.corpus.references.discrepancies import compare
from chatbot.corpus.references.styles import as_apa
from chatbot.corpus.registries import crossref
from chatbot.corpus.text import text_and_blocks
from chatbot.corpus.titles import alike
from chatbot.corpus.values import Get, Read, Reading, Record, Reference
from chatbot.datatypes import Block
from chatbot.errors import CorpusError, FetchError

TEMPLATE = Path(__file__).parent.parent / "corpus" / "messages_template.toml"
TEXTS = {".txt": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown"}
FOREIGN = {
    ".xml": "application/xml",
    ".nxml": "application/xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Founded:
    """What was made. `must` is to be filled in before an index can be built, `should` is better filled in; `doubts` are references that
    Crossref could not complete, and why.
    """

    folder: Path
    title: str
    n_references: int
    n_cited: int
    n_completed: int
    must: tuple[str, ...]
    should: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Article:
    """The article as read: its file's name and bytes, text, blocks, the in-text citations that the file marks with the indices of the
    references that each names, and the files to write beside."""

    file: str
    raw: bytes
    text: str
    blocks: tuple[Block, ...]
    record: Record
    references: tuple[Reference, ...]
    marks: tuple[tuple[str, tuple[int, ...]], ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()

    def of(self, *roles: str) -> list[str]:
        """The texts of the blocks of these roles."""
        return [self.text[b.start : b.end] for b in self.blocks if b.role in roles]


def found(
    article: Path,
    into: Path,
    *,
    read: Read,
    parse: Callable[[str], Reference],
    today: str,
    disclaimer: str = "",
    get: Get | None = None,
    tick: Callable[[str, int, int], None] = lambda *_: None,
) -> Founded:
    """Makes the corpus in `into`, which must be empty or not there. `parse` reads a printed reference; `get` asks Crossref, None for
    no network.

    Raises CorpusError: a file that cannot be read, a folder that is not empty, a disclaimer that the article does not print.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise CorpusError(f"{into}: is not empty; name a folder that is, or is not there yet")
    read_in = _open(article, read, parse)
    if not read_in.of("body"):
        raise CorpusError(f"{article}: has no paragraphs; see that it is the article and not a cover or a scan")
    disclaimer = _disclaimer(article, read_in, disclaimer)
    works, doubts = _completed(read_in.references, get, tick)
    cited: dict[int, list[str]] = {}
    for form, numbers in read_in.marks or _marked(read_in):
        for number in numbers:
            cited.setdefault(number, []).append(form)
    title = read_in.record.title or next(iter(read_in.of("title", "heading")), article.stem)
    outline = Outline(title, read_in.record, read_in.file, read_in.raw, read_in.blocks)
    manifest = describe(outline, works, cited, disclaimer=disclaimer, today=today)
    _write(into, read_in, manifest, title)
    must = (
        ()
        if disclaimer
        else ("disclaimer in sources.toml: an exact sentence of the article that every reply ends with",)
    )
    n_completed = sum(work.known is not None for work in works)
    return Founded(into, title, len(works), len(cited), n_completed, must, _should(read_in), doubts)


def _open(article: Path, read: Read, parse: Callable[[str], Reference]) -> _Article:
    """Reads the article's file by its suffix."""
    try:
        raw = article.read_bytes()
    except OSError as error:
        raise CorpusError(f"{article}: cannot be read ({error.strerror}); name the article's file") from error
    suffix = article.suffix.lower()
    if suffix in TEXTS:
        name = "article.md" if suffix != ".txt" else "article.txt"
        first = raw.decode("utf-8-sig", errors="replace").strip().split("\n")[0].strip()
        text, blocks = text_and_blocks(raw, article, first)
        printed = [text[b.start : b.end] for b in blocks if b.role == "reference"]
        record = Record(title=first.lstrip("# ").strip())
        return _Article(name, raw, text, blocks, record, tuple(parse(p) for p in printed))
    if suffix not in FOREIGN:
        known = ", ".join([*TEXTS, *FOREIGN])
        raise CorpusError(f"{article}: {suffix or 'no suffix'} is no form that is read; known: {known}")
    reading: Reading = read(raw, FOREIGN[suffix], url="", where=str(article))
    original = f"article.original{suffix}"
    origin = readings.Origin(original, hashlib.sha256(raw).hexdigest(), FOREIGN[suffix])
    text, blocks = readings.text_of(reading)
    printed = [part.text for part in reading.parts if part.role == "reference"]
    references = tuple(_fuller(p, r, parse(r.printed)) for p, r in zip(printed, reading.references, strict=True))
    return _Article(
        f"article{readings.SUFFIX}",
        readings.to_bytes(reading, origin),
        text,
        blocks,
        reading.record,
        references,
        tuple((p.text[m.start : m.end], m.references) for p in reading.parts for m in p.marks),
        ((original, raw),),
    )


def _marked(article: _Article) -> list[tuple[str, tuple[int, ...]]]:
    """The in-text citations of an article whose file marks none."""
    texts = article.of("body", "caption", "footnote")
    return [(t[m.start : m.end], m.references) for t in texts for m in cite_marks(t, article.references)]


def merged(printed: Record, known: Record) -> Record:
    """What a registry knows of a work, and the printed words for what it leaves empty."""
    return replace(printed, **{f.name: value for f in fields(known) if (value := getattr(known, f.name))})


def _fuller(printed: str, marked: Reference, parsed: Reference) -> Reference:
    """A reference as its list prints it, number and all, with what the file's own marks say of it, or else the printed words."""
    known = marked if marked.record.title and marked.record.authors else parsed
    return Reference(printed, known.record, marked.label)


def _disclaimer(article: Path, read_in: _Article, wanted: str) -> str:
    """The sentence or paragraph that every reply ends with: the one asked for, one that names itself so, or "" to be filled in."""
    if wanted:
        if wanted not in read_in.text:
            raise CorpusError(
                f"{article}: does not print the disclaimer {wanted[:60]!r}; copy it exactly from the article"
            )
        return wanted
    return next((p for p in read_in.of("body") if re.match(r"disclaimer\b", p, re.IGNORECASE)), "")


def _completed(
    references: Sequence[Reference], get: Get | None, tick: Callable[[str, int, int], None]
) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """Each reference with Crossref's record of its DOI where there is one, and why some have none, in words."""
    out, doubts = [], []
    for done, reference in enumerate(references, 1):
        listed = Listed(reference)
        if get is not None and reference.record.doi:
            try:
                listed = _compared(reference, _asked(reference, get))
            except FetchError as error:
                doubts.append(f"{reference.printed[:60]!r}: {error}")
        out.append(listed)
        tick("completing", done, len(references))
    return tuple(out), tuple(doubts)


def _compared(reference: Reference, known: Record) -> Listed:
    """A reference beside the record that a registry has of it, with the corrected entry where they differ."""
    record = merged(reference.record, known)
    says = " ".join(d.says for d in compare(reference, record))
    return Listed(reference, record, as_apa(record) if says else "", says)


def _asked(reference: Reference, get: Get) -> Record:
    """Crossref's record of a reference's DOI, its address the publisher's page. Raises FetchError where Crossref does not answer, or
    the DOI is another work's: the printed words stand then."""
    asked = crossref.work_url(reference.record.doi)
    work = crossref.read_work(get(asked, accept="application/json", robots=False).content, asked)
    printed, title = reference.record.title or reference.printed, work.record.title
    if not alike(printed, title, settings.MIN_TITLE_LIKENESS):
        raise FetchError(f"the DOI {reference.record.doi} is of {title[:80]!r}; see whether it is misprinted")
    return replace(work.record, url=work.page) if work.page.startswith("https://") else work.record


def _should(read_in: _Article) -> tuple[str, ...]:
    """What the corpus works without and is better with."""
    points = [
        "jurisdiction in sources.toml: where the disclaimer holds",
        "examples in sources.toml: questions that the article answers, offered to readers and asked of every new index",
        "contact in sources.toml, then `chatbot corpus fetch`: the cited works' own texts",
        "messages.toml: help lines of your readers' countries, and all wording",
    ]
    if not read_in.references:
        points.insert(0, "the references: none was found; put them under a heading “References”, one a line")
    return tuple(points)


def _write(into: Path, read_in: _Article, manifest: bytes, title: str) -> None:
    """The folder's files. sources.toml is last: a folder without it is no corpus."""
    readme = (
        f"# What the chatbot about “{title}” may quote\n\nMade by `chatbot new`. Edit sources.toml and messages.toml, then run "
        "`chatbot corpus check`, `chatbot index build` and `chatbot serve`, each with `--corpus` and `--index`.\n"
    )
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, raw in (
            *read_in.beside,
            (read_in.file, read_in.raw),
            ("messages.toml", TEMPLATE.read_bytes()),
            ("README.md", readme.encode()),
            ("sources.toml", manifest),
        ):
            files.replace(into / name, raw)
    except OSError as error:
        raise CorpusError(
            f"{into}: cannot be written ({error.strerror}); mend its rights or name another folder"
        ) from error
