"""From parts that were read to the sentences that a reply quotes: which, with which neighbours, in which order.

Spans are (first, last) rows of sentences of one paragraph. The first quote of a part is shown with the sentence before it that it
leans on and with the one after it that goes on; what is banned for the question is no neighbour. Of sources with a limit no more words are
quoted than it lets through. What it leaves out: cutting the words (`citing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from chatbot import settings
from chatbot.answer import composing, pinning, quoting
from chatbot.datatypes import Evidence
from chatbot.listening import Part
from chatbot.reading import Reader

Span = tuple[int, int]


class Chooser:
    """Chooses among one generation's sentences. `limits` are the words that a reply may show of a document, by its id."""

    def __init__(self, reader: Reader, limits: Mapping[str, int]) -> None:
        self._reader, self._limits = reader, limits
        self._sentences = reader.loaded.sentences

    def quoted(self, parts: Sequence[Part]) -> list[tuple[Span, int]]:
        """(span, number of its part) of what answers the parts, part after part, the best first; no sentence twice."""
        limit = settings.MAX_STATEMENTS if len(parts) == 1 else 2
        shown = [self._of_part(part, limit) if part.told else [] for part in parts]
        wanted = [
            (part, rows[at])
            for at in range(settings.MAX_STATEMENTS)
            for part, rows in enumerate(shown)
            if at < len(rows)
        ]
        kept = self._permitted(composing.apart([(rows, part) for part, rows in wanted]))
        return sorted(kept, key=lambda item: item[1])  # a reply's room is shared out above; it is read part by part

    def closest(self, evidence: Sequence[Evidence]) -> list[Span]:
        """What is shown beside a refusal: near enough by its words, and not an answer."""
        near = [e for e in evidence if dict(e.signals)["cosine"] >= settings.NEAR_MISS_FLOOR]
        chosen = composing.choose(
            near,
            max_statements=settings.NEAR_MISSES,
            share=0.0,
            near_repeat=settings.NEAR_REPEAT,
            own_leads=settings.OWN_WORDS_LEAD,
        )
        return [span for span, _ in self._permitted([((e.row, e.row), 0) for e in chosen])]

    def _permitted(self, wanted: Sequence[tuple[Span, int]]) -> list[tuple[Span, int]]:
        """Those that a reply may show."""
        return composing.permitted(wanted, self._sentences, self._limits)

    def _of_part(self, part: Part, limit: int) -> list[Span]:
        """What to quote for one answered part, best first, the printed reference in its place."""
        confident = part.answered and part.reading.confidence >= self._reader.weights.threshold
        first = (part.pinned or part.corrected)[:limit]
        chosen = composing.choose(
            part.reading.evidence if confident else (),
            max_statements=limit - len(first) + (len(first) < limit),  # one more, should two become one quote
            share=settings.STATEMENT_SHARE,
            near_repeat=settings.NEAR_REPEAT,
            own_leads=settings.OWN_WORDS_LEAD,
            beside=[self._sentences[row].text for a, b in first for row in range(a, b + 1)],
        )
        banned = pinning.banned_rows(part.reading.met)
        spans = [self._standing((e.row, e.row), banned) for e in chosen]
        spans[:1] = [self._whole(span, part, banned) for span in spans[:1]]
        shown = composing.spans(chosen, spans, self._sentences)[: limit - len(first)]
        if part.record is not None:
            shown.insert(0 if part.record_first else len(shown), (part.record, part.record))
        shown = pinning.before_all([self._standing(span, banned) for span in first], shown)
        return shown[: settings.MAX_STATEMENTS]

    def _standing(self, span: Span, banned: frozenset[int]) -> Span:
        """The rows that sentences need to stand alone, as far as they may be shown."""
        return pinning.spared((quoting.span_of(self._sentences, span[0])[0], span[1]), span, banned)

    def _whole(self, span: Span, part: Part, banned: frozenset[int]) -> Span:
        """A leading quote with the sentence that goes on, as far as it may be shown."""
        goes_on = partial(self._reader.goes_on, part.reading)
        return pinning.spared(quoting.completed(self._sentences, span, goes_on), span, banned)
