"""DOIs and the ends of addresses in running text. What it leaves out: asking whether they lead anywhere."""

from __future__ import annotations

import re
from urllib.parse import unquote

from chatbot.corpus.unseen import UNSEEN

DOI = re.compile(r"10\.\d{4,9}/\s?[^\s\"“”‘’]+")
MAX_LINK = 2000  # characters that are kept of one; chosen, not measured


def doi_of(text: str) -> str:
    """The first DOI in a text, bare and in lower case; "" for none.

    >>> doi_of("doi:10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2.")
    '10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2'
    >>> doi_of("(https://dx.doi.org/10.1016/S0957-4174(98)00006-2)."), doi_of("no DOI")
    ('10.1016/s0957-4174(98)00006-2', '')
    """
    match = DOI.search(UNSEEN.sub("", unquote(text)))
    return ended(match.group()).lower() if match else ""


def ended(link: str) -> str:
    """A link without the brackets and marks that only follow it."""
    link = link.replace(" ", "")[:MAX_LINK]
    for opening, closing in ("()", "[]", "<>", "{}"):
        while link.count(closing) > link.count(opening):
            link = link[: link.rindex(closing)]
    return link.rstrip(".,;:'’")
