"""One record as the desk shows it, with everything that was done about it.

While a blind second verdict is due, whoever did not give the first sees nothing of what others did about the record: no verdict, no case,
no proposal, no gap, not even that somebody read it; and no like questions, because their verdicts would tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from chatbot.datatypes import Document
from chatbot.errors import NoSuch
from chatbot.gathering import Corpus
from chatbot.log import thumbs
from chatbot.log.auditing import KIND as AUDIT
from chatbot.log.facets import CLAIM, RELEASE
from chatbot.log.records import Event, Record
from chatbot.log.thumbs import Thumb
from chatbot.moderating import candidates
from chatbot.moderating.queueing import holder
from chatbot.moderating.room import Room
from chatbot.moderating.values import Change, Like, View
from chatbot.review import gaps, making, proposals, verdicts
from chatbot.review.sampling import waits_for
from chatbot.review.values import Account, Verdict

KINDS = (verdicts.KIND, making.KIND, proposals.KIND, gaps.KIND, CLAIM, RELEASE, AUDIT)
READ = ("view", "document", "documents")  # what is noted of readers; of what was done, the event itself tells
N_LIKE = 5
MIN_LIKENESS = 0.5  # cosine; of 30 questions beside 9 judged ones, below it none had to do with the other, 0.55 to 0.68 ask of one thing


def shown(room: Room, who: Account, record_id: str) -> tuple[Record, Thumb | None]:
    """What its reader saw of a record and thought of it, for a line of a list. Raises NoSuch."""
    record = room.record(record_id)
    room.audit(who.name, "list", record_id)
    return record, _thumb(room, record_id)


def _thumb(room: Room, record_id: str) -> Thumb | None:
    return thumbs.latest(room.log.events(thumbs.KIND, record_id)).get(record_id)


def view(room: Room, who: Account, record_id: str) -> View:
    """The record. Raises NoSuch."""
    record = room.record(record_id)
    corpus = room.texts.corpus_of(record.generation)
    given = room.given(record_id)
    blind = waits_for(given) not in ("", who.name)
    history = tuple(v for v in given if not blind or v.reviewer == who.name)
    changes = _changes(room, record_id)
    mine = [change for change in changes if not blind or change.who == who.name]
    room.audit(who.name, "view", record_id)
    return View(
        record=record,
        thumb=_thumb(room, record_id),
        candidates=candidates.views(
            record, corpus.documents if corpus else {}, room.texts.threshold_of(record.generation)
        ),
        documents=_titles(corpus or room.texts.now()),
        stale=corpus is None,
        history=history,
        like=() if blind else _like(room, who, record_id),
        changes=tuple(mine),
        cases=tuple(c for c in making.made_cases(room.book, record_id) if not blind or c.by == who.name),
        proposals=tuple(p for p in proposals.proposals(room.book, record_id) if not blind or p.by == who.name),
        gaps=tuple(g for g in gaps.gaps(room.book, record_id) if not blind or g.by == who.name),
        assigned_to=holder(room, record_id),
        blind=blind,
    )


def _titles(corpus: Corpus | None) -> tuple[tuple[str, str], ...]:
    return tuple((d, document.source.title) for d, document in corpus.documents.items()) if corpus else ()


def documents(room: Room, record: Record) -> Mapping[str, Document]:
    """The documents that a record was answered from, or those of now where its generation is gone; none without an index."""
    corpus = room.texts.corpus_of(record.generation) or room.texts.now()
    return corpus.documents if corpus else {}


def document(room: Room, who: Account, record_id: str, doc_id: str) -> Document:
    """One of them. Raises NoSuch."""
    found = documents(room, room.record(record_id)).get(doc_id)
    if found is None:
        raise NoSuch(f"{doc_id[:60]!r} is no document of {record_id}; its page lists them")
    room.audit(who.name, "document", record_id)
    return found


def _like(room: Room, who: Account, record_id: str) -> tuple[Like, ...]:
    """Judged questions like this one."""
    found = room.log.like(record_id, top_k=N_LIKE, viewer=who.name)
    return tuple(
        Like(f.row.record_id, f.row.question, f.row.kind, f.row.label, f.row.reviewer, f.likeness)
        for f in found
        if f.likeness >= MIN_LIKENESS
    )


def _changes(room: Room, record_id: str) -> list[Change]:
    """What was done about a record, in order."""
    events = [event for kind in KINDS for event in room.log.events(kind, record_id)]
    events = [event for event in events if event.kind != AUDIT or event.label in READ]
    return [_change(event) for event in sorted(events, key=lambda event: event.at)]


def _change(event: Event) -> Change:
    words: Callable[[Event], str] = WORDS.get(event.kind, lambda found: found.label)
    what = event.label if event.kind == AUDIT else event.kind
    return Change(event.at, event.who, what, words(event))


def _of_verdict(event: Event) -> str:
    found: Verdict = verdicts.verdict_of(event)
    return f"{found.label}, blind" if found.blind else found.label


def _of_proposal(event: Event) -> str:
    action, state, _ = proposals.split_label(event.label)
    note = json.loads(event.note).get("note", "") if event.note else ""
    return f"{action}, {state}" + (f": {note}" if note else "")


WORDS: Mapping[str, Callable[[Event], str]] = {
    verdicts.KIND: _of_verdict,
    proposals.KIND: _of_proposal,
    making.KIND: lambda event: event.label.partition(":")[0],
    gaps.KIND: lambda event: event.label.partition(":")[0],
    CLAIM: lambda event: f"until {event.label}",
    RELEASE: lambda event: "",
    AUDIT: lambda event: "",
}
