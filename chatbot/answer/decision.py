"""Does any sentence answer? A calibrated yes or no from several signals.

    top            logit of the best sentence's evidence
    second_stage   highest logit of the cross-encoder
    margin         how far the best evidence lies above the mean of the next ones
    cosine         highest cosine of question and sentence
    lexical        highest raw BM25
    overlap        highest share of the question's words in one window
    unknown        share of the question's content words, by rarity, that the corpus never uses
    far            how far the farthest content word lies from the corpus's vocabulary (1 - cosine of word vectors)
    number         1 when the question has a number that neither the best sentences nor their sources' records hold
    asked          highest cosine to a bank question that is answered
    lean           (asked - the same for questions that nothing answers) x the higher of the two: nearness must mean something
    vote           among the eight nearest bank questions, the share that is answered, weighted by likeness, less one half, x the
                   highest likeness squared: of questions that are like none of them the bank knows nothing
    same           highest probability, by the second stage, that an answered bank question asks the same
    refused        the same of the bank questions that nothing answers

A logistic regression on the calibration cases turns them into a probability (`chatbot.training.decision`); `threshold` is the
trade-off, with the whole curve beside it. A corpus without a bank has weights of its own. How a threshold follows from cases is
here too (`refusal_curve`, `choose_threshold`): training uses it on cases left out of the fit, a build on the corpus's own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.answer.evidence import LinearModel
from chatbot.errors import ModelError

WITHOUT_BANK = ("top", "second_stage", "margin", "cosine", "lexical", "overlap", "unknown", "far", "number")
WITH_BANK = (*WITHOUT_BANK, "asked", "lean", "vote", "same", "refused")


@dataclass(frozen=True, slots=True)
class DecisionWeights:
    """Models for one kind of corpus, and the probability from which an answer is given.

    `first` chooses what the second stage reads: for a corpus with a bank a model of all cheap signals and one without the bank's, by
    which also sentences are read that the bank does not know.
    """

    evidence: LinearModel
    answerable: LinearModel
    threshold: float
    first: tuple[LinearModel, ...]


def read_weights(path: Path, *, bank: bool) -> DecisionWeights:
    """The weights for a corpus with or without a question bank. Raises ModelError for a malformed file."""
    try:
        kinds = json.loads(path.read_text(encoding="utf-8"))
        data, plain = kinds["with_bank" if bank else "without_bank"], _model(kinds["without_bank"]["first"])
        first = (_model(data["first"]), plain) if bank else (plain,)
        return DecisionWeights(_model(data["evidence"]), _model(data["answerable"]), float(data["threshold"]), first)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: no decision weights ({error}); run `python -m chatbot.training.decision`") from error


def raw_weights(path: Path) -> bytes:
    """The weights file's bytes."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); restore it") from error


CALIBRATED_ON = ("corpus_sha256", "model_sha256", "second_stage_sha256", "settings_digest", "answer_digest")


def taken_over(path: Path, made_of: Mapping[str, str], *, bank: bool, cases: int) -> dict[str, Any]:
    """A generation's decision.json with the shipped threshold: `calibrated` is true when it was chosen on just what the
    generation is made of, or when the corpus has no `cases` to choose another by; `how` says so in words."""
    read_weights(path, bank=bank)
    data = json.loads(raw_weights(path))
    part = data["with_bank" if bank else "without_bank"]
    same = data.get("calibrated_on") == {key: made_of[key] for key in CALIBRATED_ON}
    how = (
        "shipped, and chosen for this very corpus, its models and settings"
        if same
        else "shipped; the corpus has no calibration.jsonl to choose its own by"
        if not cases
        else "shipped; not calibrated on this corpus's calibration.jsonl"
    )
    known = {"curve": part.get("curve", []), "cases": part.get("cases", 0)} if same else {"curve": [], "cases": 0}
    return {"threshold": float(part["threshold"]), "calibrated": same or not cases, "how": how, **known}


def refusal_limit(path: Path, *, bank: bool, otherwise: float) -> float:
    """The share of answerable calibration cases that the shipped threshold refuses when they are replayed; `otherwise` if unknown."""
    data = json.loads(raw_weights(path))
    return float(data["with_bank" if bank else "without_bank"].get("replayed_false_refusals", otherwise))


def refusal_curve(
    confidences: Sequence[float], kinds: Sequence[str], also: Sequence[float] = ()
) -> list[dict[str, float]]:
    """What each threshold would do: the share of answerable cases refused, and of each other kind answered.

    The points are the confidences below which 0 to 30 % of the answerable cases lie, in steps of 1 %, and the thresholds
    named in `also`; sorted. Needs one answerable case at least.

    >>> [(p["threshold"], p["false_refusals"]) for p in refusal_curve([0.2, 0.6], ["answerable"] * 2, [0.5])][:1]
    [(0.2, 0.0)]
    """
    found, named = np.asarray(confidences, dtype=float), np.asarray(kinds)
    plain = found[named == "answerable"]
    points = sorted({round(float(t), 4) for t in (*np.quantile(plain, np.arange(0.0, 0.31, 0.01)), *also)})
    return [
        {
            "threshold": at,
            "false_refusals": round(float((plain < at).mean()), 4),
            **{
                f"answered_{kind}": round(float((found[named == kind] >= at).mean()), 4)
                for kind in ("near", "far", "false_premise")
                if (named == kind).any()
            },
        }
        for at in points
    ]


def choose_threshold(curve: Sequence[Mapping[str, float]], limit: float) -> float:
    """The highest threshold of the curve that refuses at most the share `limit` of the answerable cases; the lowest if none does.

    >>> choose_threshold([{"threshold": 0.2, "false_refusals": 0.0}, {"threshold": 0.4, "false_refusals": 0.1}], 0.05)
    0.2
    """
    kept = [point["threshold"] for point in curve if point["false_refusals"] <= limit]
    return max(kept) if kept else min(point["threshold"] for point in curve)


def _model(row: dict[str, Any]) -> LinearModel:
    """A LinearModel from its JSON form. Raises ValueError when it is not a number for each name."""
    columns = [tuple(float(x) for x in row[key]) for key in ("means", "scales", "weights")]
    names, bias = tuple(str(n) for n in row["names"]), float(row["bias"])
    if any(len(c) != len(names) for c in columns):
        raise ValueError(f"{len(names)} names with {', '.join(str(len(c)) for c in columns)} means, scales and weights")
    if not all(map(math.isfinite, (bias, *chain(*columns)))) or 0.0 in columns[1]:
        raise ValueError("a weight is not a finite number, or a scale is 0")
    return LinearModel(names, columns[0], columns[1], columns[2], bias)


NUMBER_WORDS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred".split(),
        [*map(str, range(1, 21)), "30", "40", "50", "60", "70", "80", "90", "100"],
        strict=True,
    )
)


def numbers_of(text: str, *, words: bool = False) -> set[str]:
    """Numbers of a text as typed, thousands marks left out; with `words` also those that are spelt out.

    >>> sorted(numbers_of("5,000 people, d = 0.91, in 2021"))
    ['0.91', '2021', '5000']
    >>> sorted(numbers_of("three sessions at 15 sites", words=True))
    ['15', '3']
    """
    found = {n.replace(",", "") for n in re.findall(r"(?<![\w.-])\d+(?:,\d{3})*(?:\.\d+)?", text)}
    return found | (
        {NUMBER_WORDS[w] for w in re.findall(r"[a-z]+", text.lower()) if w in NUMBER_WORDS} if words else set()
    )


def has_foreign_number(question: str, texts: Sequence[str]) -> bool:
    """True when the question has a number, in digits, that none of the texts holds, spelt out or not."""
    known = set().union(*(numbers_of(t, words=True) for t in texts)) if texts else set()
    return bool(numbers_of(question) - known)
