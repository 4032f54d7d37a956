"""The pins and bans of a corpus as a build needs them: the wordings of their questions, and the rows of their sentences.

A question is kept as a reader's would be read: spelling corrected, lay words explained. So the very question of an entry always meets
it. Left out: which other questions do (`answer.pinning`).
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.answer import pinning
from chatbot.answer import question as asked
from chatbot.datatypes import PinQuestion, Sentence
from chatbot.gathering import Corpus, speller_of
from chatbot.index import generations
from chatbot.loading import answering


def pin_questions(corpus: Corpus, sentences: Sequence[Sentence]) -> tuple[PinQuestion, ...]:
    """The questions of the corpus's pins and bans as a reader's would be read. Raises CorpusError for an entry that fits no sentence."""
    if not corpus.pins.entries:
        return ()
    speller = speller_of(corpus)

    def read(question: str) -> tuple[str, ...]:
        text = speller.correct(asked.clean(question))[0]
        parts = asked.split_parts(text)  # of a story also the one question in it, where that stands by itself
        alone = [p for p in parts if len(parts) == 1 and p != text and not asked.leans_on_history(p)]
        return tuple(pinning.compared(asked.replace_synonyms(form, corpus.synonyms)) for form in (text, *alone))

    return pinning.place(corpus.pins.entries, sentences, frozenset(answering(sentences)), read)


def pin_lines(pins: Sequence[PinQuestion]) -> bytes:
    """pins.jsonl as it stands in a generation."""
    rows = [{"id": p.ident, "action": p.action, "first": p.first, "last": p.last, "question": p.question} for p in pins]
    return generations.to_lines(rows)
