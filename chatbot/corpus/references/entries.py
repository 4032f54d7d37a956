"""Reads one printed reference into a record: APA 7 and 6, Harvard, Chicago author-date, Vancouver and their kin, in five languages.

A caller passes what labels the words: the trained labeller, or the rules of `rules`, which know author-date styles only. What is
certain by its form is then read from the whole entry, whatever the labels say: a DOI, an address, "2010;12(3):34–45". Dirt of PDFs is
mended in the record only ("a↵ects", "ﬁeld", tags); `printed` stays as it is. What it leaves out: several works in one entry.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

from chatbot.corpus.identifiers import DOI, doi_of, ended
from chatbot.corpus.values import Record, Reference
from chatbot.datatypes import Author

Label = Callable[[Sequence[str]], Sequence[str]]

YEAR = r"(?:1[5-9]|20)\d\d"
UNDATED = r"(?:n\.\s?d\.?|s\.\s?[df]\.|s/f|o\.\s?J\.|sin fecha|sans date|ohne Jahr|no date)"
COMING = r"(?:in press|in print|forthcoming|en prensa|sous presse|à paraître|im Druck|im Erscheinen|no prelo)"
DATE = re.compile(rf"[(\[][^()\[\]]*?(?:\b{YEAR}[a-z]?|{UNDATED}|{COMING})[^()\[\]]*[)\]]", re.IGNORECASE)
NUMBER = re.compile(r"\s*(?:\[([\w+.-]{1,8})\]|\((\d{1,3})\)|(\d{1,3})[.)](?=\s))\s*")
ARXIV = re.compile(r"arxiv(?:\.org/abs/|[:\s]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
URL = re.compile(r"(?:https?://|ftp://|www\.)\s?[^\s<>\"“”]+", re.IGNORECASE)
VANCOUVER = re.compile(
    rf"(?P<year>{YEAR})(?:\s[A-Z][a-z]{{2}}[\w\s/-]*)?;\s?(?P<volume>\w+)(?:\s?\((?P<issue>[^)]+)\))?:\s?(?P<pages>[\w–-]+)"
)
VOLUME = re.compile(
    r"(?:vol(?:ume)?s?|bd|band|tome|t)?\.?\s*(?P<volume>[A-Z]{0,3}\d+\w*(?:[-–/.]\d+)*|[IVXLC]+\b)?[\s,;.]*"
    r"(?:\((?:no\.?|nr\.?|n[º°])?\s*(?P<in>[^)]*)\)|(?:(?:no|nr|n[º°]|num|number|issue|iss|heft)\b\.?)\s*(?P<issue>[\w–/-]+))?",
    re.IGNORECASE,
)
EDITION = re.compile(
    r"[\s,(]{0,9}(?:\(|\b)((?:\d{1,4}|rev)\w{0,9}\.?ª?)\s*(?:ed(?:ition|n|ición)?|Aufl(?:age)?|éd(?:ition)?)\b\.?[^()]*\)?",
    re.IGNORECASE,
)
PAGES = re.compile(
    r"(?:\b(?:art(?:icle|\.)?|e)\s*(?:no\.?|number)?\s*)?([A-Za-z]{0,2}\d[\w.]*(?:\s?[-–‑—]+\s?[A-Za-z]?\d\w*)?)",
    re.IGNORECASE,
)
EDITORS = re.compile(
    r"[([,]?\s*\b(?:eds?|éds?|hrsg|hg|dirs?|coords?|orgs?|editors?|edited by)\b\.?(?!\w)\s*[)\]]?,?", re.IGNORECASE
)
IN = re.compile(r"^[(\s]*(?:in|dans|en|em)\b:?\s+", re.IGNORECASE)
INITIALS = re.compile(r"(?:[A-ZÀ-Þ][a-z]?\.?[\s-]*){1,4}(?:\b(?:Jr|Sr|III?|IV)\.?)?$")
JOINED = re.compile(r"\s*,?\s*(?:&|\band\b|\bet\b(?!\s+al)|\bund\b|\by\b|\be\b)\s+")
ET_AL = re.compile(
    r",?\s*(?:\bet\s+al\b\.?|(?:&\s*)?\bal\.?,\s*e\.|\bu\.\s?a\.|\by otros\b|\band others\b|…|(?:\.\s){2}\.|\.{3})"
)
BODY = re.compile(
    r"\b(?:association|agency|organi[sz]ation|institut\w*|universit\w*|department|ministry|minist\w+|committee|commission|council|"
    r"group|society|center|centre|office|bureau|foundation|national|international|world|federal|united|gouvernement|government|"
    r"network|consortium|collaborat\w+|inc|ltd|press|company|corporation)\b",
    re.IGNORECASE,
)
KINDS = (  # the first that fits names the kind; tried on the whole entry
    ("thesis", re.compile(r"\b(?:dissertation|thesis|thèse|tesis|tese|mémoire de|diplomarbeit)\b", re.IGNORECASE)),
    ("paper-conference", re.compile(r"\b(?:proceedings|proc\.|conference|symposium|workshop|actes d)", re.IGNORECASE)),
    ("report", re.compile(r"\b(?:report|rapport|informe|working paper|white paper|tech\. rep)\b", re.IGNORECASE)),
)


def fields_of(printed: str, label: Label) -> dict[str, str]:
    """The raw segments of a reference by label, in printed order, marks included; parts of one label are joined with a space.

    >>> labels = iter(["author", "author", "date", "title"])
    >>> fields_of("Neff, K. (2003). Self-compassion.", lambda words: [next(labels) for _ in words])
    {'author': 'Neff, K.', 'date': '(2003).', 'title': 'Self-compassion.'}
    """
    words = printed.split()
    found: dict[str, list[str]] = {}
    for word, name in zip(words, label(words), strict=True):
        found.setdefault(name, []).append(word)
    return {name: " ".join(parts) for name, parts in found.items()}


def parse_reference(printed: str, label: Label) -> Reference:
    """The reference as printed and its record. Never raises; a field that was not found is empty.

    >>> labels = iter(["citation-number", "author", "author", "date", "title", "title", "title", "url"])
    >>> found = parse_reference("[3] Neff, K. (n.d.). The three elements. http://a.org/b/.", lambda words: [next(labels) for _ in words])
    >>> found.label, found.record.authors, found.record.year, found.record.title, found.record.url
    ('3', (Author(family='Neff', given='K.'),), 'n.d.', 'The three elements', 'http://a.org/b/')
    """
    text = tidy(printed)
    fields = fields_of(text, label)
    number = NUMBER.match(text)
    doi, url = doi_of(text), url_of(text)
    container = fields.get("journal") or fields.get("container-title") or fields.get("source") or ""
    if url and not doi and not container and "location" not in fields:
        container = fields.pop("publisher", "")  # of a page it is the site's name
    authors = people(fields.get("author", "") or fields.get("director", ""), bodies=True)
    if len(authors) == 1 and not authors[0].given and "title" not in fields and not BODY.search(authors[0].family):
        fields["title"], authors = authors[0].family, ()  # "Three ways to calm. (2003). Press."
    where = _numbers(text, fields)
    record = Record(
        kind=_kind(text, fields, where, url),
        title=_title(fields.get("title", "")),
        authors=authors,
        editors=people(fields.get("editor", "")),
        year=where.get("year") or _year(text, fields),
        container=_stripped(IN.sub("", EDITION.sub("", container))),
        volume=where.get("volume", ""),
        issue=where.get("issue", ""),
        pages=where.get("pages", ""),
        edition=_edition(fields),
        publisher=_stripped(fields.get("publisher", "")),
        place=_stripped(fields.get("location", "")),
        doi=doi,
        url=url,
    )
    return Reference(printed, record, next((g for g in number.groups() if g), "") if number else "")


def tidy(printed: str) -> str:
    """One line without the dirt of PDFs and pages: ligatures, soft hyphens, hyphens at line ends, tags, entities.

    >>> tidy("Mixed-e↵ects and ﬁeld treat- ments, pre- and post-test <italic>Soins</italic>")
    'Mixed-effects and field treatments, pre- and post-test Soins'
    """
    text = re.sub(r"</?(?:italic|bold|i|b|em|strong|sup|sub|span)>", "", html.unescape(printed))
    text = re.sub("[ﬀ-ﬆ]", lambda m: unicodedata.normalize("NFKC", m.group()), text)
    text = re.sub("[\u00ad\u200b\ufeff]", "", re.sub(r"(?<=[A-Za-z])↵(?=[a-z])", "ff", text))
    words = re.sub(r"(?<=[a-z]{2})- (?!(?:and|or|et|ou|und|oder|y|o|e|to)\b)(?=[a-z]{2})", "", text)
    words = re.sub(r"(?<![.\s])\s+\.(?=\s+[^.\s]|$)", ".", words)
    return re.sub(r"\s+", " ", words).strip()


def url_of(text: str) -> str:
    """The first address that is not a DOI's; "" for none. An arXiv number gives its page.

    >>> url_of("arXiv:1706.03762v5"), url_of("Retrieved from <https://x.org/a_(b)>."), url_of("https://doi.org/10.1/x")
    ('https://arxiv.org/abs/1706.03762', 'https://x.org/a_(b)', '')
    """
    for match in URL.finditer(text):
        url = ended(match.group())
        if not re.search(r"doi\.org/|/10\.\d{4,9}/[^/]+$", url, re.IGNORECASE):
            return url if "://" in url else f"http://{url}"
    number = ARXIV.search(text)
    return f"https://arxiv.org/abs/{number.group(1)}" if number else ""


def _year(text: str, fields: Mapping[str, str]) -> str:
    bare = URL.sub(" ", DOI.sub(" ", text))
    for place in (fields.get("date", ""), *DATE.findall(bare)[:1]):
        if re.search(COMING, place, re.IGNORECASE):
            return ""
        if re.search(UNDATED, place, re.IGNORECASE):
            return "n.d."
        if found := re.search(rf"(?<!\d){YEAR}(?!\d)", place):
            return found.group()
    for name in ("pages", "title", "volume"):
        bare = bare.replace(fields.get(name) or "\0", " ")
    years = re.findall(rf"(?<![\d–-]){YEAR}(?![\d–-])", bare)
    return years[-1] if years else ""


def _numbers(text: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Volume, issue and pages; the year too where they are printed in one with it."""
    sure = VANCOUVER.search(text)
    if sure:
        found = {name: value or "" for name, value in sure.groupdict().items()}
        return {**found, "pages": _dashed(found["pages"])}
    volume = fields.get("volume", "").strip("( ")
    match = VOLUME.match(volume)
    out = {"volume": (match.group("volume") or "") if match else ""}
    out["issue"] = (match.group("in") or match.group("issue") or "") if match else ""
    pages = PAGES.search(re.sub(r"^\W*(?:pp?|pages?|págs?|pgs|S)\b\.?\s*", "", fields.get("pages", "")))
    rest = re.match(r"\s*:\s*([\w–-]+)", volume[match.end() :]) if match else None
    out["pages"] = _dashed(pages.group(1)) if pages else _dashed(rest.group(1)) if rest else ""
    return out


def _dashed(pages: str) -> str:
    return re.sub(r"\s?[-–‑—]+\s?", "–", pages).strip(".–")


def _kind(text: str, fields: Mapping[str, str], where: Mapping[str, str], url: str) -> str:
    """A CSL type, from what was found; "" when nothing tells."""
    if fields.get("journal") or (where.get("volume") and where.get("year")):
        return "article-journal"
    beyond = text.replace(fields.get("title") or "\0", " ")
    told = next((kind for kind, form in KINDS if form.search(beyond)), "")
    book = "book" if fields.get("publisher") or fields.get("edition") else ""
    chapter = "chapter" if fields.get("container-title") and (where["pages"] or "editor" in fields or not url) else ""
    return told or chapter or book or ("webpage" if url else "")


def _title(raw: str) -> str:
    """A title without the marks around it; a question mark stays, and quotation marks within."""
    text = re.sub(r"\s\[[^\[\]]+\]\W*$", "", EDITION.sub("", raw)).strip(" .,;:")  # "[Paper presentation]" is no title
    inner = re.match(r"[\"“‘«']([^\"“”«»]*)[\"”’»']$", text)
    return inner.group(1).strip(" .,;:") if inner else text


def _stripped(raw: str) -> str:
    text = raw.strip(" .,;:")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    for opening, closing in ("()", "[]"):
        text = text.strip(closing) if opening not in text else text.strip(opening) if closing not in text else text
    return text.strip(" .,;:")


def _edition(fields: Mapping[str, str]) -> str:
    """The edition's number, or its words; it may stand behind the title of the book."""
    raw = fields.get("edition", "")
    told = next(
        filter(None, (EDITION.search(fields.get(k, "")) for k in ("edition", "container-title", "title"))), None
    )
    number = re.search(r"\d+", told.group(1) if told else raw)
    return number.group() if number else re.sub(r"\W*\bed(?:n|ition)?\b\W*", "", raw).strip("() .,;")


def people(raw: str, *, bodies: bool = False) -> tuple[Author, ...]:
    """The names in print order; a body has no given name. `bodies`: a lone name without initials is one.

    >>> people("Ot’alora G., M., van der Kolk, B., & King, M. L., Jr.")
    (Author(family='Ot’alora G.', given='M.'), Author(family='van der Kolk', given='B.'), Author(family='King', given='M. L., Jr.'))
    >>> people("Smith JA, Doe B"), people("World Health Organization.", bodies=True)
    ((Author(family='Smith', given='J. A.'), Author(family='Doe', given='B.')), (Author(family='World Health Organization', given=''),))
    """
    text = IN.sub("", EDITORS.sub("", NUMBER.sub("", raw, count=1)))
    text = re.sub("[*†‡§]", "", ET_AL.sub(",", text)).strip(" ,;:()[]&")
    if not text or not any(c.isalpha() for c in text):
        return ()
    if ";" in text:
        parts = (re.sub(r"^\s*(?:&|and|et|y|und)\s", "", part) for part in text.split(";"))
        return tuple(a for part in parts for a in people(part, bodies=bodies))
    if BODY.search(text) and not re.search(r",\s+[A-Z]\.", text):
        return (Author(text.rstrip(".")),)
    groups = [g for g in JOINED.split(text) if g.strip(" ,")]
    out: list[Author] = []
    for group in groups:
        out += _group([p.strip() for p in group.split(",") if p.strip(" .")], lone=bodies and len(groups) == 1)
    return tuple(out)


def _group(items: Sequence[str], *, lone: bool) -> Iterator[Author]:
    i = 0
    while i < len(items):
        item, following = items[i], items[i + 1] if i + 1 < len(items) else ""
        step, author = _one(item, following, items[i + 2] if i + 2 < len(items) else "", lone=lone and len(items) == 1)
        yield author
        i += step


def _one(item: str, following: str, third: str, *, lone: bool) -> tuple[int, Author]:
    """How many comma-parted items the next name takes, and the name."""
    suffix = re.fullmatch(r"(?:Jr|Sr|III?|IV)\.?", third)
    if following and INITIALS.match(following):
        given = _spaced(following) + (f", {third}" if suffix else "")
        return (3 if suffix else 2), Author(item, given)
    vancouver = re.fullmatch(r"(.*?[a-zß-ÿ]\S*)\s((?:[A-Z]\.?[\s-]?){1,3})", item)
    if vancouver:
        return 1, Author(vancouver.group(1), _spaced(vancouver.group(2)))
    direct = re.fullmatch(r"((?:[A-ZÀ-Þ]\.[\s-]*)+(?:[A-ZÀ-Þ][\w’'-]+\s)?)((?:\w+\s)*\S+)", item)
    if direct:
        return 1, Author(direct.group(2).rstrip("."), _spaced(direct.group(1)))
    if following and " " not in item and re.fullmatch(r"[A-ZÀ-Þ][\w’'-]+\.?(?:\s[A-ZÀ-Þ][\w’'.-]*)*", following):
        return 2, Author(item, following.rstrip(".") if len(following.split()[-1]) > 2 else following)
    words = item.rstrip(".").split()
    if lone or len(words) == 1:
        return 1, Author(item if INITIALS.match(words[-1]) else item.rstrip("."))
    particle = next((k for k, w in enumerate(words[1:], 1) if w[0].islower()), len(words) - 1)
    return 1, Author(" ".join(words[particle:]), " ".join(words[:particle]))


def _spaced(initials: str) -> str:
    """Initials with full stops and spaces: "JA" and "J.A." become "J. A."; given names stay."""
    text = initials.strip().replace(" -", "-")
    if re.fullmatch(r"[A-ZÀ-Þ]{1,3}\.?", text):
        return " ".join(f"{c}." for c in text.rstrip("."))
    return re.sub(r"\.(?=[A-ZÀ-Þ])", ". ", text if len(text) > 1 else f"{text}.")
