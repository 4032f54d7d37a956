"""Which judged records get a blind second verdict, and who may give it.

A stated share of the records, chosen by a hash of the record's id: the same on every machine, whoever judged and however. A record
is judged a second time by somebody else than the first time, who sees nothing of the first verdict before. Later verdicts of the
two change neither who was first nor who second. Left out: how the two agree (`agreement`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from chatbot.review.values import Verdict


def is_sampled(record_id: str, share: float) -> bool:
    """Whether a record is among the share, 0 to 1, that is judged twice.

    >>> is_sampled("r1", 1.0), is_sampled("r1", 0.0)
    (True, False)
    """
    number = int.from_bytes(hashlib.sha256(f"second {record_id}".encode()).digest()[:8], "big")
    return number < share * 2**64


def waits_for(given: Sequence[Verdict]) -> str:
    """Who gave the verdict to which a blind second one is due, "" where none is. `given` are the verdicts on one record, in order."""
    return given[-1].reviewer if given and given[-1].due else ""


def is_due(given: Sequence[Verdict], record_id: str, reviewer: str, share: float) -> bool:
    """Whether a verdict by `reviewer`, after those `given` on the record, is one to which a second is due.

    It is the first of a record of the sample; or the first reviewer changes their mind while the second is awaited.
    """
    return waits_for(given) == reviewer if given else is_sampled(record_id, share)


def second_of(given: Sequence[Verdict]) -> Verdict | None:
    """The first blind verdict by somebody else than the first reviewer, on one record."""
    return next((v for v in given if v.blind and v.reviewer != given[0].reviewer), None)


def pairs(given: Iterable[Verdict]) -> list[tuple[Verdict, Verdict]]:
    """First and blind second verdict of every record that has both, in the order of the first ones.

    The first is what its reviewer had said by the time of the second, so that who changed their mind meanwhile is taken at their word.
    """
    grouped: dict[str, list[Verdict]] = {}
    for verdict in given:
        grouped.setdefault(verdict.record_id, []).append(verdict)
    out = []
    for rows in grouped.values():
        second = second_of(rows)
        if second is not None:
            before = [v for v in rows[: rows.index(second)] if v.reviewer == rows[0].reviewer]
            out.append((before[-1], second))
    return out
