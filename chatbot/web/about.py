"""The page /about: how a reply comes about, when there is none, what is kept, and how good all this is, as measured.

The words are the same for every corpus; the numbers come from the corpus's figures.toml and from what the generation in use
measured as it was built. Where nothing was measured, the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatbot.corpus.figures import Figures, Published
from chatbot.web.markup import text

STEPS = (
    ("Danger first", "Every message is first looked at for signs that somebody may be in danger, and for requests to get or take a "
     "drug or for personal medical advice. Those get a fixed message that people wrote, before anything is searched."),
    ("What was asked", "Spelling is mended with the words of the sources and of common English; a follow-up takes over what it needs from "
     "the questions before it; several questions in one are read one by one. What was made of your words is shown, and you can undo it."),
    ("What could answer", "Sentences and passages are found by their words and by their meaning. A small model then reads your question together "
     "with each of the likeliest and says how well it answers."),
    ("Whether it answers", "Several signs are weighed together: how well the best sentence fits, how far it is ahead of the others, whether your "
     "question holds words, names or numbers that the sources never use. Below a threshold nothing is answered."),
    ("The quotes", "One to three quotes answer a question, and one or two each part of a question that has several: a sentence each, or with the neighbour that it leans on or that goes on from it, cut from the "
     "document letter by letter, never shortened, joined or reworded. No language model writes anything here: all other words on the page were written by people beforehand. Words that most likely carry the answer are tinted; "
     "the tint is a guess, the words are the source’s."),
)  # fmt: skip
LIMITS = (
    "A quote is right when it stands in the source; it does not follow that the source is right.",
    "It quotes and does not conclude: an answer that would have to be worked out from two sentences is not given.",
    "A question close to the topic that the sources do not answer sometimes gets a related sentence; how often is in the table.",
    "Recognising danger errs on the side of showing help lines, and still misses messages. It is no clinical instrument.",
    "It reads English only.",
)


def percent(value: float) -> str:
    """A share in per cent; whole numbers without a point.

    >>> percent(0.934), percent(1.0), percent(0.0)
    ('93.4 %', '100 %', '0 %')
    """
    return f"{value * 100:.1f}".removesuffix(".0") + " %"


def figure_row(found: Published) -> str:
    """One row of the table."""
    interval = f"{percent(found.low).removesuffix(' %')}–{percent(found.high)}"
    cells = (percent(found.value), interval, str(found.n), text(found.baseline) or "–")
    return f'<tr><th scope="row">{text(found.name)}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def figures_section(figures: Figures | None, generation: str) -> str:
    """The measured figures as a table, or that there are none."""
    if figures is None:
        return "<p>Nothing was measured for this collection yet.</p>"
    head = "".join(
        f'<th scope="col">{h}</th>' for h in ("Figure", "Share", "95 % interval", "Questions", "For comparison")
    )
    same = figures.generation == generation
    of = "the index in use" if same else "an earlier index than the one in use"
    return (
        f"<p>Measured on {text(figures.measured)} with {of}. {text(figures.about)}</p>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Measured figures"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(map(figure_row, figures.rows))}</tbody></table></div>"
    )


def threshold_section(decision: Mapping[str, Any]) -> str:
    """What the generation's own calibration says of its threshold; nothing where it was not calibrated."""
    curve: Sequence[Mapping[str, float]] = decision.get("curve", [])
    if not decision.get("calibrated") or not curve:
        return ""
    at = min(curve, key=lambda point: abs(point["threshold"] - decision["threshold"]))
    return (
        f"<p>The threshold was chosen as this index was built, on {decision['cases']} questions kept for that, others than those of the table below: at it "
        f"{percent(at['false_refusals'])} of the answerable ones are refused, and {percent(at['answered_near'])} of those close to the topic that "
        "nothing answers are answered. A lower threshold answers more of both.</p>"
    )


def about(figures: Figures | None, decision: Mapping[str, Any], generation: str, notice: Sequence[str]) -> str:
    """The page's text."""
    steps = "".join(f"<li><h3>{head}</h3><p>{words}</p></li>" for head, words in STEPS)
    return (
        '<p class="lead">Every answer on this page is a quote. This is how it is chosen.</p>'
        f'<section><h2>From a question to a quote</h2><ol class="steps">{steps}</ol>{threshold_section(decision)}</section>'
        f"<section><h2>How good it is</h2>{figures_section(figures, generation)}</section>"
        f"<section><h2>What it cannot do</h2><ul>{''.join(f'<li>{line}</li>' for line in LIMITS)}</ul></section>"
        f"<section><h2>Before you ask</h2><ul>{''.join(f'<li>{text(line)}</li>' for line in notice)}</ul></section>"
        f'<p class="scope">Index {text(generation or "none")}.</p>'
    )
