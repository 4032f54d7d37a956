"""The refusal curve as an SVG file: what refusing less often costs.

Across, the share of answerable questions that are refused; up, the share of near-topic questions that are answered
though nothing answers them. The curve runs through every threshold on the confidence; the mark is where the chatbot
stands. Written by hand: text is text, colours follow the reader's light or dark scheme, title and description say the
same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from chatbot import files
from chatbot.errors import EvaluationError
from chatbot.evaluate.metrics import refusal_curve
from chatbot.evaluate.values import ANSWERABLE_KINDS, Run

WIDTH, HEIGHT = 640, 460  # px, of the whole picture
LEFT, TOP, SIDE_X, SIDE_Y = 80, 56, 520, 330  # px, of the plotted square
STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1b1f24 } .grid { stroke: #d0d7de } .axis { stroke: #57606a }
  .curve { stroke: #0a5fb4; fill: none; stroke-width: 2.5 } .mark { fill: #b3261e; stroke: #ffffff; stroke-width: 1.5 }
  text { font: 14px system-ui, sans-serif } .title { font-size: 17px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12161c } .ink { fill: #e6edf3 } .grid { stroke: #2b333d } .axis { stroke: #9aa4af }
    .curve { stroke: #79b8ff } .mark { fill: #ff9b8f; stroke: #12161c }
  }
"""

Point = tuple[float, float]


def curve_of(run: Run) -> tuple[tuple[Point, ...], Point, int, int]:
    """(points, operating point, n answerable, n near); a point is (false refusals, false answers).

    Raises EvaluationError for a run without answerable or near-topic questions.
    """
    answerable = [row for row in run.rows if row.kind in ANSWERABLE_KINDS]
    near = [row for row in run.rows if row.kind == "near"]
    if not answerable or not near:
        found = f"{len(answerable)} answerable and {len(near)} near-topic questions"
        raise EvaluationError(
            f"{run.task} on {run.data}: {found}; the curve needs both, take a run of `chatbot eval domain`"
        )
    curve = refusal_curve([row.confidence for row in answerable], [row.confidence for row in near])
    refused = sum(row.outcome != "answer" for row in answerable) / len(answerable)
    answered = sum(row.outcome == "answer" for row in near) / len(near)
    return tuple((x, y) for _, x, y in curve), (refused, answered), len(answerable), len(near)


def refusal_svg(run: Run) -> str:
    """The picture as SVG text."""
    points, here, n_answerable, n_near = curve_of(run)
    stands = f"{here[0]:.0%} of {n_answerable} answerable questions refused, "
    stands += f"{here[1]:.0%} of {n_near} near-topic questions answered"
    told = f"Refusal curve on {run.data}, {run.date}. The chatbot stands at: {stands}. {_in_words(points)}"
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in _steps(points))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc">',
        f'<title id="title">False answers against false refusals</title><desc id="desc">{escape(told)}</desc>',
        f'<style>{STYLE}</style><rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="ink title" x="{LEFT}" y="30">False answers against false refusals: {escape(run.data)}</text>',
        *_axes(),
        f'<polyline class="curve" points="{drawn}"/>',
        *_mark(here, stands),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _mark(here: Point, stands: str) -> list[str]:
    """The operating point, its label on the side that has room."""
    x, y = _place(here)
    beside, anchor = (x - 12, "end") if here[0] > 0.5 else (x + 12, "start")
    label = f"{here[0]:.0%} refused, {here[1]:.0%} answered"
    return [
        f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="6.5"><title>{escape(stands)}</title></circle>',
        f'<text class="ink" x="{beside:.1f}" y="{y - 10:.1f}" text-anchor="{anchor}">{label}</text>',
    ]


def _place(point: Point) -> Point:
    """From shares to pixels."""
    return LEFT + point[0] * SIDE_X, TOP + (1 - point[1]) * SIDE_Y


def _steps(points: Sequence[Point]) -> list[Point]:
    """The pixels of the curve: from one threshold to the next nothing lies between, so it goes in steps."""
    out = [_place(points[0])]
    for (x, y), (_, below) in zip(points[1:], points, strict=False):
        out += [_place((x, below)), _place((x, y))]
    return out


def _in_words(points: Sequence[Point]) -> str:
    """The lowest false answers at 5, 10 and 20 % false refusals."""
    said = []
    for share in (0.05, 0.10, 0.20):
        best = min(y for x, y in points if x <= share + 1e-9)
        said.append(f"{best:.0%} false answers at {share:.0%} false refusals")
    return "Along the curve: " + ", ".join(said) + "."


def _axes() -> list[str]:
    """Grid lines at every fifth, their labels, and what the axes are."""
    out = []
    for step in range(6):
        x, y = _place((step / 5, step / 5))
        low, side = TOP + SIDE_Y, LEFT + SIDE_X
        line = "axis" if step == 0 else "grid"
        out += [
            f'<path class="{line}" d="M{x:.0f} {TOP}V{low}M{LEFT} {y:.0f}H{side}"/>',
            f'<text class="ink" x="{x:.0f}" y="{low + 22}" text-anchor="middle">{step * 20} %</text>',
            f'<text class="ink" x="{LEFT - 10}" y="{y + 5:.0f}" text-anchor="end">{step * 20} %</text>',
        ]
    middle = TOP + SIDE_Y / 2
    return [
        *out,
        f'<text class="ink" x="{LEFT + SIDE_X / 2:.0f}" y="{TOP + SIDE_Y + 52}" text-anchor="middle">'
        "Answerable questions refused</text>",
        f'<text class="ink" x="24" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 24 {middle:.0f})">'
        "Near-topic questions answered</text>",
    ]


def save_svg(text: str, path: Path) -> None:
    """Writes the picture whole. Raises EvaluationError when the file cannot be written."""
    try:
        files.replace(path, text.encode())
    except OSError as error:
        raise EvaluationError(f"{path}: the picture cannot be written ({error}); give --out another place") from error
