"""Approved pins and bans as rows of corpus/pins.toml, for the maintainer's command that writes them there.

An approved proposal whose record was removed has no words left: what the file holds of it stays, and where it was never written nothing can
be. What was withdrawn or rejected leaves the file. Left out: what the file looks like (`corpus.pins`) and building it into an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatbot.corpus.pins import Row, read_rows, write_pins
from chatbot.datatypes import Document
from chatbot.index.sentences import split_spans
from chatbot.moderating.looking import documents
from chatbot.moderating.room import Room, need_lead
from chatbot.moderating.texts import sentences_at
from chatbot.review import proposals
from chatbot.review.values import Account, Proposal


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the file: ids added, ids taken out, and in words what could not be written."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]


def write(room: Room, who: Account, corpus: Path) -> Written:
    """Brings pins.toml of a corpus folder up to date with what is decided; for a lead."""
    need_lead(who, "write pins into a corpus")
    there = {row.ident for row in read_rows(corpus)}
    found = proposals.proposals(room.book)
    approved = [p for p in found if p.state == "approved" and p.proposal_id not in there]
    add = [_row(room, proposal) for proposal in approved if proposal.question]
    remove = [p.proposal_id for p in found if p.state in ("withdrawn", "rejected") and p.proposal_id in there]
    write_pins(corpus, add, remove)
    room.audit(who.name, "pins")
    lost = [f"{p.proposal_id}: its record was removed, and its words with it" for p in approved if not p.question]
    return Written(tuple(row.ident for row in add), tuple(remove), tuple(lost))


def _row(room: Room, proposal: Proposal) -> Row:
    record = next(room.log.records(record_id=proposal.record_id), None)
    document = documents(room, record).get(proposal.place.doc_id) if record else None
    return Row(
        ident=proposal.proposal_id,
        action=proposal.action,
        questions=(proposal.question,),
        source=proposal.place.doc_id,
        sentences=_sentences(proposal, document),
        since=proposal.decided_at[:10],
        approved_by=proposal.decided_by,
        why="; ".join(said for said in (proposal.note, proposal.decision) if said),
    )


def _sentences(proposal: Proposal, document: Document | None) -> tuple[str, ...]:
    """The sentences of the place, as the document is cut into them; of its words alone where the document is not at hand."""
    place, text = proposal.place, proposal.text
    if document and document.text[place.start : place.end] == text:
        return tuple(s.text for s in sentences_at(document, place))
    return tuple(text[a:b] for a, b in split_spans(text))
