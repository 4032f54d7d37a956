"""What the claim audit holds: claims, the words they were held against, what to look at, and who signed.

A signature stands under the very sentence and the very texts that it was given for; when either is another one, it is shown and
stale. What it leaves out: making an audit (`auditing`), the file of signatures (`corpus.signoffs`), pages (`audit_page`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal, cast

from chatbot.audit.claiming import How
from chatbot.audit.claims import Look
from chatbot.corpus import signoffs
from chatbot.corpus.signoffs import Judgement, SignOff
from chatbot.datatypes import Source, TextKind
from chatbot.errors import ReviewError

State = Literal["close words found", "only loosely related", "no matching passage found", "no text"]

NOTE = "a note about the source, not its words"
MIN_PREFIX = 4  # hexadecimal digits of a sentence's hash by which a person may call it
SAME_SENTENCE = 0.6  # difflib ratio from which a sentence is taken for a signed one edited: difflib's "close match"


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence of a source that is close to a claim; `score` is its closeness, in [0, 1]."""

    doc_id: str
    start: int
    end: int
    text: str
    section: str
    label: str
    text_kind: TextKind
    score: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim held against one source, or against all of them (`doc_id` ""): the closest sentences, best first, and what to look at.

    `about` says what kind of text that is where it is not the source's own, and on what it rests.
    """

    doc_id: str
    label: str
    how: How
    state: State
    matches: tuple[Match, ...] = ()
    looks: tuple[Look, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature, and why it no longer stands ("" when it does)."""

    row: SignOff
    stale: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the article at [start, end). `ident` is its sha256, `line` counts from 1, `why` names the rules of an uncited one.

    `evidence_sha256` is of the texts of the sources that it leans on.
    """

    ident: str
    start: int
    end: int
    line: int
    text: str
    section: str
    citations: tuple[str, ...]
    compared: tuple[Compared, ...]
    looks: tuple[Look, ...]
    evidence_sha256: str
    why: tuple[str, ...] = ()
    signed: Signed | None = None

    @property
    def short(self) -> str:
        """The id by which people call it."""
        return self.ident[:10]

    @property
    def cited(self) -> bool:
        """Whether it leans on a source; else it only looks as if it should."""
        return not self.why

    @property
    def open(self) -> bool:
        """Whether somebody has yet to sign it, or sign it again."""
        return self.signed is None or bool(self.signed.stale)


@dataclass(frozen=True, slots=True)
class Audit:
    """Every claim of the article in its order; `gone` are signatures under sentences that it no longer has.

    `local` are labels of sources whose quoted text was fetched for use on this machine only.
    """

    generation: str
    article: Source
    claims: tuple[Claim, ...]
    gone: tuple[SignOff, ...] = ()
    local: tuple[str, ...] = ()


def with_signatures(audit: Audit, signed: Iterable[SignOff]) -> Audit:
    """The audit with the last of all signatures, oldest first, under each sentence, and those that belong to none.

    A signature whose sentence is gone goes, stale, to the unsigned sentence that is most like it, if any is like it at all.
    """
    last = signoffs.latest(signed)
    out = [replace(c, signed=_signed(c, last[c.ident]) if c.ident in last else None) for c in audit.claims]
    present, gone = {claim.ident for claim in out}, []
    for row in (row for ident, row in last.items() if ident not in present):
        likest = [
            (SequenceMatcher(None, row.sentence, claim.text, autojunk=False).ratio(), -at)
            for at, claim in enumerate(out)
            if claim.signed is None
        ]
        ratio, at = max(likest, default=(0.0, 0))
        if ratio >= SAME_SENTENCE:
            stale = f"the sentence has changed since; it was: {row.sentence}"
            out[-at] = replace(out[-at], signed=Signed(row, stale))
        else:
            gone.append(row)
    return replace(audit, claims=tuple(out), gone=tuple(gone))


def _signed(claim: Claim, row: SignOff) -> Signed:
    same = row.evidence_sha256 == claim.evidence_sha256
    return Signed(row, "" if same else "a source, or its text, has changed since")


def sign(folder: Path, audit: Audit, ident: str, verdict: str, reviewer: str, note: str, today: str) -> SignOff:
    """Writes a signature under the sentence whose id begins so into the corpus folder. Raises ReviewError saying what is wrong."""
    fitting = {c.ident: c for c in audit.claims if c.ident.startswith(ident.lower())}
    if len(ident) < MIN_PREFIX or len(fitting) != 1:
        what = f"{len(fitting)} sentences have" if len(fitting) > 1 else "no sentence has"
        short = f"; give at least {MIN_PREFIX} digits" if len(ident) < MIN_PREFIX else ""
        raise ReviewError(f"{what} an id that begins {ident[:64]!r}{short}; `chatbot corpus audit` shows them")
    claim = next(iter(fitting.values()))
    row = SignOff(
        claim.ident, claim.text, cast(Judgement, verdict), reviewer.strip(), note.strip(), today, claim.evidence_sha256
    )
    signoffs.append(folder, row)
    return row
