"""Reads the fixed wording (messages.toml) and the synonyms (synonyms.toml) of a corpus.

Every word that a reader sees and that is neither a quote nor the page's own furniture stands in messages.toml, so that a
maintainer can change it without touching code. Synonyms are pairs of a lay word and the words that the corpus uses.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import CorpusError

KEYS = {
    "crisis": ("message", "help_lines"),
    "drug_request": ("message", "show"),
    "medical_advice": ("message",),
    "abstention": ("not_answered", "nothing_close", "no_text", "near_misses", "false_premise"),
    "lead_in": ("full", "source", "digest", "reference"),
    "notice": ("lines",),
    "substances": ("names",),
}
MAY_BE_EMPTY = {("crisis", "help_lines"), ("drug_request", "show"), ("substances", "names")}


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A line to call: country, name, and number or address as one taps it."""

    country: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Messages:
    """messages.toml as values. Placeholders in braces are named in the file."""

    crisis: str
    help_lines: tuple[HelpLine, ...]
    drug_request: str
    drug_request_show: tuple[str, ...]
    medical_advice: str
    not_answered: str
    nothing_close: str
    no_text: str
    near_misses: str
    false_premise: str
    lead_in: dict[str, str]
    notice: tuple[str, ...]
    substances: tuple[str, ...]

    def of_abstention(self, reason: str) -> str:
        """What is said where the sources do not answer, by the reason why."""
        return {"not_answered": self.not_answered, "nothing_close": self.nothing_close, "no_text": self.no_text}[reason]

    def of_redirect(self, kind: str, *, quoted: bool) -> str:
        """The fixed message of that kind. A last sentence that ends with a colon leads in quotes; without any it is left out."""
        message = {"crisis": self.crisis, "drug_request": self.drug_request, "medical_advice": self.medical_advice}[
            kind
        ]
        if quoted or not message.endswith(":"):
            return message
        return message[: max(message.rfind(f"{mark} ") for mark in ".?!") + 1] or message


def _load(path: Path) -> dict[str, Any]:
    """A TOML file as a dict, or CorpusError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; a corpus folder needs one, see corpus/README.md") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not TOML: {error}; correct or restore the file") from error


def read_messages(folder: Path) -> Messages:
    """The fixed wording of a corpus folder."""
    path = folder / "messages.toml"
    data = _load(path)
    for table, keys in KEYS.items():
        for key in keys:
            value = data.get(table, {}).get(key)
            if not value and not (value == [] and (table, key) in MAY_BE_EMPTY):
                raise CorpusError(f"{path}: [{table}] has no {key!r}; add it, readers see this wording")
    unknown = sorted(set(data) - set(KEYS))
    if unknown:
        raise CorpusError(f"{path}: unknown table [{unknown[0]}]; known: {', '.join(sorted(KEYS))}")
    lines = tuple(HelpLine(h["country"], h["name"], h["contact"]) for h in data["crisis"]["help_lines"])
    return Messages(
        crisis=data["crisis"]["message"].strip(),
        help_lines=lines,
        drug_request=data["drug_request"]["message"].strip(),
        drug_request_show=tuple(data["drug_request"]["show"]),
        medical_advice=data["medical_advice"]["message"].strip(),
        **{key: data["abstention"][key] for key in KEYS["abstention"]},
        lead_in=data["lead_in"],
        notice=tuple(data["notice"]["lines"]),
        substances=tuple(data["substances"]["names"]),
    )


def read_synonyms(folder: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(lay words, corpus words) pairs; none when the corpus has no synonyms.toml."""
    path = folder / "synonyms.toml"
    if not path.exists():
        return ()
    table = _load(path).get("synonyms", {})
    for key, value in table.items():
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise CorpusError(f"{path}: {key!r} = {value!r}; expected a list of words that the corpus uses")
    return tuple((key.lower(), tuple(value)) for key, value in table.items())
