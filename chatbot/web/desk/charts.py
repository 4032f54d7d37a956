"""The dashboard: figures in words, a plot for each series with the table that says the same, and what is asked and not answered."""

from __future__ import annotations

from chatbot.moderating.values import Dashboard, Series, Topic
from chatbot.web.desk import frame, plots, words
from chatbot.web.desk.visits import Answer, Visit, see
from chatbot.web.markup import text

DAYS = (7, 30, 90)
AGED = "Replies are kept for as long as the log keeps them, so that older days may be missing."


def show(visit: Visit) -> Answer:
    """The page."""
    found = visit.desk.dashboard(visit.who, visit.session.days)
    choices = "".join(
        f'<button name="days" value="{days}"{" aria-pressed=true" if days == found.days else ""}>{days} days</button>'
        for days in DAYS
    )
    spans = frame.form(
        visit.session, "review/dashboard", f'<div class="spans" role="group" aria-label="Days">{choices}</div>'
    )
    plotted = "".join(_plot(series, f"plot-{number}") for number, series in enumerate(found.series, 1))
    main = f'<div class="summary"><p class="soft">{AGED}</p>{spans}</div>{_figures(found)}<div class="plots">{plotted}</div>{_topics(found.topics)}'
    return Answer(frame.page(visit, "Dashboard", main, at="review/dashboard", classes="dashboard"))


def set_days(visit: Visit) -> Answer:
    """Keeps over how many days to look."""
    days = visit.form.one("days")
    visit.session.days = next((d for d in DAYS if str(d) == days), visit.session.days)
    return see("review/dashboard")


def _figures(found: Dashboard) -> str:
    """The figures, each with its name."""
    items = "".join(f"<div><dt>{text(name)}</dt>{_figure(value)}</div>" for name, value in found.figures)
    return f'<h2 class="hidden">Figures of {found.days} days</h2><dl class="figures">{items}</dl>' if items else ""


def _figure(value: str) -> str:
    """A figure, and in smaller print what it rests on, or why there is none.

    >>> _figure("812 (of 900)"), _figure("none: no record has two verdicts")
    ('<dd>812</dd><dd class="more">of 900</dd>', '<dd>–</dd><dd class="more">no record has two verdicts</dd>')
    >>> _figure("none: every label is good (3 of 3 agree)")
    '<dd>–</dd><dd class="more">every label is good (3 of 3 agree)</dd>'
    """
    main, _, rest = value.partition(" (")
    rest = rest.removesuffix(")")
    if main.startswith("none: "):
        main, rest = "–", value.removeprefix("none: ")
    more = f'<dd class="more">{text(rest)}</dd>' if rest else ""
    return f"<dd>{text(main)}</dd>{more}"


def _plot(series: Series, ident: str) -> str:
    """A series: its picture and its table, or words where it has no point."""
    heading = f'<h2 id="{ident}">{text(series.name)}</h2>{_unit(series)}'
    if not series.points:
        return f'<section class="panel" aria-labelledby="{ident}">{heading}<p class="empty">Nothing yet.</p></section>'
    ranges = plots.has_intervals(series)
    counts = series.counts if plots.share(series) else ()
    heads = ["Day" if plots.is_by_day(series) else "What", "Value"]
    heads += (["95 % interval"] if ranges else []) + (["Of"] if counts else [])
    rows = []
    for number, (label, value, low, high) in enumerate(series.points):
        row = [text(words.told(label)), plots.written(value, series)]
        row += [f"{plots.written(low, series)} to {plots.written(high, series)}"] if ranges else []
        row += [f"{counts[number]:,}" if number < len(counts) else ""] if counts else []
        rows.append(row)
    table = frame.table(f"{series.name}: table", heads, rows)
    shown = f'<details><summary>Table<span class="hidden"> of {text(series.name)}</span></summary>{table}</details>'
    none = not any(value for _, value, _, _ in series.points)
    drawn = '<p class="empty">None in these days.</p>' if none else plots.svg(series, ident)
    return f'<section class="panel" aria-labelledby="{ident}">{heading}{drawn}{shown}</section>'


def _unit(series: Series) -> str:
    """What its values count."""
    return f'<p class="unit">{text(words.capitalised(series.unit))}</p>' if series.unit else ""


def _topics(topics: tuple[Topic, ...]) -> str:
    """What is asked and not answered, the most asked first."""
    items = "".join(
        f"<li>{frame.typed(topic.question)} <span class='soft'>{words.counted(topic.count, 'question')}"
        + (f' · <a href="review/record/{text(topic.record_ids[0])}">one of them</a>' if topic.record_ids else "")
        + "</span></li>"
        for topic in topics
    )
    return f'<section class="panel topics"><h2>Asked and not answered</h2><ol>{items}</ol></section>' if items else ""
