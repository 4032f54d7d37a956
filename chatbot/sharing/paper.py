"""Proved turns as a PDF: the card on A4, with the same words, links to the sources and an outline.

The words of a source are shown whole or the file is refused; of the reader's question and of titles, signs without a shape here are
shown as boxes, and the file says so under the question or, for other words, at its end. Left out: how text gets onto pages (`typesetting`).
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.datatypes import Citation
from chatbot.sharing import words
from chatbot.sharing.typesetting import ACCENT, BOX, CARE, DOUBT, RULE, SOFT, Face, Sheet
from chatbot.sharing.values import Proved

BRAND = Face(10.5, ACCENT, bold=True)
TITLE = Face(16, bold=True, leading=1.3, tag="H1")
QUESTION = Face(12.5, bold=True, leading=1.4, tag="H2")
SMALL = Face(8.8, SOFT)
BODY = Face(10)
MESSAGE = Face(11)
PART = Face(10, bold=True, tag="H3")
QUOTE = Face(11.5, leading=1.5, tag="BlockQuote")
REFERENCE = Face(8.8)
COLOURS = {"answer": ACCENT, "abstention": DOUBT}
INSET = 8.0  # mm from the margin to a quote


def render(turns: Sequence[Proved], made: str) -> bytes:
    """The file; `made` is the day as YYYY-MM-DD. Raises Malformed where a source's words hold signs that cannot be shown."""
    title = words.heading(turns)
    sheet = Sheet(f"{title} – {words.BRAND}", f"{words.BRAND} · made on {made}", made)
    sheet.block(words.BRAND, BRAND)
    sheet.block(title, TITLE, gap=1.5)
    sheet.block(sheet.shown(words.about(turns)), SMALL, gap=1)
    for number, turn in enumerate(turns, 1):
        _turn(sheet, turn, number)
    sheet.across(RULE, gap=7)
    sheet.block(words.CHECKED, SMALL, gap=2.5)
    _boxes(sheet)
    return sheet.content()


def _turn(sheet: Sheet, turn: Proved, number: int) -> None:
    """One question and what the sources say."""
    colour = COLOURS.get(turn.kind, CARE)
    sheet.room(45)
    sheet.across(colour, gap=7 if number > 1 else 5)
    sheet.section(f"{number}. {words.HEADS[turn.kind]}", 0)
    sheet.block(words.ASKED, SMALL, gap=2.5)
    sheet.block(sheet.shown(turn.question), QUESTION, gap=0.3)
    _boxes(sheet)
    sheet.block(words.HEADS[turn.kind], Face(10.5, colour, bold=True), gap=3)
    for paragraph in words.paragraphs(turn.message):
        sheet.block(sheet.exact(paragraph), MESSAGE, gap=1)
    for where, name, contact in turn.help_lines:
        _help(sheet, where, name, contact)
    if turn.near and turn.quotes:
        sheet.block(sheet.exact(turn.near), Face(10, DOUBT, bold=True, tag="H3"), gap=3)
    for citation in turn.quotes:
        _quote(sheet, citation, colour)
    if left := words.unanswered(turn):
        sheet.block(sheet.shown(left), BODY, gap=3.5)
    if turn.keep_in_mind:
        sheet.room(30)
        sheet.block(words.KEEP, PART, gap=4.5)
        for citation in turn.keep_in_mind:
            _quote(sheet, citation, colour)
    _references(sheet, turn)
    sheet.across(RULE, gap=4)
    sheet.block(sheet.exact(turn.disclaimer.quote.text), Face(10, tag="BlockQuote"), gap=2.5)
    sheet.block(sheet.shown(words.scope(turn)), SMALL, gap=0.5)


def _boxes(sheet: Sheet) -> None:
    """Says how many signs were shown as boxes since it was last said."""
    if count := sheet.told():
        signs = "one sign" if count == 1 else f"{count:,} signs"
        sheet.block(
            f"{BOX} stands for {signs} that this PDF has no shape for; the HTML file shows it all.", SMALL, gap=0.5
        )


def _help(sheet: Sheet, where: str, name: str, contact: str) -> None:
    """A line to call; a number is a link that a phone dials."""
    dialled = "".join(c for c in contact if c in "+0123456789")
    phone = bool(dialled) and all(c in "+0123456789 ().-" for c in contact)
    sheet.room(16)
    sheet.block(sheet.exact(where), Face(9.5, CARE, bold=True), gap=2)
    sheet.block(sheet.exact(name), BODY)
    sheet.block(
        sheet.exact(contact), Face(13 if phone else 10, CARE, bold=True), link=f"tel:{dialled}" if phone else contact
    )


def _quote(sheet: Sheet, citation: Citation, colour: tuple[int, int, int]) -> None:
    """A quote under its number and lead-in, with a line at its side, and under it where it stands."""
    sheet.room(24)
    lead = f"{citation.number}   {citation.lead_in}"
    if citation.alert:
        sheet.block(sheet.shown(f"{words.WARNING} {citation.alert}"), Face(9.5, DOUBT, bold=True), indent=INSET, gap=3)
    sheet.block(sheet.shown(lead), Face(9.2, SOFT), indent=INSET - 4, gap=1 if citation.alert else 4)
    sheet.block(sheet.exact(citation.quote.text), QUOTE, indent=INSET, gap=0.8, rule=colour)
    sheet.block(sheet.shown(words.place(citation)), Face(9.2, bold=True), indent=INSET, gap=1)
    sheet.block(citation.status, SMALL, indent=INSET)
    if citation.link:
        sheet.block(words.link_words(citation), Face(8.8, ACCENT), indent=INSET, link=citation.link)
    if citation.relies_on:
        relied = "; ".join(label for label, _, _ in citation.relies_on)
        sheet.block(sheet.shown(f"{words.relies(citation)} {relied}"), SMALL, indent=INSET)


def _references(sheet: Sheet, turn: Proved) -> None:
    """The works in APA form, each a link to the work."""
    listed = words.references(turn)
    if not listed:
        return
    sheet.room(18)
    sheet.block(words.REFERENCES, PART, gap=4.5)
    for printed, link in listed:
        shown = printed if not link or link in printed else f"{printed} {link}"
        sheet.block(sheet.shown(shown), REFERENCE, gap=1, link=link)
