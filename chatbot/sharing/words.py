"""The fixed words around the quotes, the same in every form of file.

What a corpus says for itself (messages, lead-ins, the disclaimer) comes from the corpus; here is the furniture only. Left out: markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.datatypes import Citation
from chatbot.sharing.values import Proved

BRAND = "Chapter and Verse"
ASKED = "Question, in the reader’s words"
HEADS = {
    "answer": "In the sources’ own words",
    "abstention": "No answer in these sources",
    "crisis": "Help, right now",
    "drug_request": "No help with this here",
    "medical_advice": "No advice on a personal decision",
}
KEEP = "Keep in mind"
REFERENCES = "References"
OPEN = "The sources do not answer every part of the question."
WARNING = "Warning:"
CHECKED = (
    "Every quote was copied from the text of its source as this file was made, character for character. "
    "The questions are the reader’s own words."
)


def heading(turns: Sequence[Proved]) -> str:
    """What the file is, in words that hold nothing of a question."""
    kinds = {turn.kind for turn in turns}
    if len(turns) > 1:
        return f"A conversation: {len(turns)} questions and what the sources say"
    return "An answer" if kinds == {"answer"} else "A reply"


def about(turns: Sequence[Proved]) -> str:
    """Which article it is from; the last turn's, where the title changed."""
    return f"From “{turns[-1].title}” and the works that it cites"


def unanswered(turn: Proved) -> str:
    """That a part stayed open, with its words where the question holds them; "" when none did."""
    if not turn.open_parts:
        return ""
    if not turn.unanswered:
        return OPEN
    return "The sources do not answer this part: " + "; ".join(f"“{part}”" for part in turn.unanswered)


def place(citation: Citation) -> str:
    """Label and section."""
    return " · ".join(piece for piece in (citation.label, citation.section) if piece)


def link_words(citation: Citation) -> str:
    """What the link leads to."""
    return "read it in the source" if citation.text_kind == "full" else "open the source that this note is about"


def relies(citation: Citation) -> str:
    """Who relies on the works named after it."""
    return f"The {'article' if citation.text_kind == 'full' else 'note'} relies here on:"


def scope(turn: Proved) -> str:
    """Whose words the disclaimer is, where it applies, how old the sources are, as far as the corpus says, and the generation."""
    found = turn.disclaimer
    said = (("Jurisdiction:", found.jurisdiction), ("Sources as of", found.as_of), ("Edition", turn.generation))
    return " ".join(["The article’s own words.", *(f"{name} {value}." for name, value in said if value)])


def references(turn: Proved) -> tuple[tuple[str, str], ...]:
    """(reference, link) of what was quoted and of what the quoted sentences rely on, each work once, by alphabet."""
    rows = [(s.reference_corrected or s.reference or s.label.removeprefix("Note on "), s.link) for s in turn.works]
    return tuple(sorted(rows, key=lambda row: row[0].casefold()))


def paragraphs(message: str) -> list[str]:
    """A message's paragraphs."""
    return [p.strip() for p in message.split("\n\n") if p.strip()]
