"""A Reply as HTML: one `<article class="turn">` for each question, everything that is not markup escaped.

The page shows these pieces through a Markdown component, because Gradio's HTML component compiles templates with `eval`,
which the page's Content-Security-Policy forbids. A piece is therefore one line that starts with a tag: Markdown passes such
a line through untouched, and a quote reaches the reader character for character. Line breaks and tabs inside a text are
written as character references for the same reason, and so is the per cent sign, since the component puts "undefined" in
the place of a text such as %%%LATEX_BLOCK_0%%%. Left out: styling (page.css) and scripts (page.js).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from chatbot.datatypes import Citation
from chatbot.replies import Abstention, Answer, Disclaimer, Redirect, Reply, Statement, Understood

CLOSEST = "These are the closest passages; they do not answer the question"
DOT = ' <span class="dot">·</span> '
_REFERENCES = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;", "%": "&#37;"})
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")


def text(value: str) -> str:
    """`value` as it may stand between tags or in a quoted attribute.

    >>> text("*a* <b>\\n'c'")
    '*a* &lt;b&gt;&#10;&#x27;c&#x27;'
    """
    return escape(value, quote=True).translate(_REFERENCES)


def anchor(address: str, words: str) -> str:
    """A link that opens in a new tab; plain words where `address` is not http(s)."""
    if not address.startswith(("https://", "http://")):
        return words
    return f'<a href="{text(address)}" target="_blank" rel="noopener noreferrer">{words}</a>'


def contact(value: str) -> str:
    """A telephone number as a tel: link, an address as a link, anything else as text.

    >>> contact("116 123")
    '<a class="phone" href="tel:116123">116 123</a>'
    """
    if _PHONE.fullmatch(value):
        digits = re.sub(r"[^0-9+]", "", value)
        return f'<a class="phone" href="tel:{digits}">{text(value)}</a>'
    return anchor(value, text(value))


def reference(printed: str, link: str) -> str:
    """An APA reference as printed, its own address made a link where it stands in the string."""
    shown = text(printed)
    if link and text(link) in shown:
        return shown.replace(text(link), anchor(link, text(link)), 1)
    return f"{shown} {anchor(link, 'open')}" if link.startswith("http") else shown


def source_line(citation: Citation) -> str:
    """Label, section, standing and the link by which a reader checks a quote."""
    whole = citation.text_kind == "full"
    words = "read it in the source" if whole else "open the source that this note is about"
    hidden = f'<span class="hidden"> (quote {citation.number})</span>'
    place = [f"<cite>{text(citation.label)}</cite>", text(citation.section)]
    check = [text(citation.status), anchor(citation.link, words + hidden) if citation.link else ""]
    lines = [DOT.join(piece for piece in line if piece) for line in (place, check)]
    return '<p class="source">' + "".join(f'<span class="line">{line}</span>' for line in lines if line) + "</p>"


def relies(citation: Citation) -> str:
    """The works that the quoted sentence itself cites, or nothing."""
    if not citation.relies_on:
        return ""
    who = "article" if citation.text_kind == "full" else "note"
    works = "; ".join(anchor(link, text(label)) for label, _, link in citation.relies_on)
    return f'<p class="relies">The {who} relies here on: {works}</p>'


def quote(citation: Citation) -> str:
    """One numbered quote with all a reader needs to check it."""
    banner = f'<p class="alert"><strong>Warning:</strong> {text(citation.alert)}</p>' if citation.alert else ""
    return (
        f'<li value="{citation.number}">{banner}<p class="lead">{text(citation.lead_in)}</p>'
        f'<blockquote cite="{text(citation.link)}">{text(citation.quote.text)}</blockquote>'
        f"{source_line(citation)}{relies(citation)}</li>"
    )


def quotes(citations: Iterable[Citation], kind: str = "") -> str:
    """A list of quotes; nothing for none."""
    items = "".join(quote(c) for c in citations)
    return f'<ol class="quotes {kind}">{items}</ol>' if items else ""


def references(citations: Sequence[Citation]) -> str:
    """What was quoted and what the quoted sentences rely on, in APA form, each work once, by alphabet."""
    quoted = [(c.reference or c.label, c.link.split("#:~:text=")[0]) for c in citations]
    relied = [(printed or label, link) for c in citations for label, printed, link in c.relies_on]
    works: dict[str, tuple[str, str]] = {}
    for printed, link in [*quoted, *relied]:
        works.setdefault(link or printed, (printed, link))
    if not works:
        return ""
    items = "".join(f"<li>{reference(*w)}</li>" for w in sorted(works.values(), key=lambda w: w[0].casefold()))
    return f'<section class="references"><h3>References</h3><ul>{items}</ul></section>'


def disclaimer(value: Disclaimer) -> str:
    """The article's own sentence, where it applies and how old the sources are."""
    return (
        f'<footer class="disclaimer"><p class="verbatim">{text(value.quote.text)}</p>'
        f'<p class="scope">The article’s own words. Jurisdiction: {text(value.jurisdiction)}. '
        f"Sources as of {text(value.as_of)}.</p></footer>"
    )


def understood(question: str, value: Understood) -> str:
    """What was searched, where spelling or the conversation changed the question."""
    carried = text(" ".join(value.carried))
    if not carried and (not value.changes or value.text == question):
        return ""
    added = f" — together with “{carried}” from this conversation" if carried else ""
    return f'<p class="understood">Understood as: {text(value.text)}{added}</p>'


def counted(number: int, thing: str) -> str:
    """`1 quote`, `2 quotes`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def statements(value: Answer) -> str:
    """The quotes of an answer, under the part of the question that each answers where there are several."""
    parts = value.understood.parts
    if len(parts) < 2:
        return quotes(c for s in value.statements for c in s.citations)
    out = []
    for index, part in enumerate(parts):
        found: list[Statement] = [s for s in value.statements if s.part == index]
        if found:
            out.append(f'<h3 class="part">{text(part)}</h3>' + quotes(c for s in found for c in s.citations))
    return "".join(out)


def answer(value: Answer) -> str:
    """Quotes, what stays unanswered, what to keep in mind, references."""
    shown = [c for s in value.statements for c in s.citations]
    told = counted(len(shown), "quote")
    open_parts = "; ".join(f"“{text(p)}”" for p in value.unanswered_parts)
    return (
        f'<p class="kind">In the sources’ own words<span class="hidden summary">Answered with {told}.</span></p>'
        + statements(value)
        + (f'<p class="partial">The sources do not answer this part: {open_parts}</p>' if open_parts else "")
        + (
            f'<section class="keep"><h3>Keep in mind</h3>{quotes(value.keep_in_mind, "small")}</section>'
            if value.keep_in_mind
            else ""
        )
        + references([*shown, *value.keep_in_mind])
    )


def abstention(value: Abstention) -> str:
    """What is missing, the closest passages under words that say what they are, and what the sources do cover."""
    unknown = ", ".join(f"“{text(t)}”" for t in value.unknown_terms)
    topics = "".join(f"<li>{text(t)}</li>" for t in value.covered)
    return (
        f'<p class="kind">No answer in these sources</p><p class="message summary">{text(value.message)}</p>'
        + (f'<p class="missing">Words that the sources never use: {unknown}</p>' if unknown else "")
        + (
            f'<section class="near"><h3>{CLOSEST}</h3>{quotes(value.near_misses, "small")}</section>'
            if value.near_misses
            else ""
        )
        + (f'<section class="covered"><h3>What the sources speak of</h3><ul>{topics}</ul></section>' if topics else "")
    )


def redirect(value: Redirect) -> str:
    """The fixed message first, then the lines to call, then general information where there is any."""
    lines = "".join(
        f'<li><span class="where">{text(where)}</span> <span class="who">{text(name)}</span> {contact(number)}</li>'
        for where, name, number in value.help_lines
    )
    paragraphs = "".join(f"<p>{text(p)}</p>" for p in value.message.split("\n\n") if p.strip())
    return (
        f'<div class="message summary">{paragraphs}</div>'
        + (f'<ul class="lines">{lines}</ul>' if lines else "")
        + quotes(value.citations, "small")
        + references(value.citations)
    )


def turn(ident: str, question: str, classes: str, body: str) -> str:
    """A question and what came of it."""
    asked = f'<h2 class="asked"><span class="hidden">You asked: </span>{text(question)}</h2>'
    return f'<article class="turn {classes}" id="turn-{text(ident)}">{asked}{body}</article>'


def reply(ident: str, question: str, value: Reply) -> str:
    """A finished turn. `question` is as the reader typed it."""
    if isinstance(value, Answer):
        kind, body = "answer", answer(value)
    elif isinstance(value, Abstention):
        kind, body = "abstention", abstention(value)
    else:
        kind, body = f"redirect {value.kind.replace('_', '-')}", redirect(value)
    crisis = isinstance(value, Redirect) and value.kind == "crisis"
    read_as = "" if crisis else understood(question, value.understood)
    return turn(ident, question, kind, f'{read_as}<div class="reply">{body}{disclaimer(value.disclaimer)}</div>')


def waiting(ident: str, question: str) -> str:
    """A turn before its reply."""
    return turn(ident, question, "pending", '<p class="working" role="status">Looking in the sources…</p>')


def problem(ident: str, question: str, message: str) -> str:
    """A turn that came to nothing, with what to do about it."""
    return turn(ident, question, "problem", f'<p class="message summary">{text(message)}</p>')
