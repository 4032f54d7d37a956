"""Fits the weights of evidence and decision on cases with known answers, and chooses the threshold.

    python -m chatbot.training.decision --cases FILE ... --out decision.json
    python -m chatbot.training.decision --keep-weights --out decision.json      after an edit of the corpus

First stage: a conditional logit over each question's whole pool, of all signals but the second stage's, by which
`answer.retrieval` chooses what the second stage reads; the two models below are fitted on what it chooses. Evidence: a
conditional logit over each question's candidates, L2, by L-BFGS. Answerable: a logistic regression (scikit-learn, L2) over questions, whose features come from evidence that was fitted on the other folds (5, by question), so that the decision is
calibrated on scores as they will be, not on scores that have seen their golds. The second stage must not have been trained on
these cases. The threshold is the point of the out-of-fold curve that keeps false refusals of answerable questions at most
at `--false-refusals`; the curve is written beside it.

Last, the corpus's own calibration cases are replayed with the weights as they are written, in the way a build does:
`replayed_false_refusals` is the share of answerable ones that the threshold refuses there, which a build on another corpus keeps
to; `calibrated_on` names corpus, models and settings, so that a build on just these takes the threshold over without asking.
`--keep-weights` does this last step alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold

from chatbot import settings
from chatbot.answer import retrieval
from chatbot.answer.decision import (
    CALIBRATED_ON,
    WITH_BANK,
    WITHOUT_BANK,
    DecisionWeights,
    choose_threshold,
    read_weights,
    refusal_curve,
)
from chatbot.answer.evidence import SECOND_STAGE, SIGNALS, LinearModel, shares
from chatbot.answer.retrieval import Depth
from chatbot.answer.spelling import Speller
from chatbot.building import made_of, prepare, reuse_from
from chatbot.calibrating import known_cases, read_case, replay
from chatbot.corpus import calibration
from chatbot.datatypes import Embedder, SecondStage
from chatbot.gathering import speller_of
from chatbot.loading import Loaded, loaded_from
from chatbot.reading import FULL, Reader
from chatbot.training.pairs import read_jsonl

FOLDS = 5
POOL = Depth(
    settings.POOL, 0, settings.POOL, settings.BANK_READ
)  # all of it is read, for the first stage to choose from
CHEAP = tuple(name for name in SIGNALS if name != "second_stage")
OF_BANK = ("bank", "same", "votes")
# How strongly the regressions are held back (scikit-learn's C). Of .01, .03, .1, .3, 1 and 3 the out-of-fold AUROC was flat
# from .1 on.
STRENGTH = 0.3
SHRINK = 0.01  # the same for evidence, as a factor of the squared weights: .003 to .03 gave the same hits out of fold


@dataclass(frozen=True, slots=True)
class Measured:
    """One case: its candidates' signals, which of them are golds, and the decision's features."""

    table: np.ndarray  # (candidates, signals)
    gold: np.ndarray  # (candidates,) bool
    features: dict[str, float]
    kind: str
    question: str


def identity(names: Sequence[str]) -> LinearModel:
    """A model that adds its inputs up; stands in until one is fitted."""
    n = len(names)
    return LinearModel(tuple(names), (0.0,) * n, (1.0,) * n, (1.0,) * n, 0.0)


def measure(reader: Reader, speller: Speller, row: dict[str, Any]) -> Measured:
    """Reads one case as the pipeline would read it whole, and all of its pool."""
    reading = read_case(reader, speller, row["question"], row.get("history", []), POOL)
    wanted = {*row.get("gold", []), *row.get("correction", [])}
    return Measured(
        np.array([[value for _, value in e.signals] for e in reading.evidence]),
        np.array([e.sentence.text in wanted for e in reading.evidence], dtype=bool),
        dict(reading.features),
        row.get("kind", "answerable"),
        row["question"],
    )


def fit(table: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> LinearModel:
    """A standardised logistic regression."""
    means, scales = table.mean(axis=0), table.std(axis=0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit((table - means) / scales, labels)
    return LinearModel(
        tuple(names),
        tuple(means.tolist()),
        tuple(scales.tolist()),
        tuple(model.coef_[0].tolist()),
        float(model.intercept_[0]),
    )


def fit_evidence(cases: Sequence[Measured], names: Sequence[str]) -> LinearModel:
    """The weights that make the golds' share of each question's candidates largest; each question weighs the same."""
    columns = [SIGNALS.index(n) for n in names]
    found = [c for c in cases if c.gold.any()]
    table = np.concatenate([c.table[:, columns] for c in found])
    means, scales = table.mean(axis=0), table.std(axis=0) + 1e-6
    scaled = [((c.table[:, columns] - means) / scales, c.gold) for c in found]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(weights)
        for rows, gold in scaled:
            share = shares(rows @ weights)
            right = share * gold
            total -= np.log(right.sum() + 1e-12)
            slope -= (right / (right.sum() + 1e-12)) @ rows - share @ rows
        count = len(scaled)
        return total / count + SHRINK * weights @ weights, slope / count + 2 * SHRINK * weights

    best = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x
    return LinearModel(tuple(names), tuple(means.tolist()), tuple(scales.tolist()), tuple(best.tolist()), 0.0)


def with_evidence(case: Measured, model: LinearModel) -> dict[str, float]:
    """The case's features with `top` and `margin` by these evidence weights."""
    sums = np.sort(model.logits_of(case.table, SIGNALS))[::-1]
    return case.features | {"top": float(sums[0]), "margin": float(sums[0] - sums[1:6].mean())}


def read_of(case: Measured, first: Sequence[LinearModel]) -> Measured:
    """The case as it is when the second stage reads only what the first one chooses."""
    sums = [model.logits_of(case.table, SIGNALS) for model in first]
    rows = sorted(retrieval.leaders(sums, FULL.counts(len(sums))))
    table = case.table[rows]
    highest = float(table[:, SECOND_STAGE].max(initial=-10.0))
    return replace(case, table=table, gold=case.gold[rows], features=case.features | {"second_stage": highest})


def answerable(case: Measured) -> bool:
    """True when a quote is the right reply: a gold or a correction was found."""
    return case.kind in ("answerable", "false_premise")


def fit_all(
    pools: list[Measured], first: Sequence[LinearModel], signals: Sequence[str], names: Sequence[str], limit: float
) -> dict[str, Any]:
    """The models, the threshold and the out-of-fold curve, as JSON."""
    cases = [read_of(case, first) for case in pools]
    truth = np.array([answerable(c) for c in cases])
    rows: list[dict[str, float]] = [{} for _ in cases]
    first_right = []
    for fit_on, rest in KFold(FOLDS, shuffle=True, random_state=0).split(cases):
        fold = fit_evidence([cases[i] for i in fit_on if truth[i]], signals)
        for i in rest:
            rows[i] = with_evidence(cases[i], fold)
            if cases[i].kind == "answerable":
                order = np.argsort(-fold.logits_of(cases[i].table, SIGNALS))
                first_right.append((bool(cases[i].gold[order[0]]), bool(cases[i].gold[order[:3]].any())))
    table = np.array([[row[n] for n in names] for row in rows])
    out_of_fold = np.zeros(len(cases))
    for fit_on, rest in KFold(FOLDS, shuffle=True, random_state=1).split(cases):
        out_of_fold[rest] = fit(table[fit_on], truth[fit_on], names).logits(table[rest])
    found = 1.0 / (1.0 + np.exp(-out_of_fold))
    kinds = np.array([c.kind for c in cases])
    curve = refusal_curve(found.tolist(), kinds.tolist())
    threshold = choose_threshold(curve, limit)
    near = np.isin(kinds, ("answerable", "near"))
    print(
        f"first right {np.mean([a for a, _ in first_right]):.3f}, in the first three {np.mean([b for _, b in first_right]):.3f}; "
        f"near AUROC {roc_auc_score(truth[near], found[near]):.4f}; threshold {threshold:.3f}"
    )
    for point in curve[::2]:
        print("  ", point)
    evidence_model = fit_evidence([c for c, t in zip(cases, truth, strict=True) if t], signals)
    return {
        "first": as_json(first[0]),
        "evidence": as_json(evidence_model),
        "answerable": as_json(fit(table, truth, names)),
        "threshold": threshold,
        "curve": curve,
        "cases": len(cases),
    }


def as_json(model: LinearModel) -> dict[str, Any]:
    """A LinearModel as JSON."""
    return {
        "names": list(model.names),
        "means": [round(x, 6) for x in model.means],
        "scales": [round(x, 6) for x in model.scales],
        "weights": [round(x, 6) for x in model.weights],
        "bias": round(model.bias, 6),
    }


def calibrated(loaded: Loaded, embedder: Embedder, second_stage: SecondStage, path: Path) -> dict[str, Any]:
    """The weights file with what its threshold does on the corpus's calibration cases, and what it was calibrated on."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    cases = calibration.read_calibration(loaded.corpus.folder)
    known = known_cases(loaded, calibration.choose(cases, settings.CALIBRATION_CASES))
    plain = [case.kind == "answerable" for case in known]
    for name, bank in (("with_bank", True), ("without_bank", False)):
        weights = read_weights(path, bank=bank)
        confidences = np.array(replay(Reader(loaded, embedder, second_stage, weights), known))
        refused = float((confidences[plain] < weights.threshold).mean())
        data[name]["replayed_false_refusals"] = round(refused, 4)
        print(
            f"{name}: {len(known)} cases replayed, {refused:.4f} of the answerable ones refused at {weights.threshold}"
        )
    made = made_of(loaded.corpus, embedder.name, embedder.sha256)
    return {
        "calibrated_on": {key: made[key] for key in CALIBRATED_ON},
        **{k: data[k] for k in ("with_bank", "without_bank")},
    }


def main() -> None:
    """Reads the command line."""
    from chatbot.index.embedding import open_embedder
    from chatbot.opening import open_second_stage

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, nargs="+", default=[settings.CORPUS / calibration.FILE])
    parser.add_argument("--corpus", type=Path, default=settings.CORPUS)
    parser.add_argument("--index", type=Path, default=settings.INDEX)
    parser.add_argument("--second-stage", default=settings.SECOND_STAGE_MODEL)
    parser.add_argument("--false-refusals", type=float, default=settings.MAX_FALSE_REFUSALS)
    parser.add_argument("--keep-weights", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    embedder, second_stage = open_embedder(), open_second_stage(options.second_stage)
    draft = prepare(options.corpus, embedder, reuse_from(options.index, embedder))
    loaded = loaded_from(draft.manifest, draft.files, draft.corpus)
    if not options.keep_weights:
        summed = identity(SIGNALS)
        dummy = DecisionWeights(summed, identity(WITH_BANK), 0.5, (summed, summed))
        reader, speller = Reader(loaded, embedder, second_stage, dummy), speller_of(loaded.corpus)
        rows = [row for path in options.cases for row in read_jsonl(path) if row.get("kind") != "adversarial"]
        cases = [measure(reader, speller, row) for row in rows]
        found = [case for case in cases if answerable(case)]
        plain = fit_evidence(found, [name for name in CHEAP if name not in OF_BANK])
        both = (fit_evidence(found, CHEAP), plain)
        alone = [name for name in SIGNALS if name not in OF_BANK]
        print("with bank"), (with_bank := fit_all(cases, both, SIGNALS, WITH_BANK, options.false_refusals))
        print("without bank"), (without := fit_all(cases, (plain,), alone, WITHOUT_BANK, options.false_refusals))
        write(options.out, {"with_bank": with_bank, "without_bank": without})
    write(options.out, calibrated(loaded, embedder, second_stage, options.out))


def write(path: Path, weights: dict[str, Any]) -> None:
    """The weights file."""
    path.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
