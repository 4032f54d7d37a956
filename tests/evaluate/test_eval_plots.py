"""The picture says in words and in pixels what the run holds."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate import plots
from chatbot.evaluate.values import Row, Run

SVG = "{http://www.w3.org/2000/svg}"


def run_of(*rows: tuple[str, str, float]) -> Run:
    made = tuple(Row(str(i), "q", kind, outcome, (), {}, (), sure) for i, (kind, outcome, sure) in enumerate(rows))
    return Run("domain", "kettles & <pots>", "ab" * 32, 0, "g1", "s1", "2025-01-01", {}, made)


FOUR = run_of(
    ("answerable", "answer", 0.9), ("sources", "abstention", 0.5), ("near", "answer", 0.5), ("far", "abstention", 0.1)
)


def test_the_curve_and_the_operating_point_by_hand() -> None:
    """Thresholds .5, .9 and beyond: (0, 1), (1/2, 0), (1, 0). One of two is refused, the near one answered."""
    assert plots.curve_of(FOUR) == (((0.0, 1.0), (0.5, 0.0), (1.0, 0.0)), (0.5, 1.0), 2, 1)


def test_the_picture_is_well_formed_and_drawn_to_scale() -> None:
    root = ElementTree.fromstring(plots.refusal_svg(FOUR))
    mark = root.find(f"{SVG}circle")
    curve = root.find(f"{SVG}polyline")
    assert mark is not None
    assert curve is not None
    assert (mark.get("cx"), mark.get("cy")) == ("340.0", "56.0")  # half across, at the top
    assert curve.get("points") == "80.0,56.0 340.0,56.0 340.0,386.0 600.0,386.0 600.0,386.0"


def test_the_picture_is_told_in_words_and_escapes_names() -> None:
    root = ElementTree.fromstring(plots.refusal_svg(FOUR))
    labelled = str(root.get("aria-labelledby")).split()
    told = {element.get("id"): element.text for element in root if element.get("id")}
    assert (root.get("role"), list(told)) == ("img", labelled)
    assert told["desc"] == (
        "Refusal curve on kettles & <pots>, 2025-01-01. The chatbot stands at: 50% of 2 answerable questions refused, "
        "100% of 1 near-topic questions answered. Along the curve: 100% false answers at 5% false refusals, 100% false "
        "answers at 10% false refusals, 100% false answers at 20% false refusals."
    )
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "Answerable questions refused" in texts
    assert "Near-topic questions answered" in texts
    assert "50% refused, 100% answered" in texts


def test_both_colour_schemes_and_no_script() -> None:
    text = plots.refusal_svg(FOUR)
    assert "@media (prefers-color-scheme: dark)" in text
    for absent in ("<script", "href", "url(", "onload"):
        assert absent not in text


def test_a_run_without_near_questions_is_refused() -> None:
    with pytest.raises(EvaluationError, match="1 answerable and 0 near-topic questions; the curve needs both"):
        plots.refusal_svg(run_of(("answerable", "answer", 0.9)))


def test_saving_writes_the_text_or_names_the_place(tmp_path: Path) -> None:
    plots.save_svg("<svg/>\n", tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == "<svg/>\n"
    with pytest.raises(EvaluationError, match="the picture cannot be written"):
        plots.save_svg("<svg/>\n", tmp_path / "none" / "a.svg")
