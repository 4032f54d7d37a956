"""From a question and its conversation to parts, each with the reading that is best supported.

A part is read alone; with the part or the question before it when it points back; with its pronoun replaced by the source named
before it or else by the corpus's subject; with an enumerated item in the place of an ordinal; a question from a story also with
the whole story. The reading in which the decision is most confident is kept. Parts and readings that need nothing from each other are
read at once: while one is embedded on one core, another is read on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from chatbot import settings
from chatbot.answer import bibliography, pinning
from chatbot.answer import question as asked
from chatbot.answer.evidence import pool
from chatbot.answer.retrieval import Depth
from chatbot.datatypes import Evidence, Source
from chatbot.reading import AGAIN, FULL, Reader, Reading

# Confidence from which what points to nothing before it is read alone: it saves a reading. Of 34 follow-ups none was chosen worse, and no
# test case has lost by it.
ALONE_IS_SURE = 0.95
ALONE_IS_BETTER = 0.15  # how much more confident a follow-up's reading without the conversation must be to be kept
# Share of the pool's first sentence below which a part and the one before it find nothing together, and the best reading stands. Follow-ups
# to an earlier question lose by such a bound (two of 58 a right sentence); chosen on eleven questions in parts.
AGREED = 0.25
# Of all parts and readers together; the second stage has a worker for each core, whatever their number.
READINGS_AT_ONCE = 4
MAX_STORY = 600  # characters of a story that is also read whole; longer ones are more than the second stage reads

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question, its best reading, and the printed reference that answers it, if one does.

    `record` is the row of that reference; `record_first` says whether it goes before what the reading found. `pinned` are (first, last)
    rows of sentences that go before all else; `corrected` those that set right what a part takes for granted that nothing answers;
    `answered` is what holds without both.
    """

    text: str
    reading: Reading
    answered: bool
    record: int | None = None
    record_first: bool = False
    pinned: tuple[tuple[int, int], ...] = ()
    corrected: tuple[tuple[int, int], ...] = ()

    @property
    def wrong_premise(self) -> bool:
        """Whether it takes something for granted that what is quoted sets right: where nothing else answers, or the reader asks why."""
        lead = self.reading.evidence[0].row if self.reading.evidence else None
        return bool(self.corrected) or (lead in self.reading.corrects and pinning.asks_for(self.text) == "why")

    @property
    def told(self) -> bool:
        """Whether there is something to quote."""
        return self.answered or bool(self.pinned) or bool(self.corrected)


def _with_met(best: Reading, alone: Reading) -> Reading:
    """The best reading with what the very words met, which holds whatever a pronoun stands for: a pin changes nothing else, and a ban is
    on what these words are answered with."""
    if pinning.bans(alone.met):
        return alone
    rows = set(pinning.rows_met(alone.met)) - {e.row for e in (*best.evidence, *best.aside)}
    aside = (replace(e, score=0.0) for e in (*alone.evidence, *alone.aside) if e.row in rows)
    met = {pin.ident: pin for pin in (*alone.met, *best.met)}
    return replace(best, met=tuple(met.values()), aside=(*best.aside, *aside))


def pooled(readings: Sequence[Reading]) -> tuple[Evidence, ...]:
    """What the readings find together, without what is banned for one of them. Of 58 follow-ups 49 led with a right sentence so, and 37
    by the most confident reading alone."""
    banned = {row for reading in readings for row in pinning.banned_rows(reading.met)}
    return pool([[e for e in reading.evidence if e.row not in banned] for reading in readings])


def _at_once(threads: ThreadPoolExecutor, make: Callable[[int], Made], numbers: Sequence[int]) -> list[Made]:
    """What is made of each number, in their order; a single one needs no thread."""
    return list(threads.map(make, numbers)) if len(numbers) > 1 else [make(number) for number in numbers]


class Listener:
    """Reads the parts of questions with one Reader."""

    def __init__(self, reader: Reader, sources: Sequence[Source]) -> None:
        self.reader, self.sources = reader, sources
        # two pools, since a part waits for its readings
        self._for_parts = ThreadPoolExecutor(settings.MAX_PARTS, thread_name_prefix="part")
        self._for_readings = ThreadPoolExecutor(READINGS_AT_ONCE, thread_name_prefix="reading")

    def parts(self, text: str, history: list[str], *, pins: bool = True) -> list[Part]:
        """Each part with its best reading; the whole question as one part when that answers and no part does.

        Without `pins` nothing is pinned; bans hold all the same.
        """
        history = [question for question in history if not self._is_aside(question)]
        pieces = asked.split_parts(text)
        story = text if len(pieces) == 1 and pieces[0] != text else ""
        parts = _at_once(
            self._for_parts, lambda i: self._part(pieces[i], pieces[:i], history, story, pins), range(len(pieces))
        )
        if len(pieces) > 1 and not any(p.told for p in parts):
            whole = self._part(text, (), history, "", pins)
            if whole.told or whole.reading.confidence > max(p.reading.confidence for p in parts):
                return [whole]
        return parts

    def _part(self, text: str, before: Sequence[str], history: list[str], whole: str, pins: bool) -> Part:
        """One part: every reading that the conversation allows, the better supported kept.

        `before` are the parts before it, `whole` the story that it was taken from ("" for none). A part that points back is
        read alone only when that is clearly better supported.
        """
        points = bool(asked.POINTS_BACK.search(text))
        alone, readings, leans, found = self._read_every_way(text, before, history, whole, pins)
        best = max(readings, key=lambda r: r.confidence, default=alone)
        if alone.confidence > best.confidence + (ALONE_IS_BETTER if leans and points else 0.0):
            best = alone
        if found and (not before or found[0].score >= AGREED):
            best = replace(best, evidence=found)
        # with the question before it a part would be set right for what that one took for granted
        best = replace(best, corrects=alone.corrects if history or before else alone.corrects or best.corrects)
        if alone.met and not history and not before:
            best = _with_met(best, alone)
        threshold = self.reader.weights.threshold
        wrong = bool(alone.corrects) and alone.confidence < threshold  # whatever a conversation makes of it
        answered = best.confidence >= threshold and bool(best.evidence) and not wrong
        if not answered and not points:
            best = replace(alone, corrects=best.corrects, met=best.met, aside=best.aside)  # nothing was taken over
        record, first = self._record(text, history, answered)
        if record is None and self._asks_for_the_articles_record(text):
            answered = False
        told = answered or record is not None
        pinned = pinning.pinned_spans(best.met)
        corrected = () if told or pinned else tuple((row, row) for row in best.corrects)
        return Part(text, best, told, record, first, pinned, corrected)

    def _read_every_way(
        self, text: str, before: Sequence[str], history: list[str], whole: str, pins: bool
    ) -> tuple[Reading, list[Reading], bool, tuple[Evidence, ...]]:
        """A part read alone; its other readings; whether it leans on what was said before it; what the readings find together, best first,
        or () where they are not pooled. A part that says nothing by itself, or whose pronoun an earlier part explains, is not read alone:
        its best reading stands for that."""
        empty = bool(history or before) and asked.is_pointer(text)
        if not empty and not asked.POINTS_BACK.search(text):
            alone = self._read(text, text, pins)
            if alone.confidence >= ALONE_IS_SURE:
                return alone, [], False, ()
            others, leans, together = self._others(text, before, history, whole)
            readings = self._read_all(others, text, pins, AGAIN)
            return alone, readings, leans, pooled([alone, *readings]) if together else ()
        others, leans, together = self._others(text, before, history, whole)
        if empty or (before and leans and not together):
            readings = self._read_all(others, text, pins)
            best = max(readings, key=lambda r: r.confidence)
            return replace(best, corrects=()), readings, True, pooled(readings) if together else ()
        alone, *readings = self._read_all([text, *others], text, pins)
        return alone, readings, leans, pooled([alone, *readings]) if together else ()

    def _read_all(self, queries: Sequence[str], typed: str, pins: bool, first: Depth = FULL) -> list[Reading]:
        """A reading of each query, the first one as deeply as `first` and the others as AGAIN."""
        depths = [first, *[AGAIN] * (len(queries) - 1)]
        return _at_once(
            self._for_readings, lambda i: self._read(queries[i], typed, pins, depths[i]), range(len(queries))
        )

    def _read(self, query: str, typed: str, pins: bool, depth: Depth = FULL) -> Reading:
        """A reading of what was typed, which meets bans alone without `pins`."""
        reading = self.reader.read_as_asked(query, typed, depth)
        return reading if pins else replace(reading, met=pinning.bans(reading.met))

    def _others(self, text: str, before: Sequence[str], history: list[str], whole: str) -> tuple[list[str], bool, bool]:
        """What else may be read in the place of a part, whether the part leans on what was said before it, and whether what it is read
        as is pooled with the part read alone: not where it is known what an ordinal or a pronoun of the same question stands for."""
        others = self._resolved(text, [*asked.since_named(history), *before])
        if before and (asked.POINTS_BACK.search(text) or asked.leans_on_history(text)):
            return others or [f"{before[0]} {text}"], True, not others
        if not before and history and asked.leans_on_history(text) and not self._is_aside(text):
            listed = self._ordinal(text, history)
            return listed or [*others, asked.with_history(text, history)], True, not listed
        return [*others, *([whole] if whole and len(whole) < MAX_STORY else [])], False, False

    def _resolved(self, text: str, before: Sequence[str]) -> list[str]:
        """The text with its pronoun replaced by the source named before it, or by the corpus's subject when that was named, to which
        no "they" points, or nothing was; none when the words before it name something else."""
        pronoun = asked.PRONOUN.search(text)
        if pronoun is None:
            return []
        earlier, subject = " ".join(before).lower(), self.reader.loaded.corpus.manifest.subject
        named = [name for source in self.sources for name in source.names if name.lower() in earlier]
        if named:
            return [asked.with_antecedent(text, named[-1])]
        is_subject = subject.lower() in earlier and pronoun[0].lower() in ("it", "this")
        if before and not is_subject and not asked.PRONOUN.search(before[0]):
            return []
        return [asked.with_antecedent(text, subject)]

    def _is_aside(self, text: str) -> bool:
        """Whether a message neither asks for anything nor points to anything: "thanks!", "hello"."""
        asks = asked.FOLLOW_UP.search(text) or asked.POINTS_BACK.search(text) or not asked.content_words(text)
        return not asks and self.reader.says_nothing(text)

    def _ordinal(self, text: str, history: Sequence[str]) -> list[str]:
        """The question about "the second one" with the item in its place that the latest answer which enumerates has there."""
        at = asked.ordinal_of(text)
        if at is None:
            return []
        for question in reversed(history):
            for item in self.reader.read_as_asked(question, depth=AGAIN).evidence[:3]:
                listed = asked.enumerated(item.sentence.text)
                if listed and at < len(listed):
                    named = [f"What is {listed[at]}?", f"{listed[at]}: {text}"]
                    return named[:1] if asked.is_pointer(text) else named
        return []

    def carried(self, query: str, corrected: str) -> list[str]:
        """Words that a reading took over from the conversation, or from the corpus's subject for a pronoun that points to nothing in it."""
        own = set(asked.content_words(asked.replace_synonyms(corrected, self.reader.loaded.corpus.synonyms)))
        return [w for w in asked.content_words(query) if w not in own]

    def _asks_for_the_articles_record(self, text: str) -> bool:
        """True for "who wrote this article?": the article prints no reference to itself, so its record is not in the corpus."""
        source = bibliography.named_source(text, self.sources) if bibliography.asks_for_record(text) else None
        return source is not None and not source.reference

    def _record(self, text: str, history: Sequence[str], answered: bool) -> tuple[int | None, bool]:
        """(row of the printed reference that answers, whether it goes first) for a question on what a source is."""
        if not bibliography.asks_for_record(text):
            return None, False
        source = bibliography.named_source(" ".join([*history[-1:], text]), self.sources)
        if source is None or not source.reference:
            return None, False
        for row, sentence in enumerate(self.reader.loaded.sentences):
            if sentence.role == "reference" and sentence.text == source.reference:
                return row, bibliography.wants_reference_first(text) or not answered
        return None, False
