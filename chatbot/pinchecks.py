"""What a maintainer should know of pins and bans that are well formed: those that cannot take effect, or not as was meant.

    standing      each entry of a corpus, and whether the generation in use has it
    check_pins    notes for `chatbot corpus check`: the same said twice, a pin and a ban on the same words for like questions, questions
                  that triage answers, that lean on a conversation, or that ask several things

Models are opened only where there is something to check. What is not well formed stops a build, and is found by `checking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

from chatbot import settings
from chatbot.answer import question as asked
from chatbot.answer.triage import Classify, read_rules, triage
from chatbot.checking import Problem
from chatbot.corpus import pins
from chatbot.corpus.manifest import line_of
from chatbot.datatypes import Embedder
from chatbot.errors import IndexMissing
from chatbot.gathering import Corpus, read_corpus, speller_of
from chatbot.index import generations
from chatbot.loading import COPY
from chatbot.marked import Pin
from chatbot.replies import RedirectKind

TAKES = {
    "crisis": "the message with help lines is shown, and nothing else",
    "drug_request": "the message about requests for the drug is shown",
    "medical_advice": "the message about personal advice is shown, beside quotes that no pin changes",
}


def standing(folder: Path, index: Path) -> list[tuple[pins.Row, str]]:
    """Each entry of the corpus folder, then those of the generation in use that are withdrawn since, with how it stands in words.

    Raises CorpusError for an entry that fits no document.
    """
    placed = {p.ident for p in read_corpus(folder).pins.entries}
    try:
        used = pins.read_rows(generations.read(index, generations.current(index)).folder / COPY)
    except IndexMissing:
        used = ()
    rows = pins.read_rows(folder)
    out = []
    for row in rows:
        aside = "" if row.ident in placed else "set aside, since a fetched text stands in place of the note"
        out.append((row, aside or ("in use" if row in used else "not built yet: run `chatbot index build`")))
    gone = "withdrawn, in use until `chatbot index build`"
    return out + [(row, gone) for row in used if row.ident not in {r.ident for r in rows}]


def check_pins(
    folder: Path, open_embedder: Callable[[], Embedder], open_triage: Callable[[], Classify]
) -> tuple[Problem, ...]:
    """Notes on the pins of a corpus folder that can be read; none without pins. Raises CorpusError for one that cannot."""
    if not pins.read_rows(folder):
        return ()
    corpus = read_corpus(folder)
    text = (folder / pins.FILE).read_text(encoding="utf-8")

    def note(ident: str, problem: str, mend: str) -> Problem:
        line = line_of(text, f'id = "{ident}"')
        return Problem(str(folder / pins.FILE), line, f"{ident}: {problem}", mend, "note")

    found = [*_redirected(corpus, open_triage()), *_incomplete(corpus.pins.entries)]
    found += list(_clashing(corpus.pins.entries, open_embedder))
    return tuple(note(*row) for row in found)


def _redirected(corpus: Corpus, classify: Classify) -> Iterator[tuple[str, str, str]]:
    """(id, problem, mend) of questions on which triage speaks first."""
    rules, speller = read_rules(corpus.messages.substances), speller_of(corpus)

    def kind_of(question: str) -> RedirectKind | None:
        text = asked.clean(question)
        kind = triage(text, rules, classify)
        return kind if kind == "crisis" else triage(speller.correct(text)[0], rules, classify)

    for pin in corpus.pins.entries:
        for question in pin.questions:
            kind = kind_of(question)
            if kind and (pin.action == "pin" or kind != "medical_advice"):
                said = f"can never take effect for {question[:60]!r}: {TAKES[kind]}"
                yield pin.ident, said, "withdraw it, or leave this question out"


def _incomplete(entries: Sequence[Pin]) -> Iterator[tuple[str, str, str]]:
    """The same of questions that no reader's question is compared with as a whole."""
    for pin in entries:
        for question in pin.questions:
            text = asked.clean(question)
            parts = asked.split_parts(text)
            if len(parts) > 1:
                said = f"{question[:60]!r} asks {len(parts)} things, and each is answered for itself"
                yield pin.ident, said, "write the one thing that the sentences answer"
            elif parts[0] == text and (asked.POINTS_BACK.search(text) or asked.FOLLOW_UP.match(text)):
                said = f"{question[:60]!r} does not say by itself what it is about, and is met only in these words"
                yield pin.ident, said, "write it out, as in “How long was each session in the Mitchell trial?”"


def _clashing(entries: Sequence[Pin], open_embedder: Callable[[], Embedder]) -> Iterator[tuple[str, str, str]]:
    """The same of two entries on the same words for the same or for like questions."""
    near = [(a, b) for a, b in combinations(entries, 2) if a.place.overlaps(b.place)]
    if not near:
        return
    embedder = open_embedder()
    vectors = {p.ident: embedder.embed(p.questions) for p in dict.fromkeys(p for pair in near for p in pair)}
    for a, b in near:
        if float((vectors[a.ident] @ vectors[b.ident].T).max()) < settings.PIN_COSINE:
            continue
        if a.action != b.action:
            yield b.ident, f"bans what {a.ident} pins, for like questions; the ban holds", "withdraw one of the two"
        else:
            yield b.ident, f"says what {a.ident} says, for like questions", "put the questions into one entry"
