"""Floors hold, break, rise by themselves and fall only with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate import floors
from chatbot.evaluate.floors import Floors
from chatbot.evaluate.values import Figure, Run


def run_of(**values: float) -> Run:
    """A run with these figures, `gold` for answerable.gold and `false_answer` for the near ones."""
    names = {"gold": "answerable.gold", "false_answer": "unanswerable.near.false_answer"}
    figures = {names.get(name, name): Figure(value, value, value, 10) for name, value in values.items()}
    return Run("domain", "kettles", "ab" * 32, 0, "g1", "s1", "2025-01-01", figures, ())


NAME = "domain on kettles"
PINNED = floors.raised(run_of(gold=0.90126, false_answer=0.20001), Floors({}, {}))


def test_pinning_rounds_away_from_the_value_so_that_the_run_holds() -> None:
    assert PINNED.data == {NAME: "ab" * 32}
    assert PINNED.figures == {NAME: {"answerable.gold": 0.901, "unanswerable.near.false_answer": 0.201}}
    assert floors.check(run_of(gold=0.90126, false_answer=0.20001), PINNED) == ()
    exact = floors.raised(run_of(gold=0.29, false_answer=0.57), Floors({}, {}))
    assert exact.figures[NAME] == {"answerable.gold": 0.29, "unanswerable.near.false_answer": 0.57}


def test_baselines_and_observed_figures_are_never_pinned() -> None:
    run = replace(
        run_of(gold=0.9), figures={"bm25:a.hit@1": Figure(1, 1, 1, 1), "a.observed_crisis": Figure(1, 1, 1, 1)}
    )
    assert floors.raised(run, Floors({}, {})).figures == {NAME: {}}


def test_each_broken_floor_is_said_with_its_side() -> None:
    breaches = floors.check(run_of(gold=0.9, false_answer=0.21), PINNED)
    assert [breach.text for breach in breaches] == [
        "domain on kettles: answerable.gold 0.9000 is below its floor 0.901",
        "domain on kettles: unanswerable.near.false_answer 0.2100 is above its ceiling 0.201",
    ]
    (missing,) = floors.check(run_of(gold=0.95), PINNED)
    assert (missing.value, missing.text) == (
        None,
        "domain on kettles: unanswerable.near.false_answer not measured, its floor is 0.201",
    )


def test_better_figures_raise_worse_ones_do_not_lower() -> None:
    assert floors.raised(run_of(gold=0.95, false_answer=0.3), PINNED).figures[NAME] == {
        "answerable.gold": 0.95,
        "unanswerable.near.false_answer": 0.201,
    }
    assert floors.raised(run_of(gold=0.1, false_answer=0.1), PINNED).figures[NAME] == {
        "answerable.gold": 0.901,
        "unanswerable.near.false_answer": 0.1,
    }


def test_lowering_keeps_its_reason_and_leaves_the_others() -> None:
    run = run_of(gold=0.5, false_answer=0.1)
    lower = floors.lowered(run, PINNED, "fewer wrong answers", "2025-02-01")
    assert lower.figures[NAME] == {"answerable.gold": 0.5, "unanswerable.near.false_answer": 0.201}
    assert lower.lowered == (
        {
            "date": "2025-02-01",
            "run": NAME,
            "because": "fewer wrong answers",
            "figure": "answerable.gold",
            "from": 0.901,
            "to": 0.5,
        },
    )
    assert floors.check(run, lower) == ()


def test_a_figure_that_is_no_longer_measured_goes_with_a_reason() -> None:
    lower = floors.lowered(run_of(gold=0.95), PINNED, "the near questions went", "2025-02-01")
    assert lower.figures[NAME] == {"answerable.gold": 0.901}
    assert (lower.lowered[0]["figure"], lower.lowered[0]["to"]) == ("unanswerable.near.false_answer", None)


def test_lowering_without_a_reason_is_refused() -> None:
    with pytest.raises(EvaluationError, match="lowering a floor takes a reason; give --because"):
        floors.lowered(run_of(gold=0.5), PINNED, "  ", "2025-02-01")


def test_other_data_breaks_and_is_pinned_anew_only_with_a_reason() -> None:
    other = replace(run_of(gold=0.4), data_sha256="cd" * 32)
    (breach,) = floors.check(other, PINNED)
    assert breach.text == (
        "domain on kettles: pinned on data abababababab, measured on cdcdcdcdcdcd; pin it anew with --lower --because"
    )
    with pytest.raises(EvaluationError, match="the data changed since its floors were pinned"):
        floors.raised(other, PINNED)
    anew = floors.lowered(other, PINNED, "questions corrected", "2025-02-01")
    assert (anew.data[NAME], anew.figures[NAME]) == ("cd" * 32, {"answerable.gold": 0.4})
    assert [(note["figure"], note["from"], note["to"]) for note in anew.lowered] == [
        ("answerable.gold", 0.901, 0.4),
        ("unanswerable.near.false_answer", 0.201, None),
    ]


def test_a_limited_run_is_refused() -> None:
    limited = replace(run_of(gold=1.0), limit=5)
    for use in (floors.check, floors.raised):
        with pytest.raises(EvaluationError, match="measured with --limit 5; floors need all questions"):
            use(limited, PINNED)


def test_floors_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    assert floors.load_floors(path) == Floors({}, {})
    kept = floors.lowered(run_of(gold=0.5, false_answer=0.1), PINNED, "why", "2025-02-01")
    floors.save_floors(kept, path)
    assert floors.load_floors(path) == kept
    assert [p.name for p in tmp_path.iterdir()] == ["floors.json"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1, "floors": {"a": {}}, "lowered": []}'])
def test_what_is_no_floors_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "floors.json"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=r"floors\.json: not a floors file .* restore it from version control"):
        floors.load_floors(path)


def test_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    path.write_text('{"format": 9}')
    with pytest.raises(EvaluationError, match=r"floors\.json: floors format 9, this version reads 1"):
        floors.load_floors(path)
