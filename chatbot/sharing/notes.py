"""Proved turns as Markdown whose quotes a CommonMark renderer shows character for character.

Every mark that CommonMark or a common extension of it would eat stands behind a backslash, white space that a renderer would eat as a
character reference, a line break as a hard one; so a quote is one paragraph of a blockquote, whatever it holds. Left out: raw HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatbot.datatypes import Citation
from chatbot.sharing import words
from chatbot.sharing.values import Proved

# Backslash escapes: CommonMark 0.31, 2.4; the marks of GFM tables and strike-through, of footnotes, mathematics, typographic quotes,
# subscripts, highlights and short codes are among them. A hyphen inside a word and a single full stop are nobody's mark.
MARKS = re.compile(
    r"""[\\`*_{}\[\]<>#&|~^$=@%+!"'] | (?<![A-Za-z0-9])- | -(?![A-Za-z0-9]) | \.(?=\.) | (?<=\.)\. | :(?=\S)""",
    re.VERBOSE,
)
NUMBERED = re.compile(r"^([0-9]{1,9})([.)])", re.MULTILINE)
SIGN = re.compile(r"\((?=(?:c|r|p|tm)\))", re.IGNORECASE)  # (c) becomes a sign where a typographer is on
EATEN = re.compile(r"(?!\n)\s(?=\s|\Z) | (?:(?<=\s)|\A)(?!\n)\s | (?![ \n])\s", re.VERBOSE)


def escaped(text: str) -> str:
    r"""`text` as Markdown that is shown as `text`.

    >>> print(escaped("1. A *star*, 2 < 3\n\n- and_so"))
    1\. A \*star\*, 2 \< 3\
    \
    \- and\_so
    """
    marked = NUMBERED.sub(r"\1\\\2", MARKS.sub(lambda found: "\\" + found[0], text))
    spaced = EATEN.sub(lambda found: f"&#{ord(found[0])};", SIGN.sub("&#40;", marked))
    return re.sub(r"^\n|\n$", "&#10;", spaced).replace("\n", "\\\n")


def render(turns: Sequence[Proved], made: str) -> str:
    """The file; `made` is the day as YYYY-MM-DD."""
    blocks = [f"# {escaped(words.heading(turns))}", f"{words.BRAND}. {escaped(words.about(turns))}."]
    for number, turn in enumerate(turns, 1):
        blocks += _turn(turn, f"{number}. " if len(turns) > 1 else "")
    blocks += ["---", f"{escaped(words.CHECKED)} Made on {made}."]
    return "\n\n".join(blocks) + "\n"


def _turn(turn: Proved, number: str) -> list[str]:
    """The blocks of one question."""
    left = words.unanswered(turn)
    out = [
        f"## {number}{escaped(words.HEADS[turn.kind])}",
        f"**{words.ASKED}:**",
        escaped(turn.question),
        *map(escaped, words.paragraphs(turn.message)),
    ]
    if turn.help_lines:
        out.append("\n".join(f"- **{escaped(a)}** – {escaped(b)}: **{escaped(c)}**" for a, b, c in turn.help_lines))
    if turn.near and turn.quotes:
        out.append(f"**{escaped(turn.near)}**")
    for citation in turn.quotes:
        out += _quote(citation)
    out += [escaped(left)] if left else []
    if turn.keep_in_mind:
        out.append(f"### {words.KEEP}")
        for citation in turn.keep_in_mind:
            out += _quote(citation)
    listed = words.references(turn)
    if listed:
        out += [f"### {words.REFERENCES}", "\n".join(f"- {_reference(*row)}" for row in listed)]
    return [*out, _blockquote(turn.disclaimer.quote.text), escaped(words.scope(turn))]


def _blockquote(text: str) -> str:
    """Exact words, set apart."""
    return "\n".join(f"> {line}" for line in escaped(text).split("\n"))


def _quote(citation: Citation) -> list[str]:
    """One quote between what leads to it and where it stands."""
    lead = f"**\\[{citation.number}\\]** {escaped(citation.lead_in)}"
    link = f" · {_link(words.link_words(citation), citation.link)}" if citation.link else ""
    relied = "; ".join(_link(label, address) for label, _, address in citation.relies_on)
    return [
        *([f"**{words.WARNING}** {escaped(citation.alert)}"] if citation.alert else []),
        lead,
        _blockquote(citation.quote.text),
        f"— {escaped(words.place(citation))} · {escaped(citation.status)}{link}",
        *([f"{words.relies(citation)} {relied}"] if relied else []),
    ]


def _reference(printed: str, link: str) -> str:
    """A reference, its address a link where it stands in the string or after it."""
    if link and printed.endswith(link):
        return f"{escaped(printed.removesuffix(link))}{_link(link, link)}".replace("&#32;[", " [")
    return escaped(printed) + (f" {_link('open', link)}" if link else "")


def _link(shown: str, address: str) -> str:
    """A link; only the words where the address is not http(s). Between angle brackets an address may hold round ones."""
    if not address.startswith(("https://", "http://")):
        return escaped(shown)
    target = re.sub(r"[<>\\\s]", "", address).replace("&", "&amp;")
    return f"[{escaped(shown)}](<{target}>)"
