"""Packs neighbouring sentences of a block into passages.

Whole sentences only, at most `max_tokens` tokens, the next passage starting `overlap` sentences before the end of the last one.
A single sentence above the limit is a passage by itself. The heading path goes into the text that is embedded, never into
the quote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatbot.datatypes import Passage, Sentence

PASSAGE_ROLES = ("body", "disclaimer")


def pack_passages(
    sentences: Sequence[Sentence],
    text_of: Callable[[str, int, int], str],
    count_tokens: Callable[[str], int],
    *,
    max_tokens: int,
    overlap: int,
) -> tuple[Passage, ...]:
    """Passages in document order. `text_of(doc_id, start, end)` gives the slice; rows are indices into `sentences`."""
    out: list[Passage] = []
    run: list[int] = []

    def close() -> None:
        first, last = sentences[run[0]], sentences[run[-1]]
        text = text_of(first.doc_id, first.start, last.end)
        out.append(Passage(first.doc_id, first.start, last.end, text, first.heading_path, run[0], run[-1]))

    for row, sentence in enumerate(sentences):
        if sentence.role not in PASSAGE_ROLES:
            continue
        if run and (sentences[run[-1]].doc_id, sentences[run[-1]].block) != (sentence.doc_id, sentence.block):
            close()
            run = []
        if run and count_tokens(text_of(sentence.doc_id, sentences[run[0]].start, sentence.end)) > max_tokens:
            close()
            run = run[len(run) - overlap :] if overlap and len(run) > overlap else []
            if run and count_tokens(text_of(sentence.doc_id, sentences[run[0]].start, sentence.end)) > max_tokens:
                run = []
        run.append(row)
    if run:
        close()
    return tuple(out)


def embedded_text(heading_path: Sequence[str], text: str) -> str:
    """What is embedded for a passage: its headings, then its words."""
    return f"{' > '.join(heading_path)}. {text}" if heading_path else text
