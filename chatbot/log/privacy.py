"""Takes personal details out of what readers type, by rule, before it is written.

Rules, in this order: addresses of pages and mail, accounts (@name), numbers of six or more digits in a row or seven
or more with only spaces and marks between them (telephone, card, insurance, dates of birth), bank numbers, network
addresses, names after words that announce one ("my name is", "my brother"), street addresses and post codes. Each
find becomes a word in brackets that says what stood there. Years, trial numbers (NCT and eight digits) and DOIs stay:
they are what readers ask about.

**This is partial.** A name with no such word before it, a village, a rare diagnosis, a number in words stay. That is
said to readers, and it is why rows are removed after `settings.RETENTION_DAYS`. What it leaves out: other languages'
ways of naming.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from chatbot.datatypes import Json

MASK = "[removed]"
MARKS = frozenset({"[link]", "[e-mail]", "[account]", "[number]", "[name]", "[address]", "[post code]", MASK})
# parts of a reply's JSON that hold fixed wording or the corpus's words; all else may hold the reader's
CORPUS_KEYS = frozenset(
    {"format", "id", "kind", "redirect", "reason", "message", "help_lines", "disclaimer", "generation", "seconds"}
    | {
        "quotes",
        "near_misses",
        "keep_in_mind",
        "glossary",
        "reading_grade",
        "statements",
        "lead_in",
        "covered",
        "suggestions",
        "confidence",
    }
)

_WORD = r"[^\W\d_][\w’'-]*"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ’'-]+"
_KIN = (
    "son|daughter|child|kid|baby|wife|husband|spouse|partner|fianc[eé]e?|brother|sister|mother|father|mum|mom|dad|uncle|aunt|"
    "cousin|nephew|niece|grandmother|grandfather|friend|girlfriend|boyfriend|ex|therapist|doctor|psychiatrist|counsellor|"
    "counselor|nurse|boss|colleague|neighbou?r|roommate|flatmate|patient|client"
)
_STOP = (
    "and|but|or|i|i’m|i'm|im|i’ve|i've|ive|who|what|how|why|when|where|which|is|are|was|does|do|did|can|could|will|would|should|"
    "my|me|the|a|an|in|on|at|from|with|for|of|to|not|please|aged|age|so|because|since|if|help|have|has|had|am|asking|looking|here"
)
_STREET = "street|road|avenue|boulevard|lane|highway|parkway|crescent|terrace|rd|ave|blvd|ln|hwy"
_STREET_CAPITAL = "St|Dr|Way|Place|Close|Drive|Court|Square|Gardens|Grove|Row|Hill|Park|Crescent|Mews|Circle|Trail"
_NOT_IN_STREET = "in|on|the|of|at|from|to|and|with|people|patients|who|or|a|an|by|for|off|down|across"

_TLD = "com|org|net|edu|gov|info|io|co|uk|de|fr|ca|au|nl|ch|eu|app|me"
_TITLE = r"(?:(?:dr|mr|mrs|ms|prof)\.?\s+)?"
_MARKS = r"[\s().\-–—/·•\u200b-\u200d\u2060\ufeff]"  # what may stand between the digits of one number
_UNIT = re.compile(
    r"\s?(?:mg|µg|mcg|g|kg|ml|%|milligrams?|grams?|points|participants|patients|people|weeks|months|years)\b", re.I
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s?[-–—/ ]\s?(?:19|20)\d\d)+")


def _number(match: re.Match[str]) -> str:
    """A long number, unless it is a row of years, or several short ones before a unit ("80 120 180 mg")."""
    groups = re.split(rf"{_MARKS}+", match[0])
    short = all(len(group) <= 3 for group in groups) and _UNIT.match(match.string, match.end())
    return match[0] if short or _YEARS.fullmatch(match[0]) else "[number]"


def _name(match: re.Match[str]) -> str:
    """The announcing words stay, the name goes: its first word, and following ones that no ordinary word cuts off."""
    return f"{match[1]}[name]"


Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
RULES: tuple[Rule, ...] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://\S+|\bwww\.\S+", re.I), "[link]"),
    (re.compile(r"(?<![^\s<(\[\"'“,;:])[^\s@＠<>()\[\]\"“”,;:]{1,80}[@＠][^\s@＠<>()\[\]\"“”,;:]{1,200}"), "[e-mail]"),
    (
        re.compile(
            r"(?:\b[\w+-]{1,64}\s+dot\s+)?\b[\w.+-]{1,64}\s*(?:\bat\b|[(\[]at[)\]])\s*"
            rf"[\w-]{{1,63}}\s*(?:\bdot\b|[(\[]dot[)\]])\s*(?:{_TLD})\b",
            re.I,
        ),
        "[e-mail]",
    ),
    (re.compile(rf"\b[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.(?:{_TLD})\b(?:/\S*)?", re.I), "[link]"),
    (re.compile(r"[@＠]\w{2,}"), "[account]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b"), "[number]"),
    (re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)"), "[number]"),
    (re.compile(rf"\+?\(?\d(?:{_MARKS}{{0,3}}\d){{6,}}"), _number),
    (re.compile(r"\d{6,}"), "[number]"),
    (
        re.compile(
            rf"\b((?:my|her|his|their)\s+(?:full\s+|real\s+|first\s+|last\s+|sur)?name(?:\s+is|[’']s|\s*[:=])\s+|"
            rf"\bi\s*(?:am|[’']m)\s+called\s+|\bcall\s+me\s+|\bname\s*[:=]\s*|\bmy\s+(?:{_KIN})(?:\s+is|[’']s)?\s+(?:called|named)\s+)"
            rf"(?!\[){_TITLE}{_WORD}(?:(?:\s+|(?<=\b\w)\.\s*)(?!(?:{_STOP})\b){_WORD}){{0,2}}",
            re.I,
        ),
        _name,
    ),
    (re.compile(rf"\b([Mm]y\s+(?:{_KIN}),?\s+)(?:{_CAPITAL})(?:\s+{_CAPITAL}){{0,2}}"), _name),
    (re.compile(rf"\b(I(?:\s+am|[’']m)\s+){_CAPITAL}(?:\s+{_CAPITAL}){{1,2}}"), _name),
    (
        re.compile(rf"\b((?:[Rr]egards|[Ss]incerely|[Cc]heers|[Yy]ours|[Ll]ove),?\s+){_CAPITAL}(?:\s+{_CAPITAL})?\s*$"),
        _name,
    ),
    (
        re.compile(
            rf"\b\d{{1,5}}[a-z]?,?\s+(?:(?!(?:{_NOT_IN_STREET})\b)[^\W\d_][\w’'.-]*\s+){{1,4}}(?:{_STREET})\b\.?", re.I
        ),
        "[address]",
    ),
    (re.compile(rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:{_CAPITAL}\s+){{1,3}}(?:{_STREET_CAPITAL})\b\.?"), "[address]"),
    (re.compile(r"\b\w{2,40}(?:straße|strasse|str\.|gasse|platz|allee)\s+\d{1,4}\s?[a-z]?\b", re.I), "[address]"),
    (re.compile(r"\bP\.?\s?O\.?\s+box\s+\d+", re.I), "[address]"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"), "[post code]"),
    (re.compile(r"\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b"), "[post code]"),
)
_PUBLIC = re.compile(r"(\bNCT\d{8}\b|\b10\.\d{4,9}/[\w.()/-]+)", re.I)  # in one group, so that a split keeps them
_TOKEN = re.compile(r"[^\W_]+")


def scrub(text: str) -> str:
    """The text without NUL and lone surrogates, which neither UTF-8 nor a database takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def redact(text: str) -> str:
    """The text with every find of every rule replaced. Doing it again changes nothing.

    >>> redact("My name is Ann Lee, mail ann@lee.org or call +44 20 7946 0958. Does MDMA help?")
    'My name is [name], mail [e-mail] or call [number]. Does MDMA help?'
    """
    before, now = "", scrub(text)
    while before != now:
        before = now
        now = "".join(part if _PUBLIC.fullmatch(part) else _apply(part) for part in _PUBLIC.split(now))
    return now


def _apply(text: str) -> str:
    for pattern, put in RULES:
        text = pattern.sub(put, text)
    return text


def redact_reply(reply: Json, known: AbstractSet[str]) -> Json:
    """A reply's JSON for keeping. Quotes and fixed wording stay byte for byte; the question is redacted.

    Whatever else the JSON holds was made from the question or from earlier ones. It is redacted too, and a word in it
    that is not among `known` (case-folded) becomes "[removed]".
    """
    return {
        key: value if key in CORPUS_KEYS else redact(str(value)) if key == "question" else _masked(value, known)
        for key, value in reply.items()
    }


def _masked(value: Any, known: AbstractSet[str]) -> Any:
    """Every string in a JSON value redacted and masked."""
    if isinstance(value, str):
        return _TOKEN.sub(lambda m: m[0] if m[0].casefold() in known or _is_mark(m) else MASK, redact(value))
    if isinstance(value, dict):
        return {key: _masked(item, known) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_masked(item, known) for item in value]
    return value


def _is_mark(match: re.Match[str]) -> bool:
    """Whether the word belongs to a mark such as [name] or [e-mail] that `redact` put there."""
    text, start, end = match.string, match.start(), match.end()
    left, right = text.rfind("[", 0, start), text.find("]", end)
    return left >= 0 and text[left : right + 1] in MARKS
