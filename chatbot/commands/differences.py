"""A comparison on the terminal: tables for figures and sources, both texts of every question that was not kept.

What readers asked is shown in their words on a terminal only; piped, a logged question goes by its record's id.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from chatbot.commands.options import plain
from chatbot.evaluate.changes import CHANGES, SAME, direction
from chatbot.evaluate.values import Row
from chatbot.release.comparing import LOGGED, Comparison, QuestionChange
from chatbot.release.editions import PassageChange
from chatbot.release.showing import asked, places

COLOURS = {"better": "green", "worse": "red", "": ""}


def show(found: Comparison, verdict: Sequence[str], console: Console, *, all_figures: bool = False) -> None:
    """Prints the comparison, then the gate's `verdict`: its reasons against the later generation, or none."""
    console.print(plain(f"From {found.before} to {found.after}", "bold"))
    _show_corpus(found, console)
    moved = [q for q in found.questions if q.change == "moved"]
    if moved:
        console.print(plain(f"\nMoved: the same words ({len(moved)})", "bold"))
    for question in moved:
        console.print(plain(f"  {_named(question, console)}"))
        _two(places(question.before), places(question.after), console)
    for change in CHANGES[len(SAME) :]:
        rows = [q for q in found.questions if q.change == change]
        if rows:
            console.print(plain(f"\n{change.capitalize()} ({len(rows)})", "bold"))
        for question in rows:
            _show_question(question, console)
    broken_only = [q for q in found.broken if q.change in SAME]
    for question in broken_only:
        _show_question(question, console)
    _show_figures(found, console, all_figures)
    for text in found.floors:
        console.print(plain(f"Floor broken: {text}", "red"))
    for note in found.notes:
        console.print(plain(note))
    console.print(plain(f"\n{found.summary()}", "bold"))
    for reason in verdict:
        console.print(plain(f"Gate: {reason}", "red"))


def _show_corpus(found: Comparison, console: Console) -> None:
    """Sources, passages and wording that differ."""
    if found.sources:
        table = Table("source", "change", "what differs", box=SIMPLE_HEAD, title_justify="left")
        for source in found.sources:
            what = ", ".join(d.name for d in source.details)
            table.add_row(plain(source.doc_id), plain(source.change), plain(what))
        console.print(table)
    for passage in found.passages:
        _show_passage(passage, console)
    if any(found.bank):
        console.print(plain(f"Question bank: {found.bank[0]} added, {found.bank[1]} removed"))
    for detail in (*found.made_of, *found.wording):
        console.print(plain(f"{detail.name} changed"))
        _two(detail.before, detail.after, console)


def _show_passage(passage: PassageChange, console: Console) -> None:
    console.print(plain(f"Passage {passage.change}: {passage.doc_id}, {passage.section or 'no section'}"))
    _two(passage.before, passage.after, console)


def _two(before: str, after: str, console: Console) -> None:
    """Both texts, marked, wrapped at spaces only."""
    for mark, text, style in (("-", before, "red"), ("+", after, "green")):
        lines = textwrap.wrap(
            " ".join(text.split()),
            console.width - 1,
            initial_indent=f"    {mark} ",
            subsequent_indent=" " * 6,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines:
            console.print(plain(line, style), soft_wrap=True)


def _show_question(question: QuestionChange, console: Console) -> None:
    """A question, why it broke, and both replies."""
    console.print(plain(f"  {_named(question, console)}"))
    if question.broke:
        console.print(plain(f"    broke: {question.broke}", "red"))
    _two(_reply(question.before), _reply(question.after), console)


def _named(question: QuestionChange, console: Console) -> str:
    """Its ident and words; of a logged one the words on a terminal only."""
    shown = question.after.question if question.after.kind == LOGGED and console.is_terminal else asked(question)
    return f"{question.after.ident}: {shown}"


def _reply(row: Row) -> str:
    quotes = " | ".join(f"“{q.text}” {q.doc_id} {q.start}-{q.end}" for q in row.quotes)
    return f"{row.outcome}: {quotes}" if quotes else row.outcome


def _show_figures(found: Comparison, console: Console, all_figures: bool) -> None:
    """Figures before and after; those that moved, or all."""
    rows = [f for f in found.figures if all_figures or (f[1] and f[1].value) != (f[2] and f[2].value)]
    if not rows:
        console.print(plain("No figure moved." if found.figures else "No figures: nothing was replayed."))
        return
    table = Table("figure", "before", "after", "", box=SIMPLE_HEAD)
    for name, before, after in rows:
        way = direction(name, before, after)
        cells = (plain(f"{f.value:.3f}" if f else "-") for f in (before, after))
        table.add_row(plain(name), *cells, plain(way, COLOURS[way]))
    console.print(table)
