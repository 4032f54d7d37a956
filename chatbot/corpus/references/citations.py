"""A printed reference list, and the in-text citations that point into it.

Three ways of citing are read: author and year as APA 7 allows them, "(see Mitchell et al., 2021, p. 3; WebMD, n.d.)" and "Neff's
(2003a, 2003b)"; numbers in brackets, "[3–5, 7]"; raised numbers, written "^3" or with raised digits. Author and year are matched by the
first family name and the year; where several works fit, the second name, "et al." and the year's letter tell them apart, and if
they do not, all are named. Numbers are matched to printed labels only: "[3, 5]" beside a list without numbers is an interval.
What it leaves out: footnotes, numbers in round brackets, and misspelt names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chatbot.corpus.values import Mark, Reference
from chatbot.datatypes import Author, Document, Source

COMING = r"in press|en prensa|sous presse|im Druck"
YEAR = rf"(?:(?:1[5-9]|20)\d\d[a-z]?(?!\w)|n\.\s?d\.(?:-?[a-z]\b)?|s\.\s?[fd]\.|{COMING})"
YEARS = rf"{YEAR}(?:\s?(?:,|;|/|&|and)\s?(?:{YEAR}|[b-h]\b(?![.:])))*"
INNER = r"(?:[^()\[\]]|\[[^()\[\]]{0,80}\]){0,2000}"  # no bracket is longer
PARENTHESIS = re.compile(rf"[(\[]({INNER}?{YEAR}{INNER})[)\]]")
PARTICLE = r"(?:(?:[Vv]an|[Vv]on|[Dd]e[rnlms]?|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os?|[Dd]u|[Ll][ae]|[Tt]e[nr]|[Aa]l|[Ee]l|bin|ibn)\s+)*"
NAME = rf"{PARTICLE}[A-ZÀ-Þ][\w’'‘.-]*(?:\s[A-ZÀ-Þ][\w’'.-]*){{0,4}}"
AND = r",?\s+(?:and|&|y|et|und)\s+"
# "Agin-Liebes, Mitchell, and Zeifman", "Neff et al.", "Neff's", "Neff and her colleagues" before a year in brackets
NAMES = rf"{NAME}(?:,\s+{NAME})*(?:{AND}(?:{NAME}|(?:(?:her|his|their)\s+)?(?:colleagues|others)))?(?:,?\s+et\s+al\.?)?"
NARRATIVE = re.compile(rf"(?<!\w)(?:{NAMES})(?:[’']s?)?,?\s*$")
# "Neff, K. (2003)" and "WebMD. (n.d.)" open entries of a list
LISTED = re.compile(r",\s+(?:[A-ZÀ-Þ]\.[\s-]?)+$|(?<!\bal)(?<!\b[A-ZÀ-Þ])(?<!\b[JS]r)\.\s*$")
OPENING = re.compile(
    r"^(?:\W|\b(?:see|also|e\.\s?g\.|i\.\s?e\.|cf\.|for (?:a |an )?\w+(?: \w+)?,?(?= see)|as cited in|cited in|in|from|by|review(?:ed)? by|adapted|"
    r"voir|véase|siehe|z\.\s?B\.|p\. ex\.)(?=\W))+",
    re.IGNORECASE,
)
NUMBERS = r"\d{1,3}(?:\s?[,;–—-]\s?\d{1,3})*"
BRACKETED = re.compile(rf"(?<!CI )(?<!CI, )(?<!= )(?<!range )(?<!interval )\[({NUMBERS})\]")
RAISED = re.compile(rf"(?:(?<=[^\W\d_]{{3}})|(?<=[.,;:)\]”\"’]))\^[({{]?({NUMBERS})[)}}]?")
RAISED_DIGITS = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=[.,;:)\]”\"’]))([⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,⁻˒–-][⁰¹²³⁴⁵⁶⁷⁸⁹]+)*)")
PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒", "0123456789-,")
REACH = 250  # characters before a bracket in which the names of a narrative citation stand
MAX_RANGE = 40  # "[3-41]" names at most so many works; a longer range is no citation


@dataclass(frozen=True, slots=True)
class InTextCitation:
    """A citation at [start, end) of a text, and the ids of the sources that it names (empty: none was found)."""

    start: int
    end: int
    text: str
    doc_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a citation can name of a work: plain family names, year, its letter, printed number, plain title, short names."""

    families: tuple[str, ...]
    year: str
    letter: str = ""
    label: str = ""
    title: str = ""
    short: str = ""


def in_text_citations(text: str, sources: tuple[Source, ...]) -> tuple[InTextCitation, ...]:
    """Every author-date citation of `text`, in order, also those that name no source.

    >>> [c.text for c in in_text_citations("It helps (Mitchell et al., 2021; WebMD, n.d.).", ())]
    ['(Mitchell et al., 2021; WebMD, n.d.)']
    """
    works = [_of_source(s) for s in sources]
    return tuple(
        InTextCitation(start, end, text[start:end], tuple(sources[i].doc_id for i in found))
        for start, end, found in sorted(_dated(text, works))
    )


def cite_marks(text: str, references: Sequence[Reference]) -> tuple[Mark, ...]:
    """The citations of `text` that name entries of the list, in order, not overlapping.

    >>> from chatbot.corpus.values import Record
    >>> listed = [Reference("", Record(authors=(Author("Neff", "K."),), year="2003"), "7")]
    >>> [(m.start, m.end, m.references) for m in cite_marks("As Neff's (2003) scale shows [7].", listed)]
    [(3, 16, (0,)), (29, 32, (0,))]
    """
    works = [_of_reference(r) for r in references]
    marks: list[Mark] = []
    dated = list(_dated(text, works))
    placed = not any(found for _, _, found in dated) and not any(w.label for w in works)
    for start, end, found in sorted([*dated, *_numbered(text, works, placed=placed)], key=lambda m: (m[0], -m[1])):
        if found and (not marks or marks[-1].end <= start):
            marks.append(Mark(start, end, found))
    return tuple(marks)


def match_source(work: str, sources: tuple[Source, ...]) -> str:
    """The id of the source that a citation such as "Mitchell et al., 2021" names, or ""."""
    works = [_of_source(s) for s in sources]
    found = _cited(work.strip(" ()[]"), works, {})
    return sources[found[0]].doc_id if found else ""


def printed_references(document: Document) -> tuple[tuple[int, int, str], ...]:
    """(start, end, text) of each entry of the document's reference list."""
    return tuple((b.start, b.end, document.text[b.start : b.end]) for b in document.blocks if b.role == "reference")


def unanswered_references(document: Document, sources: tuple[Source, ...]) -> tuple[tuple[int, str], ...]:
    """(line, text) of each printed reference that is no source's `reference`."""
    known = {s.reference for s in sources if s.reference}
    return tuple(
        (document.text.count("\n", 0, start) + 1, text)
        for start, _, text in printed_references(document)
        if text not in known
    )


def _of_source(source: Source) -> _Work:
    families, short = _names(source.authors)
    year, letter = re.sub(r"(?<=\d)[a-z]$", "", source.year), re.search(r"(?<=\d)[a-z]$", source.year)
    return _Work(families, year, letter.group() if letter else "", "", plain(source.title), short)


def _of_reference(reference: Reference) -> _Work:
    """A record has no letter and no "in press"; both are looked for in the printed entry."""
    record = reference.record
    families, short = _names(record.authors or record.editors)
    letter = re.search(rf"\b{re.escape(record.year)}([a-z])\b", reference.printed) if record.year else None
    if record.year == "n.d.":
        letter = re.search(r"n\.\s?d\.-?([a-z])\b", reference.printed)
    coming = not record.year and re.search(COMING, reference.printed, re.IGNORECASE)
    year = "in press" if coming else record.year
    label = reference.label.strip("[](). ")
    return _Work(families, year, letter.group(1) if letter else "", label, plain(record.title), short)


def _names(authors: Sequence[Author]) -> tuple[tuple[str, ...], str]:
    """Plain family names, and the letters by which a body may be called ("who")."""
    first = authors[0] if authors else Author("")
    capitals = re.findall(r"\b[A-ZÀ-Þ]", first.family) if not first.given else []
    return tuple(plain(a.family) for a in authors), plain("".join(capitals)) if len(capitals) > 1 else ""


def plain(name: str) -> str:
    """A name for comparison: lower case, no accents, no marks but spaces.

    >>> plain("Ot’alora G."), plain("Agin‑Liebes"), plain("Núñez")
    ('otalora g', 'agin liebes', 'nunez')
    """
    letters = unicodedata.normalize("NFKD", name).casefold().replace("ø", "o").replace("ł", "l")
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.sub(r"[’'‘`´.]", "", kept).translate(_MARKS).split())


_MARKS = {i: " " for i in range(0x2500) if not chr(i).isalnum()}


@lru_cache(maxsize=4096)
def _core(name: str) -> str:
    """A plain family name without particles before it and initials behind it."""
    words = name.split()
    while len(words) > 1 and len(words[-1]) == 1:
        words.pop()
    while len(words) > 1 and re.fullmatch(PARTICLE.rstrip("*"), f"{words[0]} "):
        words.pop(0)
    return " ".join(words)


def _dated(text: str, works: Sequence[_Work]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """(start, end, works) of each author-date citation; a narrative one begins with the names before the bracket."""
    called: dict[str, str] = {}
    for match in PARENTHESIS.finditer(text):
        inner = match.group(1)
        before = NARRATIVE.search(text[max(0, match.start() - REACH) : match.start()])
        if re.match(rf"\s*{YEAR}", inner):
            start, who = _narrator(text, match.start(), before, works)
            if who:
                yield start, match.end(), _cited(f"{who}, {inner}", works, called)
            continue
        body = re.match(rf"([A-Z][\w&.-]*),\s*{YEARS}", inner)
        if body:  # "World Health Organization (WHO, 2020)"
            for work in works:
                if work.families and plain(text[max(0, match.start() - REACH) : match.start()]).endswith(
                    work.families[0]
                ):
                    called[plain(body.group(1))] = work.families[0]
        if re.search(rf"[^\W\d_].*?{YEAR}", inner):
            found = _cited(inner, works, called)
            if found or re.search(
                rf"[^\W\d_][\w.’'-]*[\]”\"]?,\s*{YEAR}", inner
            ):  # "(Neff, 2003)", not "(in May 2003)"
                yield match.start(), match.end(), found


def _narrator(text: str, end: int, before: re.Match[str] | None, works: Sequence[_Work]) -> tuple[int, str]:
    """Where the names before the bracket at `end` begin, and the names; a body of the list is known by its whole name."""
    left = text[max(0, end - REACH) : end]
    unaccented = "".join(unicodedata.normalize("NFKD", c)[0] for c in left)  # of the same length
    for work in works:
        family = work.families[0] if work.families else ""
        if " " in family:
            words = r"\W+".join(re.escape(w) for w in family.split())
            found = re.search(rf"\b({words})(?:\W+\[?\w+\]?)?(?:[’']s?)?\s*$", unaccented, re.IGNORECASE)
            if found:
                return end - len(left) + found.start(), left[found.start() : found.end(1)]
    if not before or LISTED.search(before.group()):
        return end, ""
    firsts = {_core(w.families[0]) for w in works if w.families}
    starts = [before.start(), *(before.start() + m.end() for m in re.finditer(r",?\s+", before.group()))]
    for start in starts:  # "In Neff (2003)", "Here, Neff and Germer (2013)": the first name that the list has
        names, _ = _who(left[start:])
        if names and _core(names[0]) in firsts and not OPENING.match(left[start:]):
            return end - len(left) + start, left[start:]
    return end - len(left) + before.start(), left[before.start() :]


def _cited(inner: str, works: Sequence[_Work], called: dict[str, str]) -> tuple[int, ...]:
    """The works that the words in a bracket name, each once, in order."""
    found: list[int] = []
    for piece in inner.split(";"):
        who, at = "", 0
        for match in re.finditer(YEARS, piece):
            said = OPENING.sub("", piece[at : match.start()]).strip(" ,")
            who, at = (said if any(c.isalpha() for c in said) else who), match.end()
            short = re.search(r"^(.*?)\s*\[(\w[\w&.-]*)\]$", who)
            if short:
                who = short.group(1)
                called[plain(short.group(2))] = plain(who)
            first = ""
            for year in re.split(r"\s?(?:,|;|/|&|and)\s?", match.group()):
                first = year[:-1] if re.fullmatch(r"\d{4}[a-z]", year) else first
                year = f"{first}{year}" if len(year) == 1 else year
                later = re.sub(r"^(?:[a-zß-ÿ]\S*\s+)+(?=\w)", "", who)  # "namely Williams et al.", "data of Uhl"
                found += _fitting(who, year, works, called) or _fitting(later, year, works, called)
    return tuple(dict.fromkeys(found))


def _who(names: str) -> tuple[list[str], bool]:
    """The plain names of "Neff, Germer & Pinto-Gouveia", and whether "et al." follows."""
    text = re.sub(r"[’']s?(?=\s*$)", "", OPENING.sub("", " ".join(names.split())).strip(" ,"))
    others = r",?\s*(?:\bet\s+al\b\.?|(?:\band\b|&)\s+(?:(?:her|his|their)\s+)?(?:colleagues|others))\s*$"
    short = re.sub(others, "", text)
    parts = [re.sub(r"^(?:[A-Z]\.[\s-]?)+(?=\w)", "", p.strip()) for p in re.split(rf"{AND}|\s*,\s*|\s*&\s*", short)]
    return [plain(p) for p in parts if plain(p)], short != text


def _fitting(who: str, year: str, works: Sequence[_Work], called: dict[str, str]) -> list[int]:
    """The works of that first name and year; of several those that second name, number of names and letter single out."""
    names, more = _who(who)
    whole = plain(re.sub(r"[’']s?(?=\s*$)", "", who))
    year, letter = re.sub(r"\s", "", year) if "." in year else year, ""
    if match := re.fullmatch(r"(\d{4}|n\.d\.)-?([a-z])", year):
        year, letter = match.groups()
    year = "n.d." if re.fullmatch(r"s\.[fd]\.", year) else "in press" if re.fullmatch(COMING, year) else year
    same = [
        i for i, w in enumerate(works) if w.year == year and names and _begins(w, names[0], called.get(whole, whole))
    ]
    tests: tuple[Callable[[_Work], bool], ...] = (
        lambda w: not letter or w.letter == letter,
        lambda w: len(names) < 2 or len(w.families) < 2 or _core(names[1]) in map(_core, w.families[1:]),
        lambda w: len(w.families) > 2 if more else len(w.families) == len(names),
    )
    for test in tests:
        same = [i for i in same if test(works[i])] or same
    return same


def _begins(work: _Work, first: str, whole: str) -> bool:
    """Whether a citation's first name, or all its words, are the work's first author, its short name or the start of its title."""
    if not work.families:
        return len(whole) > 5 and work.title.startswith(whole)
    author = work.families[0]
    return whole in (author, work.short) or _core(first) == _core(author)


def _numbered(text: str, works: Sequence[_Work], *, placed: bool) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """(start, end, works) of each number in brackets or raised, where every number is a printed label or, `placed`, a place."""
    labels = {str(i + 1) if placed else w.label: i for i, w in enumerate(works) if placed or w.label.isdigit()}
    for pattern in (BRACKETED,) if placed else (BRACKETED, RAISED, RAISED_DIGITS):
        for match in pattern.finditer(text) if labels else ():
            numbers = list(_expanded(match.group(1).translate(PLAIN_DIGITS)))
            if numbers and all(n in labels for n in numbers):
                yield match.start(), match.end(), tuple(dict.fromkeys(labels[n] for n in numbers))


def _expanded(numbers: str) -> Iterator[str]:
    """The numbers of "3–5, 7": 3, 4, 5, 7."""
    for part in re.split(r"\s?[,;]\s?", numbers):
        first, *last = [int(n) for n in re.split(r"\s?[–—-]\s?", part)]
        yield from map(str, range(first, min(last[-1] if last else first, first + MAX_RANGE) + 1))
