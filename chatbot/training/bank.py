"""Rows for the second stage from a corpus's own question bank.

A question's golds are its positives. Its negatives are the sentences that the bi-encoder ranks highest among the others, since
those are what the second stage will be asked to tell from the answer; sentences that nearly say what a gold says are left
out, because a bank never lists every answer. A question that nothing answers has only negatives; one with a false premise has
the correcting sentences as positives, because quoting them is the right reply.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from rapidfuzz.fuzz import token_set_ratio

from chatbot.building import cut, read_corpus
from chatbot.index.embedding import open_embedder
from chatbot.training.pairs import Pair, read_jsonl

HARD = 6  # negatives taken from the `NEAREST` best-ranked others
NEAREST = 14
SAME_COSINE = 0.72  # above this a sentence may say what a gold says; a guess, not tuned
SAME_WORDS = 75.0


def bank_pairs(bank: Path, corpus: Path, rng: random.Random, copies: int = 1) -> list[Pair]:
    """All rows of the bank, `copies` times, each time with other negatives."""
    sentences = [s for s in cut(read_corpus(corpus))[0] if s.role in ("body", "disclaimer", "reference")]
    texts = [s.text for s in sentences]
    embedder = open_embedder()
    vectors = embedder.embed(texts)
    rows = list(read_jsonl(bank))
    asked = [" ".join([*row.get("history", [])[-1:], row["question"]]) for row in rows]
    cosines = embedder.embed(asked) @ vectors.T
    between = vectors @ vectors.T
    out: list[Pair] = []
    for number, (row, question) in enumerate(zip(rows, asked, strict=True)):
        gold = {*row["gold"], *row.get("correction", [])}
        gold_rows = [i for i, t in enumerate(texts) if t in gold]
        near = [
            int(i)
            for i in np.argsort(-cosines[number])
            if int(i) not in gold_rows
            and all(between[i][g] < SAME_COSINE and token_set_ratio(texts[i], texts[g]) < SAME_WORDS for g in gold_rows)
        ][:NEAREST]
        group = f"bank-{number}"
        for _ in range(copies):
            out += [Pair(question, texts[i], 1, group, "bank") for i in gold_rows]
            out += [Pair(question, texts[i], 0, group, "bank") for i in [*near[:2], *rng.sample(near[2:], HARD - 2)]]
            if not gold_rows:
                out.append(Pair(question, rng.choice(texts), 0, group, "bank"))
    return out
