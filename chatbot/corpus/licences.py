"""What a licence lets a reader of the corpus do: whether the text may be copied whole by anybody.

Licences come as an address (Crossref, JATS), a short name (Europe PMC: "cc by-nc"), or a sentence of a JATS file. Open are those
that let anybody copy and pass on, also for money, as the Open Definition 2.1 has it: CC0, CC BY, CC BY-SA and the public domain. NC and
ND are not, since who serves the page, and how, is not known here. What it leaves out: reading terms that name no licence.
"""

from __future__ import annotations

import re

CREATIVE = re.compile(
    r"creativecommons\.org/licen[cs]es/(?P<kind>by(?:-nc)?(?:-(?:nd|sa))?)(?:-igo)?(?:/(?P<version>\d\.\d))?", re.I
)
SHORT = re.compile(r"\bCC[ -]?(?P<kind>BY(?:[ -]NC)?(?:[ -](?:ND|SA))?)(?![\w-])(?:[ -]?(?P<version>\d\.\d))?", re.I)
LONG = re.compile(
    r"Creative Commons Attribution(?P<nc>[- ]Non-?Commercial)?(?P<nd>[- ]No-?Deriv\w*)?(?P<sa>[- ]Share-?Alike)?"
    r"(?: International)?(?: Licen[cs]e)?(?:,? (?:version )?(?P<version>\d\.\d))?",
    re.I,
)
FREE = re.compile(
    r"creativecommons\.org/publicdomain/(?P<kind>zero|mark)/|\bCC[ -]?0\b|(?<!not in the )\bpublic domain\b", re.I
)
OPEN = ("CC0", "public domain", "CC BY", "CC BY-SA")


def name_of(licence: str) -> str:
    """The short name of a licence as found, with its version where one is said; "" for one that is not known here. Of several that are
    named, the one that allows less.

    >>> name_of("http://creativecommons.org/licenses/by-nc/4.0/"), name_of("cc by"), name_of("https://www.springer.com/tdm")
    ('CC BY-NC 4.0', 'CC BY', '')
    """
    found = [_named(m.group("kind"), m.group("version")) for p in (CREATIVE, SHORT) for m in p.finditer(licence)]
    for long in LONG.finditer(licence):
        parts = ["BY", *(part.upper() for part in ("nc", "nd", "sa") if long.group(part))]
        found.append(_named("-".join(parts), long.group("version")))
    for free in FREE.finditer(licence):
        zero = (free.group("kind") or "").lower() == "zero" or "0" in free.group()
        found.append("CC0" if zero else "public domain")
    return max(found, key=lambda name: (_bare(name) not in OPEN, len(name)), default="")


def _named(kind: str, version: str | None) -> str:
    return f"CC {kind.upper().replace(' ', '-')} {version or ''}".strip()


def _bare(name: str) -> str:
    """The name without its version."""
    return re.sub(r" \d\.\d$", "", name)


def is_open(licence: str) -> bool:
    """Whether anybody may copy the text whole and pass it on.

    >>> is_open("https://creativecommons.org/licenses/by/4.0/"), is_open("cc by-nd"), is_open("")
    (True, False, False)
    """
    return _bare(name_of(licence)) in OPEN
