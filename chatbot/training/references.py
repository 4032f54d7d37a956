"""Trains the labeller of printed references, and measures it.

    python -m chatbot.training.references --data references.jsonl --out chatbot/models/weights/references.json
    python -m chatbot.training.references --data references.jsonl --folds 5

Each line of the data has "id", "reference", "segments" ([label, words] in order) and "fields". A conditional random field over B- and
I- labels is fitted by L-BFGS with both penalties (crfsuite); weights under `SMALLEST` are dropped and the rest rounded, so that the file
stays small. With `--folds` nothing is written: each reference is labelled by a model that saw neither it nor another one of the same title
(the same work stands in the data more than once), and the table compares the labeller with the rules alone. The result depends
on data and options only: nothing is drawn at random.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pycrfsuite

from chatbot.corpus.references.entries import fields_of
from chatbot.corpus.references.labelling import FORMAT, features_of, read_labeller
from chatbot.corpus.references.rules import by_rules
from chatbot.evaluate.fields import weigh_references
from chatbot.training.pairs import read_jsonl
from chatbot.training.reference_styles import in_other_styles

SCALE = 1000  # weights are kept as thousandths
SMALLEST = (
    0.02  # of a weight; dropping smaller ones changed 2 of 354 held-out references and F1 not, the file by a fifth
)

Row = dict[str, Any]
Lists = Mapping[str, Sequence[str]]


def read_lists() -> dict[str, list[str]]:
    """For each word of reference_words.toml the names of the lists that it stands in."""
    lists: dict[str, list[str]] = {}
    text = files("chatbot.training").joinpath("data", "reference_words.toml").read_text(encoding="utf-8")
    for name, words in tomllib.loads(text).items():
        for word in words.split():
            lists.setdefault(word, []).append(name)
    return lists


def words_and_labels(row: Row) -> tuple[list[str], list[str]]:
    """The words of a reference, and B-title for the first of a segment, I-title for the others."""
    words: list[str] = []
    labels: list[str] = []
    for label, text in row["segments"]:
        for i, word in enumerate(text.split()):
            words.append(word)
            labels.append(f"{'I' if i else 'B'}-{label}")
    return words, labels


def fit(rows: Sequence[Row], lists: Lists, options: argparse.Namespace) -> bytes:
    """The weights file of a model trained on the rows."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": options.c1, "c2": options.c2, "max_iterations": options.rounds})
    for row in (*rows, *in_other_styles(rows, options.others)):
        words, labels = words_and_labels(row)
        trainer.append(features_of(words, lists), labels)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.crf"
        trainer.train(str(path))
        tagger = pycrfsuite.Tagger()
        with tagger.open(str(path)):
            return weights_file(tagger.info(), lists)


def weights_file(info: Any, lists: Lists) -> bytes:
    """The JSON file: labels, transitions row by row, and for each feature its labels' numbers and weights in turn."""
    labels = sorted(info.labels)
    features: dict[str, list[int]] = {}
    for (name, label), weight in sorted(info.state_features.items()):
        if abs(weight) >= SMALLEST:
            features.setdefault(name, []).extend((labels.index(label), round(weight * SCALE)))
    transitions = [round(info.transitions.get((a, b), 0.0) * SCALE) for a in labels for b in labels]
    content = {"format": FORMAT, "scale": SCALE, "labels": labels, "transitions": transitions, "lists": lists}
    text = json.dumps({**content, "features": features}, ensure_ascii=False, separators=(",", ":"))
    return text.replace('],"', '],\n"').encode() + b"\n"


def fold_of(row: Row, n_folds: int) -> int:
    """The fold of a reference: the same for all of one title."""
    title = " ".join(text for label, text in row["segments"] if label == "title") or row["reference"]
    return zlib.crc32(re.sub(r"\W", "", title.lower())[:40].encode()) % n_folds


def measure(rows: Sequence[Row], lists: Lists, options: argparse.Namespace) -> None:
    """Prints the scores of held-out references, of the labeller and of the rules."""
    given: dict[str, dict[str, str]] = {}
    for fold in range(options.folds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "weights.json"
            path.write_bytes(fit([r for r in rows if fold_of(r, options.folds) != fold], lists, options))
            labeller = read_labeller(path)
        held = [r for r in rows if fold_of(r, options.folds) == fold]
        given |= {r["reference"]: fields_of(r["reference"], labeller) for r in held}
        print(json.dumps({"fold": fold, "held out": len(held)}), flush=True)
    rules = {s.label: s for s in weigh_references(rows, lambda printed: fields_of(printed, by_rules))}
    for score in weigh_references(rows, given.__getitem__):
        base = rules[score.label].f1 if score.label in rules else 0.0
        print(
            f"{score.label:18} F1 {score.f1:.3f}  P {score.precision:.3f}  R {score.recall:.3f}  n {score.n_gold:5}  rules {base:.3f}"
        )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=int, default=0, help="measure with so many folds, write nothing")
    parser.add_argument("--c1", type=float, default=0.05, help="of the sum of absolute weights")
    parser.add_argument("--c2", type=float, default=0.05, help="of the sum of squared weights")
    parser.add_argument(
        "--others", type=float, default=0.4, help="share of the references that come again in another style"
    )
    parser.add_argument("--rounds", type=int, default=80)
    options = parser.parse_args()
    rows, lists = list(read_jsonl(options.data)), read_lists()
    if options.folds:
        measure(rows, lists, options)
    if options.out:
        options.out.write_bytes(fit(rows, lists, options))


if __name__ == "__main__":
    main()
