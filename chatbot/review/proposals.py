"""Pins and bans: proposed by whoever reviews, decided by a lead, taken back again.

A proposal is a line of the notebook about its record, `pin:proposed:ID` or `ban:proposed:ID` with the words as JSON; each later line
`pin:approved:ID` moves it on. What may follow what:

    proposed   approved, rejected, withdrawn
    rejected   approved
    approved   withdrawn

Anything else is passed over, so that of two decisions at once the first counts. Only a lead decides, and nobody on a proposal of
their own, unless they are the only lead. Whoever proposed may withdraw before it is decided, a lead always. When the record is
removed, the words are gone: action, state and names stay, and what stands in corpus/pins.toml by then stays there until withdrawn.
Left out: what a pin does to an answer, and the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, cast, get_args

from chatbot.errors import Forbidden, ReviewError
from chatbot.marked import Place
from chatbot.review.values import MAX_QUESTION, Account, Action, Note, Notebook, Proposal, State

KIND = "proposal"
ACTIONS: tuple[str, ...] = get_args(Action)
STATES: tuple[str, ...] = get_args(State)
FOLLOWS: dict[str, tuple[str, ...]] = {
    "proposed": ("approved", "rejected", "withdrawn"),
    "rejected": ("approved",),
    "approved": ("withdrawn",),
    "withdrawn": (),
}
MAX_NOTE = 500  # characters


def propose(notebook: Notebook, proposal: Proposal, is_whole: Callable[[Place], bool]) -> None:
    """Checks a proposal and writes it down. `is_whole` tells whether a place is whole sentences that may be quoted.

    Raises ReviewError naming what is wrong with it.
    """
    place = proposal.place
    if proposal.action not in ACTIONS:
        raise ReviewError(f"{proposal.action!r} cannot be proposed; choose {' or '.join(ACTIONS)}")
    if not proposal.question.strip():
        raise ReviewError(f"a {proposal.action} needs the question that it is for; write one")
    if len(proposal.question) > MAX_QUESTION:
        raise ReviewError(f"the question has {len(proposal.question)} characters; at most {MAX_QUESTION} are kept")
    _check_note(proposal.note)
    if not is_whole(place):
        raise ReviewError(
            f"{place.doc_id[:60]}:{place.start}-{place.end} is not whole sentences of one paragraph; mark it anew"
        )
    note: dict[str, object] = {"question": proposal.question, "note": proposal.note, "text": proposal.text}
    note |= {"doc_id": place.doc_id, "start": place.start, "end": place.end}
    _write(notebook, proposal, at=proposal.at, who=proposal.by, note=json.dumps(note, ensure_ascii=False))


def move(
    notebook: Notebook, proposal: Proposal, state: str, who: Account, *, leads: Collection[str], at: str, note: str = ""
) -> None:
    """Approves, rejects or withdraws a proposal. `leads` are the names of the accounts that are leads.

    Raises Forbidden for who may not, ReviewError for what cannot follow.
    """
    _check_note(note)
    if state not in FOLLOWS[proposal.state]:
        can = " or ".join(FOLLOWS[proposal.state])
        then = f"it can be {can}" if can else "propose it anew"
        raise ReviewError(f"{proposal.proposal_id} is {proposal.state} and cannot be {state}; {then}")
    if state == "withdrawn":
        if who.role != "lead" and (proposal.by != who.name or proposal.state != "proposed"):
            raise Forbidden(
                f"{proposal.proposal_id} can be withdrawn by a lead, and before it is decided by {proposal.by}"
            )
    elif who.role != "lead":
        raise Forbidden(f"{proposal.proposal_id} is for a lead to decide; ask one")
    elif proposal.by == who.name and set(leads) - {who.name}:
        others = ", ".join(sorted(set(leads) - {who.name}))
        raise Forbidden(f"{proposal.proposal_id} is your own; another lead decides it: {others}")
    said = json.dumps({"note": note}, ensure_ascii=False) if note else ""
    _write(notebook, replace(proposal, state=cast(State, state)), at=at, who=who.name, note=said)


def _check_note(note: str) -> None:
    if len(note) > MAX_NOTE:
        raise ReviewError(f"the note has {len(note)} characters; at most {MAX_NOTE} are kept, shorten it")


def _write(notebook: Notebook, proposal: Proposal, *, at: str, who: str, note: str) -> None:
    label = f"{proposal.action}:{proposal.state}:{proposal.proposal_id}"
    notebook.write(KIND, proposal.record_id, at=at, who=who, label=label, note=note)


def proposals(notebook: Notebook, record_id: str | None = None) -> list[Proposal]:
    """Every proposal as it stands, about one record or all, in the order in which they were made."""
    out: dict[str, Proposal] = {}
    for line in notebook.read(KIND, record_id):
        action, state, ident = split_label(line.label)
        before = out.get(ident)
        if before is None and state == "proposed":
            out[ident] = _proposal(line, action, ident)
        elif before is not None and state in FOLLOWS[before.state]:
            said = json.loads(line.note)["note"] if line.note else before.decision
            moved = replace(before, state=cast(State, state), decided_by=line.who, decided_at=line.at)
            out[ident] = replace(moved, decision=said)
    return list(out.values())


def split_label(label: str) -> tuple[str, str, str]:
    """Action, state and id. Raises ReviewError for a label that is none.

    >>> split_label("pin:proposed:1f0c")
    ('pin', 'proposed', '1f0c')
    """
    action, _, rest = label.partition(":")
    state, _, ident = rest.partition(":")
    if action not in ACTIONS or state not in STATES or not ident:
        raise ReviewError(f"{label!r} is no line about a proposal; upgrade chatbot")
    return action, state, ident


def _proposal(line: Note, action: str, ident: str) -> Proposal:
    said: dict[str, Any] = json.loads(line.note) if line.note else {}
    place = Place(said.get("doc_id", ""), said.get("start", 0), said.get("end", 0))
    return Proposal(
        proposal_id=ident,
        record_id=line.subject,
        action=cast(Action, action),
        question=said.get("question", ""),
        place=place,
        text=said.get("text", ""),
        by=line.who,
        at=line.at,
        state="proposed",
        decided_by="",
        note=said.get("note", ""),
    )
