"""Exact words with all that a reader needs to check them.

A quote is a sentence, or a sentence with the one before it when it does not stand alone ("It can change ..."), or with the one
after it that goes on ("This can allow them ..."). Its link goes to the publisher's page at the words (a text fragment, WICG
2023) where the page holds these words; a note's link goes to the work that the note is about. In-text citations in the quoted
words are resolved to the works that the article relies on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote as percent

from chatbot.datatypes import ARTICLE, Citation, Document, Sentence, Source, Status

LEANS_BACK = re.compile(
    r"^(?!\w+(?:\s+(?:is|seems)|[’']s)\s+(?:important|that)\b)"
    r"(?:It|It’s|It's|Its|They|Their|This|These|That|Those|He|She|His|Her)\b"
)
MAX_LEANING = 480  # characters of a sentence and its neighbour together; longer ones are shown alone
STATES = {
    "clear": "no retraction known",
    "correction": "corrected since publication",
    "concern": "under an expression of concern",
    "retracted": "RETRACTED",
}
PAGES = {"changed": "the page has changed since it was read", "gone": "the page is gone"}
ALARMING = ("concern", "retracted")
UNCHECKED = "not checked for retraction"


def status_line(status: Status) -> str:
    """The stamp that every citation carries.

    >>> status_line(Status("clear", "2026-11-23", "")), status_line(Status("clear", "", ""))
    ('no retraction known, checked 2026-11-23', 'not checked for retraction')
    >>> status_line(Status("clear", "2026-11-23", "", page="changed 2026-11-20"))
    'no retraction known, the page has changed since it was read (seen 2026-11-20), checked 2026-11-23'
    """
    if status.state == "clear" and not status.checked:
        return UNCHECKED
    said = [STATES[status.state]]
    if status.page:
        what, day = status.page.split()
        said.append(f"{PAGES[what]} (seen {day})")
    return ", ".join([*said, *([f"checked {status.checked}"] if status.checked else [])])


def alert(status: Status) -> str:
    """The banner over a quote of a work that was retracted or is under concern, and over one that relies on such works; "" for none."""
    said = [f"This work is {status_line(status)}."] if status.state in ALARMING else []
    if status.relies_on:
        n = len(status.relies_on)
        works = "a work that was" if n == 1 else f"{n} works that were"
        said.append(f"This work cites {works} retracted or put under concern: {'; '.join(status.relies_on)}.")
    return " ".join(said)


def cited_alert(work: Source) -> str:
    """The banner over a sentence that cites a work which was retracted or is under concern; "" for a work in good standing."""
    named = work.label.removeprefix("Note on ")
    return f"{named}, cited here, is {status_line(work.status)}." if work.status.state in ALARMING else ""


def span_of(sentences: Sequence[Sentence], row: int) -> tuple[int, int]:
    """(first, last) rows to show for a sentence: with the one before when it leans on it."""
    sentence = sentences[row]
    if sentence.position and LEANS_BACK.match(sentence.text) and sentence.role == "body":
        before = sentences[row - 1]
        if sentence.end - before.start <= MAX_LEANING:
            return row - 1, row
    return row, row


def completed(sentences: Sequence[Sentence], span: tuple[int, int], goes_on: Callable[[int], bool]) -> tuple[int, int]:
    """(first, last) rows: the span with the sentence after it, when that leans back on it ("This can allow them ...") and `goes_on` says
    of its row that it has to do with the question; what a text says in two breaths is quoted as one."""
    first, after = span[0], span[1] + 1
    if after < len(sentences) and sentences[after].position and sentences[after].role == "body":
        follows = LEANS_BACK.match(sentences[after].text) and goes_on(after)
        if follows and sentences[after].end - sentences[first].start <= MAX_LEANING:
            return first, after
    return span


def text_fragment(url: str, text: str) -> str:
    """The address with a fragment that a browser scrolls to: first and last words of the text.

    >>> text_fragment("https://example.org/a", "One two three four five six seven eight nine ten.")
    'https://example.org/a#:~:text=One%20two%20three%20four,seven%20eight%20nine%20ten.'
    """
    words = text.split()
    ends = [words] if len(words) <= 8 else [words[:4], words[-4:]]
    marks = [percent(" ".join(part), safe="").replace("-", "%2D") for part in ends]
    return f"{url.split('#')[0]}#:~:text={','.join(marks)}"


def cite(
    document: Document,
    start: int,
    end: int,
    *,
    number: int,
    generation: str,
    section: str,
    lead_ins: Mapping[str, str],
    relies_on: Sequence[Source] = (),
    role: str = "body",
) -> Citation:
    """A numbered citation of document.text[start:end]."""
    source = document.source
    quote = document.quote(start, end, generation)
    page = source.url or source.link
    whole = "full" if source.kind == ARTICLE else "source"
    lead_in = lead_ins["reference" if role == "reference" else whole if source.text_kind == "full" else "digest"]
    return Citation(
        number=number,
        quote=quote,
        label=source.label,
        reference=source.reference_corrected or source.reference,
        link=text_fragment(page, quote.text) if page and source.text_kind == "full" else source.link,
        section=section,
        status=status_line(source.status),
        alert=" ".join(filter(None, (alert(source.status), *map(cited_alert, relies_on)))),
        text_kind=source.text_kind,
        lead_in=lead_in.replace("{label}", source.label),
        relies_on=tuple((s.label.removeprefix("Note on "), s.reference, s.link) for s in relies_on),
    )
