"""What the evaluation measures beside whole replies: the second stage as a ranker, and retrieval over other collections.

The same parts that answer readers are used on public sets: the embedder, BM25, the second stage, the sentence
splitter; scores are added up, not ranks, which was better on all sets here. Each has a baseline (BM25 alone) that runs in the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chatbot.datatypes import Vectors
from chatbot.evaluate.emphasising import Emphasise
from chatbot.index.sentences import split_spans as split_spans

Rank = Callable[[str, Sequence[str]], list[float]]
Search = Callable[[str, int], list[tuple[str, float]]]

# How much each signal weighs when a ranker orders the sentences of any text: the second stage's logit, the cosine of the sentence
# and of it with the one before, the BM25 shares (of the best sentence's) of the sentence and of it between its two neighbours.
RANK_WEIGHTS = {"second_stage": 1.0, "cosine": 2.0, "window": 4.0, "lexical": 2.0, "neighbours": 2.0}
RERANKED = 60  # sentences of a long text that the second stage reads; the others keep their first-stage score
UNREAD = 100.0  # taken off the sentences that it does not read, so that they come after all others
RERANKED_DOCUMENTS = 20
READ_CHARACTERS = 600  # of a document, from its beginning; the second stage reads no more
# On the training queries of SciFact BM25 as a share of the best document's weighs best at .4 beside a cosine of 1.
SEARCH_WEIGHTS = {"dense": 1.0, "lexical": 0.4, "second_stage": 0.01}


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
    known: dict[tuple[str, ...], tuple[Vectors, Vectors, LexicalIndex, LexicalIndex]] = {}

    def rank(question: str, sentences: Sequence[str]) -> list[float]:
        key = tuple(sentences)
        if key not in known:
            known.clear()  # questions come text by text
            windows = [" ".join(sentences[max(0, i - 1) : i + 1]) for i in range(len(sentences))]
            threes = [" ".join(sentences[max(0, i - 1) : i + 2]) for i in range(len(sentences))]
            known[key] = (
                embedder.embed(sentences),
                embedder.embed(windows),
                LexicalIndex(sentences),
                LexicalIndex(threes),
            )
        vectors, window_vectors, lexical, neighbours = known[key]
        asked = embedder.embed([question])[0]
        signals = {
            "cosine": vectors @ asked,
            "window": window_vectors @ asked,
            "lexical": _share(lexical.scores(question)),
            "neighbours": _share(neighbours.scores(question)),
        }
        first = sum((RANK_WEIGHTS[name] * values for name, values in signals.items()), np.zeros(len(sentences)))
        read = [int(i) for i in np.argsort(-first, kind="stable")[:RERANKED]]
        scores = first - UNREAD
        scores[read] = first[read] + RANK_WEIGHTS["second_stage"] * second_stage.score(
            question, [sentences[i] for i in read]
        )
        return [float(s) for s in scores]

    return rank


def open_emphasis() -> Emphasise:
    """What readers get: the words of a sentence that most likely carry the answer."""
    import Stemmer

    from chatbot.answer.emphasis import emphasise
    from chatbot.answer.question import content_words

    stem = Stemmer.Stemmer("english").stemWord

    def stems(text: str) -> list[str]:
        return [stem(p) for w in content_words(text) for p in (w, *(w.split("-") if "-" in w else ()))]

    return lambda sentence, question: emphasise(sentence, question, stems)


def open_erasure() -> Emphasise:
    """The phrase without which the second stage's logit falls most (erasure: Li, Monroe & Jurafsky 2016)."""
    from chatbot.answer.emphasis import phrases
    from chatbot.opening import open_second_stage

    second_stage = open_second_stage()

    def erase(sentence: str, question: str) -> list[tuple[int, int]]:
        spans = phrases(sentence)
        logits = second_stage.score(question, [f"{sentence[:a]}{sentence[b:]}".strip() or "." for a, b in spans])
        return [spans[int(np.argmin(logits))]] if spans else []

    return erase


def _share(scores: Vectors) -> Vectors:
    """Scores as shares of the best one's; all 0 when no word is shared."""
    best = float(scores.max(initial=0.0))
    return scores / best if best else scores


def bm25_searcher(corpus: Sequence[tuple[str, str]]) -> Search:
    """BM25 alone over (id, text) documents."""
    from chatbot.index.lexical import LexicalIndex

    index = LexicalIndex([text for _, text in corpus])

    def search(query: str, top_k: int) -> list[tuple[str, float]]:
        scores = index.scores(query)
        return [(corpus[int(i)][0], float(scores[i])) for i in np.argsort(-scores, kind="stable")[:top_k]]

    return search


def open_searcher(corpus: Sequence[tuple[str, str]]) -> Search:
    """Dense and lexical retrieval added up, the best re-read by the second stage, over (id, text) documents."""
    from chatbot.index.embedding import open_embedder
    from chatbot.index.lexical import LexicalIndex
    from chatbot.opening import open_second_stage

    embedder, second_stage = open_embedder(), open_second_stage()
    texts = [text for _, text in corpus]
    vectors, lexical_index = embedder.embed(texts), LexicalIndex(texts)

    def search(query: str, top_k: int) -> list[tuple[str, float]]:
        dense = vectors @ embedder.embed([query])[0]
        scores = SEARCH_WEIGHTS["dense"] * dense + SEARCH_WEIGHTS["lexical"] * _share(lexical_index.scores(query))
        best = np.argsort(-scores, kind="stable")[:RERANKED_DOCUMENTS]
        logits = second_stage.score(query, [texts[i][:READ_CHARACTERS] for i in best])
        scores[best] += SEARCH_WEIGHTS["second_stage"] * logits
        order = np.argsort(-scores, kind="stable")[:top_k]
        return [(corpus[int(i)][0], float(scores[i])) for i in order]

    return search
