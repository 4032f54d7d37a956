"""Which terms of a reply's quotes are explained, and where in them they stand.

A term is explained once, where it first stands, in any of its forms, as a whole word; at one place the longest form counts, so that "full
mediation" is not taken for "mediation". A term whose defining sentence is itself quoted needs no explanation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chatbot.marked import Place, Term

Found = tuple[int, int, str]  # offsets into a quote's text, and the term's name


def pattern_of(terms: Sequence[Term]) -> re.Pattern[str]:
    """What finds any form of the terms. A form in small letters fits any case.

    >>> [m.group() for m in pattern_of([Term("placebo", ("placebo", "BDI-II"))]).finditer("Placebos? Placebo, BDI-II, bdi-ii, placebo-like")]
    ['Placebo', 'BDI-II']
    """
    forms = sorted((form for term in terms for form in term.forms), key=lambda form: (-len(form), form))
    each = (f"(?i:{re.escape(form)})" if form == form.lower() else re.escape(form) for form in forms)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(each) or '(?!)'})(?![\w-])")


def names_of(terms: Sequence[Term]) -> dict[str, str]:
    """The term's name by each of its forms in small letters."""
    return {form.lower(): term.name for term in terms for form in term.forms}


def find_terms(
    quotes: Sequence[tuple[Place, str]], terms: Sequence[Term], *, finder: re.Pattern[str], names: Mapping[str, str]
) -> tuple[tuple[tuple[Found, ...], ...], tuple[str, ...]]:
    """For each quote (place, text) the terms that first stand in it, and the names of all of them in order of appearance.

    `finder` and `names` are `pattern_of` and `names_of` the terms.
    """
    told = {t.name for t in terms if t.place and any(place.holds(t.place) for place, _ in quotes)}
    seen: list[str] = []
    out = []
    for _, text in quotes:
        found = []
        for match in finder.finditer(text):
            name = names[match.group().lower()]
            if name not in told and name not in seen:
                seen.append(name)
                found.append((match.start(), match.end(), name))
        out.append(tuple(found))
    return tuple(out), tuple(seen)
