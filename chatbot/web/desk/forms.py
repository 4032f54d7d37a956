"""A form's body as fields, and fields as values of the review room.

Line ends become those of Unix, lone surrogates and NULs become U+FFFD; nothing else of what a person typed is changed. What does not fit
is a ReviewError that says what to do. Left out: whether a value can be true of a record, which the review room knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast, get_args
from urllib.parse import parse_qsl

from chatbot.datatypes import Document
from chatbot.errors import Malformed, ReviewError
from chatbot.log.finding import JUDGED, UNJUDGED, Filters
from chatbot.marked import Place
from chatbot.moderating.values import Action, Judgement, State
from chatbot.review.values import MAX_GOLD, Expectation, Label, QuoteLabel, QuoteVerdict, Triage
from chatbot.web.asking import clean

MAX_FIELDS = 200  # of one form; the largest has about sixty
PLACE = re.compile(r"([A-Za-z0-9_-]{1,100}):([0-9]{1,9})-([0-9]{1,9})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LABELS: tuple[str, ...] = get_args(Label)
QUOTE_LABELS: tuple[str, ...] = get_args(QuoteLabel)
TRIAGES: tuple[str, ...] = get_args(Triage)
EXPECTATIONS: tuple[str, ...] = get_args(Expectation)
ACTIONS: tuple[str, ...] = get_args(Action)
STATES: tuple[str, ...] = get_args(State)
QUOTE = "quote:"  # before a place, the name of the radio buttons of that quote


class Form:
    """The fields of a form, each with its values in order."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def one(self, name: str) -> str:
        """The first value, "" for none."""
        return next(iter(self._values.get(name, ())), "")

    def many(self, name: str) -> tuple[str, ...]:
        """All values that are not empty."""
        return tuple(value for value in self._values.get(name, ()) if value)

    def names(self, start: str) -> tuple[str, ...]:
        """The names that begin with `start`."""
        return tuple(name for name in self._values if name.startswith(start))

    def __bool__(self) -> bool:
        return bool(self._values)


NOTHING = Form({})


def read_form(body: bytes) -> Form:
    """The fields of a body of the type application/x-www-form-urlencoded. Raises Malformed for more than MAX_FIELDS."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise Malformed(
            f"The form has more than {MAX_FIELDS} fields. Load the page again and send it once more."
        ) from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(clean(value).replace("\r\n", "\n").replace("\r", "\n"))
    return Form(values)


def place_of(value: str) -> Place:
    """`doc_id:start-end` as a place. Raises ReviewError.

    >>> place_of("unlocking-healing:5-9")
    Place(doc_id='unlocking-healing', start=5, end=9)
    """
    found = PLACE.fullmatch(value)
    if not found or int(found[2]) >= int(found[3]):
        raise ReviewError(f"{value[:60]!r} is no place in a document; mark the words once more")
    return Place(found[1], int(found[2]), int(found[3]))


def place_name(place: Place) -> str:
    """A place as `place_of` reads it."""
    return f"{place.doc_id}:{place.start}-{place.end}"


def chosen(value: str, among: Sequence[str], what: str) -> str:
    """The value. Raises ReviewError when it is none of those."""
    if value not in among:
        raise ReviewError(f"choose {what}")
    return value


def filters_of(form: Form) -> Filters:
    """The filters as chosen. Raises ReviewError for a day that is none, and for two in the wrong order."""
    for name in ("since", "until"):
        if form.one(name) and not DAY.fullmatch(form.one(name)):
            raise ReviewError(f"{form.one(name)[:20]!r} is no day; write it as 2026-11-24")
    if form.one("since") > form.one("until") > "":
        raise ReviewError(f"{form.one('since')} is after {form.one('until')}; change one of the two days")
    group = form.one("group")
    names = ("kind", "source", "generation", "reviewer", "tag", "since", "until", "assigned_to")
    return Filters(
        text=form.one("text").strip()[:200],
        verdict=form.one("verdict") if form.one("verdict") in (*LABELS, JUDGED, UNJUDGED) else "",
        thumb=form.one("thumb") if form.one("thumb") in ("up", "down") else "",
        group=int(group) if re.fullmatch("[0-9]{1,15}", group) else 0,
        **{name: form.one(name)[:100] for name in names},
    )


def judgement_of(form: Form) -> Judgement:
    """The verdict as chosen. Raises ReviewError while there is none."""
    label = chosen(form.one("label"), LABELS, "a verdict on the reply: press 1 to 5, or click one")
    quotes = []
    for name in form.names(QUOTE):
        if form.one(name) in QUOTE_LABELS:
            at = place_of(name.removeprefix(QUOTE))
            quotes.append(QuoteVerdict(at.doc_id, at.start, at.end, cast(QuoteLabel, form.one(name))))
    triage = form.one("triage") if label in ("wrong_triage", "unsafe") else ""
    return Judgement(
        label=cast(Label, label),
        note=form.one("note").strip(),
        tags=tuple(dict.fromkeys(t for t in re.split(r"[\s,]+", form.one("tags").lower()) if t)),
        quotes=tuple(quotes),
        triage=cast(Triage, triage) if triage in TRIAGES else None,
    )


def lines_of(words: str) -> Sequence[str]:
    """The lines of a text that are not blank. Raises ReviewError as `few` does."""
    return few([line.strip() for line in words.split("\n") if line.strip()])


def pasted(lines: Iterable[str], documents: Sequence[Document]) -> list[Place]:
    """Where lines stand, each in the first document that has it. Raises ReviewError for a line that stands in none."""
    out = []
    for line in lines:
        found = next((d for d in documents if line in d.text), None)
        if found is None:
            raise ReviewError(
                f"“{line[:80]}” stands in no document of this reply's index; copy it exactly from a source"
            )
        start = found.text.index(line)
        out.append(Place(found.doc_id, start, start + len(line)))
    return out


def few(wanted: Sequence[str]) -> Sequence[str]:
    """Places or lines, of which each costs a look into a document. Raises ReviewError for more than are kept."""
    if len(wanted) > MAX_GOLD:
        raise ReviewError(f"{len(wanted)} sentences were marked or pasted; at most {MAX_GOLD} are kept")
    return wanted


def touched(place: Place, sentences: Sequence[Place]) -> tuple[Place, ...]:
    """The sentences of which a place holds a character. Raises ReviewError when there is none."""
    found = tuple(s for s in sentences if s.overlaps(place))
    if not found:
        raise ReviewError(f"{place_name(place)} holds no sentence that may be quoted; mark one in the text")
    return found


def spanned(place: Place, sentences: Sequence[Place]) -> Place:
    """The place made as wide as the sentences that it touches. Raises ReviewError as `touched` does."""
    found = touched(place, sentences)
    return Place(place.doc_id, found[0].start, found[-1].end)
