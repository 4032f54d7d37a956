"""Rows for the second stage from a corpus's own question bank.

A question's golds are its positives. Its negatives are the sentences that the bi-encoder ranks highest among the others, since
those are what the second stage will be asked to tell from the answer; sentences that nearly say what a gold says are left
out, because a bank never lists every answer. A question that nothing answers has only negatives; one with a false premise has
the correcting sentences as positives, because quoting them is the right reply.

The second stage also reads a question beside a question of the bank: do both ask what the same sentence answers? Its positives
are pairs that share a gold, the likest first, and unanswered questions with their own misspelt form; its negatives are the likest
pairs that share none, above all an answered and an unanswered one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.fuzz import token_set_ratio

from chatbot.building import cut, read_corpus
from chatbot.datatypes import Vectors
from chatbot.index.embedding import open_embedder
from chatbot.training.pairs import Pair, read_jsonl, with_typos

HARD = 6  # negatives taken from the `NEAREST` best-ranked others
NEAREST = 14
SAME_COSINE = 0.72  # above this a sentence may say what a gold says; a guess, not tuned
SAME_WORDS = 75.0
SIBLINGS = 3  # the likest questions of the same gold, of which two are positives
STRANGERS = 8  # the likest questions of other golds, of which two are negatives


def bank_pairs(bank: Path, corpus: Path, rng: random.Random, copies: int = 1) -> list[Pair]:
    """All rows of the bank, `copies` times, each time with other negatives."""
    sentences = [s for s in cut(read_corpus(corpus))[0] if s.role in ("body", "disclaimer", "reference")]
    texts = [s.text for s in sentences]
    embedder = open_embedder()
    vectors = embedder.embed(texts)
    rows = list(read_jsonl(bank))
    asked = [" ".join([*row.get("history", [])[-1:], row["question"]]) for row in rows]
    asked_vectors = embedder.embed(asked)
    cosines = asked_vectors @ vectors.T
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
    golds = [{i for i, t in enumerate(texts) if t in row["gold"]} for row in rows]
    return out + question_pairs(asked, golds, asked_vectors, between, rng)


def question_pairs(
    asked: Sequence[str], golds: Sequence[set[int]], vectors: Vectors, between: Vectors, rng: random.Random
) -> list[Pair]:
    """Pairs of bank questions. `golds` are the sentence rows that answer each (none: unanswered or a false premise).

    `vectors` (n, dimension) are the questions', `between` (sentences, sentences) the cosines of all sentences.
    """
    out: list[Pair] = []
    for number, question in enumerate(asked):
        near = [int(i) for i in np.argsort(-(vectors @ vectors[number]))[:400] if int(i) != number]
        own = golds[number]
        unanswered = [i for i in near if not golds[i]]
        answered = [
            i for i in near if golds[i] and not any(between[a][b] >= SAME_COSINE for a in own for b in golds[i])
        ]
        if own:
            siblings = [i for i in near if golds[i] & own][:SIBLINGS]
            same = [asked[i] for i in rng.sample(siblings, min(2, len(siblings)))]
            other = rng.sample(answered[:STRANGERS], min(2, len(answered))) + unanswered[:1]
        else:
            same = [with_typos(question, rng)]
            other = answered[:3]
        group = f"same-{number}"
        out += [Pair(question, text, 1, group, "questions") for text in same]
        out += [Pair(question, asked[i], 0, group, "questions") for i in other]
    return out
