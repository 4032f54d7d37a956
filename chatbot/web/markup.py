"""The smallest pieces of HTML: escaped text, links, numbers to call, and exact words with marks laid over them.

The chat shows its pieces through a Markdown component, because Gradio's HTML component compiles templates with `eval`, which the
page's Content-Security-Policy forbids. A piece is therefore one line that starts with a tag: Markdown passes such a line through
untouched, and a quote reaches the reader character for character. Line breaks and tabs inside a text are written as character
references for the same reason, and so is the per cent sign, since the component puts "undefined" in the place of a text such
as %%%LATEX_BLOCK_0%%%. Its sanitizer keeps classes, ids, roles and tab stops and drops data- and aria- attributes: page.js adds those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from chatbot.datatypes import Quote

_REFERENCES = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;", "%": "&#37;"})
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]*")

Span = tuple[int, int]


def text(value: str) -> str:
    """`value` as it may stand between tags or in a quoted attribute.

    >>> text("*a* <b>\\n'c'")
    '*a* &lt;b&gt;&#10;&#x27;c&#x27;'
    """
    return escape(value, quote=True).translate(_REFERENCES)


def anchor(address: str, words: str) -> str:
    """A link that opens in a new tab; plain words where `address` is not http(s). `words` are markup."""
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


def read_address(generation: str, doc_id: str, span: Span | None = None) -> str:
    """The address at which this server shows a document of a generation, or a place in it.

    >>> read_address("0123456789abcdef", "mitchell-2021"), read_address("0123456789abcdef", "mitchell-2021", (5, 9))
    ('read/0123456789abcdef/mitchell-2021', 'read/0123456789abcdef/mitchell-2021/5-9')
    """
    return f"read/{generation}/{doc_id}" + (f"/{span[0]}-{span[1]}" if span else "")


def address_of(quote: Quote) -> str:
    """The address of the quote in its document; "" while no index is open."""
    return read_address(quote.generation, quote.doc_id, (quote.start, quote.end)) if quote.generation else ""


def marked(value: str, marks: Sequence[Span], terms: Iterable[tuple[int, int, str]] = ()) -> str:
    """`value` with its `marks` as <mark> and its `terms` as (start, end, class) spans that take the focus; a term may lie within a mark
    or across its edge. The text between the tags is `value`, character for character.

    >>> marked("fear of PTSD grew", [(0, 12)], [(8, 12, "term-1")])
    '<mark>fear of </mark><span class="term term-1" tabindex="0"><mark>PTSD</mark></span> grew'
    """
    out, at = [], 0
    for start, end, name in sorted(terms):
        if start >= at:
            out.append(_marks(value, at, start, marks))
            inside = _marks(value, start, end, marks)
            out.append(f'<span class="term {name}" tabindex="0">{inside}</span>')
            at = end
    return "".join(out) + _marks(value, at, len(value), marks)


def _marks(value: str, start: int, end: int, marks: Sequence[Span]) -> str:
    """value[start:end] with the marks that lie in it."""
    edges = {start, end, *(min(max(edge, start), end) for mark in marks for edge in mark)}
    out = []
    for a, b in pairwise(sorted(edges)):
        inner = text(value[a:b])
        out.append(f"<mark>{inner}</mark>" if any(s <= a and b <= e for s, e in marks) else inner)
    return "".join(out).replace("</mark><mark>", "")
