"""Turns to a file: proved one by one, written in the form asked for, named by its day.

Left out: where turns come from (`web.exporting`, `commands.ask`), and the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatbot.errors import Malformed
from chatbot.sharing import card, notes, paper, works
from chatbot.sharing.proving import CorpusOf, permitted_together, prove
from chatbot.sharing.values import File, Proved, Turn

MAX_TURNS = 20  # a long conversation; as a PDF with nine quotes each it took 1.0 s
MAX_CHARACTERS = 100_000  # of all quotes together; 180 of the shipped corpus's longest sentences have 43,000


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file. `of_works` ones hold the works and no quotes."""

    ending: str
    media_type: str
    write: Callable[[Sequence[Proved], str], bytes]
    of_works: bool = False


FORMS: dict[str, Form] = {
    "html": Form("html", "text/html; charset=utf-8", lambda turns, made: card.render(turns, made).encode()),
    "pdf": Form("pdf", "application/pdf", lambda turns, made: paper.render(turns, made)),
    "markdown": Form("md", "text/markdown; charset=utf-8", lambda turns, made: notes.render(turns, made).encode()),
    "bibtex": Form("bib", "application/x-bibtex; charset=utf-8", lambda turns, _: works.as_bibtex(turns).encode(), True),
    "ris": Form("ris", "application/x-research-info-systems; charset=utf-8", lambda turns, _: works.as_ris(turns).encode(), True),
    "csl-json": Form("json", "application/vnd.citationstyles.csl+json", lambda turns, _: works.as_csl(turns).encode(), True),
}  # fmt: skip


def export(form: str, turns: Sequence[Turn], corpus_of: CorpusOf, made: str) -> File:
    """The file; `made` is the day as YYYY-MM-DD. Raises Malformed or Gone, and nothing is written."""
    if form not in FORMS:
        raise Malformed(f"{form[:40]!r} is no form of file; those there are: {', '.join(FORMS)}.")
    if not 1 <= len(turns) <= MAX_TURNS:
        raise Malformed(f"A file holds 1 to {MAX_TURNS} questions with their replies; these are {len(turns)}.")
    places = [p for turn in turns for p in (*turn.quotes, *turn.keep_in_mind)]
    if sum(p.end - p.start for p in places) > MAX_CHARACTERS:
        raise Malformed(f"A file holds at most {MAX_CHARACTERS:,} quoted characters; take fewer replies at once.")
    proved = [prove(turn, corpus_of) for turn in turns]
    permitted_together(proved, corpus_of)
    found = FORMS[form]
    kind = "works" if found.of_works else "answer" if len(turns) == 1 else "conversation"
    return File(f"{kind}-{made}.{found.ending}", found.media_type, found.write(proved, made))
