"""Retrieval over a corpus and evidence within a text: does what answers come first?

The searcher, the ranker and the sentence splitter are arguments, so that a baseline is measured by the same code. A
gold sentence is one that overlaps an answer's span; for ready sentences the set names the golds. Hits are counted over
answerable questions only. Ties go to the earlier sentence. Generated text, reading spans and labels are not measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from chatbot.evaluate.metrics import auroc, estimate, hit_at_k, mean_figures, ndcg_at_k, recall_at_k, reciprocal_rank
from chatbot.evaluate.values import BeirSet, EvidenceQuestion, EvidenceSet, Figure, Quoted, Row

Search = Callable[[str, int], Sequence[tuple[str, float]]]
Rank = Callable[[str, Sequence[str]], Sequence[float]]
Split = Callable[[str], Sequence[tuple[int, int]]]
DEPTH = 100  # recall@100 needs that many
SHOWN = 5  # of a ranking, kept in the row


def measure_retrieval(data: BeirSet, search: Search, prefix: str = "") -> Iterator[Row]:
    """One row a query. `search` takes a query and how many, and gives (id, score), best first, each id once.

    Figures are named `prefix + set name + measure`.
    """
    for ident, text in data.queries:
        ranked = [doc_id for doc_id, _ in search(text, DEPTH)][:DEPTH]
        if len(set(ranked)) < len(ranked):
            raise ValueError(f"{data.name}: the searcher gave a document twice for query {ident}")
        grades = data.grades[ident]
        name = f"{prefix}{data.name}"
        marks = {
            f"{name}.ndcg@10": ndcg_at_k(ranked, grades, 10),
            f"{name}.recall@100": recall_at_k(ranked, grades.keys(), DEPTH),
            f"{name}.mrr": reciprocal_rank(ranked, grades.keys()),
            **{f"{name}.hit@{k}": hit_at_k(ranked, grades.keys(), k) for k in (1, 3, 5, 10)},
        }
        yield Row(
            f"{name}:{ident}", text, "retrieval", "ranked", tuple(Quoted(d, 0, 0, "") for d in ranked[:SHOWN]), marks
        )


def measure_evidence(data: EvidenceSet, rank: Rank, split: Split, prefix: str = "") -> Iterator[Row]:
    """One row a question, those of one text after another so that a ranker may keep what it made of it.

    `rank` gives one score a sentence, higher is better; the row's confidence is the top score. `split` is used on texts
    that are not yet sentences. A span that no sentence overlaps can never be hit, and counts as a miss.
    """
    by_text: dict[str, list[EvidenceQuestion]] = {}
    for question in data.questions:
        by_text.setdefault(question.text_id, []).append(question)
    for text_id, questions in by_text.items():
        text = data.texts[text_id]
        spans = _spans(text) if isinstance(text, tuple) else tuple(split(text))
        sentences = text if isinstance(text, tuple) else tuple(text[start:end] for start, end in spans)
        for question in questions:
            yield _evidence_row(f"{prefix}{data.name}", question, sentences, spans, rank)


def _spans(sentences: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Spans of ready sentences as if joined by one space."""
    out, at = [], 0
    for sentence in sentences:
        out.append((at, at + len(sentence)))
        at += len(sentence) + 1
    return tuple(out)


def gold_rows(question: EvidenceQuestion, spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The rows of the gold sentences: those named, and those that overlap a span by at least one character."""
    overlapping = (
        row for row, (start, end) in enumerate(spans) for first, last in question.spans if start < last and first < end
    )
    return frozenset((*question.rows, *overlapping))


def _evidence_row(
    name: str, question: EvidenceQuestion, sentences: Sequence[str], spans: Sequence[tuple[int, int]], rank: Rank
) -> Row:
    scores = [float(score) for score in rank(question.question, sentences)] if sentences else []
    if len(scores) != len(sentences) or not all(map(math.isfinite, scores)):
        found = f"{len(scores)} scores, {sum(map(math.isfinite, scores))} of them finite"
        raise ValueError(f"{name}: the ranker gave {found}, for {len(sentences)} sentences ({question.ident})")
    order = sorted(range(len(scores)), key=lambda row: -scores[row])
    marks = {"_answerable": float(question.answerable)}
    if question.answerable:
        ranked, gold = [str(row) for row in order], {str(row) for row in gold_rows(question, spans)}
        marks |= {f"{name}.hit@{k}": hit_at_k(ranked, gold, k) for k in (1, 3, 5)}
        marks[f"{name}.mrr"] = reciprocal_rank(ranked, gold)
    shown = tuple(Quoted(question.text_id, *spans[row], sentences[row]) for row in order[:SHOWN])
    top = scores[order[0]] if order else 0.0
    return Row(f"{name}:{question.ident}", question.question, name, "ranked", shown, marks, confidence=top)


def ranking_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """The means of the marks and, for a set with unanswerable questions too, the AUROC of the top score."""
    figures = mean_figures(rows)
    for kind in dict.fromkeys(row.kind for row in rows if "_answerable" in row.marks):
        of_kind = [row for row in rows if row.kind == kind]
        positive = [row.confidence for row in of_kind if row.marks["_answerable"]]
        negative = [row.confidence for row in of_kind if not row.marks["_answerable"]]
        if positive and negative:
            figures[f"{kind}.answerability_auroc"] = estimate(auroc, positive, negative)
    return figures
