"""How a citation names a work, against the work's record: the people and their order, the year, the initials in the printed reference.

Names are compared letter by letter after apostrophes, accents and case are taken away. What it leaves out: titles and other fields of
the reference, which `corpus check` compares with the record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from chatbot.datatypes import Author, Source

YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d[a-z]?\b|\bn\.d\.|\bin press\b|\bforthcoming\b", re.IGNORECASE)
BETWEEN = re.compile(r",?\s+(?:and|&)\s+|,\s+")
INITIALS = r"((?:[A-Z]\.[\s-]?)+)"


def plain(name: str) -> str:
    """A name as it is compared.

    >>> plain("Ot’alora G."), plain("Lù")
    ('otalora g', 'lu')
    """
    letters = unicodedata.normalize("NFD", name.lower())
    return " ".join(
        "".join(c if c.isalnum() or c in "- " else "" for c in letters if not unicodedata.combining(c)).split()
    )


def printed_names(work: str) -> tuple[tuple[str, ...], bool]:
    """The family names that one cited work prints, in order, and whether "et al." follows.

    >>> printed_names("Agin-Liebes, Mitchell, and Zeifman (2025)")
    (('Agin-Liebes', 'Mitchell', 'Zeifman'), False)
    >>> printed_names("(see Mitchell et al., 2021")
    (('Mitchell',), True)
    """
    before = YEAR.split(work, maxsplit=1)[0]
    named = re.sub(r"^\W*(?:see(?: also)?|e\.g\.|cf\.),?\s+", "", before).strip(" (,")
    head = re.split(r",?\s+et al", named)[0]
    return tuple(part.strip(" ,") for part in BETWEEN.split(head) if part.strip(" ,")), head != named


def is_of(work: str, source: Source) -> bool:
    """Whether a cited work begins with the name of the source's first author, or with its title."""
    names, _ = printed_names(work)
    first = plain(source.authors[0].family) if source.authors else plain(source.title)
    return bool(names) and bool(first) and plain(names[0]).startswith(first[:40])


def differences(work: str, source: Source) -> Iterator[str]:
    """What a cited work ("Mitchell et al., 2021") says otherwise than the record, in words."""
    names, shortened = printed_names(work)
    record = [author.family for author in source.authors]
    printed, recorded = [plain(n) for n in names], [plain(n) for n in record]
    years = [year.lower() for year in YEAR.findall(work)]
    if years and source.year.lower() not in years:
        yield f"the citation prints the year {years[0]}; the record has {source.year}"
    if not printed or not recorded or plain(source.title).startswith(" ".join(printed)):
        return
    unknown = [n for n, p in zip(names, printed, strict=True) if p not in recorded]
    if unknown:
        yield f"the citation names {_listed(unknown)}; the record has {_listed(_some(record))}"
    elif printed != recorded[: len(printed)]:
        yield f"the citation names the authors in the order {_listed(names)}; the record has {_listed(_some(record))}"
    elif len(printed) < len(recorded) and not shortened:
        yield f"the citation names {len(printed)} of {len(recorded)} authors without “et al.”"


def initials(source: Source) -> Iterator[str]:
    """Initials in the printed reference that are not those of the record's given names."""
    printed = source.reference.replace("’", "'")
    for author in source.authors:
        match = re.search(rf"(?<![\w-]){re.escape(author.family.replace('’', chr(39)))},\s+{INITIALS}", printed)
        if match and author.given and _letters(match.group(1)) != _initials(author):
            yield f"the reference prints “{match.group().strip(' ,')}”; the record gives “{author.given}”"


def _initials(author: Author) -> str:
    """The initials of the given names: "Jennifer M." is "JM"."""
    return "".join(part[0].upper() for part in re.split(r"[\s.-]+", author.given) if part)


def _letters(text: str) -> str:
    return "".join(re.findall(r"[A-Z]", text))


def _some(names: Sequence[str]) -> list[str]:
    """At most four names, the rest counted."""
    return [*names[:4], f"{len(names) - 4} more"] if len(names) > 5 else list(names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
