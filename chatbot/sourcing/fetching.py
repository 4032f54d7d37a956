"""Brings in the cited works' own texts: `chatbot corpus fetch`.

    source -> addresses, the best first -> bytes -> a reading, made in a child process -> is it the work? -> its licence -> corpus/fetched/

A work with a DOI is asked of Crossref (record, licence, copies), then of Europe PMC, whose JATS XML of open articles is the best form there
is; then come the publisher's page and the PDFs that Crossref or the page name. A web page is its own address. A text is taken only if it
has the work's title and is long enough to be the whole; otherwise the note stays and the report says why. Each source is written
before the next is asked, so that a run that was stopped goes on where it was. What it leaves out: opening connections (`corpus.network`).
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from html import unescape
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from chatbot import settings
from chatbot.corpus import licences, provenance, readings
from chatbot.corpus.manifest import read_manifest
from chatbot.corpus.provenance import Provenance
from chatbot.corpus.registries import crossref, europepmc
from chatbot.corpus.registries.works import Work
from chatbot.corpus.titles import about, alike
from chatbot.corpus.values import Get, Got, Read, Reading
from chatbot.datatypes import Document, Json, Source
from chatbot.errors import ChapterError, CorpusError, FetchError, UnreadableSource
from chatbot.gathering import read_described, read_document

REGISTRIES = frozenset({"www.ebi.ac.uk", "api.crossref.org", "doi.org"})
XML, HTML, PDF, JSON = "application/xml", "text/html", "application/pdf", "application/json"
SUFFIXES = {XML: "xml", "text/xml": "xml", HTML: "html", "application/xhtml+xml": "html", PDF: "pdf"}
META = re.compile(rb"<meta\s[^<>]{1,2000}>", re.IGNORECASE)  # bounded, since the page is a stranger's
CONTENT = re.compile(rb"""content\s{0,9}=\s{0,9}["']([^"'<>]{1,1800})["']""", re.IGNORECASE)
HEAD_BYTES = 500_000  # of a page that are looked at for its tags
Result = Literal["fetched", "unchanged", "kept", "skipped"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where the text may be, and the licence that a registry names for it, "" for none."""

    url: str
    media_type: str
    licence: str = ""
    robots: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """An address that was asked and why nothing was taken from it; "" where something was."""

    url: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fetch:
    """What became of a source. `kept`: nothing could be had, what stood before stands. Words are counted by white space."""

    doc_id: str
    result: Result
    attempts: tuple[Attempt, ...] = ()
    provenance: Provenance | None = None
    words_before: int = 0
    words_after: int = 0
    sections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def hosts_of(sources: Sequence[Source]) -> frozenset[str]:
    """The hosts that a fetch of these sources may ask: the registries, each source's own with and without "www.", and those it names."""
    own = {_host(s.url) for s in sources} | {host.lower() for s in sources for host in s.hosts}
    twins = {host.removeprefix("www.") if host.startswith("www.") else f"www.{host}" for host in own if host}
    return REGISTRIES | {host for host in own if host} | twins


def _host(url: str) -> str:
    """The host of an address, "" for none; an address of a stranger may be none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def wanted(folder: Path, idents: Sequence[str]) -> tuple[Source, ...]:
    """The sources to fetch: those named, or every one that the article cites. Raises CorpusError for a name that is no source's."""
    manifest = read_manifest(folder)
    cited = {s.doc_id: s for s in manifest.sources if s.doc_id != manifest.article}
    for ident in idents:
        if ident not in cited:
            raise CorpusError(f"{ident!r} is no cited source of {folder}; they are: {', '.join(cited)}")
    return tuple(cited[ident] for ident in idents) if idents else tuple(cited.values())


def fetch(
    folder: Path,
    get: Get,
    read: Read,
    *,
    idents: Sequence[str] = (),
    again: bool = False,
    dry_run: bool = False,
    tick: Callable[[str, int, int], None] = lambda *_: None,
) -> tuple[Fetch, ...]:
    """Fetches the sources, one after the other. What was fetched before is left alone unless it is named or `again` is set.

    With `dry_run` the network is asked and nothing is written. Raises CorpusError when the folder is no corpus or cannot be written.
    """
    described = {s.doc_id: s for s in read_described(folder).sources}
    sources = wanted(folder, idents)
    out = []
    for done, source in enumerate(sources, 1):
        before = provenance.read_fetched(folder).get(source.doc_id)
        if before and not (again or idents):
            out.append(Fetch(source.doc_id, "skipped", provenance=before))
        else:
            found, contents = fetch_one(source, get, read, before)
            out.append(replace(found, words_before=_words(folder, described[source.doc_id])))
            if found.provenance is not None and contents and not dry_run:
                provenance.store(folder, source.doc_id, found.provenance, contents)
        tick("fetching", done, len(sources))
    return tuple(out)


def fetch_one(source: Source, get: Get, read: Read, before: Provenance | None) -> tuple[Fetch, dict[str, bytes]]:
    """What can be had of a source, and the files to write for it by their names: the original and its reading."""
    attempts: list[Attempt] = []
    work, hit = _registries(source, get, attempts)
    queue = deque(candidates(source, work, hit))
    allowed = hosts_of([source])
    while queue:
        candidate = queue.popleft()
        try:
            got = get(candidate.url, accept=f"{candidate.media_type}, */*;q=0.1", robots=candidate.robots)
        except FetchError as error:
            attempts.append(_failed(candidate.url, error))
            continue
        try:
            reading = read(got.content, media_type_of(got, candidate), url=got.url, where=got.url)
            why = unlike(source, reading)
        except UnreadableSource as error:
            why = _failed(candidate.url, error).why
        if not why:
            return _taken(source, candidate, got, reading, attempts, before)
        attempts.append(Attempt(candidate.url, why))
        queue.extendleft(c for c in named_pdfs(got, candidate) if _host(c.url) in allowed)
    return Fetch(source.doc_id, "kept", tuple(attempts), before), {}


def media_type_of(got: Got, candidate: Candidate) -> str:
    """What a server says that a file is, with its charset, else what was asked for."""
    charset = f"; charset={got.charset}" if got.charset else ""
    return f"{got.content_type}{charset}" if got.content_type else candidate.media_type


def _failed(url: str, error: ChapterError) -> Attempt:
    """An address that came to nothing, with the error's words; it names the address itself."""
    return Attempt(url, str(error).removeprefix(f"{url}: "))


def _registries(source: Source, get: Get, attempts: list[Attempt]) -> tuple[Work | None, europepmc.Hit | None]:
    """What Crossref and Europe PMC say of a work with a DOI; what they do not answer is noted in `attempts`."""
    if not source.doi:
        return None, None
    work = hit = None
    asked = crossref.work_url(source.doi)
    try:
        work = crossref.read_work(get(asked, accept=JSON, robots=False).content, asked)
    except FetchError as error:
        attempts.append(_failed(asked, error))
    asked = europepmc.search_url(source.doi)
    try:
        hit = europepmc.exact(europepmc.read_search(get(asked, accept=JSON, robots=False).content, asked), source.doi)
        if hit is None or not (hit.pmcid and hit.open_access):
            attempts.append(Attempt(asked, "Europe PMC has no open full text of this work"))
    except FetchError as error:
        attempts.append(_failed(asked, error))
    return work, hit


def candidates(source: Source, work: Work | None, hit: europepmc.Hit | None) -> tuple[Candidate, ...]:
    """Where the text may be, the best first: open JATS, the page, PDFs on the source's own hosts."""
    out = []
    licence = work.record.licence if work else ""
    if hit is not None and hit.pmcid and hit.open_access:
        out.append(
            Candidate(europepmc.full_text_url(hit.pmcid), XML, licences.narrowest((hit.licence, licence)), robots=False)
        )
    if source.url:
        out.append(Candidate(source.url, HTML, licence))
    allowed = hosts_of([source])
    links = [link.url for link in work.links if link.media_type == PDF] if work else []
    out += [Candidate(url, PDF, licence) for url in links if _host(url) in allowed]
    return tuple({c.url: c for c in reversed(out)}.values())[::-1]


def named_pdfs(got: Got, candidate: Candidate) -> tuple[Candidate, ...]:
    """The PDF that a publisher's page names in `citation_pdf_url`, as Google Scholar asks publishers to."""
    tags = META.findall(got.content[:HEAD_BYTES]) if candidate.media_type == HTML else []
    found = next((CONTENT.search(tag) for tag in tags if b"citation_pdf_url" in tag.lower()), None)
    if not found:
        return ()
    named = unescape(found.group(1).decode(errors="replace")).strip()
    try:
        return (Candidate(urljoin(got.url, named), PDF, candidate.licence),)
    except ValueError:  # no address
        return ()


def unlike(source: Source, reading: Reading) -> str:
    """Why a reading is not the whole of this work, "" when it is: another title, or too short."""
    known = reading.record.doi
    if source.doi and known and known.lower() != source.doi.lower():
        return f"is another work: its DOI is {known}, not {source.doi}"
    if about(source.title, reading.record.title):
        return f"is a text about the work: its title is {reading.record.title[:80]!r}; correct `url` in sources.toml"
    titles = [reading.record.title, *(p.text for p in reading.parts if p.role in ("title", "heading"))]
    if not (source.doi and known) and not any(
        alike(source.title, title, settings.MIN_TITLE_LIKENESS) for title in titles if title
    ):
        return f"is another text: its title is {(reading.record.title or 'not to be found')[:80]!r}; correct `url` in sources.toml"
    least = settings.MIN_ARTICLE_WORDS if source.doi else settings.MIN_PAGE_WORDS
    words = count_words(reading)
    return "" if words >= least else f"has {words} words, fewer than {least}: an abstract or a notice, not the whole"


def count_words(reading: Reading) -> int:
    """Words of the paragraphs, by white space."""
    return sum(len(part.text.split()) for part in reading.parts if part.role == "body")


def _taken(
    source: Source, candidate: Candidate, got: Got, reading: Reading, attempts: list[Attempt], before: Provenance | None
) -> tuple[Fetch, dict[str, bytes]]:
    """A text that is the work: its provenance and its files. Files are named by their content, so that what stands is never half new."""
    text = Document.digest(readings.text_of(reading)[0])
    sha256 = hashlib.sha256(got.content).hexdigest()
    stem = f"{provenance.FOLDER}/{source.doc_id}-{sha256[:8]}"
    media = got.content_type or candidate.media_type
    original = f"{stem}.{SUFFIXES.get(media, 'bin')}"
    raw = readings.to_bytes(reading, readings.Origin(original, sha256, media))
    own = "" if source.licence == "unknown" else source.licence
    licence = licences.narrowest((reading.record.licence, candidate.licence, own))
    known = Provenance(
        file=f"{stem}{readings.SUFFIX}",
        sha256=hashlib.sha256(raw).hexdigest(),
        original=original,
        original_sha256=sha256,
        text_sha256=text,
        media_type=media,
        asked=candidate.url,
        url=got.url,
        fetched_at=got.fetched_at,
        licence=licences.name_of(licence) or licence,
        open=licences.is_open(licence),
    )
    same = before is not None and _terms(before) == _terms(known)
    found = Fetch(
        source.doc_id,
        "unchanged" if same else "fetched",
        (*attempts, Attempt(candidate.url)),
        before if same else known,
        words_after=count_words(reading),
        sections=tuple(dict.fromkeys(p.heading_path[0] for p in reading.parts if p.heading_path)),
        notes=reading.notes,
    )
    return found, {} if same else {original: got.content, known.file: raw}


def _terms(found: Provenance) -> tuple[str, str, bool]:
    """What makes a fetched text another one: its words, and what its licence lets be done with them."""
    return found.text_sha256, found.licence, found.open


def _words(folder: Path, source: Source) -> int:
    """Words of what is quoted of a source now, 0 where that is nothing or cannot be read."""
    try:
        document = read_document(folder, source, sha256="") if source.file else None
    except CorpusError:
        return 0
    blocks = document.blocks if document else ()
    return sum(len(document.text[b.start : b.end].split()) for b in blocks if b.role == "body") if document else 0


def exit_code(found: Sequence[Fetch]) -> int:
    """0 when every source has its own text now, 3 when one could not be had, 1 when none could."""
    kept = [f for f in found if f.result == "kept"]
    return 0 if not kept else 1 if len(kept) == len(found) else 3


def as_json(found: Sequence[Fetch]) -> Json:
    """The report as JSON values."""
    return {"format": 1, "sources": [asdict(f) for f in found]}
