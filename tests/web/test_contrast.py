"""The palette: every pair of text and ground that the page uses meets WCAG AA, in both schemes."""

from __future__ import annotations

import re

import pytest

from chatbot.web.theme import FOLDER

TEXT = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("ink", "doubt-tint"),
    ("ink", "care-tint"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("soft", "doubt-tint"),
    ("soft", "care-tint"),
    ("accent", "paper"),
    ("accent", "sheet"),
    ("accent", "tint"),
    ("accent", "doubt-tint"),
    ("on-accent", "accent"),
    ("doubt", "doubt-tint"),
    ("care", "care-tint"),
]
EDGES = [
    ("edge", "paper"),
    ("edge", "sheet"),
    ("focus", "paper"),
    ("focus", "sheet"),
    ("focus", "doubt-tint"),
    ("focus", "care-tint"),
]


def palettes() -> dict[str, dict[str, str]]:
    """The colours of both schemes, as page.css sets them."""
    css = (FOLDER / "look" / "1-palette.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance.

    >>> luminance("#ffffff"), luminance("#000000")
    (1.0, 0.0)
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#ffffff", "#000000") == 21.0
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_at_least_4_5_to_1(scheme: str) -> None:
    colours = palettes()[scheme]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT}
    assert {pair: round(value, 2) for pair, value in found.items() if value < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_and_the_focus_ring_have_at_least_3_to_1(scheme: str) -> None:
    colours = palettes()[scheme]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in EDGES}
    assert {pair: round(value, 2) for pair, value in found.items() if value < 3.0} == {}
