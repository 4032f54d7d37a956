"""The labelled references once more in styles that the data hardly has: Vancouver, IEEE, BibTeX's plain, MLA, undated, in press.

The data is author-date; a reader of any article also meets lists with the year at the end. A reference whose names are all of the form
"Family, J. M." and that is an article or a book is printed again in one other style, with the labels of its parts; which one
is told by a hash of its id, so that the same data gives the same rows. Words that stand in one piece ("2010;12(3):345–52") have the
label of their first part, as in the data.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Segments = list[tuple[str, str]]
Name = tuple[str, str]  # family, initials "J. M."


def in_other_styles(rows: Sequence[Row], share: float) -> Iterator[Row]:
    """About `share` of the rows that can be printed otherwise, each in one other style."""
    for row in rows:
        chance, turn = divmod(zlib.crc32(row["id"].encode()), 1000)
        fields = dict(row["segments"])
        if turn >= share * 1000 or len(fields) < len(row["segments"]):
            continue
        names, year = names_of(fields.get("author", "")), re.search(r"\d{4}", fields.get("date", ""))
        if not names or not year or "title" not in fields:
            continue
        parts = {**{k: v.strip(" .,;:()“”\"'") for k, v in fields.items()}, "year": year.group()}
        forms = ARTICLES if {"journal", "volume", "pages"} <= fields.keys() else BOOKS if "publisher" in fields else ()
        numbers = re.match(
            r"(\d+)(?:\s?\((\d[\d–-]*)\))?$",
            parts.get("volume", "").rstrip(")") + (")" if "(" in parts.get("volume", "") else ""),
        )
        if not forms or (forms is ARTICLES and not numbers):
            continue
        parts["title"] += "" if parts["title"].endswith(("?", "!")) else "."
        parts |= {"volume": numbers.group(1), "issue": numbers.group(2) or ""} if numbers else {}
        segments = forms[chance % len(forms)](names, parts, chance)
        yield {"id": f"{row['id']}-again", "segments": segments, "reference": " ".join(text for _, text in segments)}


def names_of(author: str) -> list[Name]:
    """The names of "Smith, J. A., & Doe, B."; none when any is of another form.

    >>> names_of("Smith, J. A., & Doe, B."), names_of("World Health Organization.")
    ([('Smith', 'J. A.'), ('Doe', 'B.')], [])
    """
    text = re.sub(r",?\s+(?:&|and)\s+", ", ", author.strip().rstrip(".,") + ".")
    parts = re.findall(r"([^,]+), ((?:[A-Z]\.\s?)+)(?:, |$)", text)
    whole = ", ".join(f"{family}, {initials.strip()}" for family, initials in parts)
    return [(family.strip(), initials.strip()) for family, initials in parts] if whole == text.strip() else []


def _short(names: Sequence[Name], chance: int) -> str:
    """ "Smith JA, Doe B", after three or six names "et al"."""
    most = (3, 6, 99)[chance // 7 % 3]
    listed = [f"{family} {re.sub(r'[^A-Z]', '', initials)}" for family, initials in names]
    return ", ".join(listed[:most]) + (", et al" if len(listed) > most else "")


def _direct(names: Sequence[Name], last: str) -> str:
    """ "J. A. Smith, K. Lee, and B. Doe"."""
    listed = [f"{initials} {family}" for family, initials in names]
    return (
        ", ".join(listed[:-1]) + f"{',' if len(listed) > 2 else ''} {last} {listed[-1]}"
        if len(listed) > 1
        else listed[0]
    )


def _first_inverted(names: Sequence[Name]) -> str:
    """ "Smith, J. A., and B. Doe"; of three and more the first and "et al."."""
    first = f"{names[0][0]}, {names[0][1]}"
    others = [f"{initials} {family}" for family, initials in names[1:]]
    return first if not others else f"{first}, and {others[0]}." if len(others) == 1 else f"{first}, et al."


def _numbered(chance: int, form: str) -> Segments:
    return [("citation-number", form.format(chance % 90 + 1))] if chance // 3 % 2 else []


def _issue(parts: Mapping[str, str], form: str) -> str:
    return form.format(parts["issue"]) if parts["issue"] else ""


def _vancouver(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    where = f"{parts['volume']}{_issue(parts, '({})')}"
    dated = [("date", f"{parts['year']};{where}:{parts['pages'].removeprefix('pp. ')}.")]
    if chance // 5 % 2:
        dated = [("date", f"{parts['year']};"), ("volume", f"{where}:"), ("pages", f"{parts['pages']}.")]
    stop = "." if chance // 11 % 2 else ""
    head = [*_numbered(chance, "{}."), ("author", f"{_short(names, chance)}."), ("title", f"{parts['title']}")]
    return [*head, ("journal", f"{parts['journal']}{stop}"), *dated]


def _ieee(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    return [
        *_numbered(chance, "[{}]"),
        ("author", f"{_direct(names, 'and')},"),
        ("title", f"“{parts['title'].rstrip('.')},”"),
        ("journal", f"{parts['journal']},"),
        ("volume", f"vol. {parts['volume']},{_issue(parts, ' no. {},')}"),
        ("pages", f"pp. {parts['pages'].removeprefix('pp. ')},"),
        ("date", f"{('Jan. ', 'Mar. ', 'May ', 'Oct. ', '', '')[chance // 5 % 6]}{parts['year']}."),
    ]


def _springer(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    return [
        *_numbered(chance, "{}."),
        ("author", _short(names, chance)),
        ("date", f"({parts['year']})" if chance // 5 % 2 else f"({parts['year']})."),
        ("title", parts["title"]),
        ("journal", parts["journal"]),
        ("volume", f"{parts['volume']}{_issue(parts, '({})')}:{parts['pages'].removeprefix('pp. ')}."),
    ]


def _plain(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    inverted = ", ".join(f"{family}, {initials}" for family, initials in names)
    return [
        *_numbered(chance, "[{}]"),
        ("author", f"{_direct(names, 'and')}." if chance // 5 % 2 else inverted),
        ("title", f"{parts['title']}"),
        ("journal", f"{parts['journal']},"),
        ("volume", f"{parts['volume']}{_issue(parts, '({})')}:{parts['pages'].removeprefix('pp. ')},"),
        ("date", f"{parts['year']}."),
    ]


def _mla(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    return [
        ("author", _first_inverted(names)),
        ("title", f"“{parts['title']}”" if chance % 2 else f'"{parts["title"]}"'),
        ("journal", f"{parts['journal']},"),
        ("volume", f"vol. {parts['volume']},{_issue(parts, ' no. {},')}"),
        ("date", f"{parts['year']},"),
        ("pages", f"pp. {parts['pages'].removeprefix('pp. ')}."),
    ]


def _undated(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    inverted = [f"{family}, {initials}" for family, initials in names]
    author = ", ".join(inverted[:-1]) + f", & {inverted[-1]}" if len(inverted) > 1 else inverted[0]
    date = ("(in press).", "(n.d.).", "(forthcoming).", "n.d.")[chance // 5 % 4]
    where = [("journal", f"{parts['journal']}.")] if "journal" in parts else [("publisher", f"{parts['publisher']}.")]
    return [("author", author), ("date", date), ("title", f"{parts['title']}"), *where]


def _book(names: Sequence[Name], parts: Mapping[str, str], chance: int) -> Segments:
    place = [("location", f"{parts['location']}:")] if "location" in parts else []
    mark = ";" if chance // 5 % 2 else ","
    author = f"{_short(names, chance)}." if mark == ";" else _first_inverted(names)
    head = [*_numbered(chance, "{}."), ("author", author), ("title", f"{parts['title']}")]
    return [*head, *place, ("publisher", f"{parts['publisher']}{mark}"), ("date", f"{parts['year']}.")]


Form = Callable[[Sequence[Name], Mapping[str, str], int], Segments]
ARTICLES: tuple[Form, ...] = (_vancouver, _ieee, _vancouver, _plain, _mla, _springer, _undated)
BOOKS: tuple[Form, ...] = (_book, _book, _undated)
