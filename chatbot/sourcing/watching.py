"""Keeps the sources' standing current: `chatbot corpus status`.

Each source with a DOI is asked for at Crossref, and the works in its reference list; of any other source the page is fetched again.
What was answered is kept in a snapshot, from which a machine without a network reports. The judgement goes into `status` of
sources.toml. A source that could not be asked keeps its old stamp. What it leaves out: works registered elsewhere than at Crossref,
and the pages of works that have a DOI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from chatbot import files
from chatbot.corpus import provenance, readings
from chatbot.corpus.manifest import FILE, read_manifest
from chatbot.corpus.provenance import Provenance
from chatbot.corpus.registries.crossref import bare_doi, read_work, read_works, work_url, works_url
from chatbot.corpus.registries.status import Report, Seen, findings, judge
from chatbot.corpus.registries.works import Answer, Listed, Work
from chatbot.corpus.snapshot import FILE as SNAPSHOT
from chatbot.corpus.snapshot import read_snapshot, write_snapshot
from chatbot.corpus.stamps import stamped
from chatbot.corpus.values import Get
from chatbot.datatypes import Document, Json, Source, Status
from chatbot.errors import ChapterError, CorpusError, FetchError, NotThere

MAX_CITED = 100  # works of one reference list that are asked for: two or three requests; chosen, not measured
MAX_BATCH = 50  # works in one request
MAX_URL = 3000  # characters of one request's address; the fetcher refuses more than 4096
MAX_AGE_DAYS = 30  # of a snapshot before a report calls it old; chosen, not measured
JSON = "application/json"
PAGE = "text/html,application/xhtml+xml,*/*;q=0.5"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What came out, for all sources in the manifest's order."""

    checked_at: str
    offline: bool
    warnings: tuple[str, ...]
    sources: tuple[Report, ...]

    @property
    def exit_status(self) -> int:
        """0 nothing new, 3 something for a person to look at, 1 nothing could be checked."""
        if all(source.why for source in self.sources):
            return 1
        return 3 if any(source.news for source in self.sources) else 0


def check_status(
    folder: Path,
    get: Get,
    today: str,
    *,
    text_of: Callable[[Any], str],
    offline: bool = False,
    max_age_days: int = MAX_AGE_DAYS,
    progress: Progress = lambda *_: None,
) -> StatusReport:
    """Checks every source, stamps the manifest, keeps the answers. `text_of` is a fetched page's text, read as `corpus fetch` reads it.

    Offline it reports what the snapshot says and writes nothing. Raises CorpusError for a manifest or snapshot that cannot be
    read or written.
    """
    manifest = read_manifest(folder)
    fetched = provenance.read_fetched(folder)
    old = read_snapshot(folder)
    if offline and not old:
        raise CorpusError(f"{folder / SNAPSHOT}: no snapshot; run `chatbot corpus status` where there is a network")
    asking = _Asking(folder, get, text_of, today, manifest.contact)
    reports: list[Report] = []
    answers: dict[str, Answer] = {}
    for number, source in enumerate(manifest.sources):
        progress("checking", number, len(manifest.sources))
        before, text = old.get(source.doc_id), fetched.get(source.doc_id)
        try:
            answer = _kept(source, before) if offline else asking.ask(source, before, text)
        except ChapterError as error:
            reports.append(Report(source.doc_id, source.label, source.status, source.status, why=str(error)))
            answers.update({source.doc_id: before} if before else {})
            continue
        answers[source.doc_id] = answer
        seen = Seen(text.text_sha256, text.fetched_at[:10]) if text and text.asked == source.url else Seen()
        reports.append(judge(source, answer, before, seen))
    progress("checking", len(manifest.sources), len(manifest.sources))
    warnings = _aged(answers, today, max_age_days) if offline else ()
    report = StatusReport(today, offline, warnings, tuple(reports))
    if not offline and report.exit_status != 1:
        stamp(folder, {r.doc_id: r.after for r in reports if not r.why})
        write_snapshot(folder, answers, today)
    return report


def stamp(folder: Path, stamps: Mapping[str, Status]) -> None:
    """Writes the stamps into sources.toml as it is by now. Raises CorpusError."""
    path = folder / FILE
    try:
        before = path.read_bytes().decode()
        after = stamped(before, stamps)
        if after != before:
            files.replace(path, after.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be stamped ({error}); mend the file, its rights or the disk") from error


def _kept(source: Source, before: Answer | None) -> Answer:
    """The answer of the snapshot."""
    if before is None or (before.work is None) == bool(source.doi):
        raise FetchError("the snapshot has no answer; run `chatbot corpus status` where there is a network")
    return before


def _aged(answers: Mapping[str, Answer], today: str, most: int) -> tuple[str, ...]:
    """A warning when the oldest answer is of more than `most` days ago."""
    oldest = min((answer.checked for answer in answers.values()), default=today)
    days = (date.fromisoformat(today) - date.fromisoformat(oldest)).days
    if days <= most:
        return ()
    words = f"the snapshot is {days} days old (its oldest answer is of {oldest}; more than {most} is old)"
    return (f"{words}: run `chatbot corpus status` where there is a network",)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What stays the same while all sources are asked."""

    folder: Path
    get: Get
    text_of: Callable[[Any], str]
    today: str
    contact: str

    def ask(self, source: Source, before: Answer | None, text: Provenance | None) -> Answer:
        """What is answered today. Raises FetchError, or UnreadableSource for a page."""
        if not source.doi:
            return self.page(source, before)
        doi = bare_doi(source.doi)
        if not doi:
            raise FetchError(f"doi = {source.doi!r} is no DOI; correct it in sources.toml")
        try:
            work = read_work(self.get(work_url(doi, self.contact), accept=JSON, robots=False).content, doi)
        except NotThere as error:
            raise FetchError(
                f"Crossref does not know {doi}; it may be registered elsewhere: look at its page"
            ) from error
        notes = [f"Crossref answers with {work.record.doi} for {doi}"] if work.record.doi != doi else []
        listed = (*work.references, *(Listed(doi=d) for d in _listed_in_text(self.folder, text)))
        named = list(dict.fromkeys(r.doi for r in listed if r.doi and r.doi not in (doi, work.record.doi)))
        if bare := sum(not r.doi for r in work.references):
            notes.append(f"entries of its reference list without a DOI, which were not asked for: {bare}")
        if len(named) > MAX_CITED:
            notes.append(f"of {len(named)} DOIs in its reference list the first {MAX_CITED} were asked for")
        cited, unasked, trouble = self.cited(named[:MAX_CITED])
        kept = tuple(w for w in before.cited if w.record.doi in unasked) if before else ()
        return Answer(self.today, replace(work, references=listed), (*cited, *kept), unasked, (*notes, *trouble))

    def cited(self, dois: Sequence[str]) -> tuple[tuple[Work, ...], tuple[str, ...], tuple[str, ...]]:
        """Those of the works that have notices, the DOIs that could not be asked, and what went wrong, in words."""
        works: list[Work] = []
        unasked: list[str] = []
        notes: list[str] = []
        unknown = 0
        for batch in batches(dois, self.contact):
            try:
                found = self.batch(batch)
            except FetchError as error:
                unasked += batch
                notes.append(f"works of its reference list that could not be asked for: {len(batch)} ({error})")
                continue
            works += [work for work in found if findings(work)]
            unknown += len(batch) - len(found)
        if unknown > 0:
            notes.append(f"works of its reference list that Crossref does not know: {unknown}")
        return tuple(works), tuple(unasked), tuple(notes)

    def batch(self, dois: Sequence[str]) -> tuple[Work, ...]:
        """The works of a batch that Crossref knows. One that goes by another DOI there keeps the one that was asked for."""
        if len(dois) > 1:
            url = works_url(dois, self.contact)
            return read_works(self.get(url, accept=JSON, robots=False).content, f"{len(dois)} works from {dois[0]}")
        try:
            work = read_work(self.get(work_url(dois[0], self.contact), accept=JSON, robots=False).content, dois[0])
        except NotThere:
            return ()
        return (replace(work, record=replace(work.record, doi=dois[0])),)

    def page(self, source: Source, before: Answer | None) -> Answer:
        """The text of a web page, as a hash."""
        if not source.url:
            raise FetchError("it has neither DOI nor address; add one in sources.toml")
        try:
            got = self.get(source.url, accept=PAGE, robots=True)
        except NotThere:
            return _with_base(Answer(self.today, since=self.today), source, before)
        text = self.text_of(got)
        if not text.strip():
            raise FetchError(f"{source.url}: no text was found on the page; open it in a browser")
        sha256 = Document.digest(text)
        same = before is not None and before.page == sha256
        answer = Answer(self.today, page=sha256, since=before.since if before and same else self.today)
        return _with_base(answer, source, before)


def _with_base(answer: Answer, source: Source, before: Answer | None) -> Answer:
    """The answer with the page that the text here stands for: what was there at the last check, unless its stamp was marked since,
    which nobody has taken away. A page that is seen for the first time stands for itself; one that is marked and of which no answer was
    kept stands for nothing that is known."""
    if before is None or before.work:
        if source.status.page:
            return answer
        return replace(answer, base=answer.page, base_since=answer.since)
    if source.status.page or not before.page:
        return replace(answer, base=before.base, base_since=before.base_since)
    return replace(answer, base=before.page, base_since=before.since)


def _listed_in_text(folder: Path, text: Provenance | None) -> tuple[str, ...]:
    """DOIs in the reference list of the fetched text: not every publisher registers the list."""
    path = folder / (text.file if text else "")
    if not path.name.endswith(readings.SUFFIX):
        return ()
    try:
        reading, _ = readings.from_bytes(path.read_bytes(), path)
    except (OSError, CorpusError):
        return ()  # what is wrong with it, a build says
    return tuple(doi for r in reading.references if (doi := bare_doi(r.record.doi)))


def batches(dois: Sequence[str], contact: str) -> list[list[str]]:
    """The DOIs in groups that go into one request; one with a comma, which parts filters, goes alone.

    >>> batches(["10.5555/a", "10.5555/b,c", "10.5555/d", "10.5555/e"], "")
    [['10.5555/a'], ['10.5555/b,c'], ['10.5555/d', '10.5555/e']]
    """
    out: list[list[str]] = []
    for doi in dois:
        last = out[-1] if out else []
        fits = last and len(last) < MAX_BATCH and len(works_url([*last, doi], contact)) <= MAX_URL
        if fits and "," not in doi and "," not in last[-1]:
            last.append(doi)
        else:
            out.append([doi])
    return out


def as_json(report: StatusReport) -> Json:
    """The report as JSON values (format 1), with its exit status."""
    return {"format": 1, **asdict(report), "exit_status": report.exit_status}


def as_lines(report: StatusReport) -> list[str]:
    """The report as plain text, one paragraph a source, what is new on top."""
    out = [f"How the sources stand, {'by the snapshot, ' if report.offline else ''}{report.checked_at}"]
    out += [f"Warning: {warning}" for warning in report.warnings]
    news = [f"  {source.doc_id}: {line}" for source in report.sources for line in source.news]
    missed = sum(bool(source.why) for source in report.sources)
    nothing = "Nothing could be checked." if missed == len(report.sources) else "Nothing new."
    out += ["", "To look at:", *news] if news else ["", nothing]
    if 0 < missed < len(report.sources):
        out.append(f"Not checked: {missed} of {len(report.sources)}; the reasons stand below.")
    for source in report.sources:
        out += ["", f"{source.doc_id} ({source.label})"]
        if source.why:
            out.append(f"  not checked: {source.why}")
            out.append(f"  stays: {_said(source.before)}")
            continue
        changed = source.before.state != source.after.state
        was = f"was {source.before.state}, is " if changed else ""
        out.append(f"  {was}{_said(source.after)}")
        out += [f"  relies on {line}" for line in source.after.relies_on]
        out += [f"  note: {line}" for line in source.notes]
    return out


def _said(status: Status) -> str:
    return f"{status.state}, checked {status.checked or 'never'}: {status.basis}"
