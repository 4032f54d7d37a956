"""What is done at the desk about a record: verdicts, cases, proposals, gaps. Each is checked, written down and audited.

A record that somebody else has on the desk is theirs until they judge it, give it back or the time is over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatbot import settings
from chatbot.citing import block_at, is_whole
from chatbot.datatypes import Document
from chatbot.errors import NoSuch, ReviewError
from chatbot.log import auditing
from chatbot.log.records import Record
from chatbot.marked import Place
from chatbot.moderating.looking import documents
from chatbot.moderating.queueing import holder
from chatbot.moderating.room import Room, need_lead, new_id, plain, visible
from chatbot.moderating.texts import sentences_at
from chatbot.moderating.values import Judgement
from chatbot.review import gaps, making, proposals, verdicts
from chatbot.review.sampling import is_due, waits_for
from chatbot.review.values import Account, Action, Expectation, Gap, MadeCase, Proposal, Verdict

EXPORTS = "verdicts"  # what the audit says was taken out by whoever exported; in the place of a record's id


def judge(room: Room, who: Account, record_id: str, judgement: Judgement) -> Verdict:
    """Writes down a verdict and gives the record back. It is blind when a second one was due and its reviewer saw none."""
    record = room.record(record_id)
    _mine(room, who, record_id)
    with room.lock:
        given = room.given(record_id)
        first = waits_for(given)
        verdict = Verdict(
            record_id=record_id,
            label=judgement.label,
            reviewer=who.name,
            note=plain(judgement.note),
            judged_at=room.at(),
            gold=judgement.gold,
            triage=judgement.triage,
            quotes=judgement.quotes,
            tags=judgement.tags,
            blind=first not in ("", who.name) and not _has_read(room, who.name, given[-1].judged_at),
            due=is_due(given, record_id, who.name, settings.BLIND_SHARE),
        )
        verdicts.judge(room.book, verdict, record, lambda text: is_quotable(room, record, text))
    room.log.release(record_id, who.name, room.at())
    room.audit(who.name, "judge", record_id)
    return verdict


def _mine(room: Room, who: Account, record_id: str) -> None:
    """Raises ReviewError where somebody else has the record."""
    other = holder(room, record_id)
    if other not in ("", who.name):
        raise ReviewError(f"{record_id}: {other} has it on the desk; take another, or wait until it is given back")


def _has_read(room: Room, who: str, since: str) -> bool:
    """Whether somebody took out everybody's verdicts since a moment."""
    return any(event.who == who and event.at > since for event in room.log.events(auditing.KIND, EXPORTS))


def is_quotable(room: Room, record: Record, text: str) -> bool:
    """Whether a text is a slice of a document that the record was answered from."""
    return bool(text.strip()) and any(text in found.text for found in documents(room, record).values())


def make_case(
    room: Room, who: Account, record_id: str, question: str, expectation: Expectation, places: Sequence[Place]
) -> MadeCase:
    """Makes a record a test case, its gold the words at the places."""
    record = room.worded(record_id)
    gold = making.sentences_at(places, documents(room, record))
    case = MadeCase(new_id(), record_id, _line(question), expectation, gold, who.name, room.at())
    making.make(room.book, case)
    room.audit(who.name, "case", record_id)
    return case


def propose(
    room: Room, who: Account, record_id: str, action: Action, question: str, place: Place, note: str
) -> Proposal:
    """Proposes to show, or never to show, what stands at a place. A part of a sentence stands for the whole one."""
    record = room.worded(record_id)
    whole = whole_sentences(room, record, place)
    found = documents(room, record).get(whole.doc_id)
    text = found.text[whole.start : whole.end] if found else ""
    proposal = Proposal(
        proposal_id=new_id(),
        record_id=record_id,
        action=action,
        question=_line(question),
        place=whole,
        text=text,
        by=who.name,
        at=room.at(),
        state="proposed",
        decided_by="",
        note=plain(note),
    )
    proposals.propose(room.book, proposal, lambda at: found is not None and _is_quotable_as_one(found, at))
    room.audit(who.name, f"propose {action}", record_id)
    return proposal


def _is_quotable_as_one(document: Document, place: Place) -> bool:
    """Whether a place is whole sentences of one paragraph that may be quoted."""
    block = block_at(document, place.start)
    return block is not None and place.end <= block.end and is_whole(document, place.start, place.end)


def whole_sentences(room: Room, record: Record, place: Place) -> Place:
    """The place widened to the sentences that it meets; as it is where it meets none."""
    document = documents(room, record).get(place.doc_id)
    met = sentences_at(document, place) if document else []
    return Place(place.doc_id, met[0].start, met[-1].end) if met else place


def _line(typed: str) -> str:
    """What somebody typed on one line."""
    return re.sub(r"\s+", " ", plain(typed)).strip()


def move(room: Room, who: Account, proposal_id: str, state: str, note: str) -> Proposal:
    """Approves, rejects or withdraws a proposal."""
    with room.lock:
        proposal = _of_id(listed(room, who), proposal_id)
        leads = {account.name for account in room.access.accounts() if account.role == "lead"}
        words = plain(note) if proposal.question else ""  # of a removed record nothing is said any more
        proposals.move(room.book, proposal, state, who, leads=leads, at=room.at(), note=words)
    room.audit(who.name, f"{state} {proposal_id}", proposal.record_id)
    return _of_id(proposals.proposals(room.book, proposal.record_id), proposal_id)


def _of_id(found: Sequence[Proposal], proposal_id: str) -> Proposal:
    for proposal in found:
        if proposal.proposal_id == proposal_id:
            return proposal
    raise NoSuch(f"{proposal_id[:40]!r} is no proposal; `chatbot review proposals` lists them")


def listed(room: Room, who: Account) -> tuple[Proposal, ...]:
    """The proposals that somebody may see."""
    return visible(proposals.proposals(room.book), who.name, lambda p: (p.record_id, p.by), room)


def report_gap(room: Room, who: Account, record_id: str, words: str) -> Gap:
    """Says that readers ask what no source tells."""
    record = room.worded(record_id)
    gap = Gap(new_id(), record_id, record.question, plain(words).strip(), who.name, room.at(), "")
    gaps.report(room.book, gap)
    room.audit(who.name, "gap", record_id)
    return gap


def move_gap(room: Room, who: Account, gap_id: str, state: str) -> Gap:
    """Closes a gap or opens it again."""
    need_lead(who, "close or open a gap")
    with room.lock:
        found = {g.gap_id: g for g in visible(gaps.gaps(room.book), who.name, lambda g: (g.record_id, g.by), room)}
        if gap_id not in found:
            raise NoSuch(f"{gap_id[:40]!r} is no gap; `chatbot review gaps` lists them")
        gaps.move(room.book, found[gap_id], state, who, at=room.at())
    room.audit(who.name, f"{state} {gap_id}", found[gap_id].record_id)
    after = {g.gap_id: g for g in gaps.gaps(room.book, found[gap_id].record_id)}
    return after[gap_id]
