"""Every sentence that was looked at for a reply: where it stands, its score and signals, and why it was shown or not."""

from __future__ import annotations

from chatbot.moderating.values import CandidateView, View
from chatbot.web.desk import beside, frame, words
from chatbot.web.markup import text

FIRST = 8  # candidates that are not folded: more than any reply shows


def candidates(view: View) -> str:
    """Every sentence that was looked at, with what came of it; of many, those below the first few are folded."""
    if not view.candidates:
        return ""
    named, heads = beside.titles(view), ("#", "Sentence", "Score", "What came of it")
    rows = [_candidate(number, found, view, named) for number, found in enumerate(view.candidates, 1)]
    first = frame.table("Sentences that were looked at", heads, rows[:FIRST], "candidates")
    rest = (
        frame.table("Further sentences that were looked at", heads, rows[FIRST:], "candidates") if rows[FIRST:] else ""
    )
    more = f"<details><summary>{len(rows) - FIRST} more</summary>{rest}</details>" if rest else ""
    shown = sum(c.shown for c in view.candidates)
    return (
        f'<section class="looked"><h2>What was looked at</h2><p class="soft">{words.counted(len(rows), "sentence")}, '
        f"{shown} in the answer, best first.</p>{first}{more}</section>"
    )


def _candidate(number: int, found: CandidateView, view: View, named: dict[str, str]) -> tuple[str, str, str, str]:
    """One row of that table."""
    signals = "".join(f"<dt>{text(name)}</dt><dd>{words.number(value)}</dd>" for name, value in found.signals.items())
    more = f'<details class="signals"><summary>Signals</summary><dl>{signals}</dl></details>' if signals else ""
    why = f'<span class="{"yes" if found.shown else "no"}">{text(words.capitalised(found.why))}</span>'
    said = found.text or "Its words are no longer kept."
    heading = [text(found.heading)] if found.heading else []
    return (
        str(number),
        beside.cited(found.place, said, view.record.generation, named, heading),
        words.number(found.score),
        why + more,
    )
