"""From a verdict to something that lasts: the forms of a test case, of a pin or a ban, of a gap in the sources, below a record.

A place is chosen among the candidates, marked in the document (the script puts it into the list), or looked up by its words. Left out:
what becomes of a form (`making`), and of a proposal afterwards (`lists`).
"""

from __future__ import annotations

from chatbot.moderating.values import View
from chatbot.web.desk import forms, frame, words
from chatbot.web.desk.forms import NOTHING, Form
from chatbot.web.desk.visits import Visit
from chatbot.web.markup import text

OWN_WORDS = (
    "Word it so that it tells nothing of the reader: it is copied into {} and stays there when they delete their reply."
)
ALIKE = {"answer": "answer", "abstention": "refuse"}  # what a case expects at first, by the kind of the reply


def _question(ident: str, label: str, view: View, typed: Form, where: str) -> str:
    """The question that a case or a pin is for, to be worded."""
    value = typed.one("question") or question_of(view)
    return frame.area(ident, "question", label, value, rows=2, hint=OWN_WORDS.format(where))


def section(visit: Visit, view: View, typed: Form, sent: str) -> str:
    """The three forms, folded; the one that was `sent` and not taken is open, with what was typed. None for a crisis, of which there are no
    words to work with."""
    if not view.record.question:
        return ""
    made = (
        ("case", "Make this a test case", "c", _case),
        ("proposal", "Pin a sentence, or never show one", "b", _proposal),
        ("gap", "Needs a source", "g", _gap),
    )
    parts = "".join(
        f'<details id="do-{name}" data-open="{key}"{" open" if sent == name else ""}><summary>{heading} <kbd aria-hidden="true">{key}</kbd></summary>'
        + frame.form(visit.session, f"{visit.record}/{name}", inner(view, typed if sent == name else NOTHING), "effect")
        + "</details>"
        for name, heading, key, inner in made
    )
    return f'<section class="effects" id="effects"><h2>Make it last</h2>{_standing(view)}{parts}</section>'


def _standing(view: View) -> str:
    """What came of this record already."""
    cases = [
        f'A test case: {text(words.EXPECTATIONS.get(c.expectation, c.expectation))} <span class="soft">{text(c.by)}</span>'
        for c in view.cases
    ]
    proposals = [
        f'{words.ACTIONS[p.action]}: “{text(p.text)}” <span class="state {p.state}">{words.STATES[p.state]}</span> <span class="soft">{text(p.by)}</span>'
        for p in view.proposals
    ]
    gaps = [
        f'A source is needed{f": {frame.typed(g.words)}" if g.words else ""} <span class="soft">{text(g.by)}</span>'
        for g in view.gaps
    ]
    items = "".join(f"<li>{line}</li>" for line in (*cases, *proposals, *gaps))
    return f'<ul class="standing">{items}</ul>' if items else ""


def question_of(view: View) -> str:
    """The question to work with: as understood where it leaned on the conversation."""
    understood = str(view.record.reply.get("understood") or "")
    return understood if view.record.reply.get("carried") and understood else view.record.question


def _choices(view: View, name: str, kind: str, chosen: tuple[str, ...], heading: str) -> str:
    """The candidates to choose from, and the list into which the script puts what was marked."""
    items = []
    for number, found in enumerate(view.candidates, 1):
        if found.text:
            value, ident = forms.place_name(found.place), f"{name}-{number}"
            on = " checked" if value in chosen else ""
            items.append(
                f'<li><label class="choice" for="{ident}"><input type="{kind}" id="{ident}" name="{name}" value="{text(value)}"{on}>'
                f"<span>{text(found.text)}</span></label></li>"
            )
    known = {forms.place_name(c.place) for c in view.candidates if c.text}
    marked = "".join(
        f'<li><label class="choice" for="{name}-kept-{n}"><input type="{kind}" id="{name}-kept-{n}" name="{name}" value="{text(value)}" checked>'
        f"<span>marked at {text(value)}</span></label></li>"
        for n, value in enumerate(chosen)
        if value not in known
    )
    listed = (
        f"<details{' open' if len(items) < 4 else ''}><summary>Choose among {words.counted(len(items), 'candidate')}</summary><ul>{''.join(items)}</ul></details>"
        if items
        else ""
    )
    return f'<fieldset class="places"><legend>{heading}</legend><ul class="marked" data-marked="{name}" data-kind="{kind}">{marked}</ul>{listed}</fieldset>'


def _case(view: View, typed: Form) -> str:
    """The fields of a test case."""
    expected = typed.one("expectation") or ALIKE.get(view.record.kind, view.record.kind)
    return (
        _question("case-question", "Question", view, typed, "the test cases")
        + frame.select("case-expectation", "expectation", "The chatbot should", words.EXPECTATIONS.items(), expected)
        + _choices(view, "gold", "checkbox", typed.many("gold"), "Gold: sentences of which one is to be quoted")
        + frame.area(
            "case-words",
            "words",
            "Or paste exact words of a source",
            typed.one("words"),
            rows=2,
            limit=8000,
            hint="One sentence a line. Each is looked up in the documents and widened to whole sentences.",
        )
        + '<div class="buttons"><button class="primary">Make the test case</button></div>'
    )


def _proposal(view: View, typed: Form) -> str:
    """The fields of a pin or a ban."""
    action = typed.one("action") or "pin"
    what = frame.radio("action-pin", "action", "pin", "Pin it: show it for questions like this one", on=action == "pin")
    what += frame.radio("action-ban", "action", "ban", "Never show it for questions like this one", on=action == "ban")
    return (
        '<p class="soft">A lead decides on it. It takes effect when the maintainer has written it into the corpus and built an index.</p>'
        f'<fieldset class="labels"><legend>What is to happen</legend>{what}</fieldset>'
        + _question("proposal-question", "For questions like", view, typed, "the corpus")
        + _choices(view, "place", "radio", typed.many("place"), "The sentence")
        + frame.area("proposal-words", "words", "Or paste its exact words", typed.one("words"), rows=2)
        + frame.area("proposal-note", "note", "Why", typed.one("note"), rows=2, limit=500)
        + '<div class="buttons"><button class="primary">Propose it</button></div>'
    )


def _gap(view: View, typed: Form) -> str:
    """The field of a gap."""
    return (
        frame.area(
            "gap-words",
            "words",
            "What would a source have to tell?",
            typed.one("words"),
            rows=2,
            limit=500,
            hint="For whoever adds sources: the topic, or a work that you know of.",
        )
        + '<div class="buttons"><button class="primary">Put it on the list</button></div>'
    )
