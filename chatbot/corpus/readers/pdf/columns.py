"""Puts the words of pages into lines, and the lines into the order in which they are read.

Pure geometry. Words side by side make stretches, cut at every gap that no justified line has. A gutter is the upright strip that lies
between stretches over the most height; stretches that cross it (titles, wide tables) divide the page into bands, and in each band the
left column is read before the right one, each again cut in the same way. What it leaves out: right-to-left and upright scripts, text
that flows around pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import TypeVar

from chatbot.corpus.readers.pdf.values import Line, Page, Stretch, Word, join, same_line

Kind = TypeVar("Kind", str, float)

GAP = 0.75  # of the size: white space from which two words are stretches of their own; columns stand at least so far apart
CELL = 1.0  # of the size: white space between the cells of a table
EVEN = 1.6  # times its median: the widest space of a justified line
CROSSES = 6.0  # points on both sides of a gutter by which a stretch crosses it
BIN = 12.0  # points: about a line; heights side by side are counted in these
MIN_SIDE_BY_SIDE = 4  # bins with text on both sides, so that a strip is a gutter
MIN_SHARE = 0.35  # of a column's height that lies side by side, so that it has columns within: white space in a few lines is none
MIN_COLUMN_CHARACTERS = 18  # of the stretches that hold a column's middle letter; the cells of a table are shorter
MAX_DEPTH = 3  # columns within columns: enough for five side by side


def stretches(page: Page) -> tuple[Stretch, ...]:
    """The page's words in stretches, in the file's order."""
    groups: list[list[Word]] = []
    main, right = None, 0.0  # of the last group: its largest word, where it ends
    for word in page.words:
        gap = max(main.size, word.size) if main else 0.0
        if main and same_line(main, word) and -gap < word.left - right < GAP * gap:
            groups[-1].append(word)
            main, right = (word if word.size > main.size else main), max(right, word.right)
        else:
            groups.append([word])
            main, right = word, word.right
    return tuple(_stretch(words) for words in groups)


def _stretch(words: list[Word]) -> Stretch:
    main = max(words, key=lambda w: w.size)
    right = max(w.right for w in words)
    letters = sum(len(w.text) for w in words)
    return Stretch(tuple(words), words[0].left, right, main.base, main.size, join(words), letters)


def lines_of(pages: Sequence[Page], found: Mapping[int, Sequence[Stretch]]) -> tuple[Line, ...]:
    """The lines of all pages as they are read, from each page's stretches by its number."""
    gutters = [x for here in found.values() if (x := gutter(here)) is not None]
    hint = median(gutters) if len(gutters) * 2 > len(found) else None
    return tuple(line for page in pages for line in _page_lines(page, found[page.number], hint))


def gutter(here: Sequence[Stretch], least: int = MIN_SIDE_BY_SIDE, hint: float | None = None) -> float | None:
    """Where a strip divides two columns of prose, or None. With a hint, near it, also a column of prose from a table or picture."""
    if len(here) < 2:
        return None
    lo, hi = min(s.left for s in here), max(s.right for s in here)
    size = int(hi - lo) // 2 + 2
    ends, starts, across = [0] * size, [0] * size, [0] * size
    for s in here:
        mask = 1 << max(0, int(s.base / BIN)) | 1 << max(0, int((s.base - s.size / 2) / BIN))
        first, last = int((s.left - lo) / 2), int((s.right - lo) / 2)
        ends[min(last + 1, size - 1)] |= mask
        starts[first] |= mask
        for x in range(first + int(CROSSES / 2), last - int(CROSSES / 2) + 1):
            across[x] |= mask
    for x in range(1, size):
        ends[x] |= ends[x - 1]
        starts[size - 1 - x] |= starts[size - x]
    scores = [(left & right & ~cross).bit_count() for left, right, cross in zip(ends, starts, across, strict=True)]
    tried: list[int] = []
    for x in sorted(range(size), key=lambda x: -scores[x])[:size]:
        if scores[x] < least or len(tried) > 3:
            return None
        at = lo + 2 * x
        if any(abs(x - t) < 10 for t in tried) or (hint is not None and abs(at - hint) > 10):
            continue
        plateau = x
        while plateau + 1 < size and scores[plateau + 1] == scores[x]:
            plateau += 1
        middle = lo + x + plateau
        prose = _prose_sides(here, middle, ends[x] & starts[x] & ~across[x])
        if prose == 2 or (prose and hint is not None):
            return middle
        tried.append(x)
    return None


def _prose_sides(here: Sequence[Stretch], x: float, bins: int) -> int:
    """On how many sides of a gutter what stands side by side is prose and not the cells of a table."""
    beside = [s for s in here if bins >> max(0, int(s.base / BIN)) & 1]
    left = [s.letters for s in beside if s.right <= x + 1]
    right = [s.letters for s in beside if s.left >= x - 1]
    return sum(_usual_length(lengths) >= MIN_COLUMN_CHARACTERS for lengths in (left, right))


def _usual_length(lengths: list[int]) -> int:
    """How long the stretch is in which the middle one of all letters stands.

    >>> _usual_length([3, 3, 3, 3, 40])
    40
    """
    seen = 0
    for length in sorted(lengths):
        seen += length
        if seen * 2 >= sum(lengths):
            return length
    return 0


def columns(here: Sequence[Stretch], hint: float | None = None, path: str = "") -> list[tuple[str, Sequence[Stretch]]]:
    """Stretches in reading order, as (name of the column, its stretches from the top)."""
    lines = len({int(s.base / BIN) for s in here})
    least = MIN_SIDE_BY_SIDE if not path else max(MIN_SIDE_BY_SIDE, int(MIN_SHARE * lines))
    x = gutter(here, least) if len(path) < MAX_DEPTH else None
    if x is None and hint is not None:
        x = gutter(here, 1, hint)
    if x is None:
        return [(path, here)]
    crossing = [s for s in here if s.left < x - CROSSES and s.right > x + CROSSES]
    rows = sorted(crossing, key=lambda s: s.base)
    bands: list[tuple[bool, list[Stretch]]] = []
    for s in sorted(here, key=lambda s: s.base):
        wide = any(same_line(s, c) for c in rows if abs(c.base - s.base) < 2 * max(c.size, s.size))
        if not bands or bands[-1][0] != wide:
            bands.append((wide, []))
        bands[-1][1].append(s)
    out: list[tuple[str, Sequence[Stretch]]] = []
    for wide, band in bands:
        if wide:
            out.append((path, band))
        else:
            sides: tuple[list[Stretch], list[Stretch]] = ([], [])
            for s in band:
                sides[(s.left + s.right) / 2 > x].append(s)
            out += [
                leaf
                for name, side in zip("LR", sides, strict=True)
                if side
                for leaf in columns(side, None, path + name)
            ]
    return out


def rows_of(here: Iterable[Stretch]) -> list[list[Stretch]]:
    """Stretches of one column as rows from the top, each from left to right."""
    rows: list[list[Stretch]] = []
    for s in sorted(here, key=lambda s: -s.size):
        near = [r for r in rows if abs(r[0].base - s.base) < r[0].size and same_line(r[0], s)]
        if near:
            min(near, key=lambda r: abs(r[0].base - s.base)).append(s)
        else:
            rows.append([s])
    rows.sort(key=lambda r: r[0].base)
    return [sorted(r, key=lambda s: s.left) for r in rows]


def _page_lines(page: Page, here: Sequence[Stretch], hint: float | None) -> list[Line]:
    """The page's lines in reading order, each with the edges of its column."""
    leaves = [(path, rows_of(leaf)) for path, leaf in columns(here, hint) if leaf]
    edges: dict[str, tuple[float, float]] = {}
    for path in {path for path, _ in leaves}:
        rows = [row for other, found in leaves if other == path for row in found]
        edges[path] = (_edge([r[0].left for r in rows], min), _edge([max(s.right for s in r) for r in rows], max))
    return [
        _line(page, row, *edges[path])
        for path, rows in leaves
        for row in rows
        if any(c.isalnum() for s in row for c in s.text)  # no rows of dots
    ]


def _edge(places: list[float], outermost: Callable[[list[float]], float]) -> float:
    """The outermost place that at least two lines share, within two points."""
    shared = [p for p in places if sum(abs(p - o) < 2 for o in places) > 1]
    return outermost(shared or places)


def _line(page: Page, row: list[Stretch], column_left: float, column_right: float) -> Line:
    words = sorted((w for s in row for w in s.words), key=lambda w: w.left)
    main = max(row, key=lambda s: s.size)
    whole = words[0].left < column_left + 2 and words[-1].right > column_right - 2
    limit = CELL * main.size
    if whole and _is_justified(words):
        limit = column_right - column_left
    cells: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        if word.left - before.right > limit:
            cells.append([])
        cells[-1].append(word)
    letters = sum(len(w.text) for w in words) or 1
    return Line(
        page.number,
        tuple(join(c) for c in cells),
        _most(words, lambda w: w.font),
        min(w.left for w in words),
        max(w.right for w in words),
        main.base,
        _most(words, lambda w: round(w.size, 1)),
        sum(len(w.text) for w in words if w.bold) / letters,
        sum(len(w.text) for w in words if w.italic) / letters,
        column_left,
        column_right,
        page.height,
    )


def _is_justified(words: Sequence[Word]) -> bool:
    """Whether the white space between words is about the same all along, however wide."""
    gaps = sorted(b.left - a.right for a, b in pairwise(words) if b.spaced or b.left - a.right > 0.5 * b.size)
    return len(gaps) > 2 and gaps[-1] < EVEN * gaps[len(gaps) // 2]


def _most(words: Sequence[Word], of: Callable[[Word], Kind]) -> Kind:
    """What is true of most characters."""
    found: Counter[Kind] = Counter()
    for word in words:
        found[of(word)] += len(word.text)
    return found.most_common(1)[0][0]
