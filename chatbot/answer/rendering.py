"""A reply in its public forms: JSON (format 1, described in the README) and plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from chatbot.datatypes import Citation, Json
from chatbot.replies import Abstention, Answer, Definition, Disclaimer, Redirect, Reply

FORMAT = 1
KINDS = {Answer: "answer", Abstention: "abstention", Redirect: "redirect"}
WIDTH = 96


def kind_of(reply: Reply) -> str:
    """answer, abstention or redirect."""
    return KINDS[type(reply)]


def quotes_of(reply: Reply) -> tuple[Citation, ...]:
    """The citations that answer, best first; none for an abstention."""
    if isinstance(reply, Answer):
        return tuple(c for s in reply.statements for c in s.citations)
    return reply.citations if isinstance(reply, Redirect) else ()


def near_misses_of(reply: Reply) -> tuple[Citation, ...]:
    """The citations that are close and do not answer."""
    return reply.near_misses if isinstance(reply, Abstention) else ()


def quote_json(citation: Citation) -> Json:
    """One quote as JSON."""
    quote = citation.quote
    return {
        "number": citation.number,
        "doc_id": quote.doc_id,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "sha256": quote.sha256,
        "label": citation.label,
        "reference": citation.reference,
        "link": citation.link,
        "section": citation.section,
        "text_kind": citation.text_kind,
        "status": citation.status,
        "alert": citation.alert,
        "lead_in": citation.lead_in,
        "relies_on": [{"label": a, "reference": b, "link": c} for a, b, c in citation.relies_on],
        "emphasis": [list(span) for span in citation.emphasis],
        "terms": [list(term) for term in citation.terms],
    }


def disclaimer_json(disclaimer: Disclaimer) -> Json:
    """The disclaimer as JSON."""
    return {
        "doc_id": disclaimer.quote.doc_id,
        "start": disclaimer.quote.start,
        "end": disclaimer.quote.end,
        "text": disclaimer.quote.text,
        "sha256": disclaimer.quote.sha256,
        "jurisdiction": disclaimer.jurisdiction,
        "as_of": disclaimer.as_of,
    }


def _definition(definition: Definition) -> Json:
    """One explained term as JSON; one that a source defines says where, as a quote does."""
    citation = definition.citation
    out: Json = {"term": definition.term, "text": definition.text, "source": citation.label if citation else ""}
    if citation:
        quote = citation.quote
        out |= {"doc_id": quote.doc_id, "start": quote.start, "end": quote.end, "sha256": quote.sha256}
    return out


def render_json(reply: Reply, *, ident: str, seconds: float) -> Json:
    """The public form. `ident` is the caller's id of the question, `seconds` what the answer took."""
    out: Json = {
        "format": FORMAT,
        "id": ident,
        "kind": kind_of(reply),
        "question": reply.question,
        "understood": reply.understood.text,
        "changes": [list(c) for c in reply.understood.changes],
        "carried": list(reply.understood.carried),
        "parts": list(reply.understood.parts),
        "quotes": [quote_json(c) for c in quotes_of(reply)],
        "near_misses": [quote_json(c) for c in near_misses_of(reply)],
        "glossary": [_definition(d) for d in reply.glossary],
        "message": reply.message,
        "disclaimer": disclaimer_json(reply.disclaimer),
        "generation": reply.generation,
        "seconds": round(seconds, 4),
    }
    if isinstance(reply, Answer):
        out["unanswered_parts"] = list(reply.unanswered_parts)
    if isinstance(reply, Answer | Redirect):
        out["keep_in_mind"] = [quote_json(c) for c in reply.keep_in_mind]
    if isinstance(reply, Answer):
        out["reading_grade"] = reply.reading_grade
    if isinstance(reply, Abstention):
        out["reason"] = reply.reason
        out["unknown_terms"] = list(reply.unknown_terms)
        out["covered"] = list(reply.covered)
        out["suggestions"] = list(reply.suggestions)
    if isinstance(reply, Redirect):
        out["redirect"] = reply.kind
        out["help_lines"] = [{"country": a, "name": b, "contact": c} for a, b, c in reply.help_lines]
    return out


def render_text(reply: Reply) -> str:
    """The reply for a terminal; the quoted words are indented and wrapped at spaces, nothing else is changed."""
    lines: list[str] = []
    understood = reply.understood
    if understood.changes or understood.carried:
        about = f" (about: {' '.join(understood.carried)})" if understood.carried else ""
        lines += [f"Understood as: {understood.text}{about}", ""]
    if reply.message:
        lines += [*_wrap(reply.message), ""]
    if isinstance(reply, Redirect) and reply.help_lines:
        lines += [f"  {country}: {name} — {contact}" for country, name, contact in reply.help_lines] + [""]
    for citation in quotes_of(reply):
        lines += _block(citation)
    if isinstance(reply, Answer):
        lines += [f"The sources do not answer this part: {part}\n" for part in reply.unanswered_parts]
    kept = () if isinstance(reply, Abstention) else reply.keep_in_mind
    lines += ["Keep in mind", ""] if kept else []
    lines += [line for citation in kept for line in _block(citation)]
    if isinstance(reply, Abstention):
        lines += _abstention(reply)
    return "\n".join([*lines, *_glossary(reply), *_ending((*quotes_of(reply), *kept), reply.disclaimer)])


def render_quote(citation: Citation, disclaimer: Disclaimer) -> str:
    """One quote as `render_text` shows it, with its reference and the disclaimer."""
    return "\n".join([*_block(citation), *_ending((citation,), disclaimer)])


def _ending(citations: Sequence[Citation], disclaimer: Disclaimer) -> list[str]:
    """The references, each once, and the disclaimer."""
    lines: list[str] = []
    references = list(dict.fromkeys(c.reference or c.label for c in citations))
    if references:
        lines.append("References")
        for reference in references:
            lines += _wrap(reference, "  ", "    ")
        lines.append("")
    lines += _wrap(disclaimer.quote.text)
    scope = [disclaimer.jurisdiction, *([f"as of {disclaimer.as_of}"] if disclaimer.as_of else [])]
    return [*lines, *([f"({'; '.join(filter(None, scope))})"] if any(scope) else [])]


def _wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most WIDTH, cut at spaces only: never inside a hyphenated word or an address."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _block(citation: Citation) -> list[str]:
    """One quote with its number, lead-in and place."""
    out = [f"[{citation.number}] {citation.lead_in}"]
    if citation.alert:
        out += _wrap(f"WARNING: {citation.alert}", "    ", "    ")
    out += _wrap(f"“{citation.quote.text}”", "    ", "    ")
    place = f"section “{citation.section}”; " if citation.section else ""
    out.append(f"    — {citation.label}, {place}{citation.status}")
    out += [f"    The article relies here on: {label}" for label, _, _ in citation.relies_on]
    return [*out, f"    {citation.link}", ""]


def _glossary(reply: Reply) -> list[str]:
    """The explained terms; what no source defines says so."""
    out = ["Words"] if reply.glossary else []
    for definition in reply.glossary:
        who = definition.citation.label if definition.citation else "this project’s words"
        text = f"“{definition.text}”" if definition.citation else definition.text
        out += _wrap(f"{definition.term}: {text} ({who})", "  ", "    ")
    return [*out, ""] if out else []


def _abstention(reply: Abstention) -> list[str]:
    """What is missing, what is close, what is covered, what to try."""
    out: list[str] = []
    if reply.unknown_terms:
        out += [f"Words that the sources never use: {', '.join(reply.unknown_terms)}", ""]
    if reply.near_misses:
        out += ["The closest passages, which do not answer the question:", ""]
        for citation in reply.near_misses:
            out += _block(citation)
    out += ["The sources speak of:", *(f"  - {topic}" for topic in reply.covered), ""]
    if reply.suggestions:
        out += ["Questions they answer:", *(f"  - {question}" for question in reply.suggestions), ""]
    return out
