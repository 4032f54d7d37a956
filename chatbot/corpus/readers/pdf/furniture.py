"""Takes out what belongs to the page and not to the text: running heads and feet, page numbers, stamps, line numbers.

Running heads are told by their coming again: the same words, with digits counting as equal, at the same place of several pages. Line
numbers are told by their counting. What it leaves out: a head or foot that stands on one page only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from chatbot.corpus.readers.pdf.values import Stretch, same_line

ZONE = 0.14  # of the page's height: where running heads and feet stand
NEAR = 4.0  # points: two places that are the same
PAGE_NUMBER = re.compile(
    r"(?:page|p\.|s)?\s*[-–—|(]*\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–—|)]*(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)
NUMBER = re.compile(r"\d{1,5}")
CAPTION = re.compile(r"(fig|table|scheme|box)\w*\.?#")
MIN_LETTERS = 3  # of a running head: less is a number or a mark
MIN_LINE_NUMBERS = 5  # on a page, one under the other and counting up


Found = Mapping[int, Sequence[Stretch]]  # the stretches of each page, by its number


def without_line_numbers(found: Found) -> Found:
    """Drops a manuscript's line numbers: numbers counting up in the margin of most pages."""
    numbers = {page: _margin_numbers(here) for page, here in found.items()}
    if sum(bool(here) for here in numbers.values()) * 5 < len(found) * 3:
        return found
    return {page: tuple(s for s in here if s not in numbers[page]) for page, here in found.items()}


def _margin_numbers(here: Sequence[Stretch]) -> set[Stretch]:
    """The stretches that are line numbers: one under the other, outside all else, counting up by one step."""
    digits = [s for s in here if NUMBER.fullmatch(s.text)]
    others = sorted((s for s in here if not NUMBER.fullmatch(s.text)), key=lambda s: s.left)
    if len(digits) < MIN_LINE_NUMBERS or len(others) < MIN_LINE_NUMBERS:
        return set()
    left = others[len(others) // 20].left
    right = sorted(s.right for s in others)[-1 - len(others) // 20]
    for margin in ([s for s in digits if s.right <= left], [s for s in digits if s.left >= right]):
        margin.sort(key=lambda s: s.base)
        steps = Counter(int(b.text) - int(a.text) for a, b in pairwise(margin))
        rows = len({round(s.base) for s in others})
        step, count = steps.most_common(1)[0] if steps else (0, 0)
        if step > 0 and count + 1 >= max(MIN_LINE_NUMBERS, 0.8 * len(margin)) and count * step >= 0.6 * rows:
            return set(margin)
    return set()


def without_furniture(found: Found, heights: Mapping[int, float]) -> Found:
    """Drops running heads and feet, page numbers and stamps: what stands at the same place on several pages with the same words.

    In the zones at head and foot two pages are enough; elsewhere half of them must have it. Where most pages have a head, all else
    at its height goes too: heads change with the section.
    """
    drop = _repeated(found, heights)
    levels = Counter(round(s.base) for s in drop)
    common = {y + d for y, n in levels.items() if n * 2 >= len(found) for d in (-1, 0, 1)}
    drop |= _page_numbers(found, heights)
    for page, here in found.items():
        for s in here:
            if s in drop or not _in_zone(s, heights[page]):
                continue
            beside = PAGE_NUMBER.fullmatch(s.text) and any(o in drop and same_line(s, o) for o in here)
            if beside or round(s.base) in common:
                drop.add(s)
    return {page: tuple(s for s in here if s not in drop) for page, here in found.items()}


def _repeated(found: Found, heights: Mapping[int, float]) -> set[Stretch]:
    """The stretches that come again. Captions do not count: "Table 1" and "Table 2" are not the same."""
    levels: dict[tuple[str, int], set[int]] = defaultdict(set)  # the pages on which words stand at a height
    spots: dict[tuple[str, int, int], set[int]] = defaultdict(set)  # and at a place
    likely: list[tuple[int, Stretch, str]] = []
    for page, here in found.items():
        for s in here:
            words = re.sub(r"\d+", "#", "".join(s.text.lower().split()))
            if sum(c.isalpha() for c in words) < MIN_LETTERS or CAPTION.match(words):
                continue
            likely.append((page, s, words))
            y, x = int(s.base / NEAR), int(s.left / NEAR)
            for up in (y - 1, y, y + 1):
                levels[words, up].add(page)
                for aside in (x - 1, x, x + 1):
                    spots[words, up, aside].add(page)
    often = max(3, len(found) / 2)
    return {
        s
        for page, s, words in likely
        if (len(levels[words, int(s.base / NEAR)]) > 1 and _in_zone(s, heights[page]))
        or len(spots[words, int(s.base / NEAR), int(s.left / NEAR)]) >= often
    }


def _page_numbers(found: Found, heights: Mapping[int, float]) -> set[Stretch]:
    """Numbers alone at head or foot that are ahead of the file's page by one and the same, or stand at one height of most pages."""
    alone = [
        (page, s)
        for page, here in found.items()
        for s in here
        if NUMBER.fullmatch(s.text) and _in_zone(s, heights[page])
    ]
    ahead = Counter(offset for offset, _ in {(int(s.text) - page, page) for page, s in alone})
    offset = next((offset for offset, n in ahead.most_common(1) if n > 1), None)
    levels: dict[int, set[int]] = defaultdict(set)
    for page, s in alone:
        levels[round(s.base)].add(page)
    common = {y for y, pages in levels.items() if len(pages) >= max(3, len(found) / 2)}
    return {s for page, s in alone if int(s.text) - page == offset or round(s.base) in common}


def _in_zone(s: Stretch, height: float) -> bool:
    return s.base < ZONE * height or s.base > (1 - ZONE) * height
