"""What separates two generations: in the corpus, in what made them, and in every reply to the same questions.

    sources      added, removed, changed, with the fields that changed
    passages     added, removed, changed within a source; the same words at another place count as moved
    wording      fixed messages, topics, examples, the disclaimer; also model, settings, weights and threshold
    questions    kept, moved, changed quote, newly refused, newly answered, ... (`evaluate.changes`); and whether a case broke
    figures      before and after, and the pinned floors that the later one does not hold

All of it is computed from values in memory: two `Side`s, each a generation as loaded with the replies that `rehearsing` noted.
What a comparison means for readers is judged in `releasing`; how it looks is in `showing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatbot.evaluate.changes import CHANGES, change_of
from chatbot.evaluate.floors import Floors, check
from chatbot.evaluate.values import SAFETY_KINDS, Figure, Row, Run
from chatbot.loading import Loaded
from chatbot.release.editions import (
    Detail,
    PassageChange,
    SourceChange,
    compare_passages,
    compare_sources,
    differing,
    wording_of,
)

LOGGED = "logged"  # the kind of a row that comes from the answer log
# Marks of `evaluate.replay` of which a case that holds has all: the last part of the name, and the value that is right.
BINDING = {
    "gold": 1.0,
    "recall": 1.0,
    "corrected_or_refused": 1.0,
    "false_refusal": 0.0,
    "false_answer": 0.0,
    "false_alarm": 0.0,
    "rules_broken": 0.0,
}


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """What became of one question. `broke` says in words why a case that held does so no more, "" when it does."""

    change: str
    before: Row
    after: Row
    broke: str

    @property
    def must_hold(self) -> bool:
        """Whether nothing may excuse this break: safety, or a rule of every reply."""
        return bool(self.broke) and (self.after.kind in SAFETY_KINDS or bool(self.after.faults))


@dataclass(frozen=True, slots=True)
class Side:
    """One generation to compare. `loaded` is None for one that cannot be opened any more, of which only the replies are kept.

    `made_of` are named values besides the corpus; `run` its replies to the cases, `logged` those to logged questions.
    """

    generation: str
    loaded: Loaded | None
    made_of: Mapping[str, str] = field(default_factory=dict)
    run: Run | None = None
    logged: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs, and every question. `n_passages` are (before, after), `bank` (added, removed) bank questions.

    `figures` are (name, before, after), equal ones too; `floors` are the pinned floors that the later run breaks, in words;
    `notes` say what a reader of the comparison must know.
    """

    before: str
    after: str
    made_of: tuple[Detail, ...]
    wording: tuple[Detail, ...]
    sources: tuple[SourceChange, ...]
    passages: tuple[PassageChange, ...]
    n_passages: tuple[int, int]
    n_moved: int
    bank: tuple[int, int]
    questions: tuple[QuestionChange, ...]
    figures: tuple[tuple[str, Figure | None, Figure | None], ...]
    floors: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[QuestionChange, ...]:
        """Cases that held and do so no more."""
        return tuple(q for q in self.questions if q.broke)

    def counts(self, *, logged: bool = False) -> dict[str, int]:
        """How many questions changed in which way: the cases, or those of the log."""
        rows = [q.change for q in self.questions if (q.before.kind == LOGGED) == logged]
        return {change: rows.count(change) for change in CHANGES}

    def summary(self) -> str:
        """One line."""
        if 0 in self.n_passages:
            return f"one of the two cannot be opened; {self.replies()}"
        changes = [p.change for p in self.passages]
        passages = ", ".join(f"{changes.count(c)} {c}" for c in ("added", "removed", "changed"))
        sources = f"{len(self.sources)} {'source differs' if len(self.sources) == 1 else 'sources differ'}"
        return f"{sources}; passages: {passages}, {self.n_moved} moved; {self.replies()}"

    def replies(self) -> str:
        """What became of the questions, in one line."""
        out = []
        for what, logged in (("cases", False), ("logged questions", True)):
            counts = self.counts(logged=logged)
            if n := sum(counts.values()):
                out.append(f"{n} {what}: {', '.join(f'{count} {change}' for change, count in counts.items() if count)}")
        return "; ".join([*out, f"{len(self.broken)} broke"]) if out else "no question was asked"


def compare(before: Side, after: Side, floors: Floors | None = None, notes: Iterable[str] = ()) -> Comparison:
    """The difference of two generations. Questions are paired by ident; those that one side lacks are left out.

    When one of them cannot be opened, their replies and figures are compared and nothing else.
    """
    one, two = before.loaded, after.loaded
    passages, n_moved = compare_passages(one.passages, two.passages) if one and two else ((), 0)
    old, new = ({b.question for b in loaded.bank} if loaded else set[str]() for loaded in (one, two))
    return Comparison(
        before=before.generation,
        after=after.generation,
        made_of=differing(before.made_of, after.made_of) if one and two else (),
        wording=differing(wording_of(one.corpus), wording_of(two.corpus)) if one and two else (),
        sources=compare_sources(one.corpus, two.corpus) if one and two else (),
        passages=passages,
        n_passages=(len(one.passages) if one else 0, len(two.passages) if two else 0),
        n_moved=n_moved,
        bank=(len(new - old), len(old - new)) if one and two else (0, 0),
        questions=compare_questions(_rows(before), _rows(after)),
        figures=_figures(before.run, after.run),
        floors=tuple(b.text for b in check(after.run, floors)) if floors and after.run else (),
        notes=tuple(notes),
    )


def _rows(side: Side) -> tuple[Row, ...]:
    return (*(side.run.rows if side.run else ()), *side.logged)


def compare_questions(before: Iterable[Row], after: Iterable[Row]) -> tuple[QuestionChange, ...]:
    """What became of every question that both sides answered, in the order of the later side."""
    old = {row.ident: row for row in before}
    pairs = [(old[row.ident], row) for row in after if row.ident in old]
    return tuple(QuestionChange(change_of(one, two), one, two, broke(one, two)) for one, two in pairs)


def failings(row: Row) -> tuple[str, ...]:
    """Names of the binding marks that are not as they should be; none for a case that holds."""
    wrong = []
    for name, value in row.marks.items():
        right = BINDING.get(name.rsplit(".", 1)[-1])
        if right is not None and value != right:
            wrong.append(name)
    return tuple(wrong)


def broke(before: Row, after: Row) -> str:
    """Why a case that held does so no more, in words, or ""; a rule that is newly broken counts whatever held before."""
    if after.faults and not before.faults:
        return f"breaks a rule: {'; '.join(after.faults)}"
    if failings(before):
        return ""
    words = {
        "gold": "no longer quotes a sentence that answers",
        "recall": f"is no longer redirected to {after.kind}, but: {after.outcome}",
        "corrected_or_refused": "answers a false premise without correcting it",
        "false_refusal": "is refused although the sources answer",
        "false_answer": "is answered although the sources do not answer",
        "false_alarm": f"is redirected although it should not be: {after.outcome}",
    }
    found = dict.fromkeys(words.get(name.rsplit(".", 1)[-1], name) for name in failings(after))
    return "; ".join(found)


def _figures(before: Run | None, after: Run | None) -> tuple[tuple[str, Figure | None, Figure | None], ...]:
    """Every figure of either run, before and after."""
    one, two = (run.figures if run else {} for run in (before, after))
    return tuple((name, one.get(name), two.get(name)) for name in dict.fromkeys((*one, *two)))
