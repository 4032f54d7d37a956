"""What the evaluation measures beside whole replies: the second stage as a ranker, and retrieval over other collections.

The same parts that answer readers are used on public sets: the embedder, BM25, reciprocal rank fusion, the second stage, the
sentence splitter. Each has a baseline (BM25 alone) that runs in the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chatbot import settings
from chatbot.answer import retrieval
from chatbot.index.sentences import split_spans as split_spans

Rank = Callable[[str, Sequence[str]], list[float]]
Search = Callable[[str, int], list[tuple[str, float]]]

# How much the second stage's logit, the cosine and the BM25 share weigh when a ranker orders sentences of any text. First guesses,
# not tuned; run `chatbot eval evidence` after a change.
RANK_WEIGHTS = {"second_stage": 1.0, "cosine": 4.0, "lexical": 2.0}
RERANKED = 60  # sentences of a long text that the second stage reads; the others keep their first-stage score
SEARCH_DEPTH = 200
RERANKED_DOCUMENTS = 20
SEARCH_WEIGHTS = {"dense": 1.0, "lexical": 1.0, "second_stage": 0.3}


def bm25_ranker() -> Rank:
    """BM25 alone."""
    from chatbot.index.lexical import LexicalIndex

    return lambda question, sentences: [float(s) for s in LexicalIndex(sentences).scores(question)]


def open_ranker() -> Rank:
    """Scores of the sentences of one text for a question, higher is better, comparable between texts."""
    from chatbot.index.embedding import open_embedder
    from chatbot.index.lexical import LexicalIndex
    from chatbot.opening import open_second_stage

    embedder, second_stage = open_embedder(), open_second_stage()
    known: dict[tuple[str, ...], tuple[np.ndarray, LexicalIndex]] = {}

    def rank(question: str, sentences: Sequence[str]) -> list[float]:
        key = tuple(sentences)
        if key not in known:
            if len(known) > 400:
                known.clear()
            known[key] = (embedder.embed(sentences), LexicalIndex(sentences))
        vectors, lexical_index = known[key]
        cosines = vectors @ embedder.embed([question])[0]
        lexical = lexical_index.scores(question)
        lexical = lexical / lexical.max() if lexical.max(initial=0.0) > 0 else lexical
        first = RANK_WEIGHTS["cosine"] * cosines + RANK_WEIGHTS["lexical"] * lexical
        read = [int(i) for i in np.argsort(-first, kind="stable")[:RERANKED]]
        logits = second_stage.score(question, [sentences[i] for i in read])
        scores = first - 100.0
        scores[read] = first[read] + RANK_WEIGHTS["second_stage"] * logits
        return [float(s) for s in scores]

    return rank


def bm25_searcher(corpus: Sequence[tuple[str, str]]) -> Search:
    """BM25 alone over (id, text) documents."""
    from chatbot.index.lexical import LexicalIndex

    index = LexicalIndex([text for _, text in corpus])

    def search(query: str, top_k: int) -> list[tuple[str, float]]:
        scores = index.scores(query)
        return [(corpus[int(i)][0], float(scores[i])) for i in np.argsort(-scores, kind="stable")[:top_k]]

    return search


def open_searcher(corpus: Sequence[tuple[str, str]]) -> Search:
    """Dense and lexical retrieval fused, the best re-read by the second stage, over (id, text) documents.

    A document is as good as its whole text or its best window of sentences, whichever is nearer.
    """
    from chatbot.index.embedding import open_embedder
    from chatbot.index.lexical import LexicalIndex
    from chatbot.index.vectors import VectorIndex
    from chatbot.opening import open_second_stage

    embedder, second_stage = open_embedder(), open_second_stage()
    texts = [text for _, text in corpus]
    index, lexical_index = VectorIndex(embedder.embed(texts)), LexicalIndex(texts)

    def search(query: str, top_k: int) -> list[tuple[str, float]]:
        rows, _ = index.search(embedder.embed([query])[0], SEARCH_DEPTH)
        lexical = lexical_index.scores(query)
        by_words = [int(i) for i in np.argsort(-lexical, kind="stable")[:SEARCH_DEPTH]]
        fused = dict(retrieval.fuse([rows, by_words], constant=settings.RRF_CONSTANT, top_k=SEARCH_DEPTH))
        best = list(fused)[:RERANKED_DOCUMENTS]
        logits = second_stage.score(query, [texts[i][:600] for i in best])
        for row, logit in zip(best, logits, strict=True):
            fused[row] += SEARCH_WEIGHTS["second_stage"] * 0.01 * float(logit)
        ranked = sorted(fused.items(), key=lambda item: -item[1])[:top_k]
        return [(corpus[row][0], score) for row, score in ranked]

    return search
