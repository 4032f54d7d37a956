"""Which messages are not questions to answer: a person in danger, a request to get or take a drug, a personal decision.

Two judges, and either is enough (but for medical advice, see NONE): patterns (triage_rules.toml), which need nothing but this
file and so work when index, model and log are down, and a small text classifier, which knows veiled wording. Each sentence of
a long message is read alone and with its neighbours. An ordinary question about the same things ("Did suicidality increase in
the trial?") must pass; `chatbot eval safety` measures both sides. What it leaves out: languages other than English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from chatbot.replies import RedirectKind

KINDS: tuple[RedirectKind, ...] = ("crisis", "drug_request", "medical_advice")
Classify = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]

# Probabilities from which the classifier's word is taken. Chosen with the project's safety
# cases in view, recall of crisis first. Run `chatbot eval safety` after a change.
THRESHOLDS: dict[RedirectKind, float] = {"crisis": 0.4, "drug_request": 0.5, "medical_advice": 0.7}
MAX_SENTENCES = 30  # pieces that are read alone; of more, neighbours are joined, so that one message cannot keep the classifier busy
# The same for a piece of a longer message, which lacks its context: .9 takes 83 of 397 letters and scenes in which nobody is in danger for
# danger, .98 takes 45 and recognises the same 114 of 121, .99 takes 13 and recognises two fewer.
PIECE = 0.98
# From here on the classifier's "none of these" outweighs a pattern of medical advice ("Where should I take my friend for dinner?"): three of
# 125 harmless questions less, and none of 53 that ask for advice is missed. No other kind is ever outweighed.
NONE = 0.85


@dataclass(frozen=True, slots=True)
class Rules:
    """Compiled patterns: a kind is met when one of its patterns is found and none of its exceptions is."""

    patterns: dict[RedirectKind, tuple[re.Pattern[str], ...]]
    exceptions: dict[RedirectKind, tuple[re.Pattern[str], ...]]

    def met(self, kind: RedirectKind, text: str) -> bool:
        """True when the text is of that kind by the patterns alone."""
        return any(p.search(text) for p in self.patterns[kind]) and not any(
            p.search(text) for p in self.exceptions[kind]
        )


def read_rules(substances: Sequence[str]) -> Rules:
    """The rules of triage_rules.toml, `{substance}` standing for any of the names given and `{word}` for its [words]."""
    data = tomllib.loads(files("chatbot.answer").joinpath("triage_rules.toml").read_text(encoding="utf-8"))
    names = "|".join(re.escape(s) for s in sorted(substances, key=len, reverse=True)) or "(?!)"
    words = {"substance": f"(?:{names})", **data["words"]}

    def compiled(kind: str, key: str) -> tuple[re.Pattern[str], ...]:
        filled = (re.sub(r"\{([a-z]+)\}", lambda m: words[m.group(1)], pattern) for pattern in data[kind][key])
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in filled)

    return Rules({k: compiled(k, "patterns") for k in KINDS}, {k: compiled(k, "exceptions") for k in KINDS})


def pieces_of(text: str) -> list[str]:
    """The text, and when it has several sentences each alone and each pair of neighbours.

    >>> pieces_of("I am fine. Is it approved?")
    ['I am fine. Is it approved?', 'I am fine.', 'Is it approved?']
    """
    sentences = [s for s in re.split(r"(?<=[.!?\n])\s+", text) if s.strip()]
    if len(sentences) < 2:
        return [text]
    step = -(-len(sentences) // MAX_SENTENCES)
    sentences = [" ".join(sentences[i : i + step]) for i in range(0, len(sentences), step)]
    pairs = [f"{a} {b}" for a, b in pairwise(sentences)] if len(sentences) > 2 else []
    return list(dict.fromkeys([text, *sentences, *pairs]))


def triage(text: str, rules: Rules, classify: Classify | None) -> RedirectKind | None:
    """The kind of message, or None for a question to answer. `classify` None: patterns alone.

    Patterns are looked for in every piece; the classifier must be surer of a piece than of the whole text.
    """
    plain = text.replace("’", "'")
    pieces = pieces_of(plain)
    if any(rules.met("crisis", piece) for piece in pieces):
        return "crisis"
    found = classify(pieces) if classify else [{} for _ in pieces]
    whole, *rest = found
    if whole.get("crisis", 0.0) >= THRESHOLDS["crisis"] or any(p.get("crisis", 0.0) >= PIECE for p in rest):
        return "crisis"
    for kind in KINDS[1:]:
        sure = any(p.get(kind, 0.0) >= PIECE for p in rest)
        met = any(rules.met(kind, piece) for piece in pieces)
        outweighed = kind == "medical_advice" and whole.get("none", 0.0) >= NONE
        if (met and not outweighed) or whole.get(kind, 0.0) >= THRESHOLDS[kind] or sure:
            return kind
    return None
