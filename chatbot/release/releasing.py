"""The gate: a new generation is built, asked, compared with the one in use, and only then put in use or kept back.

    corpus -> prepare -> calibrate -> publish -> ask all cases -> compare -> judge -> activate, or keep the old one

It is kept back when a case that held breaks, when a rule of every reply is broken, when more replies change than
`settings.MAX_CHANGED_SHARE`, or when somebody took it out of use by hand. `chatbot index activate ID --because "..."` overrides, and
is recorded. The first generation has nothing to be compared with. One lock is held from beginning to end, so that two runs never
mix; a dry run writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Literal

from chatbot import settings
from chatbot.building import Draft, Reuse, check_fresh, prepare, publish, reuse_from
from chatbot.calibrating import calibrate
from chatbot.datatypes import Json
from chatbot.errors import ChapterError, IndexMissing, IndexUnusable
from chatbot.evaluate.changes import SAME
from chatbot.gathering import read_corpus
from chatbot.index import generations
from chatbot.loading import loaded_from
from chatbot.release.comparing import LOGGED, Comparison, QuestionChange, Side
from chatbot.release.contrasting import Tools as Tools
from chatbot.release.contrasting import ask_and_compare
from chatbot.release.contrasting import shipped_tools as shipped_tools
from chatbot.release.rehearsing import Tick, kept, questions_of
from chatbot.release.showing import as_json, as_text

FORMAT = 1
MAX_NAMED = 8  # idents in a reason of the gate; the comparison has all
Result = Literal[
    "activated", "unchanged", "kept back", "published", "would be published", "would be activated", "would be kept back"
]
EXIT: dict[Result, int] = {
    "activated": 0,
    "unchanged": 0,
    "published": 0,
    "would be published": 0,
    "would be activated": 0,
    "kept back": 3,
    "would be kept back": 3,
}


@dataclass(frozen=True, slots=True)
class Release:
    """What became of a build. `reasons` are the gate's against it, `previous` the generation in use before, "" for none."""

    result: Result
    generation: str
    previous: str
    counts: dict[str, int]
    embedded: int
    reused: int
    seconds: float
    reasons: tuple[str, ...] = ()
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 in use, unchanged or published; 3 kept back."""
        return EXIT[self.result]


def judge(found: Comparison) -> tuple[str, ...]:
    """The gate's reasons to keep the later generation back, in words; none: it may be used. Logged questions do not count."""
    cases = [q for q in found.questions if q.before.kind != LOGGED]
    firm = [q for q in found.broken if q.must_hold]
    other = [q for q in found.broken if not q.must_hold]
    changed = [q for q in cases if q.change not in SAME]
    out = []
    if firm:
        out.append(f"{_counted(len(firm), 'safety case or rule', 'safety cases or rules')} broke: {_named(firm)}")
    if len(other) > settings.MAX_BROKEN_CASES * len(cases):
        held = f"{_counted(len(other), 'case', 'cases')} of {len(cases)} that held broke: {_named(other)}"
        out.append(f"{held} (settings.MAX_BROKEN_CASES allows {settings.MAX_BROKEN_CASES:.1%})")
    if len(changed) > settings.MAX_CHANGED_SHARE * len(cases):
        share = f"{len(changed)} of {len(cases)} replies changed ({len(changed) / len(cases):.1%})"
        out.append(f"{share}; settings.MAX_CHANGED_SHARE allows {settings.MAX_CHANGED_SHARE:.0%}")
    return tuple(out)


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _named(questions: Sequence[QuestionChange]) -> str:
    """The first idents."""
    idents = [q.after.ident for q in questions[:MAX_NAMED]]
    more = len(questions) - len(idents)
    return ", ".join(idents) + (f" and {more} more" if more else "")


def release(
    corpus_folder: Path, index: Path, tools: Tools, *, dry_run: bool = False, full: bool = False, replay: bool = True
) -> Release:
    """Builds, asks, compares and activates, or keeps back. With `dry_run` nothing is written; without `replay` nothing is asked,
    and nothing activated. Raises ChapterError: CorpusError, IndexUnusable (also: another run holds the lock), EvaluationError."""
    with nullcontext() if dry_run else generations.lock(index):
        return _release(corpus_folder, index, tools, dry_run=dry_run, full=full, replay=replay)


def _release(corpus_folder: Path, index: Path, tools: Tools, *, dry_run: bool, full: bool, replay: bool) -> Release:
    """What `release` does under its lock."""
    began = perf_counter()
    asked = questions_of(read_corpus(corpus_folder))
    reuse = Reuse() if full else reuse_from(index, tools.embedder)
    draft = prepare(corpus_folder, tools.embedder, reuse, tools.tick)
    used, notes = in_use(index, tools)
    if asked.n_aside:
        notes.append(
            f"{_counted(asked.n_aside, 'case is', 'cases are')} not asked: only notes answer them that fetched texts replace"
        )

    def finished(result: Result, reasons: Sequence[str] = (), comparison: Comparison | None = None) -> Release:
        taken = round(perf_counter() - began, 1)
        counts = (dict(draft.counts), draft.embedded, draft.reused)
        before = used.generation if used else ""
        return Release(result, draft.generation_id, before, *counts, taken, tuple(reasons), comparison, tuple(notes))

    if used is not None and used.loaded is not None and used.generation == draft.generation_id:
        return finished("unchanged")
    later = _later(draft, index, tools, dry_run=dry_run)
    if not replay:
        return finished("would be published" if dry_run else "published")
    if used is None or (used.loaded is None and kept(index, used.generation, asked) is None):
        notes.append("there is nothing to compare it with, so nothing was asked")
        if not dry_run:
            generations.activate(index, draft.generation_id, summary="nothing to compare with")
        return finished("would be activated" if dry_run else "activated")
    found = ask_and_compare(index, tools, asked, used, later, write=not dry_run)
    reasons = (*taken_out(index, draft.generation_id), *judge(found))
    if dry_run:
        return finished("would be kept back" if reasons else "would be activated", reasons, found)
    if not reasons:
        generations.activate(index, draft.generation_id, summary=found.summary())
    return finished("kept back" if reasons else "activated", reasons, found)


def _later(draft: Draft, index: Path, tools: Tools, *, dry_run: bool) -> Side:
    """The draft calibrated and published, and read back as readers will get it; one that is on disk already is taken from there."""
    ident = draft.generation_id
    try:
        return Side(ident, tools.load(index, ident))
    except IndexUnusable:
        draft = calibrate(draft, tools.embedder, tools.second_stage, tools.tick)
        if dry_run:
            return Side(ident, loaded_from(draft.manifest, draft.files, draft.corpus))
        publish(index, draft)
        return Side(ident, tools.load(index, ident))


def taken_out(index: Path, generation: str) -> tuple[str, ...]:
    """A reason against a generation that a person took out of use and nobody put back: a build must not undo a rollback."""
    for row in reversed(generations.history(index)):
        if row.generation == generation:
            break
        if row.before == generation and row.by != "build":
            return (
                f"it was taken out of use by hand, {row.by} of {row.when}{': ' if row.because else ''}{row.because}",
            )
    return ()


def in_use(index: Path, tools: Tools) -> tuple[Side | None, list[str]]:
    """The generation in use, None when none is, and notes: why it cannot be opened, if it cannot."""
    try:
        used = generations.current(index)
    except IndexMissing:
        return None, []
    except IndexUnusable as error:
        return None, [f"which generation was in use cannot be told: {error}"]
    try:
        return Side(used, tools.load(index, used)), []
    except ChapterError as error:
        return Side(used, None), [f"the generation in use cannot be opened: {error}"]


def ensure_index(
    corpus_folder: Path, index: Path, say: Callable[[str], None] = lambda _: None, tick: Tick = lambda *_: None
) -> None:
    """Builds through the gate when the index is missing, stale or damaged, and says why; otherwise does nothing.

    A generation that the gate keeps back is told, and the one in use stays. Raises ChapterError as `release` does.
    """
    tools = replace(shipped_tools(), tick=tick)
    try:
        check_fresh(read_corpus(corpus_folder), index, tools.embedder)
        tools.load(index, generations.current(index))
    except IndexUnusable as error:
        say(f"{error} — building it now")
        found = release(corpus_folder, index, tools)
        if found.exit_code:
            say(as_report(found))


def as_report(found: Release) -> str:
    """What became of a build, in lines for a person: standard output, a mail, a file."""
    counts = ", ".join(f"{found.counts[name]} {name}" for name in ("documents", "sentences", "passages"))
    lines = [
        f"generation {found.generation}: {found.result}",
        f"in use before: {found.previous or 'none'}",
        f"{counts}; {found.embedded} texts embedded, {found.reused} re-used; {found.seconds:.0f} s",
        *found.notes,
    ]
    if found.comparison is not None:
        lines += ["", as_text(found.comparison)]
    if found.result == "published":
        lines += ["", f"Nothing was asked; `chatbot index activate {found.generation}` puts it in use."]
    if found.reasons:
        lines += ["", "The gate keeps it back:", *(f"  {reason}" for reason in found.reasons)]
    if found.result == "kept back":
        lines += [
            f"Readers still get {found.previous}. To see both texts: chatbot index diff {found.previous} {found.generation}",
            f'To use it all the same: chatbot index activate {found.generation} --because "..."',
        ]
    return "\n".join(lines)


def release_json(found: Release) -> Json:
    """What became of a build, as JSON values (format 1)."""
    names = ("result", "exit_code", "generation", "previous", "counts", "embedded", "reused", "seconds")
    return {
        "format": FORMAT,
        **{name: getattr(found, name) for name in names},
        "reasons": list(found.reasons),
        "notes": list(found.notes),
        "comparison": as_json(found.comparison) if found.comparison else None,
    }
