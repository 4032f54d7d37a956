"""Series as SVG drawn on the server: columns by day, lines with their interval, bars with their interval.

A picture has a title and a description that says the same in words, and the page puts the table after it. Colours are the page's, by
class, so that both schemes hold; nothing is told by colour alone. Days become a line where each value has an interval, columns where it
has none; all else becomes bars. Left out: axes with many ticks; two lines say what a scale is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from chatbot.moderating.values import Series
from chatbot.web.desk.words import told
from chatbot.web.markup import text

WIDTH = 560  # units across, about the width of a column of the page in pixels, so that its text has the page's size
HEIGHT = 200  # of a plot by day
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 26  # room for the scale, and for days
BAR = 26  # units from one bar to the next
NAMES = 204  # room for the names of bars
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Point = tuple[str, float, float, float]


def svg(series: Series, ident: str) -> str:
    """The picture of a series that has points."""
    if not is_by_day(series):
        return _frame(series, ident, *_bars(series))
    return _frame(series, ident, _line(series) if has_intervals(series) else _columns(series), HEIGHT)


def is_by_day(series: Series) -> bool:
    """Whether each of its points is a day."""
    return all(DAY.match(label) for label, *_ in series.points)


def has_intervals(series: Series) -> bool:
    """Whether one of its values has an interval."""
    return any(low != high for _, _, low, high in series.points)


def share(series: Series) -> bool:
    """Whether its values are parts of one."""
    return series.unit.startswith("share")


def written(value: float, series: Series) -> str:
    """A value with its unit, as in tables."""
    if share(series):
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def top_of(series: Series) -> float:
    """The end of the scale: 1 for shares, else a round number that no value or interval passes.

    >>> top_of(Series("questions", "count", (("2026-11-24", 37.0, 37.0, 37.0),)))
    40.0
    """
    highest = max((max(value, high) for _, value, _, high in series.points), default=0.0)
    if share(series):
        return 1.0
    if highest <= 2:
        return 2.0
    step = 10 ** math.floor(math.log10(highest))
    return float(next(step * n for n in (1, 2, 4, 6, 8, 10) if step * n >= highest))


def _frame(series: Series, ident: str, drawn: str, height: float) -> str:
    """The picture around what was drawn."""
    said = "; ".join(f"{told(label)}: {written(value, series)}" for label, value, _, _ in _few(series.points))
    more = f" Of {len(series.points)} values some are told here; the table has all." if len(series.points) > 12 else ""
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{ident}-t {ident}-d">'
        f'<title id="{ident}-t">{text(series.name)}</title><desc id="{ident}-d">{text(said)}.{more}</desc>{drawn}</svg>'
    )


def _few(points: Sequence[Point]) -> list[Point]:
    """At most a dozen of them, from the first to the last."""
    step = max(1, math.ceil(len(points) / 12))
    return list(points[::step])


def _scale(series: Series, top: float) -> str:
    """Three lines across with their values."""
    out = []
    for part in (0.0, 0.5, 1.0):
        y = _y(part * top, top)
        name = "axis" if part == 0 else "grid"
        out.append(f'<line class="{name}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text(written(part * top, series))}</text>'
        )
    return "".join(out)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value, 0.0), top) / top


def _days(points: Sequence[Point], at: Sequence[float]) -> str:
    """The first, the middle and the last day, where each has room."""
    chosen = sorted({0, (len(points) - 1) // 2, len(points) - 1}) if len(points) > 2 else range(len(points))
    out = []
    for index in chosen:
        anchor = (
            "start" if index == 0 and len(points) > 1 else "end" if index == len(points) - 1 and index else "middle"
        )
        out.append(
            f'<text class="tick" x="{at[index]:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{text(_day(points[index][0]))}</text>'
        )
    return "".join(out)


def _day(label: str) -> str:
    """24 Nov from 2026-11-24."""
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{int(label[8:10])} {months[int(label[5:7]) - 1]}"


def _columns(series: Series) -> str:
    """A column for each day."""
    top, count = top_of(series), len(series.points)
    step = (WIDTH - LEFT - RIGHT) / count
    wide = max(1.0, min(step * 0.72, 40.0))
    middles = [LEFT + step * (index + 0.5) for index in range(count)]
    drawn = "".join(
        f'<rect class="bar" x="{x - wide / 2:.1f}" y="{_y(value, top):.1f}" width="{wide:.1f}" height="{_y(0, top) - _y(value, top):.1f}" rx="1.5">'
        f"<title>{text(told(label))}: {text(written(value, series))}</title></rect>"
        for x, (label, value, _, _) in zip(middles, series.points, strict=True)
    )
    return _scale(series, top) + drawn + _days(series.points, middles)


def _line(series: Series) -> str:
    """A line through the days with the interval as a band, and a mark at each."""
    top, count = top_of(series), len(series.points)
    step = (WIDTH - LEFT - RIGHT) / max(count - 1, 1)
    at = [LEFT + step * index if count > 1 else (LEFT + WIDTH - RIGHT) / 2 for index in range(count)]
    upper = [f"{x:.1f},{_y(high, top):.1f}" for x, (_, _, _, high) in zip(at, series.points, strict=True)]
    lower = [f"{x:.1f},{_y(low, top):.1f}" for x, (_, _, low, _) in zip(at, series.points, strict=True)]
    line = " ".join(f"{x:.1f},{_y(value, top):.1f}" for x, (_, value, _, _) in zip(at, series.points, strict=True))
    marks = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{_y(value, top):.1f}" r="3"><title>{text(_told(point, series))}</title></circle>'
        for x, point in zip(at, series.points, strict=True)
        for value in (point[1],)
    )
    band = (
        f'<polygon class="band" points="{" ".join([*upper, *reversed(lower)])}"/>'
        if count > 1
        else _whisker(series, at[0], top)
    )
    return f'{_scale(series, top)}{band}<polyline class="line" points="{line}"/>{marks}{_days(series.points, at)}'


def _whisker(series: Series, x: float, top: float) -> str:
    """The interval of an only point."""
    _, _, low, high = series.points[0]
    return f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low, top):.1f}" y2="{_y(high, top):.1f}"/>'


def _told(point: Point, series: Series) -> str:
    """A point in words."""
    label, value, low, high = point
    between = f" ({written(low, series)} to {written(high, series)})" if low != high else ""
    return f"{told(label)}: {written(value, series)}{between}"


def _bars(series: Series) -> tuple[str, float]:
    """A bar for each point with its interval, and how high they are together."""
    top, room = top_of(series), WIDTH - NAMES - 64
    out = []
    for index, point in enumerate(series.points):
        label, value, low, high = point
        y = TOP + BAR * index
        end = NAMES + room * min(max(value, 0.0), top) / top
        label = told(label)
        name = label if len(label) <= 26 else label[:25] + "…"
        out.append(
            f'<text class="name" x="{NAMES - 8}" y="{y + 13}" text-anchor="end">{text(name)}<title>{text(label)}</title></text>'
        )
        out.append(
            f'<rect class="bar" x="{NAMES}" y="{y + 2}" width="{max(end - NAMES, 1):.1f}" height="14" rx="1.5"><title>{text(_told(point, series))}</title></rect>'
        )
        reach = end
        if low != high:
            a, b = (NAMES + room * min(max(edge, 0.0), top) / top for edge in (low, high))
            reach = max(end, b)
            out.append(f'<path class="whisker" d="M{a:.1f} {y + 9}H{b:.1f}M{a:.1f} {y + 5}v8M{b:.1f} {y + 5}v8"/>')
        out.append(f'<text class="value" x="{reach + 6:.1f}" y="{y + 13}">{text(written(value, series))}</text>')
    drawn = (
        f'<line class="axis" x1="{NAMES}" x2="{NAMES}" y1="{TOP - 4}" y2="{TOP + BAR * len(series.points)}"/>'
        + "".join(out)
    )
    return drawn, TOP + BAR * len(series.points) + 4
