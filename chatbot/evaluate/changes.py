"""What became of a question from one run to another, and whether a figure got better: the one rule of every comparison.

kept, moved       the same outcome with the same quotes; the same words at another place or in another order
changed quote     the same outcome with other words (a ranking has documents for words)
newly refused, newly answered
redirect changed  redirected before or after, and not both times alike
refused otherwise neither answered nor redirected, and not both times alike
"""

from __future__ import annotations

from chatbot.evaluate.values import Figure, Row, lower_is_better

CHANGES = (
    "kept",
    "moved",
    "changed quote",
    "newly refused",
    "newly answered",
    "redirect changed",
    "refused otherwise",
)
SAME = ("kept", "moved")  # changes after which a reader reads the same words
ANSWERED = ("answer", "ranked")


def change_of(before: Row, after: Row) -> str:
    """One of CHANGES."""
    if before.outcome == after.outcome:
        if before.quotes == after.quotes:
            return "kept"
        return "moved" if _words(before) == _words(after) else "changed quote"
    if "redirect" in before.outcome + after.outcome:
        return "redirect changed"
    if after.outcome in ANSWERED:
        return "newly answered"
    return "newly refused" if before.outcome in ANSWERED else "refused otherwise"


def _words(row: Row) -> list[str]:
    return sorted(quote.text or quote.doc_id for quote in row.quotes)


def direction(name: str, before: Figure | None, after: Figure | None) -> str:
    """better, worse, or "" for a figure that is equal, only observed, or missing on one side."""
    if before is None or after is None or before.value == after.value or ".observed_" in name:
        return ""
    return "better" if (after.value < before.value) == lower_is_better(name) else "worse"
