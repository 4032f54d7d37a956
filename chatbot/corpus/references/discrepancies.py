"""Where a printed reference and a record of the same work differ.

The printed entry stays as it is; what is found is told to a maintainer, who decides. Case, accents, marks, kinds of dashes and
apostrophes, shortened page ranges and usual journal abbreviations are no differences, and an ellipsis is no missing author where
APA 7 puts one: after the first nineteen of more than twenty. Beside the record's fields the entry itself is looked at for links of
old form and stray spaces. What it leaves out: whether record or print is right, and titles in translation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from chatbot.corpus.values import Record, Reference
from chatbot.datatypes import Author

APA_FIRST = 19  # APA 7, section 9.8: of 21 and more authors the first 19, an ellipsis and the last
APA_ALL = 20
ALIKE = 0.75  # two family names from this ratio on are two spellings of one; "Lilienstein" and "Lillienstein" have .96
ELLIPSIS = re.compile(r"…|\.\s?\.\s?\.")
PARTICLE = re.compile(r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|ter|ten|al|el|bin|ibn) ")
SMALL_WORDS = {"of", "the", "and", "in", "for", "on", "de", "la", "des", "et", "y", "und", "der", "die", "für"}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference. `field` is a Record's field or "spacing"; `printed` and `found` are the two readings ("" where one has none)."""

    field: str
    printed: str
    found: str
    says: str


def compare(printed: Reference, record: Record) -> tuple[Discrepancy, ...]:
    """The differences, authors first, in the order of an entry. An empty field of the record says nothing.

    >>> entry = Reference("Neff, K. (2003) . Kind. https://doi.org/10.1/a", Record(title="Kind", year="2003", doi="10.1/a"))
    >>> [d.says for d in compare(entry, Record(title="KIND!", year="2004", doi="10.1/a"))]
    ['The entry prints year 2003, the record has 2004.', 'There is a stray space before the full stop after “(2003)”.']
    """
    said = printed.record
    return (
        *_authors(printed, record),
        *_year(printed, record),
        *_title(said, record),
        *_container(said, record),
        *_numbers(printed, record),
        *_doi(printed, record),
        *_url(printed, record),
        *_spacing(printed.printed),
    )


def key(text: str) -> str:
    """Letters and digits alone, in lower case, without accents or tags.

    >>> key("<i>MDMA‐assisted</i> thérapie: “A” ﬁeld") == key("MDMA-Assisted therapie. a field")
    True
    """
    letters = unicodedata.normalize("NFKD", re.sub(r"</?\w+>|&amp;", "", text)).casefold()
    return "".join(c for c in letters if c.isalnum())


def _family(author: Author) -> str:
    """A family name for comparison: no particle before it ("van der Kolk" may stand as "Kolk, Bessel van der")."""
    words = " ".join(re.split(r"[^\w’'.]+", unicodedata.normalize("NFC", author.family))).casefold()
    bare = words
    while PARTICLE.match(bare):
        bare = PARTICLE.sub("", bare, count=1)
    return key(bare or words)


def _initials(author: Author) -> str:
    """The initials of a given name: "Jean-Paul M." gives "jpm".

    >>> _initials(Author("Agin-Liebes", "Gabrielle I.")), _initials(Author("Smith", "JA")), _initials(Author("King", "M. L., Jr."))
    ('gi', 'ja', 'ml')
    """
    given = re.sub(r",?\s*\b(?:Jr|Sr|II|III|IV)\b\.?", "", author.given)
    words = [w for w in re.split(r"[\s.\-‐‑–]+", given) if w and not PARTICLE.match(f"{w} ")]
    return "".join(key(w if w.isupper() and len(w) <= 3 else w[0]) for w in words)


def _shown(author: Author) -> str:
    return f"{author.family}, {author.given}" if author.given else author.family


def _names(authors: Sequence[Author]) -> str:
    return "; ".join(_shown(a) for a in authors)


def _told(ours: Sequence[Author], theirs: Sequence[Author], says: str) -> Discrepancy:
    return Discrepancy("authors", _names(ours), _names(theirs), says)


def _authors(printed: Reference, record: Record) -> Iterator[Discrepancy]:
    said, found = printed.record.authors, record.authors
    if not found:
        return
    if not said:
        yield _differing("authors", "author", "", _names(found))
        return
    head = re.split(rf"\((?:1[5-9]|20)\d\d|{re.escape(printed.record.title or '(')}", printed.printed)[0]
    if not ELLIPSIS.search(head):
        expected = found[: len(said)] if re.search(r"\bet al\b", head) else found
        yield from _order(said, expected)
        yield from _given([(a, b) for a in said for b in expected if _family(a) == _family(b)])
        return
    yield from _ellipsis(said, found)
    pairs = [*zip(said[:-1], found, strict=False), (said[-1], found[-1])]
    wrong = [(a, b) for a, b in pairs if not _same(a, b)]
    if wrong:
        ours, theirs = zip(*wrong, strict=True)
        yield _told(ours, theirs, f"Where the entry prints {_names(ours)} the record has {_names(theirs)}.")
    yield from _given([(a, b) for a, b in pairs if _same(a, b)])


def _ellipsis(said: Sequence[Author], found: Sequence[Author]) -> Iterator[Discrepancy]:
    """An ellipsis that APA 7 puts elsewhere or not at all."""
    before, n = len(said) - 1, len(found)
    if n <= APA_ALL:
        yield _told(
            said,
            found,
            f"An ellipsis leaves authors out; the record has {n}, and APA 7 prints up to {APA_ALL} in full.",
        )
    elif before != APA_FIRST:
        rule = f"APA 7 prints the first {APA_FIRST}, an ellipsis and the last"
        yield _told(
            said, found, f"The entry prints {before} authors before the ellipsis; of the record's {n} authors {rule}."
        )


def _same(a: Author, b: Author) -> bool:
    """Whether two names are one, in any spelling of the family name."""
    one, other = _family(a), _family(b)
    return one == other or SequenceMatcher(None, one, other).ratio() >= ALIKE


def _order(said: Sequence[Author], found: Sequence[Author]) -> Iterator[Discrepancy]:
    """Spelling, missing, added, and the order of those that both have."""
    left, extra, ranks = list(found), [], []
    for author in said:
        match = next((b for b in left if _family(b) == _family(author)), None)
        match = match or next((b for b in left if _same(author, b) and _family(b) not in map(_family, said)), None)
        if match is None:
            extra.append(author)
            continue
        left.remove(match)
        ranks.append(found.index(match))
        if _family(match) != _family(author):
            yield _told([author], [match], f"The entry spells an author {author.family}, the record {match.family}.")
    if left:
        yield _told([], left, f"The entry leaves out {_names(left)}.")
    if extra:
        yield _told(extra, [], f"The entry names {_names(extra)}, whom the record does not have.")
    if ranks != sorted(ranks):
        ours, theirs = (", ".join(a.family for a in authors) for authors in (said, found))
        yield _told(said, found, f"The entry prints the authors in the order {ours}; the record has {theirs}.")


def _given(pairs: Sequence[tuple[Author, Author]]) -> Iterator[Discrepancy]:
    """Initials that differ. Of two authors of one family name each is held against its own namesake."""
    alike = [(a, b) for a, b in pairs if not a.given or not b.given or _initials(a) == _initials(b)]
    for a, b in pairs:
        if all(a != x and b != y for x, y in alike):
            yield _told([a], [b], f"The entry prints the initials of {_shown(a)}; the record has {b.given} {b.family}.")


def _differing(field: str, name: str, ours: str, theirs: str) -> Discrepancy:
    opening = f"The entry prints {name} {ours}," if ours else f"The entry has no {name};"
    return Discrepancy(field, ours, theirs, f"{opening} the record has {theirs}.")


def _year(printed: Reference, record: Record) -> Iterator[Discrepancy]:
    said, found = printed.record.year, record.year
    coming = re.search(r"in press|en prensa|sous presse|im Druck", printed.printed, re.IGNORECASE)
    if found and not said and coming:
        says = f"The entry says “{coming.group()}”; by the record the work appeared in {found}."
        yield Discrepancy("year", coming.group(), found, says)
    elif found and said != found:
        yield _differing("year", "year", said, found)


def _title(said: Record, record: Record) -> Iterator[Discrepancy]:
    ours, theirs = key(said.title), key(record.title)
    subtitled = bool(theirs) and ours.startswith(theirs) and ":" in said.title  # records often lack the subtitle
    if theirs and ours != theirs and not subtitled:
        yield _differing("title", "title", f"“{said.title}”" if ours else "", f"“{record.title}”")


def _container(said: Record, record: Record) -> Iterator[Discrepancy]:
    """The journal, book or site. APA leaves out a site's name that is the author's."""
    theirs = record.container
    if not theirs or key(theirs) in [key(a.family) for a in said.authors]:
        return
    needed = record.kind in ("article-journal", "chapter", "paper-conference")
    if (said.container or needed) and not (said.container and _abbreviates(said.container, theirs)):
        name = "journal" if record.kind == "article-journal" else "container"
        yield _differing("container", name, said.container, theirs)


def _abbreviates(short: str, long: str) -> bool:
    """Whether one name of a journal is the other, whole or abbreviated word by word.

    >>> _abbreviates("Nat. Rev. Neurosci.", "Nature Reviews Neuroscience"), _abbreviates("Nature", "Nature Medicine")
    (True, False)
    """
    if key(short) == key(long) or key(short).removeprefix("the") == key(long).removeprefix("the"):
        return True
    ours, theirs = (
        [w for w in re.findall(r"\w+", name.replace("&", "and").casefold()) if w not in SMALL_WORDS]
        for name in (short, long)
    )
    return len(ours) == len(theirs) and all(
        a[0] == b[0] and (b.startswith(a) or a.startswith(b) or (a[-1] == b[-1] and len(a) < 6))
        for a, b in zip(ours, theirs, strict=True)
    )


def _numbers(printed: Reference, record: Record) -> Iterator[Discrepancy]:
    """Volume, issue, pages or article number; what is missing is told only for an article."""
    said = printed.record
    article = "article-journal" in (said.kind, record.kind)
    apa = bool(re.search(r"\((?:1[5-9]|20)\d\d", printed.printed))
    numbered = bool(record.pages) and "–" not in _dashed(record.pages) and article
    named = {"volume": "volume", "issue": "issue", "pages": "article number" if numbered else "pages"}
    for field, name in named.items():
        ours, theirs = getattr(said, field), getattr(record, field)
        if not theirs or _pages(ours) == _pages(theirs):
            continue
        if ours or (article and (field != "issue" or (apa and said.volume))):
            yield _differing(field, name, ours, theirs)


def _dashed(pages: str) -> str:
    return re.sub(r"\s*[-‐‑–—]+\s*", "–", pages.strip())


def _pages(pages: str) -> str:
    """A page range in full and in plain form.

    >>> _pages("1025-33"), _pages("e12 — e15"), _pages("Article 2485513")
    ('1025–1033', 'e12–e15', '2485513')
    """
    text = re.sub(r"^(?:article|art\.|pp?\.)\s*", "", _dashed(pages).casefold())
    ends = re.fullmatch(r"(\d+)–(\d+)", text)
    if ends and len(ends.group(2)) < len(ends.group(1)):
        text = f"{ends.group(1)}–{ends.group(1)[: -len(ends.group(2))]}{ends.group(2)}"
    first, _, last = text.partition("–")
    return first if first == last else text.strip(".")


def _doi(printed: Reference, record: Record) -> Iterator[Discrepancy]:
    said, text = printed.record.doi, printed.printed
    right = f"https://doi.org/{said or record.doi}"
    if record.doi and said != record.doi.lower():
        yield _differing("doi", "DOI", said, record.doi)
    if not said:
        return
    form = re.search(r"(?:https?://)?(?:dx\.)?doi\.org/|\bdoi:?\s*(?=10\.)", text, re.IGNORECASE)
    opening = form.group().casefold().strip() if form else ""
    if opening != "https://doi.org/":
        shown = opening or "10. ... without an address"
        says = f"The DOI is printed in an old form ({shown}); today's address is {right}."
        yield Discrepancy("doi", shown, right, says)
    if re.search(r"10\.\d{4,9}/\S+\.\s*$", text):
        says = "A full stop follows the DOI; copied with it, the address leads nowhere."
        yield Discrepancy("doi", text.split()[-1], right, says)


def _url(printed: Reference, record: Record) -> Iterator[Discrepancy]:
    """An address that is not a DOI's: another one, http for https, a full stop behind it."""
    said = printed.record.url
    if not said or printed.record.doi:
        return
    bare = [re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/").casefold() for url in (said, record.url)]
    if record.url and not record.doi and bare[0] != bare[1]:
        yield _differing("url", "address", said, record.url)
    elif record.url.startswith("https:") and said.startswith("http:") and bare[0] == bare[1]:
        yield Discrepancy("url", said, record.url, f"The address is printed with http; the record has {record.url}.")
    if re.search(r"(?:https?://|www\.)\S+\.\s*$", printed.printed):
        says = "A full stop follows the address; copied with it, it may lead nowhere."
        yield Discrepancy("url", f"{said}.", said, says)


def _spacing(text: str) -> Iterator[Discrepancy]:
    """White space before a full stop or comma; the spaced ellipsis is none."""
    names = {".": "full stop", ",": "comma"}
    for match in re.finditer(r"(\S+)\s+([.,])(?=\s|$)", ELLIPSIS.sub(lambda m: "…" * len(m.group()), text)):
        before, mark = match.groups()
        if "…" not in before:
            says = f"There is a stray space before the {names[mark]} after “{before}”."
            yield Discrepancy("spacing", f"{before} {mark}", f"{before}{mark}", says)
