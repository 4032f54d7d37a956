"""Rows for the second stage: does this text answer this question?

Every public set comes to one form, `Pair`. A sentence that holds the annotated answer is a positive; the other sentences
of the same document that share most words with the question are its hard negatives, because telling those two apart is
what the product needs. The folders read are described in `MODEL_CARD.md`, with their licences; none of them is shipped.

One question in five (by a hash of its document, so that a document is never on both sides) is held out for the curve.
SciFact is left out on purpose: its retrieval figure is reported as zero-shot.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nupunkt import sent_spans

# Copies of a source's rows in one pass. The kinds that word overlap alone separates (AUROC .8 and more) are thinned,
# those that it does not are repeated. Chosen before training, not tuned.
SHARE = {
    "clapnq_dev": 1.0,
    "cpgqa": 0.7,
    "mtrag": 1.0,
    "noveleval": 0.3,
    "nq_oracle": 0.8,
    "qasa_unanswerable": 1.0,
    "qed_dev": 0.8,
    "selqa": 0.6,
    "sleepqa": 0.5,
    "squad11_nqg": 0.8,
    "synthetic_swap": 1.0,
    "squad2": 1.6,
    "covidqa": 1.5,
    "medquad": 1.0,
    "evidence_inference": 1.0,
    "wice": 1.0,
    "bank": 1.0,
}
HELD_OUT_FIFTH = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One training row. `group` names the question, `source` the set; `label` is 1 when the text answers."""

    question: str
    text: str
    label: int
    group: str
    source: str


def is_held_out(document: str) -> bool:
    """True for about one document in five, always the same ones."""
    return zlib.crc32(document.encode()) % 5 == HELD_OUT_FIFTH


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file, plain or gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def words(text: str) -> set[str]:
    """Lower-case words of three letters and more, and numbers."""
    return set(re.findall(r"[a-z]{3,}|\d+", text.lower()))


def hardest(question: str, sentences: Iterable[str], count: int) -> list[str]:
    """The `count` sentences that share most words with the question, long ones not favoured."""
    asked = words(question)
    return sorted(sentences, key=lambda s: -len(asked & words(s)) / (1 + len(words(s))) ** 0.3)[:count]


def sentences_of(text: str) -> list[tuple[int, int, str]]:
    """(start, end, sentence) for each sentence of at least 15 characters."""
    return [(a, b, text[a:b].strip()) for a, b in sent_spans(text) if b - a >= 15]


def answer_pairs(train: Path) -> Iterator[Pair]:
    """shared/train/answer_pairs.jsonl.gz; earlier turns of a conversation stand before the question."""
    for row in read_jsonl(train / "answer_pairs.jsonl.gz"):
        history = " ".join(str(turn) for turn in row.get("history") or [])[-200:]
        question = f"{history} {row['question']}".strip()
        yield Pair(question, row["text"], row["label"], row["group"], row["source"])


def squad2(evidence: Path) -> Iterator[tuple[str, Pair]]:
    """SQuAD 2.0: sentences of one paragraph; the unanswerable questions have only negatives."""
    texts = {row["_id"]: row for row in read_jsonl(evidence / "squad2" / "paragraphs.jsonl")}
    for row in read_jsonl(evidence / "squad2" / "questions.jsonl"):
        paragraph = texts[row["paragraph_id"]]
        spans = sentences_of(paragraph["text"])
        starts = row.get("answer_starts") or []
        gold = [s for a, b, s in spans if any(a <= start < b for start in starts)]
        rest = hardest(row["question"], (s for _, _, s in spans if s not in gold), 2)
        for sentence in gold:
            yield paragraph["title"], Pair(row["question"], sentence, 1, f"squad2-{row['id']}", "squad2")
        for sentence in rest:
            yield paragraph["title"], Pair(row["question"], sentence, 0, f"squad2-{row['id']}", "squad2")


def covidqa(evidence: Path) -> Iterator[tuple[str, Pair]]:
    """COVID-QA: the sentence of the answer against the five likest of its whole article."""
    articles = {row["_id"]: sentences_of(row["text"]) for row in read_jsonl(evidence / "covidqa" / "articles.jsonl")}
    for row in read_jsonl(evidence / "covidqa" / "questions.jsonl"):
        spans = articles[row["document_id"]]
        gold = [s for a, b, s in spans if a <= row["answer_start"] < b]
        group = f"covidqa-{row['id']}"
        for sentence in gold:
            yield row["document_id"], Pair(row["question"], sentence, 1, group, "covidqa")
        for sentence in hardest(row["question"], (s for _, _, s in spans if s not in gold), 5):
            yield row["document_id"], Pair(row["question"], sentence, 0, group, "covidqa")


def evidence_inference(evidence: Path) -> Iterator[tuple[str, Pair]]:
    """Evidence Inference: the sentences that hold a gold span, in a whole trial article."""
    folder = evidence / "evidence_inference"
    articles = {row["_id"]: sentences_of(row["text"]) for row in read_jsonl(folder / "articles_validation.jsonl")}
    for row in read_jsonl(folder / "questions_validation.jsonl"):
        spans = articles[row["pmcid"]]
        gold = [
            s for a, b, s in spans if any(a < e["end"] and e["start"] < b for e in row["evidence"]) and len(s) < 900
        ]
        group = f"ei-{row['id']}"
        for sentence in gold[:3]:
            yield row["pmcid"], Pair(row["question"], sentence, 1, group, "evidence_inference")
        for sentence in hardest(row["question"], (s for _, _, s in spans if s not in gold), 6):
            yield row["pmcid"], Pair(row["question"], sentence, 0, group, "evidence_inference")


def wice(evidence: Path) -> Iterator[tuple[str, Pair]]:
    """WiCE: sentences that support a claim against the likest others of the page."""
    for row in read_jsonl(evidence / "wice" / "claims_dev.jsonl"):
        gold_ids = {i for group in row["supporting_sentence_sets"] for i in group}
        gold = [row["sentences"][i] for i in sorted(gold_ids)][:4]
        rest = [s for i, s in enumerate(row["sentences"]) if i not in gold_ids and len(s) >= 15]
        for sentence in gold:
            yield row["id"], Pair(row["claim"], sentence, 1, f"wice-{row['id']}", "wice")
        for sentence in hardest(row["claim"], rest, 4):
            yield row["id"], Pair(row["claim"], sentence, 0, f"wice-{row['id']}", "wice")


def medquad(retrieval: Path) -> Iterator[tuple[str, Pair]]:
    """MedQuAD: the opening of the right answer against openings of other answers on the same focus."""
    folder = retrieval / "medquad"
    texts = {row["_id"]: row["text"] for row in read_jsonl(folder / "corpus.jsonl")}
    by_focus: dict[str, list[str]] = {}
    for doc_id in texts:
        by_focus.setdefault(doc_id.rsplit("-", 1)[0], []).append(doc_id)
    gold = dict(line.split("\t")[:2] for line in (folder / "qrels.tsv").read_text().splitlines()[1:])
    for row in read_jsonl(folder / "queries.jsonl"):
        right = gold[row["_id"]]
        focus = right.rsplit("-", 1)[0]
        group = f"medquad-{row['_id']}"
        yield focus, Pair(row["text"], texts[right][:500], 1, group, "medquad")
        for other in [d for d in by_focus[focus] if d != right][:4]:
            yield focus, Pair(row["text"], texts[other][:500], 0, group, "medquad")


def public_pairs(train: Path, evaluation: Path, rng: random.Random) -> tuple[list[Pair], list[Pair]]:
    """(training rows, held-out rows) of all public sets, thinned or repeated by `SHARE`, in random order."""
    kept: list[Pair] = []
    held_out: list[Pair] = []
    evidence = evaluation / "evidence"
    for pair in answer_pairs(train):
        (held_out if zlib.crc32(pair.group.encode()) % 50 == 0 else kept).append(pair)
    for document, pair in [
        *squad2(evidence),
        *covidqa(evidence),
        *evidence_inference(evidence),
        *wice(evidence),
        *medquad(evaluation / "retrieval"),
    ]:
        (held_out if is_held_out(document) else kept).append(pair)
    return repeat(kept, rng), held_out


def repeat(pairs: list[Pair], rng: random.Random) -> list[Pair]:
    """Each row of a source with share 1.6 once, and once more with probability .6; shuffled."""
    out = []
    for pair in pairs:
        share = SHARE[pair.source]
        out += [pair] * (int(share) + (rng.random() < share % 1))
    rng.shuffle(out)
    return out


def with_typos(text: str, rng: random.Random) -> str:
    """The text with one typing error in about every sixth word: a letter dropped, doubled or swapped."""
    out = []
    for word in text.split():
        if len(word) > 3 and rng.random() < 1 / 6:
            at = rng.randrange(1, len(word) - 1)
            word = rng.choice(
                [
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at] + word[at:],
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                ]
            )
        out.append(word)
    return " ".join(out)
