"""What a licence lets a reader of the corpus do: whether the text may be copied whole by anybody.

Licences come as an address (Crossref, JATS), a short name (Europe PMC: "cc by-nc"), or a sentence of a file. Open are those that let
anybody copy and pass on, also for money, as the Open Definition 2.1 has it: CC0, CC BY, CC BY-SA and the public domain. NC and ND are
not, since who serves the page, and how, is not known here. In doubt a licence is not open: a restriction counts wherever in the words it
stands, an address only on the host of Creative Commons. What it leaves out: reading terms that name no licence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

MAX_CHARACTERS = 4000  # chosen, not measured; a longer text is not read, and so not open
BEFORE = 80  # characters before a name that may deny it
HOSTS = ("creativecommons.org", "www.creativecommons.org")
PLACE = re.compile(r"/(?:licen[cs]es/(?P<kind>[^/]+)|publicdomain/(?P<free>zero|mark))(?:/(?P<version>\d\.\d))?(?=/|$)")
SHORT = re.compile(
    r"\bCC[ -]?BY(?:[ -](?:NC|ND|SA|IGO))*(?:[ -](?P<version>\d\.\d))?(?![\w-])|"
    r"\bCreative Commons Attribution[\w -]*?(?:,? (?:version )?(?P<long>\d\.\d)|(?![\w -]))",
    re.IGNORECASE,
)
FREE = re.compile(r"\bCC-?0\b(?!\.\d)|\bpublic domain\b", re.IGNORECASE)
LIMITS = (  # in the order in which a name has them
    ("NC", re.compile(r"\bNC\b|\bnon-? ?commercial|\bnot for commercial", re.IGNORECASE)),
    ("ND", re.compile(r"\bND\b|\bno[nt]?-? ?deriv", re.IGNORECASE)),
    ("SA", re.compile(r"\bSA\b|\bshare-? ?alike", re.IGNORECASE)),
)
DENIED = re.compile(r"\b(?:not|never|unless|except)\b[^.;]{0,60}$", re.IGNORECASE)  # before the name
PARTIAL = re.compile(  # words beside CC0 or the public domain that may leave the text itself out
    r"\b(?:not?|never|parts?|except|exclud\w+|figures?|images?|data|only|all rights reserved)\b", re.IGNORECASE
)
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−_"), "-")
OPEN = ("CC0", "public domain", "CC BY", "CC BY-SA")


def name_of(licence: str) -> str:
    """The short name of a licence as found, with its version where one is said; "" for one that is not known here. Of several that are
    named, the one that allows less.

    >>> name_of("http://creativecommons.org/licenses/by-nc/4.0/"), name_of("cc by"), name_of("https://www.springer.com/tdm")
    ('CC BY-NC 4.0', 'CC BY', '')
    """
    if len(licence) > MAX_CHARACTERS:
        return ""
    text = unicodedata.normalize("NFKC", unquote(licence)).translate(DASHES)
    text = re.sub(r" ?- ?", "-", " ".join(text.split()))
    found = [*_of_addresses(text), *_of_words(text)]
    return max(found, key=lambda name: (_bare(name) not in OPEN, len(name)), default="")


def _of_addresses(text: str) -> Iterator[str]:
    """Of Creative Commons' own addresses; one of a kind that is not known is named as it is, and so is not open."""
    for address in re.findall(r"[^\s()<>\[\]\"',;]*creativecommons\.org/[^\s()<>\[\]\"',;]+", text, re.IGNORECASE):
        try:
            parts = urlsplit(address.lower() if "://" in address else f"https://{address.lower()}")
        except ValueError:
            continue
        place = PLACE.match(parts.path.rstrip(".")) if parts.hostname in HOSTS else None
        if place and place["free"]:
            if text == address or not PARTIAL.search(text):
                yield "CC0" if place["free"] == "zero" else "public domain"
        elif place:
            yield _named(place["kind"].upper().split("-"), place["version"], text)


def _of_words(text: str) -> Iterator[str]:
    for match in SHORT.finditer(text):
        if not DENIED.search(text[max(0, match.start() - BEFORE) : match.start()]):
            yield _named(["BY"], match["version"] or match["long"], text)
    for match in FREE.finditer(text):
        if not PARTIAL.search(text):
            yield "CC0" if "0" in match.group() else "public domain"


def _named(kind: list[str], version: str | None, text: str) -> str:
    """The name, with each limit that the address or the words around it have."""
    limits = [limit for limit, form in LIMITS if limit not in kind and form.search(text)]
    return f"CC {'-'.join([*kind, *limits])} {version or ''}".strip()


def _bare(name: str) -> str:
    """The name without its version."""
    return re.sub(r" \d\.\d$", "", name)


def is_open(licence: str) -> bool:
    """Whether anybody may copy the text whole and pass it on.

    >>> is_open("https://creativecommons.org/licenses/by/4.0/"), is_open("cc by-nd"), is_open("")
    (True, False, False)
    """
    return _bare(name_of(licence)) in OPEN


def narrowest(said: Iterable[str]) -> str:
    """Of what several say of one text: the first licence that is known and not open, else the first that is one at all.

    >>> narrowest(["", "https://creativecommons.org/licenses/by/4.0/", "cc by-nc"])
    'cc by-nc'
    """
    given = [licence for licence in said if licence]
    closed = [licence for licence in given if name_of(licence) and not is_open(licence)]
    return [*closed, *given, ""][0]
