"""Runs kept and read back, shown, and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate import runs
from chatbot.evaluate.changes import CHANGES
from chatbot.evaluate.targets import is_met, target_of
from chatbot.evaluate.values import Figure, Quoted, Row, Run

BOILS = Quoted("article", 0, 23, "The kettle boils water.")
TEA = Quoted("article", 53, 65, "Tea follows.")


def row(ident: str, outcome: str = "answer", *quotes: Quoted) -> Row:
    return Row(ident, f"What of {ident}?", "answerable", outcome, quotes, {"answerable.gold": 1.0}, (), 0.5, 0.25)


RUN = Run(
    "domain",
    "kettles",
    "ab" * 32,
    0,
    "g1",
    "s1",
    "2025-01-01",
    {
        "answerable.gold": Figure(0.925, 0.85, 1.0, 40),
        "unanswerable.near.false_answer": Figure(0.25, 0.1, 0.4, 20),
        "adversarial.observed_answer": Figure(0.0, 0.0, 0.0, 7),
    },
    (row("a", "answer", BOILS, TEA), replace(row("b", "abstention"), faults=("article:0-1 is outside",))),
)


def test_a_run_comes_back_as_it_was_with_sorted_keys(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    runs.save(RUN, path)
    assert runs.load(path) == RUN
    text = path.read_text()
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert json.loads(text)["format"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no run file"),
        ("[]", "run format None, this version reads 1; measure again"),
        ('{"format": 2}', "run format 2, this version reads 1; measure again"),
        ('{"format": 1}', "not a whole run .*figures"),
        ('{"format": 1, "figures": {"a": 1}}', "not a whole run .*; measure again"),
    ],
)
def test_what_is_no_run_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=rf"run\.json: {message}"):
        runs.load(path)


def test_a_run_that_cannot_be_written_or_found_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"cannot be written .* give --json another place"):
        runs.save(RUN, tmp_path / "none" / "run.json")
    with pytest.raises(EvaluationError, match=r"run\.json: no run file"):
        runs.load(tmp_path / "run.json")


def test_the_table_says_target_verdict_and_what_is_known() -> None:
    lines = runs.table(RUN).splitlines()
    assert lines[:3] == ["domain on kettles (abababababab), 2025-01-01", "generation g1, settings s1", ""]
    assert [" ".join(line.split()) for line in lines[3:7]] == [
        "figure value 95 % interval n target known",
        "answerable.gold 0.925 [0.850, 1.000] 40 >= 0.90 met bare MiniLM 0.670, bare BM25 0.630, txtai hybrid 0.720",
        "unanswerable.near.false_answer 0.250 [0.100, 0.400] 20 <= 0.20 MISSED "
        "bare MiniLM at 10 % false refusals 0.950",
        "adversarial.observed_answer 0.000 [0.000, 0.000] 7",
    ]
    assert lines[7:] == ["", "Rules broken:", "  b: article:0-1 is outside"]
    assert lines[4].index("0.925") == lines[5].index("0.250")


def test_a_measured_baseline_stands_beside_its_figure_and_a_limit_is_said() -> None:
    figure = Figure(0.5, 0.4, 0.6, 9)
    figures = {"wice.hit@1": figure, "bm25:wice.hit@1": replace(figure, value=0.25)}
    text = runs.table(replace(RUN, task="evidence", generation="", figures=figures, rows=(), limit=9))
    assert text.splitlines()[0] == "evidence on kettles (abababababab), 2025-01-01, the first 9 questions of each set"
    assert " ".join(text.splitlines()[-1].split()) == (
        "wice.hit@1 0.500 [0.400, 0.600] 9 >= 0.85 MISSED BM25 here 0.250, BM25 0.816"
    )


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("scifact.ndcg@10", 0.72),
        ("scifact_test.ndcg@10", 0.72),
        ("scifact.train.ndcg@10", 0.72),
        ("medquad.ndcg@10", None),
        ("evidence_inference.hit@5", 0.60),
        ("squad2.answerability_auroc", 0.80),
        ("bm25:wice.hit@1", None),
        ("answerable.misspelt.gold", 0.80),
        ("answerable.plain.gold", None),
    ],
)
def test_targets_are_found_by_set_and_measure(name: str, bound: float | None) -> None:
    assert target_of(name).bound == bound


def test_a_bound_is_met_at_its_value() -> None:
    def at(value: float) -> Figure:
        return Figure(value, value, value, 100)

    assert (is_met("answerable.gold", at(0.90)), is_met("answerable.gold", at(0.899))) == (True, False)
    assert (is_met("answerable.false_refusal", at(0.08)), is_met("answerable.false_refusal", at(0.081))) == (
        True,
        False,
    )
    assert is_met("answerable.plain.gold", at(0.0)) is None


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (row("a", "answer", BOILS), row("a", "answer", BOILS), "kept"),
        (row("a", "answer", BOILS, TEA), row("a", "answer", TEA, BOILS), "moved"),
        (row("a", "answer", BOILS), row("a", "answer", replace(BOILS, start=9, end=32)), "moved"),
        (row("a", "answer", BOILS), row("a", "answer", TEA), "changed quote"),
        (row("a", "answer", BOILS), row("a", "abstention"), "newly refused"),
        (row("a", "answer", BOILS), row("a", "answer", BOILS, TEA), "changed quote"),
        (row("a", "answer", BOILS), row("a", "redirect:crisis"), "redirect changed"),
        (row("a", "abstention"), row("a", "answer", TEA), "newly answered"),
        (row("a", "redirect:crisis"), row("a", "redirect:medical_advice"), "redirect changed"),
        (row("a", "redirect:drug_request"), row("a", "abstention"), "redirect changed"),
        (row("a", "redirect:drug_request", TEA), row("a", "redirect:drug_request", BOILS), "changed quote"),
        (row("a", "rejected"), row("a", "abstention"), "refused otherwise"),
        (row("a", "abstention"), row("a", "abstention"), "kept"),
        (row("a", "ranked", Quoted("d", 0, 0, "")), row("a", "ranked", Quoted("e", 0, 0, "")), "changed quote"),
    ],
)
def test_what_became_of_a_question(before: Row, after: Row, change: str) -> None:
    found = runs.compare(replace(RUN, rows=(before,)), replace(RUN, rows=(after,)))
    assert [kind for kind, _, _ in found.rows] == [change]
    assert change in CHANGES


def test_a_comparison_lists_changes_only() -> None:
    after = replace(
        RUN,
        data_sha256="cd" * 32,
        figures={"answerable.gold": Figure(0.9, 0.8, 1.0, 40), "sources.gold": Figure(1.0, 1.0, 1.0, 2)}
        | {"unanswerable.near.false_answer": Figure(0.2, 0.1, 0.3, 20)},
        rows=(row("a", "abstention"), row("c", "answer", TEA)),
    )
    text = runs.render_comparison(runs.compare(RUN, after))
    assert text.splitlines() == [
        "0 kept, 0 moved, 0 changed quote, 1 newly refused, 0 newly answered, 0 redirect changed, 0 refused otherwise",
        "The two runs were measured on different data.",
        "1 only in the first: b",
        "1 only in the second: c",
        "",
        "Figures that changed:",
        "  answerable.gold  0.925 -> 0.900  -0.025 worse",
        "  unanswerable.near.false_answer  0.250 -> 0.200  -0.050 better",
        "  adversarial.observed_answer  0.000 -> -",
        "  sources.gold  - -> 1.000",
        "",
        "Newly refused:",
        "  a: What of a?",
        "    - answer article:0-23 The kettle boils water. | article:53-65 Tea follows.",
        "    + abstention",
    ]


def test_equal_runs_and_runs_of_two_tasks() -> None:
    text = runs.render_comparison(runs.compare(RUN, RUN))
    assert text.splitlines() == [
        "2 kept, 0 moved, 0 changed quote, 0 newly refused, 0 newly answered, 0 redirect changed, 0 refused otherwise",
        "",
        "No figure changed.",
    ]
    with pytest.raises(EvaluationError, match="a domain run cannot be compared with a safety run"):
        runs.compare(RUN, replace(RUN, task="safety"))
