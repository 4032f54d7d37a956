"""Reads which sentences of a corpus speak of benefit, and which say what to keep in mind beside them: marks.toml.

    [[benefit]]   source, and sentences = [...] in a row, or section = "its heading" for all of a section
    [[caution]]   source, sentences = [...] in a row, kind = limit | risk | regulatory, qualifies = [ids of sources] or "any"

Either may have a topic: then a caution stands only beside benefits of that topic, and they beside no other caution. A person marks; nothing is guessed from words. A corpus works without the file. Left out: which caution stands beside which quote
(`answer.keeping`).
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from chatbot.corpus.placing import Entry, Shelf, read_entries
from chatbot.marked import ANY, Benefit, Caution, CautionKind, Marks

FILE = "marks.toml"
KEYS = {
    "benefit": frozenset({"source", "sentences", "section", "topic"}),
    "caution": frozenset({"source", "sentences", "kind", "qualifies", "topic"}),
}
KINDS: tuple[CautionKind, ...] = get_args(CautionKind)


def read_marks(folder: Path, shelf: Shelf) -> Marks:
    """The marks of a corpus folder. Raises CorpusError with file and line for one that fits no document."""
    benefits: list[Benefit] = []
    cautions: list[Caution] = []
    aside = 0
    for name, entry in read_entries(folder / FILE, KEYS):
        if name == "benefit":
            places = _benefit(entry, shelf)
            benefits += places or ()
            aside += places is None
        else:
            caution = _caution(entry, shelf)
            cautions += [caution] if caution else []
            aside += caution is None
    return Marks(tuple(benefits), tuple(cautions), aside)


def _benefit(entry: Entry, shelf: Shelf) -> tuple[Benefit, ...] | None:
    """The places of one mark, None for one that is set aside."""
    source, section, sentences = entry.text("source"), entry.text("section"), entry.texts("sentences")
    if bool(section) == bool(sentences):
        raise entry.problem("a [[benefit]] names sentences or a section", "give one of the two")
    if section:
        places = shelf.section(entry, source, section)
    else:
        place = shelf.sentences(entry, source, sentences)
        places = None if place is None else (place,)
    return None if places is None else tuple(Benefit(place, entry.text("topic")) for place in places)


def _caution(entry: Entry, shelf: Shelf) -> Caution | None:
    """One caution, None for one that is set aside."""
    kind = next((k for k in KINDS if k == entry.text("kind")), None)
    if kind is None:
        raise entry.problem(f"kind = {entry.text('kind')!r}", f"put one of {', '.join(KINDS)}")
    qualifies = entry.texts("qualifies")
    unknown = [q for q in qualifies if q != ANY and q not in shelf.sources]
    if not qualifies or unknown:
        raise entry.problem(
            f"qualifies {unknown[0]!r}, no source" if unknown else "qualifies nothing",
            f'list ids of sources, or "{ANY}"',
        )
    sentences = entry.texts("sentences")
    if not sentences:
        raise entry.problem("a [[caution]] without sentences", "copy them exactly from the text")
    place = shelf.sentences(entry, entry.text("source"), sentences)
    return None if place is None else Caution(place, kind, qualifies, entry.text("topic"))
