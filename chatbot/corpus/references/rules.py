"""Labels the words of a printed reference by its marks alone: the baseline that the trained labeller is measured against.

It knows the order "author, (year), title, container, numbers, place: publisher, address" of author-date styles, and finds what has a
form of its own (DOI, address, pages, "In ... (Eds.)") first; what lies between is named by where it lies. What it leaves out: styles
with the year at the end, names in titles, and everything that only words tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

YEAR = r"(?:1[5-9]|20)\d\d"
UNDATED = r"(?:n\.\s?d\.?|s\.\s?[df]\.|s/f|o\.\s?J\.|sin fecha|sans date|ohne Jahr|no date)"
COMING = r"(?:in press|in print|forthcoming|en prensa|sous presse|à paraître|im Druck|im Erscheinen|no prelo)"
DATE = re.compile(rf"[(\[][^()\[\]]*?(?:\b{YEAR}[a-z]?|{UNDATED}|{COMING})[^()\[\]]*[)\]]", re.IGNORECASE)
NUMBER = re.compile(r"\s*(?:\[([\w+.-]{1,8})\]|\((\d{1,3})\)|(\d{1,3})[.)](?=\s))\s*")


def by_rules(words: Sequence[str]) -> list[str]:
    """The labels of an author-date reference by its marks alone: the baseline that the trained labeller is measured against."""
    text, spans = " ".join(words), list(_spans(words))
    labels: list[str] = [""] * len(words)

    def put(name: str, start: int, end: int) -> None:
        for i, (a, b) in enumerate(spans):
            if not labels[i] and a < end and b > start:
                labels[i] = name

    number, date = NUMBER.match(text), DATE.search(text)
    if number:
        put("citation-number", *number.span())
    begin = number.end() if number else 0
    if date:
        put("date", *date.span())
        put("author", begin, date.start())
    for name, pattern in (
        ("doi", r"(?:doi:?\s*)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+"),
        ("url", r"(?:https?://|www\.)\S+"),
        ("note", r"(?:Retrieved|Available|Accessed|Recuperado|Consulté)\b.{0,40}?(?:from|at|de|:)(?=\s)"),
        ("edition", r"\(?\b(?:\d+\w*|rev\.) ed(?:n|ition)?\b\.?\)?"),
        ("editor", r"\b[Ii]n:? [^()]*?\(\s?(?:Eds?|Hrsg|dir)\b[^)]*\)"),
        ("pages", r"\(?\bpp?\. ?\w+(?:[-–]+\w+)?\)?|\b\d+ ?[-–]+ ?\d+\b"),
        ("volume", r"\(?\b[Vv]ol\. ?\w+|\b\d+ ?\(\d[^)]*\)|(?<=, )\d{1,4}(?=[,:])"),
    ):
        for match in re.finditer(pattern, text[date.end() if date else begin :]):
            put(name, match.start() + (date.end() if date else begin), match.end() + (date.end() if date else begin))
    return _filled(words, labels)


def _filled(words: Sequence[str], labels: list[str]) -> list[str]:
    """The words between what was found: the first sentence is the title, the next the journal or, after a place, the publisher."""
    name, rest = "title", "journal" if "volume" in labels else "container-title" if "editor" in labels else "publisher"
    for i, word in enumerate(words):
        if labels[i]:
            name = rest if name == "title" and "title" in labels[:i] else name
            continue
        labels[i] = name
        if name == "title" and re.search(r"[.?!][\"”’»)]*$", word):
            name = rest
        elif name == rest and word.endswith(":") and rest != "journal":
            for j in range(i, -1, -1):
                if labels[j] != name:
                    break
                labels[j] = "location"
            name = rest = "publisher"
    return labels


def _spans(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    at = 0
    for word in words:
        yield at, at + len(word)
        at += len(word) + 1
