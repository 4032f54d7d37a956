"""Writes records as APA 7 references, CSL-JSON, BibTeX and RIS.

APA follows the Publication Manual's seventh edition, chapter 9 and 10, by hand: citeproc-py 0.11 with the public APA style was tried and
printed "(eds.)" for "(Eds.)", "Retrieved https://..." without a date, the site's name after an author of that name, and no
"Article" before an article number. The other three are forms for machines and keep what a record has; what cannot be told from a record
(italics, retrieval dates) is left out. Titles are printed as recorded: case is not changed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from chatbot.corpus.values import Record
from chatbot.datatypes import Author, Json

FIRST_NAMES, ALL_NAMES = 19, 20  # APA 7: of more than twenty authors the first nineteen and the last
BIBTEX = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "entry-encyclopedia": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
RIS = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "entry-encyclopedia": "ENCYC",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
}
# What TeX would read as commands, in the order of one pass over the characters.
TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\lbrace{}",  # BibTeX counts braces, escaped or not
    "}": r"\rbrace{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
WHOLE_WORKS = ("", "book", "report", "thesis", "webpage")


def as_apa(record: Record) -> str:
    """One APA 7 reference, plain text.

    >>> as_apa(Record("article-journal", "Self-compassion", (Author("Neff", "Kristin D."),), year="2003", container="Self and Identity",
    ...               volume="2", issue="2", pages="85–101", doi="10.1080/15298860309032"))
    'Neff, K. D. (2003). Self-compassion. Self and Identity, 2(2), 85–101. https://doi.org/10.1080/15298860309032'
    """
    names = apa_names(record.authors)
    date = f"({record.year or 'n.d.'})"
    whole = record.kind in WHOLE_WORKS and not (record.kind == "" and record.volume)
    title = record.title + (_bracketed(_edition(record.edition)) if whole else "")
    if record.kind == "thesis":
        title += f" [{', '.join(p for p in ('Thesis', record.publisher) if p)}]"
    editors = record.editors
    if not names and editors and whole:
        names, editors = f"{apa_names(editors)} ({_eds(editors)})", ()
    opening = [names, date, title] if names else [title, date]
    link = f"https://doi.org/{record.doi}" if record.doi else record.url
    parts = [*opening, _source(record, editors, whole=whole)]
    return " ".join([*(_stopped(p) for p in parts if p), *([link] if link else [])])


def _source(record: Record, editors: Sequence[Author], *, whole: bool) -> str:
    """Where it appeared: journal and numbers, book and editors, or publisher or site."""
    if record.kind == "thesis":
        return ""
    if whole:
        named = record.publisher or ("" if record.kind == "book" else record.container)
        return "" if named in [a.family for a in record.authors] else named
    if record.kind in ("chapter", "entry-encyclopedia", "paper-conference"):
        by = f"{apa_names(editors, inverted=False)} ({_eds(editors)}), " if editors else ""
        pages = f"{'pp.' if re.search(r'[–-]', record.pages) else 'p.'} {record.pages}" if record.pages else ""
        inside = ", ".join(p for p in (_edition(record.edition), record.volume and f"Vol. {record.volume}", pages) if p)
        return f"In {by}{record.container}{_bracketed(inside)}" + (f". {record.publisher}" if record.publisher else "")
    issue = f"({record.issue})" if record.issue else ""
    numbered = re.fullmatch(r"[A-Za-z]?\d+", record.pages) and (len(record.pages) > 4 or record.pages[0].isalpha())
    pages = f"Article {record.pages}" if numbered else record.pages
    return ", ".join(p for p in (record.container, record.volume + issue, pages) if p)


def apa_names(authors: Sequence[Author], *, inverted: bool = True) -> str:
    """The names with "&" before the last; of more than twenty the first nineteen, an ellipsis and the last.

    >>> apa_names((Author("Sartre", "Jean-Paul"), Author("van der Kolk", "B."))), apa_names((Author("King", "M. L., Jr."),), inverted=False)
    ('Sartre, J.-P., & van der Kolk, B.', 'M. L. King, Jr.')
    """
    names = [_apa_name(a, inverted=inverted) for a in authors]
    if len(names) > ALL_NAMES:
        return ", ".join(names[:FIRST_NAMES]) + f", . . . {names[-1]}"
    if len(names) == 2 and not inverted:
        return " & ".join(names)
    return ", & ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _apa_name(author: Author, *, inverted: bool) -> str:
    given, _, suffix = author.given.partition(", ")
    words = [w for w in given.replace("‐", "-").split() if w]
    initials = " ".join("-".join(_initial(p) for p in word.split("-") if p) for word in words)
    name = [author.family, initials] if inverted else [f"{initials} {author.family}".strip()]
    return ", ".join(p for p in (*name, suffix) if p)


def _initial(part: str) -> str:
    """ "Kristin" gives "K.", "J.M." and "JM" give "J. M."; a particle stays."""
    if part.islower() and part.isalpha():
        return part
    letters = part.replace(".", "")
    return " ".join(f"{c}." for c in letters) if letters.isupper() and len(letters) < 4 else f"{part[0]}."


def _eds(editors: Sequence[Author]) -> str:
    return "Eds." if len(editors) > 1 else "Ed."


def _edition(edition: str) -> str:
    """ "2" gives "2nd ed."; words stay."""
    if not edition.isdigit():
        return f"{edition.rstrip('.')}. ed." if edition and "ed" not in edition.split() else edition
    number = int(edition)
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} ed."


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _stopped(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def as_csl(records: Iterable[Record], notes: Iterable[str] = ()) -> list[Json]:
    """Records as CSL-JSON items, in order; ids are `citation_keys`. "n.d." is no date. Of `notes` the first is the first record's.

    >>> as_csl([Record("book", "Kind", (Author("WHO"),), year="2003", pages="1–2")])
    [{'id': 'who2003', 'type': 'book', 'title': 'Kind', 'author': [{'literal': 'WHO'}], 'issued': {'date-parts': [[2003]]}, 'page': '1-2'}]
    """
    listed = list(records)
    return [_csl(*row) for row in zip(listed, citation_keys(listed), chain(notes, repeat("")), strict=False)]


def _csl(record: Record, ident: str, note: str) -> Json:
    def people(authors: Sequence[Author]) -> list[Json]:
        return [{"family": a.family, "given": a.given} if a.given else {"literal": a.family} for a in authors]

    item: Json = {
        "id": ident,
        "type": record.kind or "document",
        "title": record.title,
        "author": people(record.authors),
        "editor": people(record.editors),
        "issued": {"date-parts": [[int(record.year)]]} if re.fullmatch(r"\d{4}", record.year) else {},
        "container-title": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages.replace("–", "-"),
        "edition": record.edition,
        "publisher": record.publisher,
        "publisher-place": record.place,
        "DOI": record.doi,
        "URL": record.url,
        "note": note,
    }
    return {name: value for name, value in item.items() if value}


def csl_text(records: Iterable[Record], notes: Iterable[str] = ()) -> str:
    """CSL-JSON as a file's text."""
    return json.dumps(as_csl(records, notes), ensure_ascii=False, indent=1) + "\n"


def as_bibtex(records: Iterable[Record], notes: Iterable[str] = ()) -> str:
    """Records as BibTeX entries for UTF-8 BibTeX or biber; bodies and titles stand in braces of their own, so that none is cut or re-cased."""
    listed = list(records)
    return "\n".join(
        _bibtex(*row) for row in zip(listed, citation_keys(listed), chain(notes, repeat("")), strict=False)
    )


def _bibtex(record: Record, ident: str, note: str) -> str:
    kind = BIBTEX.get(record.kind, "misc")
    container = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}.get(
        kind, "howpublished"
    )
    publisher = {"techreport": "institution", "phdthesis": "school"}.get(kind, "publisher")
    fields = {
        "author": _tex_names(record.authors),
        "editor": _tex_names(record.editors),
        "title": f"{{{_tex(record.title)}}}" if record.title else "",
        container: _tex(record.container),
        "year": _tex(record.year),
        "volume": _tex(record.volume),
        "number": _tex(record.issue),
        "pages": _tex(record.pages).replace("–", "--"),
        "edition": _tex(record.edition),
        publisher: _tex(record.publisher),
        "address": _tex(record.place),
        "doi": _balanced(record.doi),
        "url": _balanced(record.url),
        "note": _tex(note),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{ident},\n" + ",\n".join(lines) + "\n}\n"


def _balanced(address: str) -> str:
    return address.replace("{", "%7B").replace("}", "%7D")


def _tex(text: str) -> str:
    """Text that TeX prints as it stands.

    >>> print(_tex("R&D 50% x_1"))
    R\\&D 50\\% x\\_1
    """
    return "".join(TEX.get(c, c) for c in text)


def _tex_names(authors: Sequence[Author]) -> str:
    """Names joined with "and"; a body in braces, so that no part of it is taken for a given name."""
    names = []
    for author in authors:
        given, _, suffix = author.given.partition(", ")
        family = _tex(author.family)
        parts = [f"{{{family}}}" if " and " in family else family, _tex(suffix), _tex(given)]
        names.append(", ".join(p for p in parts if p) if given else f"{{{family}}}")
    return " and ".join(names)


def as_ris(records: Iterable[Record], notes: Iterable[str] = ()) -> str:
    """Records in RIS form: two letters, two spaces, a hyphen, a space, the value; one line a value, CR LF, "ER" last."""
    return "".join(_ris(record, note) for record, note in zip(records, chain(notes, repeat("")), strict=False))


def _ris(record: Record, note: str) -> str:
    first, _, last = record.pages.partition("–")
    tags = [
        ("TY", RIS.get(record.kind, "GEN")),
        *(("AU", _ris_name(a)) for a in record.authors),
        *(("ED" if record.kind == "book" else "A2", _ris_name(a)) for a in record.editors),
        ("TI", record.title),
        ("T2", record.container),
        ("PY", record.year if record.year.isdigit() else ""),
        ("VL", record.volume),
        ("IS", record.issue),
        ("SP", first),
        ("EP", last),
        ("ET", record.edition),
        ("PB", record.publisher),
        ("CY", record.place),
        ("DO", record.doi),
        ("UR", record.url),
        ("N1", note),
    ]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _ris_name(author: Author) -> str:
    return f"{author.family}, {author.given}" if author.given else author.family


def citation_keys(records: Iterable[Record]) -> list[str]:
    """A key a record, of ASCII letters and digits: first family name and year; a letter from the second of its kind on.

    >>> citation_keys([Record(authors=(Author("Núñez"),), year="2003")] * 2 + [Record(title="The Three Ways", year="n.d.")])
    ['nunez2003', 'nunez2003b', 'thethreewaysnd']
    """
    keys: list[str] = []
    for record in records:
        name = record.authors[0].family if record.authors else " ".join(record.title.split()[:3])
        letters = unicodedata.normalize("NFKD", f"{name}{record.year}").encode("ascii", "ignore").decode().lower()
        key = re.sub(r"[^a-z0-9]", "", letters) or "work"
        others = (f"{key}{ending}" for ending in (*"bcdefghijklmnopqrstuvwxyz", *map(str, range(len(keys) + 1))))
        keys.append(key if key not in keys else next(k for k in others if k not in keys))
    return keys
