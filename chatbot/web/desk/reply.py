"""A logged reply as its reader saw it, made from the record's JSON, with a judgement beside each quote.

The quotes' words are laid out as on the reader's page, with what was marked in them. Closest passages of a refusal stand under words
that say what they are and cannot be judged. Left out: buttons that were a reader's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatbot.datatypes import Json
from chatbot.marked import Place
from chatbot.web.desk import forms, frame, words
from chatbot.web.html import CLOSEST
from chatbot.web.markup import Span, anchor, contact, marked, read_address, text

VERDICT_FORM = "verdict"
NOT_KEPT = (
    "The reader was shown the message for a crisis with its help lines. Of this reply the log keeps nothing but that."
)


def place_of(quote: Mapping[str, Any]) -> Place:
    """Where a quote of the JSON stands."""
    return Place(str(quote["doc_id"]), int(quote["start"]), int(quote["end"]))


def reply(reply: Json, generation: str, chosen: Mapping[str, str]) -> str:
    """The whole reply. `chosen` are judgements of quotes by the name of their place."""
    parts = [
        _message(reply),
        _listed("Answers", "quotes", reply.get("quotes") or (), generation, chosen, judged=True),
        _open(reply),
        _section("near", CLOSEST, reply.get("near_misses") or (), generation),
        _section("keep", "Keep in mind", reply.get("keep_in_mind") or (), generation),
        _words_explained(reply),
        _references(reply),
        _disclaimer(reply),
    ]
    return f'<h2 class="hidden">What the reader saw</h2><div class="reply kind-{text(str(reply.get("redirect") or reply.get("kind", "")))}">{"".join(parts)}</div>'


def _message(reply: Json) -> str:
    """The fixed message, and the lines to call."""
    said = "".join(f"<p>{text(p)}</p>" for p in str(reply.get("message") or "").split("\n\n") if p.strip())
    said = said or (f'<p class="soft">{NOT_KEPT}</p>' if reply.get("redirect") == "crisis" else "")
    lines = "".join(
        f"<li>{text(str(line['country']))}: {text(str(line['name']))}, {contact(str(line['contact']))}</li>"
        for line in reply.get("help_lines") or ()
    )
    missing = ", ".join(f"“{text(str(word))}”" for word in reply.get("unknown_terms") or ())
    return (
        (f'<div class="message">{said}</div>' if said else "")
        + (f'<ul class="lines">{lines}</ul>' if lines else "")
        + (f'<p class="missing">Words that the sources never use: {missing}</p>' if missing else "")
    )


def _listed(
    heading: str,
    classes: str,
    quotes: Any,
    generation: str,
    chosen: Mapping[str, str],
    *,
    judged: bool = False,
) -> str:
    """Quotes, each with its judgement where it can be judged."""
    items = "".join(_quote(q, number, generation, chosen, judged=judged) for number, q in enumerate(quotes, 1))
    return f'<ol class="{classes}" aria-label="{text(heading)}">{items}</ol>' if items else ""


def _section(classes: str, heading: str, quotes: Any, generation: str) -> str:
    """Quotes under a heading that says what they are."""
    inner = _listed(heading, "quotes small", quotes, generation, {})
    return f'<section class="{classes}"><h3>{text(heading)}</h3>{inner}</section>' if inner else ""


def _quote(quote: Mapping[str, Any], number: int, generation: str, chosen: Mapping[str, str], *, judged: bool) -> str:
    """One quote: its words, where they stand, what is thought of them."""
    place = place_of(quote)
    spans: list[Span] = [(int(a), int(b)) for a, b in quote.get("emphasis") or ()]
    alert = f'<p class="alert"><strong>Warning:</strong> {text(str(quote["alert"]))}</p>' if quote.get("alert") else ""
    section = f" · {text(str(quote['section']))}" if quote.get("section") else ""
    status = f" · {text(str(quote['status']))}" if quote.get("status") else ""
    address = read_address(generation, place.doc_id, (place.start, place.end))
    where = (
        f'<a class="place" href="{text(address)}" target="_blank"><cite>{text(str(quote.get("label", "")))}</cite>{section}'
        f'<span class="hidden"> (quote {number} in its place)</span></a>'
    )
    publisher = anchor(str(quote.get("link") or ""), "publisher’s page")
    return (
        f'<li value="{int(quote.get("number") or number)}"{" data-quote tabindex=-1" if judged else ""}>{alert}'
        f'<p class="lead">{text(str(quote.get("lead_in") or ""))}</p>'
        f"<blockquote>{marked(str(quote.get('text', '')), spans)}</blockquote>"
        f'<p class="source">{where}{status} · {publisher}</p>'
        + (_judgement(place, number, chosen.get(forms.place_name(place), "")) if judged else "")
        + "</li>"
    )


def _judgement(place: Place, number: int, value: str) -> str:
    """The four things that can be said of a quote."""
    name = forms.QUOTE + forms.place_name(place)
    choices = "".join(
        frame.radio(f"q{number}-{label}", name, label, said, on=label == value, form=VERDICT_FORM, key=key)
        for label, (said, key) in words.QUOTES.items()
    )
    return f'<fieldset class="judgement"><legend>Quote {number}</legend>{choices}</fieldset>'


def _open(reply: Json) -> str:
    """Parts of the question that nothing answers."""
    parts = "; ".join(f"“{frame.typed(str(p))}”" for p in reply.get("unanswered_parts") or ())
    return f'<p class="partial">The sources do not answer this part: {parts}</p>' if parts else ""


def _words_explained(reply: Json) -> str:
    """Terms of the quotes with what they mean, folded."""
    items = "".join(
        f'<dt>{text(str(g["term"]))}</dt><dd>{text(str(g["text"]))} <span class="soft">{text(str(g.get("source") or "this project’s words"))}</span></dd>'
        for g in reply.get("glossary") or ()
    )
    return f"<details><summary>Words explained</summary><dl>{items}</dl></details>" if items else ""


def _references(reply: Json) -> str:
    """What was quoted, each work once, folded."""
    named = [
        str(q["reference"]) for key in ("quotes", "keep_in_mind") for q in reply.get(key) or () if q.get("reference")
    ]
    items = "".join(f"<li>{text(reference)}</li>" for reference in sorted(dict.fromkeys(named), key=str.casefold))
    return f'<details class="references"><summary>References</summary><ul>{items}</ul></details>' if items else ""


def _disclaimer(reply: Json) -> str:
    """The sentence that every reply ends with."""
    found = reply.get("disclaimer") or {}
    if not found:
        return ""
    scope = f"{text(str(found.get('jurisdiction', '')))}; as of {text(str(found.get('as_of', '')))}"
    return f'<p class="disclaimer">{text(str(found.get("text", "")))} <span class="soft">({scope})</span></p>'
