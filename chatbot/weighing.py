"""How well the readers of foreign files do, beside plain baselines: a measure over a folder of real documents.

The folder has the form of ../shared/eval/documents: jats/*.nxml with jats_plaintext/*.txt, html_readability/*/source.html
with expected.html, html_trafilatura/*.html with gold_with_without.json, pdf/*.pdf with .tei.xml. Each file is read alone; one
that cannot be read counts as an empty extract, so that refusing never pays. Weighed is what the gold texts have: articles
without references, pages with them and without the title; JATS also without table rows. It leaves out records and marks.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from chatbot.corpus.values import Reading
from chatbot.datatypes import Role
from chatbot.errors import ChapterError, EvaluationError
from chatbot.evaluate.extracts import SHINGLE, agreement, share_found
from chatbot.evaluate.metrics import mean_figure
from chatbot.evaluate.values import Figure

Extract = Callable[[bytes], str]
READING_ORDER: tuple[Role, ...] = ("title", "heading", "body", "caption", "footnote", "table")
PROSE = READING_ORDER[:-1]  # a readable row repeats its headers, and some of the gold texts have no tables
ON_A_PAGE = (*READING_ORDER[1:], "reference")
REFERENCES = re.compile(r"<(listBibl|biblStruct)\b.*?</\1>", re.DOTALL)  # of TEI, which is weighed without them too
HEADER = re.compile(r"<teiHeader\b.*?</teiHeader>", re.DOTALL)
ABSTRACT = re.compile(r"<abstract\b.*?</abstract>", re.DOTALL)
WITHIN = {"a", "abbr", "b", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u", "hi"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One reader on one kind of document. Figures are means over files; `seconds` are for all of them together.

    Names: recall, precision, f1 of words; f1_in_order of runs of four words; with (1 is best), without (0 is best).
    """

    kind: str
    reader: str
    n_files: int
    n_unreadable: int
    figures: Mapping[str, Figure]
    seconds: float


def weigh_documents(data: Path, read_pdf: Callable[[bytes, str], Reading] | None = None) -> tuple[Weighed, ...]:
    """A row for each kind of document and reader; PDFs only where their reader is given.

    Raises EvaluationError for a folder without documents of any kind.
    """
    from chatbot.corpus.readers.html import read_html
    from chatbot.corpus.readers.jats import read_jats

    jats = [
        (path.read_bytes(), plain_gold(gold.read_text("utf-8")))
        for path, gold in _pairs(data, "jats/*.nxml", _plain_text)
    ]
    pages = [
        (path.read_bytes(), tagged_words(gold.read_text("utf-8")))
        for path, gold in _pairs(data, "html_readability/*/source.html", lambda path: path.with_name("expected.html"))
    ]
    papers = [
        (path.read_bytes(), tei_words(gold.read_text("utf-8")))
        for path, gold in _pairs(data, "pdf/*.pdf", lambda path: path.with_suffix(".tei.xml"))
    ]
    rows = [
        weigh("jats", "chatbot", jats, lambda raw: words_of(read_jats(raw, "jats"))),
        weigh("jats", "chatbot, no tables", jats, lambda raw: words_of(read_jats(raw, "jats"), roles=PROSE)),
        weigh("jats", "itertext", jats, all_text),
        weigh("html", "chatbot", pages, lambda raw: words_of(read_html(raw, "", "html"), roles=ON_A_PAGE)),
        weigh("html", "trafilatura", pages, trafilatura_text),
        weigh_snippets("chatbot", data, lambda raw: words_of(read_html(raw, "", "html"))),
        weigh_snippets("trafilatura", data, trafilatura_text),
    ]
    if read_pdf is not None:
        rows.append(weigh("pdf", "chatbot", papers, lambda raw: words_of(read_pdf(raw, "pdf"))))
    found = tuple(row for row in rows if row.n_files)
    if not found:
        raise EvaluationError(f"{data}: has no documents; name a folder that holds jats/, html_readability/ or pdf/")
    return found


def weigh(kind: str, reader: str, pairs: Iterable[tuple[bytes, str]], extract: Extract) -> Weighed:
    """A reader's extracts against gold texts."""
    columns: dict[str, list[float]] = {"recall": [], "precision": [], "f1": [], "f1_in_order": []}
    n_unreadable, seconds = 0, 0.0
    for raw, gold in pairs:
        text, taken = _timed(extract, raw)
        n_unreadable += text is None
        seconds += taken
        words = agreement(text or "", gold)
        in_order = agreement(text or "", gold, SHINGLE).f1
        for name, value in zip(columns, (words.recall, words.precision, words.f1, in_order), strict=True):
            columns[name].append(value)
    return _row(kind, reader, columns, n_unreadable, seconds)


def weigh_snippets(reader: str, data: Path, extract: Extract) -> Weighed:
    """A reader's extracts of html_trafilatura/: the share of the snippets that must be there, and of those that must not."""
    folder = data / "html_trafilatura"
    gold = folder / "gold_with_without.json"
    columns: dict[str, list[float]] = {"with": [], "without": []}
    n_unreadable, seconds = 0, 0.0
    for name, wanted in (json.loads(gold.read_text("utf-8")) if gold.is_file() else {}).items():
        if (folder / name).is_file():
            text, taken = _timed(extract, (folder / name).read_bytes())
            n_unreadable += text is None
            seconds += taken
            for column in columns:
                columns[column].append(share_found(wanted[column], text or ""))
    return _row("html_snippets", reader, columns, n_unreadable, seconds)


def _timed(extract: Extract, raw: bytes) -> tuple[str | None, float]:
    """The extract, None where the file is unreadable, and the seconds that it took."""
    start = time.perf_counter()
    try:
        text: str | None = extract(raw)
    except ChapterError:
        text = None
    return text, time.perf_counter() - start


def _row(kind: str, reader: str, columns: Mapping[str, list[float]], n_unreadable: int, seconds: float) -> Weighed:
    figures = {name: mean_figure(values) for name, values in columns.items() if values}
    n_files = max((len(values) for values in columns.values()), default=0)
    return Weighed(kind, reader, n_files, n_unreadable, figures, seconds)


def _pairs(data: Path, pattern: str, gold_of: Callable[[Path], Path]) -> list[tuple[Path, Path]]:
    """Files and their gold, in order of name; files without gold are left out."""
    return [(path, gold_of(path)) for path in sorted(data.glob(pattern)) if gold_of(path).is_file()]


def _plain_text(path: Path) -> Path:
    return path.parent.with_name("jats_plaintext") / f"{path.stem}.txt"


def words_of(reading: Reading, roles: Sequence[Role] = READING_ORDER) -> str:
    """A reading's text without its references."""
    return "\n".join(part.text for part in reading.parts if part.role in roles)


def plain_gold(text: str) -> str:
    """A section-marked plain text without its marks; of "BODY.METHODS.PARTICIPANTS:" the last heading is kept.

    >>> plain_gold("TITLE: Rain\\n\\n  ABSTRACT:\\nIt fell.\\nBODY.METHODS.PARTICIPANTS:\\nTen.")
    ' Rain\\n\\n  \\nIt fell.\\nPARTICIPANTS\\nTen.'
    """
    text = re.sub(r"^TITLE:", "", text, flags=re.MULTILINE)
    return re.sub(r"^(\s*)(?:ABSTRACT|BODY)(?:\.(?:[^\n]*\.)?([^.\n]+))?:$", r"\1\2", text, flags=re.MULTILINE)


def tagged_words(text: str) -> str:
    """The words of an HTML or XML text; tags part words, but for those that stand within one.

    >>> tagged_words("<p>It &amp; I<br>f<b>ell</b></p><script>no</script>").split()
    ['It', '&', 'I', 'fell']
    """
    words = _Words()
    words.feed(text)
    words.close()
    return "".join(words.out)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self.silent = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent = tag in ("script", "style")
        self.out.append("" if tag in WITHIN else " ")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False
        self.out.append("" if tag in WITHIN else " ")

    def handle_data(self, data: str) -> None:
        self.out.append("" if self.silent else data)


def tei_words(text: str) -> str:
    """The words of a TEI file's abstract and body, without header and references."""
    abstract = ABSTRACT.search(text)
    body = HEADER.sub(" ", REFERENCES.sub(" ", text))
    return tagged_words(f"{abstract[0] if abstract else ''} {body}")


def all_text(raw: bytes) -> str:
    """The baseline for JATS: all text of the tree, without its references. An unreadable file is empty."""
    from lxml import etree

    try:
        root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ""
    etree.strip_elements(root, "ref-list", with_tail=False)
    return " ".join(root.itertext())


def trafilatura_text(raw: bytes) -> str:
    """The baseline for HTML: trafilatura's plain text with its own settings. What it refuses is empty."""
    import trafilatura

    return trafilatura.extract(raw) or ""
