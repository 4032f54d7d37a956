"""Divides the lines of a reference list into its entries.

Tried in this order: printed labels that count up ("[3]", "3.", "3", "(3)", "[Neff03]"), hanging indents, wider gaps between entries, and
lines that begin as an author's name and a year do after one that ended. What it leaves out: entries side by side in a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from chatbot.corpus.readers.pdf.values import Line

LABEL = re.compile(
    r"(?:\[(\d{1,4})\]|\((\d{1,4})\)|(\d{1,4})\.?)\s+(?=\S)|\[([^\W\d_]{2,}[\w+ .,]*?\d{2,4}[a-z]?)\]\s+"
)
NAMED = re.compile(r"[A-ZÀ-Þ][\w’'\-]+(?:\s[A-ZÀ-Þ][\w’'\-]+)?,?\s+(?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ]{1,3}[,.\s])")
ENDED = re.compile(r"[.\d)\]/]$")
INDENT = 0.5  # of the size: how far continued lines of hanging entries stand in
MIN_LABELLED = 0.6  # share of labels that count up, so that they are labels
FIRST_LABELS = (
    8  # lines with a number in front among which the first label is looked for: years and pages stand there too
)
WIDER = 1.25  # of the usual distance between lines


def entries_of(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """(label, lines) of each entry, in order; the label is "" where none is printed."""
    starts = _labelled(lines) or _hanging(lines) or _spaced(lines) or _named(lines)
    out: list[tuple[str, list[Line]]] = []
    for i, line in enumerate(lines):
        if i in starts or not out:
            out.append((starts.get(i, ""), []))
        out[-1][1].append(line)
    return out


def label_of(text: str) -> str:
    """The label that a line begins with, or "".

    >>> label_of("[12] Neff, K."), label_of("3. Neff K"), label_of("3 Neff K"), label_of("Neff, K.")
    ('12', '3', '3', '')
    """
    found = LABEL.match(text)
    return next((g for g in found.groups() if g), "") if found else ""


def _labelled(lines: Sequence[Line]) -> dict[int, str]:
    """The starts by labels, each one higher than the last; a gap of a few is let pass."""
    found = [(i, label) for i, line in enumerate(lines) if (label := label_of(line.text))]
    named = {i: label for i, label in found if not label.isdigit()}
    if len(named) > 2 and len(named) * 6 > len(lines):
        return named
    best: dict[int, str] = {}
    for first in range(min(FIRST_LABELS, len(found))):
        starts: dict[int, str] = {}
        last = None
        for i, label in found[first:]:
            if label.isdigit() and (last is None or last < int(label) <= last + 3):
                starts[i], last = label, int(label)
        if len(starts) > len(best):
            best = starts
    steps = [int(b) - int(a) for a, b in pairwise(best.values())]
    regular = sum(step == 1 for step in steps) >= MIN_LABELLED * max(1, len(steps))
    return best if len(best) > 2 and regular and len(best) * 12 > len(lines) else {}


def _hanging(lines: Sequence[Line]) -> dict[int, str]:
    """The starts by indents: at the column's edge while other lines stand in, or, with first-line indents, the other way round."""
    edge = {i: "" for i, line in enumerate(lines) if line.left - line.column_left < INDENT * line.size}
    inside = {i: "" for i in range(len(lines)) if i not in edge}
    best = max(edge, inside, key=lambda starts: _after_ends(lines, starts))
    return best if min(len(edge), len(inside)) * 7 > len(lines) and _after_ends(lines, best) > MIN_LABELLED else {}


def _after_ends(lines: Sequence[Line], starts: dict[int, str]) -> float:
    """The share of starts that come after a line which ended."""
    return sum(i == 0 or bool(ENDED.search(lines[i - 1].text)) for i in starts) / max(1, len(starts))


def _spaced(lines: Sequence[Line]) -> dict[int, str]:
    """The starts by wider gaps."""
    gaps = [b.base - a.base if a.page == b.page and b.base > a.base else 0.0 for a, b in pairwise(lines)]
    usual = median([g for g in gaps if g] or [0.0])
    tight = min([g for g in gaps if g > 0.9 * lines[0].size] or [usual])
    out = {i + 1: "" for i, g in enumerate(gaps) if g > WIDER * tight or (not g and ENDED.search(lines[i].text))}
    return out if len(out) > 2 and len(out) * 8 > len(lines) else {}


def _named(lines: Sequence[Line]) -> dict[int, str]:
    """The starts by what they say: a name and an initial after a line that ended."""
    pairs = enumerate(pairwise(lines), start=1)
    return {i: "" for i, (a, b) in pairs if ENDED.search(a.text) and NAMED.match(b.text)}
