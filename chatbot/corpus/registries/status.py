"""How a source stands: judges what a registry answered of it and of the works that it cites; and whether a web page has changed.

Crossref's kinds of updates (its Crossmark list, and Retraction Watch's) fall into the project's four states; a kind that is not known
here counts as a concern, so that somebody looks. A retraction of a part is a concern, corrections stay apart. A notice that two
sources name is one finding. What it leaves out: asking, and why a work was retracted, which only the notice says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chatbot.corpus.registries.works import Answer, Update, Work
from chatbot.datatypes import Source, Status

State = Literal["clear", "correction", "concern", "retracted"]
PageState = Literal["first", "unchanged", "changed", "gone"]
ORDER: tuple[State, ...] = ("clear", "correction", "concern", "retracted")  # the worst last
KINDS: dict[str, tuple[State, str]] = {  # Crossref's kind of update: the state it means, and how it is said
    "retraction": ("retracted", "retracted"),
    "withdrawal": ("retracted", "withdrawn"),
    "removal": ("retracted", "removed"),
    "partial_retraction": ("concern", "retracted in part"),
    "expression_of_concern": ("concern", "under an expression of concern"),
    "correction": ("correction", "corrected"),
    "corrigendum": ("correction", "corrected by its authors"),
    "erratum": ("correction", "corrected by its publisher"),
    "clarification": ("correction", "clarified"),
    "addendum": ("correction", "added to"),
    "new_version": ("clear", "followed by a new version"),
    "new_edition": ("clear", "followed by a new edition"),
    "reinstatement": ("clear", "reinstated"),  # takes nothing back: whether a retraction still counts, a person decides
}
SOURCES = {"publisher": "the publisher", "retraction-watch": "Retraction Watch", "": "Crossref"}
NOTHING = "no retraction, concern or correction known to Crossref"
MARKED = re.compile(  # a title that says so itself: "RETRACTED ARTICLE: ...", "... (Retracted)"
    r"[\[(]?(?:retracted|withdrawn)(?: (?:article|paper|chapter))?\s*[\])]?\s*[:–—\]]"
    r"|.*[\[(](?:retracted|withdrawn)\b[^\])]{0,200}[\])]\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One notice of a work: what it means, its kind, its own DOI, its date and who names it. Fields are empty where none is known."""

    state: State
    kind: str
    notice: str
    date: str
    sources: tuple[str, ...]

    @property
    def words(self) -> str:
        """As a reader may see it.

        >>> Finding("retracted", "retraction", "10.5555/n", "2022-07-04", ("publisher", "retraction-watch")).words
        'retracted on 2022-07-04 (notice 10.5555/n; named by the publisher and Retraction Watch)'
        """
        said = KINDS[self.kind][1] if self.kind in KINDS else f"subject of a notice of kind {self.kind!r}"
        named = f"named by {' and '.join(SOURCES.get(source, source) for source in self.sources)}"
        notice = f"notice {self.notice}; " if self.notice else ""
        on = (" on " if self.date.count("-") == 2 else " in ") + self.date if self.date else ""
        return f"{said}{on} ({notice}{named})"


@dataclass(frozen=True, slots=True)
class Reliance:
    """A work in the source's reference list that is retracted or of concern."""

    doi: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """As a reader may see it: `10.5555/cited (“On naps”): retracted ...`."""
        title = f" (“{self.title}”)" if self.title else ""
        return f"{self.doi}{title}: {'; '.join(f.words for f in self.findings)}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a work stands: its stamp, its own findings, and apart from them the works it relies on that fell; the worst first."""

    status: Status
    findings: tuple[Finding, ...]
    relies_on: tuple[Reliance, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The sha256 of a page's text as it was fetched for reading, and the day; empty when it was not."""

    sha256: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One source: its stamp before and after, or `why` it was not checked.

    `findings` are all notices of it, `news` what a person should look at now.
    """

    doc_id: str
    label: str
    before: Status
    after: Status
    why: str = ""
    findings: tuple[str, ...] = ()
    page: PageState | None = None
    notes: tuple[str, ...] = ()
    news: tuple[str, ...] = ()


def standing(work: Work, works_cited: Mapping[str, Work], checked: str) -> Standing:
    """How a work stands by what was answered of it and, by DOI, of the works in its reference list, on the day `checked`.

    >>> from chatbot.corpus.values import Record
    >>> work = Work(Record(doi="10.5555/a"), updated_by=(Update("erratum", "10.5555/e", "2020-05", "publisher"),))
    >>> standing(work, {}, "2026-11-24").status.basis
    'corrected by its publisher in 2020-05 (notice 10.5555/e; named by the publisher)'
    """
    found = findings(work)
    of_others = [u for u in work.updates if u.doi != work.record.doi]
    words = [f.words for f in found]
    if all(f.state == "clear" for f in found):
        words.insert(0, NOTHING)
    words += [f"is itself the notice by which {u.doi} is {KINDS.get(u.kind, ('', u.kind))[1]}" for u in of_others]
    cited = dict.fromkeys(r.doi for r in work.references if r.doi in works_cited and r.doi != work.record.doi)
    fallen = [r for r in (_reliance(doi, works_cited[doi]) for doi in cited) if r.findings]
    fallen.sort(key=lambda r: -ORDER.index(r.findings[0].state))
    state = found[0].state if found else "clear"
    status = Status(state, checked, "; ".join(words), relies_on=tuple(r.words for r in fallen))
    return Standing(status, found, tuple(fallen))


def findings(work: Work) -> tuple[Finding, ...]:
    """Each notice of a work once, the worst first, then by date. A notice may have the work's own DOI."""
    of_itself = [u for u in work.updates if u.doi == work.record.doi]
    merged: dict[tuple[str, str], list[Update]] = {}
    for update in (*work.updated_by, *of_itself):
        merged.setdefault((update.kind, update.doi), []).append(update)
    found = [
        Finding(
            KINDS.get(kind, ("concern", ""))[0],
            kind,
            notice,
            min((u.date for u in same if u.date), default=""),
            tuple(sorted({u.source for u in same})),
        )
        for (kind, notice), same in merged.items()
    ]
    notice = len(of_itself) < len(work.updates)  # a notice may bear the title of the work that it retracts
    if MARKED.match(work.record.title) and not notice and all(f.state != "retracted" for f in found):
        found.append(Finding("retracted", "retraction", "", "", ("its registered title",)))
    return tuple(sorted(found, key=lambda f: (-ORDER.index(f.state), f.date, f.kind, f.notice)))


def _reliance(doi: str, work: Work) -> Reliance:
    grave = tuple(f for f in findings(work) if f.state in ("concern", "retracted"))
    return Reliance(doi, work.record.title, grave)


def milder(state: str, than: str) -> bool:
    """Whether one state is less grave than another."""
    return [str(s) for s in ORDER].index(state) < [str(s) for s in ORDER].index(than)


def page_state(before: str, now: str) -> PageState:
    """What became of a page, by the sha256 of its extracted text then and now; "" for then: not seen yet, for now: it is gone.

    Neither ETag nor Last-Modified counts: both change with a page's furniture, and some stay when the text changes.
    """
    if not now:
        return "gone"
    return "first" if not before else "unchanged" if before == now else "changed"


def judge(source: Source, answer: Answer, before: Answer | None, seen: Seen) -> Report:
    """How the source stands by an answer. `before` is that of the last check; without one, all is news that its stamp does not say.

    A stamp is never made milder: what a person put there, only a person takes away.
    """
    if answer.work is None:
        return _judge_page(source, answer, before, seen)
    now = standing(answer.work, _by_doi(answer), answer.checked)
    then = standing(before.work, _by_doi(before), "") if before and before.work else None
    notes, news = list(answer.notes), []
    kept = milder(now.status.state, source.status.state)
    if kept:
        notes.append(
            f"Crossref's notices say {now.status.state}; the stamp stays {source.status.state} until a person changes it"
        )
    if milder(source.status.state, now.status.state):
        news.append(f"was {source.status.state}, is {now.status.state}: {now.findings[0].words}")
    elif then:
        news += [f.words for f in now.findings if f not in then.findings]
    known = then.status.relies_on if then else source.status.relies_on
    news += [f"relies on {words}" for words in now.status.relies_on if words not in known]
    unnamed = [words for words in source.status.relies_on if not _names(now.relies_on, words)]
    notes += [
        f"relies on {words}: Crossref no longer names it; it stays until a person takes it away" for words in unnamed
    ]
    after = replace(source.status if kept else now.status, relies_on=(*now.status.relies_on, *unnamed))
    return Report(
        source.doc_id,
        source.label,
        source.status,
        after,
        findings=tuple(f.words for f in now.findings),
        notes=tuple(notes),
        news=tuple(news),
    )


def _names(fallen: Sequence[Reliance], words: str) -> bool:
    """Whether one of the works that fell is the one of these words of an earlier stamp."""
    return any(words == work.words or words.startswith((f"{work.doi} ", f"{work.doi}:")) for work in fallen)


def _judge_page(source: Source, answer: Answer, before: Answer | None, seen: Seen) -> Report:
    """The same for a web page: compared with the fetched text where there is one, else with the page that the text here stands for.

    That it changed, or is gone, stays in the stamp, which readers see, until the text is fetched anew or a person takes the mark away.
    """
    if before and before.work:
        before = None
    if not seen.sha256 and before:
        seen = Seen(answer.base, answer.base_since)
    state = page_state(seen.sha256, answer.page)
    words = {
        "first": f"web page, first looked at on {answer.checked}",
        "unchanged": f"web page, unchanged since {seen.day}",
        "changed": f"web page, changed since {seen.day}",
        "gone": f"web page, gone: not found on {answer.checked}",
    }[state]
    told = before is not None and before.page == answer.page
    kept = state == "first" or source.status.page.startswith(state)  # what it was before nobody knows: the mark stays
    mark = source.status.page if kept else "" if state == "unchanged" else f"{state} {answer.checked}"
    look = {"changed": f"{words}; run `chatbot corpus fetch {source.doc_id}` and look at it", "gone": words}
    return Report(
        source.doc_id,
        source.label,
        source.status,
        replace(source.status, checked=answer.checked, basis=words, page=mark),
        page=state,
        notes=answer.notes,
        news=(look[state],) if state in look and not told else (),
    )


def _by_doi(answer: Answer) -> dict[str, Work]:
    return {work.record.doi: work for work in answer.cited}
