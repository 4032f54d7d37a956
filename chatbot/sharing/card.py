"""Proved turns as one HTML file that needs nothing else: no script, no request, its style inside.

The file's own Content-Security-Policy forbids all but that style, so that it stays so wherever it is opened. Everything that is not
markup is escaped; the text of a blockquote is the slice, line breaks and all (`white-space: pre-wrap`). Left out: pictures, fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from chatbot.datatypes import Citation
from chatbot.sharing import words
from chatbot.sharing.values import Proved

STYLE = Path(__file__).with_name("card.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
DOT = '&nbsp;<span class="dot">·</span> '
PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")


def render(turns: Sequence[Proved], made: str) -> str:
    """The page; `made` is the day as YYYY-MM-DD."""
    head = words.heading(turns)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(head)} – {words.BRAND}</title>\n"
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
        f'<header class="top"><p class="brand">{words.BRAND}</p><h1>{_text(head)}</h1>'
        f'<p class="about">{_text(words.about(turns))}</p></header>\n<main>\n'
        + "\n".join(_turn(turn) for turn in turns)
        + f'\n</main>\n<footer class="colophon"><p>{words.CHECKED} Made on <time>{_text(made)}</time>.</p></footer>\n</body>\n</html>\n'
    )


def _text(value: str) -> str:
    """`value` as it may stand between tags or in a quoted attribute; a parser would turn a bare CR into LF."""
    return escape(value, quote=True).replace("\r", "&#13;")


def _link(address: str, shown: str) -> str:
    """A link; only the words where the address is not http(s)."""
    if not address.startswith(("https://", "http://")):
        return shown
    return f'<a href="{_text(address)}" rel="noopener noreferrer">{shown}</a>'


def _turn(turn: Proved) -> str:
    """A question and what the sources say."""
    classes = turn.kind if turn.kind in ("answer", "abstention") else f"redirect {turn.kind}"
    message = "".join(f"<p>{_text(p)}</p>" for p in words.paragraphs(turn.message))
    left = words.unanswered(turn)
    quotes = _quotes(turn.quotes, "quotes" if turn.kind == "answer" else "quotes small")
    body = [
        f'<p class="kind">{_text(words.HEADS[turn.kind])}</p>',
        f'<div class="message">{message}</div>' if message else "",
        _help(turn.help_lines),
        f'<section class="beside"><h3>{_text(turn.near)}</h3>{quotes}</section>' if turn.near and quotes else quotes,
        f'<p class="partial" dir="auto">{_text(left)}</p>' if left else "",
        f'<section class="keep"><h3>{words.KEEP}</h3>{_quotes(turn.keep_in_mind, "quotes small")}</section>'
        if turn.keep_in_mind
        else "",
        _references(turn),
        f'<footer class="disclaimer"><p class="verbatim">{_text(turn.disclaimer.quote.text)}</p>'
        f'<p class="scope">{_text(words.scope(turn))}</p></footer>',
    ]
    asked = f'<p class="who">{words.ASKED}</p><h2 class="asked" dir="auto">{_text(turn.question)}</h2>'
    return f'<article class="turn {classes}">{asked}<div class="reply">{"".join(body)}</div></article>'


def _help(lines: Iterable[tuple[str, str, str]]) -> str:
    """The lines to call, each number a link that a phone dials."""
    items = "".join(
        f'<li><span class="where">{_text(where)}</span> <span class="name">{_text(name)}</span> {_contact(number)}</li>'
        for where, name, number in lines
    )
    return f'<ul class="lines">{items}</ul>' if items else ""


def _contact(value: str) -> str:
    """A telephone number as a tel: link, an address as a link, anything else as text."""
    if PHONE.fullmatch(value):
        return f'<a class="phone" href="tel:{re.sub(r"[^0-9+]", "", value)}">{_text(value)}</a>'
    return _link(value, _text(value))


def _quotes(citations: Sequence[Citation], classes: str) -> str:
    """Numbered quotes; nothing for none."""
    if not citations:
        return ""
    items = "".join(_quote(c) for c in citations)
    return f'<ol class="{classes}" start="{citations[0].number}">{items}</ol>'


def _quote(citation: Citation) -> str:
    """A quote with its banner, its place, its standing and where to check it. The data attributes say where the words stand."""
    quote = citation.quote
    banner = f'<p class="alert"><strong>{words.WARNING}</strong> {_text(citation.alert)}</p>' if citation.alert else ""
    check = [_text(citation.status), _link(citation.link, words.link_words(citation)) if citation.link else ""]
    relied = "; ".join(_link(link, _text(label)) for label, _, link in citation.relies_on)
    stands = f'data-place="{_text(f"{quote.doc_id}:{quote.start}-{quote.end}")}" data-sha256="{quote.sha256}"'
    place = [f"<cite>{_text(citation.label)}</cite>", _text(citation.section)]
    return (
        f'<li value="{citation.number}">{banner}<p class="lead">{_text(citation.lead_in)}</p>'
        f'<blockquote cite="{_text(citation.link)}" {stands}>{_text(quote.text)}</blockquote>'
        f'<p class="source">{DOT.join(filter(None, place))}<br>{DOT.join(filter(None, check))}'
        + "</p>"
        + (f'<p class="relies">{words.relies(citation)} {relied}</p>' if relied else "")
        + "</li>"
    )


def _references(turn: Proved) -> str:
    """The works in APA form, each with its address made a link."""
    items = ""
    for printed, link in words.references(turn):
        shown = _text(printed)
        if link and _text(link) in shown:
            shown = shown.replace(_text(link), _link(link, _text(link)), 1)
        elif link:
            shown = f"{shown} {_link(link, 'open')}"
        items += f"<li>{shown}</li>"
    return f'<section class="references"><h3>{words.REFERENCES}</h3><ul>{items}</ul></section>' if items else ""
