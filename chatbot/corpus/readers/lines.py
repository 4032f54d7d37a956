"""What the readers of XML and HTML share: a line with its citations, raised characters, a table's rows in words.

Pure text, no parser. Citations travel through a raw line as control characters, which no XML may hold: `cite` puts them in,
`finished` takes them out and gives Marks. A bare numeral printed as superscript to cite is left out of the text, as editors
do when they quote, and its Mark lies on the word before it; one in brackets stays. White space becomes single spaces; soft
hyphens, zero-width spaces and direction marks are dropped; nothing else is normalised: NFC would change the source's
characters for no gain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from chatbot.corpus.unseen import UNSEEN
from chatbot.corpus.values import Mark

MAX_SPAN = 200  # columns or rows that one cell may claim; larger figures are mistakes or attacks
MAX_CELLS = 200_000  # of one table with its spans filled in; the largest table tried has some 3,000
UNSEEN_BUT_TOKENS = re.compile(UNSEEN.pattern.replace("\x00-\x08", "\x00\x05-\x08"))
PLAIN, UP = "0123456789+-−–=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
RAISED = {ord(plain): up for plain, up in zip(PLAIN, UP, strict=True)}
DASH = "‐‑–—−-"  # the hyphen last, for use in a character class
SEPARATOR = rf"[\s,;{DASH}]"
CITED = re.compile(r"\x01(\d+)\x02[^\x03]*\x03")
GROUP = re.compile(rf"([{DASH}]?)\s*\x04(\d+)\x04")
TOKEN = re.compile(rf"\x01(\d+)\x02|(\x03)|\x04\d+\x04(?:{SEPARATOR}*\x04\d+\x04)*")
AFTER_WORD = re.compile(rf"(?:[^\W\d_][.,;:)”’\"'?!%]*|\x04{SEPARATOR}*)$")

Node = Any  # an element of lxml, which has no types
Cited = Sequence[tuple[int, ...]]  # the references of each citation, by its number in the raw line
Cell = tuple[str, int, int]  # text, columns and rows that it takes
Filled = tuple[str, bool]  # text, and whether it only continues the cell on its left


def plain(raw: str) -> str:
    """One line without invisible characters.

    >>> plain("post\\u00adtraumatic\\n  stress ")
    'posttraumatic stress'
    """
    return " ".join(UNSEEN.sub("", raw).split())


def cite(before: str, words: str, number: int, superscript: bool) -> str:
    """A citation for a raw line. A bare numeral that follows a word without a space was superscript in print."""
    numeral = re.fullmatch(rf"\d(?:[\d\s,;{DASH}]*\d)?", words.strip())
    if superscript or (numeral and AFTER_WORD.search(before)):
        return f"\x04{number}\x04"
    return f"\x01{number}\x02{words}\x03"


def raised(before: str, inner: str) -> str:
    """A superscript after `before`, as text: 10⁻³, m², 7th, CD56^dim.

    Digits, signs and up to two letters take Unicode's raised forms; ordinals and symbols join the word; the rest follows
    a "^". Citations in it become superscript ones.

    >>> [raised("10", "−3"), raised("7", "th"), raised("CD56", "dim"), raised("", "a"), raised("Ritalin", "®")]
    ['⁻³', 'th', '^dim', 'ᵃ', '®']
    """
    if CITED.search(inner) and not re.sub(rf"{CITED.pattern}|{SEPARATOR}|[][()\x04]", "", inner):
        bracketed = "[" in inner or "(" in inner
        return inner if bracketed else CITED.sub("\x04\\1\x04", inner).strip(" ,;")
    text = inner.strip()
    bare = text if "\x01" in text or "\x04" in text else text.replace(" ", "").translate(RAISED)
    if (
        text in ("st", "nd", "rd", "th")
        or not re.search(r"[\w+−=-]", text)
        or re.fullmatch(f"{SEPARATOR}*\x04.*", text)
    ):
        bare = text
    elif re.search(rf"[^\s,{UP}]", bare) or (len(bare) > 2 and re.search("[a-zA-Z]", text)):
        bare = text if not before or before[-1].isspace() else f"^{text}"
    if before.endswith("\x04") and not text.strip(f",;{DASH}"):
        bare = text
    return inner[: len(inner) - len(inner.lstrip())] + bare + inner[len(inner.rstrip()) :]


def finished(raw: str, cited: Cited) -> tuple[str, tuple[Mark, ...]]:
    """The text of a raw line and its Marks, in order; "[3]-[5]" is one Mark of 3, 4 and 5.

    >>> finished("It  fell \\x01" + "0\\x02[3]\\x03. It \\x01" + "1\\x02[4]\\x03 rose.", [(2,), (3,)])[0]
    'It fell [3]. It [4] rose.'
    """
    raw = re.sub(r"\s+", " ", UNSEEN_BUT_TOKENS.sub("", raw))  # a long run would cost the patterns much time
    raw = re.sub(r"(\x01\d+\x02)(\s+)", r"\2\1", raw)
    raw = re.sub(r"(\s+)\x03", "\x03\\1", raw)
    raw = re.sub(rf"\s+(\x04\d+\x04(?:{SEPARATOR}*\x04\d+\x04)*)(?=[\s.,;:)]|$)", r"\1", raw)
    out, at, open_at = "", 0, (0, 0)
    marks: list[Mark] = []
    raw = " ".join(raw.split())
    for token in TOKEN.finditer(raw):
        out = _added(out, raw[at : token.start()])
        at = token.end()
        if token[1]:
            open_at = (len(out), int(token[1]))
        elif token[2]:
            marks.append(Mark(open_at[0], len(out), cited[open_at[1]]))
        else:
            found: tuple[int, ...] = ()
            for dash, number in GROUP.findall(token[0]):
                found = _through(found, cited[int(number)]) if dash else (*found, *cited[int(number)])
            end = len(out.rstrip())
            marks.append(Mark(out.rfind(" ", 0, end) + 1, end, tuple(dict.fromkeys(found))))
    out = _added(out, raw[at:]).rstrip()
    return out, _ranges(out, [m for m in marks if m.start < m.end <= len(out) and m.references])


def _added(out: str, more: str) -> str:
    return out + (more.lstrip() if not out or out.endswith(" ") else more)


def _through(first: tuple[int, ...], last: tuple[int, ...]) -> tuple[int, ...]:
    """Both ends of a printed range and all between."""
    if first and last and first[-1] < last[0]:
        return (*first[:-1], *range(first[-1], last[0]), *last)
    return (*first, *last)


def _ranges(text: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    out: list[Mark] = []
    for mark in marks:
        between = text[out[-1].end : mark.start] if out else ""
        if (
            re.fullmatch(rf"[\])]?\s*[{DASH}]\s*[\[(]?", between)
            and len(out[-1].references) == len(mark.references) == 1
        ):
            out[-1] = Mark(out[-1].start, mark.end, _through(out[-1].references, mark.references))
        else:
            out.append(mark)
    return tuple(sorted(out, key=lambda mark: (mark.start, mark.end)))


def filled(rows: Iterable[Sequence[Cell]]) -> tuple[list[list[Filled]], set[int]]:
    """A table's cells with their spans filled in, and the rows that one cell fills alone.

    >>> [[text for text, _ in row] for row in filled([[("Dose", 1, 2), ("Mean", 2, 1)], [("a", 1, 1), ("b", 1, 1)]])[0]]
    [['Dose', 'Mean', 'Mean'], ['Dose', 'a', 'b']]
    """
    grid: list[list[Filled]] = []
    alone: set[int] = set()
    below: dict[int, tuple[int, Filled]] = {}  # column: rows that a cell above still claims, and that cell
    n_cells = 0
    for row in rows:
        line = {column: cell for column, (_, cell) in below.items()}
        below = {column: (left - 1, cell) for column, (left, cell) in below.items() if left > 1}
        if len(row) == 1 and not line and row[0][1] > 1:
            alone.add(len(grid))
        column = 0
        for text, wide, high in row:
            while column in line:
                column += 1
            for at in range(column, column + max(1, min(wide, MAX_SPAN))):
                line[at] = (text, at > column)
                if high > 1:
                    below[at] = (min(high, MAX_SPAN) - 1, line[at])
            column = at + 1
        n_cells += max(line, default=0)
        if n_cells > MAX_CELLS:
            break
        grid.append([line.get(i, ("", False)) for i in range(max(line, default=-1) + 1)])
    return grid, alone


def span(value: str | None) -> int:
    """The number of a colspan or rowspan, 1 for what is none."""
    return int(value) if value and re.fullmatch(r"[0-9]{1,4}", value.strip()) else 1


def in_words(grid: Sequence[Sequence[Filled]], header: int, alone: set[int]) -> tuple[str, ...]:
    """The rows under the first `header` ones, each cell with its column's name; a row that one cell fills names those after it.

    A cell over several columns is told once under each name that they have; empty cells are left out.

    >>> in_words(filled([[("Outcome", 1, 1), ("MDMA", 1, 1)], [("CAPS-5", 1, 1), ("−24.4", 1, 1)]])[0], 1, set())
    ('Outcome: CAPS-5; MDMA: −24.4',)
    """
    header = header if header < len(grid) else 0
    names: dict[int, str] = {}
    for number in set(range(header)) - alone:
        for column, (text, _) in enumerate(grid[number]):
            said, new = names.get(column, ""), " ".join(text.split()).rstrip(":")
            if new and new not in said.split(", "):
                names[column] = f"{said}, {new}" if said else new
    out, group, waiting = [], "", False
    for number, row in enumerate(grid[header:], header):
        if number in alone:
            out += [group] if waiting and group else []
            group, waiting = row[0][0].strip(), True
            continue
        told = [group] if group else []
        for i, (text, continued) in enumerate(row):
            if text.strip() and not (continued and names.get(i) == names.get(i - 1)):
                told.append(f"{names[i]}: {text.strip()}" if names.get(i) else text.strip())
        if len(told) > bool(group):
            out.append("; ".join(told))
            waiting = False
    return tuple(out + ([group] if waiting and group else []))


def formula_line(node: Node) -> str:
    """MathML on one line: fractions with a slash, exponents raised, its TeX twin left out."""
    if node.tag in ("annotation", "annotation-xml"):
        return ""
    inner = [formula_line(child) for child in node if isinstance(child.tag, str)]
    if node.tag == "mfrac" and len(inner) == 2:
        return "/".join(f"({part})" if re.search(r"\W", part) else part for part in inner)
    if node.tag == "msqrt":
        return f"√({''.join(inner)})"
    if node.tag in ("msup", "msubsup") and len(inner) > 1:
        return "".join(inner[:-1]) + raised("".join(inner[:-1]), inner[-1])
    if node.tag in ("mtr", "mtd"):
        return "".join(inner) + (" " if node.tag == "mtd" else "; ")
    own = node.text or ""
    if node.tag == "mo" and own.strip() in tuple("=≠<>≤≥≈±+−-×∼~→"):
        return f" {own.strip()} "
    return (own if node.tag == "mtext" else own.strip()) + "".join(inner)
