"""The queue: rows with the reasons for which they are worth seeing, a search, filters, and the button that gives the next one.

What is searched and filtered comes by POST, stays in the session and is in no address. Left out: the order, which is the desk's.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from chatbot.errors import ReviewError
from chatbot.log.finding import JUDGED, UNJUDGED, Filters
from chatbot.moderating.values import Choices, Page, Row
from chatbot.web.desk import forms, frame, words
from chatbot.web.desk.sessions import START
from chatbot.web.desk.visits import Answer, Visit, see
from chatbot.web.markup import text

ROWS = 25  # on a page: four screens, and quick to make
VERDICTS = (("", "Any"), (UNJUDGED, "Not judged yet"), (JUDGED, "Judged"), *words.LABELS.items())
NOTHING_WAITS = "Nothing waits that these filters let through."
NOTHING_FITS = "No reply in the log is let through by these filters."
NAMES = {
    "text": "words",
    "kind": "reply",
    "source": "source",
    "generation": "index",
    "verdict": "verdict",
    "reviewer": "judged by",
    "tag": "tag",
    "since": "from",
    "until": "to",
    "thumb": "thumb",
    "assigned_to": "on the desk of",
    "group": "asked alike",
}


def show(visit: Visit) -> Answer:
    """The page, from the row on that its number says."""
    number = max(1, int(visit.named.get("number", 1)))
    visit.session.page = number
    return Answer(queue_page(visit, number))


def queue_page(visit: Visit, number: int, wrong: str = "") -> str:
    """The whole page."""
    filters = visit.session.filters
    found = visit.desk.queue(visit.who, filters, (number - 1) * ROWS, ROWS)
    waiting = f"<strong>{words.counted(found.n_open, 'reply')}</strong> without a verdict"
    take = frame.form(
        visit.session, "review/next", '<button class="primary" data-press="t">Take the next one</button>', "take"
    )
    rows = "".join(_row(visit, row) for row in found.rows)
    empty = "" if rows else _empty(visit)
    main = (
        f'<div class="summary"><p>{waiting}</p>{take}</div>{_find(visit, visit.desk.choices(visit.who))}{_active(visit)}'
        f'<h2 class="hidden">Replies</h2><ol class="rows" start="{found.at + 1}">{rows}</ol>{empty}{_pages(found, number)}'
    )
    return frame.page(visit, "Queue", main, at="review/", classes="queue", wrong=wrong)


def _empty(visit: Visit) -> str:
    """That there is no row, and the way to the judged ones among which it may be."""
    now = visit.session.filters
    if now.verdict != UNJUDGED or now == START:
        said = NOTHING_WAITS if now.verdict == UNJUDGED else NOTHING_FITS
        return f'<p class="empty">{said} Clear the filters to see every reply.</p>'
    kept = "".join(frame.hidden(name, str(value)) for name, value in asdict(now).items() if value and name != "verdict")
    button = '<button class="link">Look among the judged ones too</button>'
    return f'<div class="empty"><p>{NOTHING_WAITS}</p>{frame.form(visit.session, "review/filter", kept + button)}</div>'


def _row(visit: Visit, row: Row) -> str:
    """One reply."""
    question = frame.typed(row.question) if row.question else f'<span class="untold">{words.NO_TEXT}</span>'
    reasons = "".join(f"<li>{text(reason)}</li>" for reason in row.reasons)
    alike = ""
    if row.repeated > 1:
        button = f'<button class="link">asked {row.repeated:,} times</button>'
        alike = frame.form(visit.session, "review/filter", frame.hidden("group", str(row.group)) + button, "alike")
    desk = f'<span class="desk-of">with {text(row.assigned_to)}</span>' if row.assigned_to else ""
    verdict = (
        f'<span class="verdict {text(row.label)}">{text(words.LABELS.get(row.label, row.label))}</span>'
        if row.label
        else ""
    )
    by = f' <span class="by">{text(row.reviewer)}</span>' if row.reviewer else ""
    return (
        f'<li class="row kind-{text(row.kind)}"><div class="what"><a class="question" href="review/record/{text(row.record_id)}">{question}</a>'
        + (f'<ul class="reasons" aria-label="Why it is worth seeing">{reasons}</ul>' if reasons else "")
        + f'</div><div class="facts"><span class="kind">{text(words.KINDS.get(row.kind, row.kind))}</span>'
        f'<span class="number">confidence {words.number(row.confidence)}</span>'
        f'<time datetime="{text(row.asked_at)}">{text(words.hour(row.asked_at))}</time>{alike}{desk}{verdict}{by}</div></li>'
    )


def _find(visit: Visit, choices: Choices) -> str:
    """Search and filters, one form."""
    now = visit.session.filters
    any_of = (("", "Any"),)
    kinds = any_of + tuple((k, words.KINDS.get(k, k)) for k in choices.kinds)
    mine = (("", "Anybody or nobody"), (visit.who.name, "Me"))
    chosen = (
        frame.select("f-verdict", "verdict", "Verdict", VERDICTS, now.verdict)
        + frame.select("f-kind", "kind", "Reply", kinds, now.kind)
        + frame.select("f-source", "source", "Quotes from", any_of + choices.sources, now.source)
        + frame.select("f-thumb", "thumb", "Reader’s thumb", (*any_of, ("down", "Down"), ("up", "Up")), now.thumb)
        + frame.field("f-since", "since", "From", now.since, kind="date", limit=10)
        + frame.field("f-until", "until", "To", now.until, kind="date", limit=10)
        + frame.select("f-reviewer", "reviewer", "Judged by", _options(choices.reviewers), now.reviewer)
        + frame.select("f-tag", "tag", "Tag", _options(choices.tags), now.tag)
        + frame.select("f-desk", "assigned_to", "On the desk of", mine, now.assigned_to)
        + frame.select("f-generation", "generation", "Index", _options(choices.generations), now.generation)
    )
    count = sum(bool(value) for name, value in asdict(now).items() if name not in ("text", "group"))
    told = f' <span class="count">{count} set</span>' if count else ""
    search = (
        '<label class="hidden" for="search">Search in questions and quotes</label>'
        f'<input id="search" name="text" type="search" value="{text(now.text)}" maxlength="200" placeholder="Words of a question or a quote" '
        'dir="auto" autocomplete="off"><button>Search</button>'
    )
    group = frame.hidden("group", str(now.group)) if now.group else ""
    return frame.form(
        visit.session,
        "review/filter",
        f'<div class="search" role="search">{search}</div><details class="filters"><summary>Filters{told}</summary>'
        f'<div class="grid">{chosen}</div><button>Apply</button></details>{group}',
        "find",
    )


def _options(values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Anything, or one of those."""
    return (("", "Any"), *((v, v) for v in values))


def _active(visit: Visit) -> str:
    """What is filtered by, and the way back to what is not judged."""
    now = visit.session.filters
    shown = {name: value for name, value in asdict(now).items() if value}
    if not shown:
        reset = frame.form(
            visit.session,
            "review/filter",
            '<button class="link" name="start" value="1">Only what is not judged</button>',
        )
        return f'<div class="active"><p>Every reply in the log</p>{reset}</div>'
    chips = "".join(f"<li>{NAMES[name]}: <b>{_told(name, str(value))}</b></li>" for name, value in shown.items())
    clear = frame.form(visit.session, "review/filter", '<button class="link" name="clear" value="1">Clear</button>')
    return f'<div class="active"><ul class="chips" aria-label="Filters in use">{chips}</ul>{clear}</div>'


def _told(name: str, value: str) -> str:
    """A filter's value in words."""
    known = {"verdict": dict(VERDICTS), "kind": words.KINDS, "group": {value: "like this one"}}.get(name, {})
    return frame.typed(known.get(value, value))


def _pages(found: Page, number: int) -> str:
    """Which rows these are, and the way to the others."""
    if not found.total:
        return ""
    last = max(1, -(-found.total // ROWS))
    here = (
        f"{found.at + 1:,} to {found.at + len(found.rows):,} of {found.total:,}"
        if found.rows
        else f"{found.total:,} in all"
    )
    back = f'<a href="review/page/{min(number - 1, last)}" rel="prev">Earlier rows</a>' if number > 1 else ""
    on = f'<a href="review/page/{number + 1}" rel="next">Further rows</a>' if number < last else ""
    return f'<nav class="turning" aria-label="Rows"><span>{here}</span>{back}{on}</nav>'


def set_filters(visit: Visit) -> Answer:
    """Keeps what was chosen, and shows the queue."""
    if visit.form.one("clear"):
        visit.session.filters = Filters()
    elif visit.form.one("start"):
        visit.session.filters = START
    else:
        try:
            visit.session.filters = forms.filters_of(visit.form)
        except ReviewError as error:
            return Answer(queue_page(visit, 1, str(error)), 422)
    return see("review/")


def take_next(visit: Visit) -> Answer:
    """Claims a reply and shows it; the queue when none waits."""
    return next_one(visit, "")


def next_one(visit: Visit, after: str) -> Answer:
    """The next reply that the filters let through and nobody has judged; not the one named `after`."""
    filters = visit.session.filters
    if filters.verdict not in ("", UNJUDGED):
        filters = replace(filters, verdict=UNJUDGED)
    found = visit.desk.next_for(visit.who, filters, visit.session.passed(after))
    if found is None:
        visit.session.said = f"{visit.session.said} {NOTHING_WAITS}".strip()
        return see("review/")
    return see(f"review/record/{found}")
