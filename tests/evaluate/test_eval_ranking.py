"""Rankings of the tiny sets by rankers whose order is known, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatbot.evaluate import datasets, ranking
from chatbot.evaluate.values import EvidenceQuestion, EvidenceSet, Quoted


def split_at_stops(text: str) -> list[tuple[int, int]]:
    """Spans up to each full stop."""
    spans, start = [], 0
    for end, character in enumerate(text, 1):
        if character == ".":
            spans.append((start, end))
            start = end + 1
    return spans


def by_length(_: str, sentences: Sequence[str]) -> list[float]:
    """The longest sentence first."""
    return [float(len(sentence)) for sentence in sentences]


def test_retrieval_by_hand(data: Path) -> None:
    """The searcher always gives d3, d1, d2. q1 wants d1 (grade 2), second: nDCG (2/log2 3)/(2/log2 2) = .6309.

    q2 wants d2, third, and d9, which is not there: (1/log2 4)/(1 + 1/log2 3) = .5/1.6309 = .3066, half recalled.
    """
    (birds,) = datasets.read_beir(data / "beir" / "birds")
    asked = []

    def search(query: str, top_k: int) -> list[tuple[str, float]]:
        asked.append((query, top_k))
        return [("d3", 0.9), ("d1", 0.8), ("d2", 0.1)]

    rows = tuple(ranking.measure_retrieval(birds, search))
    assert asked == [("which bird sings in winter", 100), ("how many nests", 100)]
    assert rows[0].quotes[0] == Quoted("d3", 0, 0, "")
    figures = {name: round(figure.value, 4) for name, figure in ranking.ranking_figures(rows).items()}
    assert figures == {
        "birds.ndcg@10": round((0.6309 + 0.3066) / 2, 4),
        "birds.recall@100": 0.75,
        "birds.mrr": round((1 / 2 + 1 / 3) / 2, 4),
        "birds.hit@1": 0.0,
        "birds.hit@3": 1.0,
        "birds.hit@5": 1.0,
        "birds.hit@10": 1.0,
    }


def test_a_document_twice_is_refused(data: Path) -> None:
    (birds,) = datasets.read_beir(data / "beir" / "birds")
    with pytest.raises(ValueError, match="birds: the searcher gave a document twice for query q1"):
        list(ranking.measure_retrieval(birds, lambda _, __: [("d1", 1.0), ("d1", 0.9)]))


def test_evidence_by_hand(data: Path) -> None:
    """ "Mice are small." and "They eat grain." have 15 characters, "Owls eat mice." 14: so gold is second and third."""
    covid = datasets.read_evidence(data / "evidence" / "covidqa")
    rows = tuple(ranking.measure_evidence(covid, by_length, split_at_stops, "bm25:"))
    assert [quote.text for quote in rows[0].quotes] == ["Mice are small.", "They eat grain.", "Owls eat mice."]
    assert [(quote.start, quote.end) for quote in rows[0].quotes] == [(0, 15), (16, 31), (32, 46)]
    figures = {name: round(figure.value, 4) for name, figure in ranking.ranking_figures(rows).items()}
    assert figures == {
        "bm25:covidqa.hit@1": 0.0,
        "bm25:covidqa.hit@3": 1.0,
        "bm25:covidqa.hit@5": 1.0,
        "bm25:covidqa.mrr": round((1 / 2 + 1 / 3) / 2, 4),
    }


def test_answerability_is_told_by_the_top_score(data: Path) -> None:
    squad = datasets.read_evidence(data / "evidence" / "squad2")

    def rank(question: str, sentences: Sequence[str]) -> list[float]:
        return [0.2 if "abacus" in question else 0.7] * len(sentences)

    figures = ranking.ranking_figures(tuple(ranking.measure_evidence(squad, rank, split_at_stops)))
    assert (figures["squad2.answerability_auroc"].value, figures["squad2.answerability_auroc"].n) == (1.0, 2)
    assert (figures["squad2.hit@1"].value, figures["squad2.hit@1"].n) == (0.0, 1)  # a tie goes to the earlier sentence


def test_any_supporting_sentence_is_a_hit_and_ready_sentences_are_not_split(data: Path) -> None:
    wice = datasets.read_evidence(data / "evidence" / "wice")

    def never(_: str) -> list[tuple[int, int]]:
        raise AssertionError("ready sentences must not be split")

    rows = tuple(ranking.measure_evidence(wice, by_length, never))
    assert rows[0].marks == {
        "_answerable": 1.0,
        "wice.hit@1": 1.0,
        "wice.hit@3": 1.0,
        "wice.hit@5": 1.0,
        "wice.mrr": 1.0,
    }
    assert rows[1].marks == {"_answerable": 0.0}
    assert rows[0].quotes[2] == Quoted("w1", 34, 45, "They float.")


def test_questions_of_one_text_follow_one_another_with_the_same_sentences() -> None:
    questions = tuple(EvidenceQuestion(str(i), f"q{i}", "ab"[i % 2], True, ((0, 1),)) for i in range(4))
    seen: list[tuple[str, int]] = []

    def rank(question: str, sentences: Sequence[str]) -> list[float]:
        seen.append((question, id(sentences)))
        return [0.0] * len(sentences)

    rows = tuple(ranking.measure_evidence(EvidenceSet("s", {"a": "A.", "b": "B."}, questions), rank, split_at_stops))
    assert [question for question, _ in seen] == ["q0", "q2", "q1", "q3"]
    assert seen[0][1] == seen[1][1]
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("span", "gold"), [((0, 5), {0}), ((4, 6), {0}), ((5, 6), set()), ((4, 7), {0, 1}), ((6, 9), {1})]
)
def test_a_gold_sentence_overlaps_by_at_least_one_character(span: tuple[int, int], gold: set[int]) -> None:
    question = EvidenceQuestion("1", "q", "t", True, (span,))
    assert ranking.gold_rows(question, [(0, 5), (6, 9)]) == gold


@pytest.mark.parametrize(
    ("scores", "found"), [([1.0], "1 scores, 1 of them"), ([1.0, math.nan], "2 scores, 1 of them")]
)
def test_scores_that_do_not_fit_are_refused(scores: list[float], found: str) -> None:
    data = EvidenceSet("s", {"a": "A. B."}, (EvidenceQuestion("1", "q", "a", True, ((0, 1),)),))
    with pytest.raises(ValueError, match=f"s: the ranker gave {found} finite, for 2 sentences"):
        list(ranking.measure_evidence(data, lambda _, __: scores, split_at_stops))
