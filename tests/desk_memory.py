"""A moderators' desk in memory, over replies of the scripted chatbot: what the pages are tested with is everything else.

Roles, claims and states are as the real desk's; nothing is blind, grouped or remembered.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatbot.answer.rendering import render_json
from chatbot.datatypes import Document
from chatbot.errors import Forbidden, NoSuch, ReviewError
from chatbot.log.finding import JUDGED, UNJUDGED, Filters
from chatbot.log.records import Candidate, Record
from chatbot.log.thumbs import Thumb
from chatbot.marked import Place
from chatbot.moderating.values import (
    CandidateView,
    Change,
    Choices,
    Dashboard,
    Gap,
    Judgement,
    Like,
    MadeCase,
    Page,
    Proposal,
    Row,
    Series,
    Topic,
    View,
)
from chatbot.review.values import Account, Verdict

EVERYTHING = Filters()
PASSWORD = "correct horse battery"
LEAD, MODERATOR = Account("lena", "lead"), Account("mo", "moderator")
AT = "2026-11-24T08:05:00.000000Z"
ASKED = (
    "Does it last?",
    "What about the weather?",
    "Which dose should one take?",
    "How do I know whether the compasion lasts?",
    "What was found in the trial, and for how long did it last?",
    "Is there weather on Tuesday?",
    "Explain the trial",
    "should I stop my tablets?",
    "Tell me of the parts",
    "I feel hopeless",
)


def record_of(bot: Any, ident: str, question: str, asked_at: str = "2026-11-24T08:00Z") -> Record:
    """What the log would keep of the scripted reply; of a crisis only its kind."""
    reply = bot.reply(question, ())
    shown = render_json(reply, ident=ident, seconds=0.12)
    kind = shown.get("redirect") or shown["kind"]
    if kind == "crisis":
        kept = ("format", "id", "kind", "redirect", "disclaimer", "generation", "seconds")
        shown = {key: shown[key] for key in kept} | {"question": ""}
    quotes = [*(shown.get("quotes") or ()), *(shown.get("near_misses") or ())]
    hits = tuple(
        Candidate(q["doc_id"], q["start"], q["end"], 0.91 - n / 10, (("meaning", 0.7), ("words", None)), n == 0)
        for n, q in enumerate(quotes)
    )
    confidence = {"answer": 0.87, "abstention": 0.41}.get(kind, 1.0)
    return Record(
        ident, "0" * 64, asked_at, kind, shown["question"], shown, hits, "0" * 16, bot.generation, confidence, 0.12
    )


@dataclass
class Memory:
    """The desk. `called` keeps the names of what was done, `failing` is raised instead of anything."""

    bot: Any
    questions: Sequence[str] = ASKED
    open_accounts: dict[str, Account] = field(default_factory=lambda: {a.name: a for a in (LEAD, MODERATOR)})
    called: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    failing: Exception | None = None
    thumbs: dict[str, Thumb] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    made: list[MadeCase] = field(default_factory=list)
    proposed: dict[str, Proposal] = field(default_factory=dict)
    known_gaps: dict[str, Gap] = field(default_factory=dict)
    asked_for: list[Filters] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = {f"r{n:02}": record_of(self.bot, f"r{n:02}", q) for n, q in enumerate(self.questions, 1)}

    def _did(self, what: str, who: Account, *, lead: bool = False) -> None:
        if self.failing:
            raise self.failing
        self.called.append(what)
        if lead and who.role != "lead":
            raise Forbidden("only a lead may do this; ask one")

    def has_accounts(self) -> bool:
        if self.failing:
            raise self.failing
        return bool(self.open_accounts)

    def sign_in(self, name: str, password: str) -> Account:
        self.tries[name] = self.tries.get(name, 0) + 1
        if self.tries[name] > 5:
            raise ReviewError("5 tries in 15 minutes are enough; wait 15 minutes")
        if name not in self.open_accounts or password != PASSWORD:
            raise ReviewError("wrong name or password")
        self.tries[name] = 0
        return self.open_accounts[name]

    def account(self, name: str, since: str = "") -> Account | None:
        if self.failing:
            raise self.failing
        return self.open_accounts.get(name)

    def moment(self) -> str:
        return AT

    def accounts(self, who: Account) -> tuple[Account, ...]:
        self._did("accounts", who, lead=True)
        return tuple(self.open_accounts.values())

    def _last(self, record_id: str) -> Verdict | None:
        return next((v for v in reversed(self.verdicts) if v.record_id == record_id), None)

    def _row(self, record: Record) -> Row:
        last = self._last(record.record_id)
        thumb = self.thumbs.get(record.record_id)
        reasons = ("the reader's thumb is down", "near the threshold") if thumb else ()
        repeated = 3 if record.record_id == "r01" else 1
        return Row(
            record.record_id,
            record.asked_at,
            record.kind,
            record.question,
            record.generation,
            record.confidence,
            reasons,
            1.0,
            repeated,
            7,
            thumb,
            last.label if last else "",
            last.reviewer if last else "",
            self.claims.get(record.record_id, ""),
        )

    def queue(self, who: Account, filters: Filters = EVERYTHING, at: int = 0, limit: int = 50) -> Page:
        self._did("queue", who)
        self.asked_for.append(filters)
        rows = [self._row(r) for r in self.records.values()]
        n_open = sum(not row.label for row in rows)
        if filters.verdict == UNJUDGED:
            rows = [row for row in rows if not row.label]
        elif filters.verdict == JUDGED:
            rows = [row for row in rows if row.label]
        rows = [row for row in rows if not filters.kind or row.kind == filters.kind]
        rows = [row for row in rows if filters.text.lower() in row.question.lower()]
        return Page(tuple(rows[at : at + limit]), at, len(rows), n_open)

    def choices(self, who: Account) -> Choices:
        sources = tuple((s.doc_id, s.title) for s in self.bot.sources[:3])
        return Choices(
            ("abstention", "answer", "crisis"), (self.bot.generation,), sources, ("lena", "mo"), ("unclear",)
        )

    def _record(self, record_id: str) -> Record:
        if record_id not in self.records:
            raise NoSuch(f"there is no record {record_id[:40]!r}; the queue shows those there are")
        return self.records[record_id]

    def view(self, who: Account, record_id: str) -> View:
        self._did("view", who)
        record = self._record(record_id)
        corpus = self.bot.corpus_of(record.generation)
        candidates = tuple(
            CandidateView(
                Place(h.doc_id, h.start, h.end),
                corpus.documents[h.doc_id].text[h.start : h.end],
                "Results",
                h.score,
                dict(h.signals),
                h.shown,
                "shown as quote 1" if h.shown else "its score is below 80% of the best one’s",
            )
            for h in record.hits
        )
        titles = tuple((d.doc_id, d.source.title) for d in list(corpus.documents.values())[:6])
        like = tuple(
            Like(r.record_id, r.question, r.kind, "", "", 0.83) for r in self.records.values() if r.record_id == "r05"
        )
        return View(
            record,
            self.thumbs.get(record_id),
            candidates,
            titles,
            False,
            tuple(v for v in self.verdicts if v.record_id == record_id),
            like,
            (Change(AT, who.name, "read", ""),),
            tuple(c for c in self.made if c.record_id == record_id),
            tuple(p for p in self.proposed.values() if p.record_id == record_id),
            tuple(g for g in self.known_gaps.values() if g.record_id == record_id),
            self.claims.get(record_id, ""),
            False,
        )

    def document(self, who: Account, record_id: str, doc_id: str) -> Document:
        self._did("document", who)
        found = self.bot.corpus_of(self._record(record_id).generation).documents
        if doc_id not in found:
            raise NoSuch(f"there is no document {doc_id[:40]!r}; choose another")
        return found[doc_id]

    def documents(self, who: Account, record_id: str) -> tuple[Document, ...]:
        self._did("documents", who)
        return tuple(self.bot.corpus_of(self._record(record_id).generation).documents.values())

    def next_for(self, who: Account, filters: Filters = EVERYTHING, skip: Collection[str] = ()) -> str | None:
        self._did("next_for", who)
        self.asked_for.append(filters)
        for ident in self.records:
            if ident not in skip and self._last(ident) is None and self.claims.get(ident, who.name) == who.name:
                self.claims[ident] = who.name
                return ident
        return None

    def claim(self, who: Account, record_id: str) -> str:
        self._did("claim", who)
        self._record(record_id)
        return self.claims.setdefault(record_id, who.name)

    def release(self, who: Account, record_id: str) -> None:
        self._did("release", who)
        self.claims.pop(record_id, None)

    def judge(self, who: Account, record_id: str, judgement: Judgement) -> Verdict:
        self._did("judge", who)
        record = self._record(record_id)
        if judgement.label == "should_have_refused" and record.kind != "answer":
            raise ReviewError(
                f"should_have_refused fits answer, but {record_id} is {record.kind}; choose another verdict"
            )
        if judgement.label == "wrong_triage" and judgement.triage is None:
            raise ReviewError("say how the question should have been taken")
        j = judgement
        given = Verdict(record_id, j.label, who.name, j.note, AT, j.gold, j.triage, j.quotes, j.tags)
        self.verdicts.append(given)
        self.claims.pop(record_id, None)
        return given

    def make_case(
        self, who: Account, record_id: str, question: str, expectation: Any, places: Sequence[Place]
    ) -> MadeCase:
        self._did("make_case", who)
        if expectation == "answer" and not places:
            raise ReviewError("a case that is to be answered needs gold; choose or mark a sentence")
        documents = {d.doc_id: d for d in self.documents(who, record_id)}
        gold = tuple(documents[p.doc_id].text[p.start : p.end] for p in places)
        made = MadeCase(f"c{len(self.made) + 1}", record_id, question, expectation, gold, who.name, AT)
        self.made.append(made)
        return made

    def propose(
        self, who: Account, record_id: str, action: Any, question: str, place: Place, note: str = ""
    ) -> Proposal:
        self._did("propose", who)
        text = self.document(who, record_id, place.doc_id).text[place.start : place.end]
        ident = f"p{len(self.proposed) + 1}"
        made = Proposal(ident, record_id, action, question, place, text, who.name, AT, "proposed", "", note)
        self.proposed[ident] = made
        return made

    def _proposal(self, proposal_id: str) -> Proposal:
        if proposal_id not in self.proposed:
            raise NoSuch(f"there is no proposal {proposal_id[:40]!r}; the page Pins shows those there are")
        return self.proposed[proposal_id]

    def withdraw(self, who: Account, proposal_id: str, note: str = "") -> Proposal:
        found = self._proposal(proposal_id)
        self._did("withdraw", who, lead=found.by != who.name)
        self.proposed[proposal_id] = replace(found, state="withdrawn", decided_by=who.name)
        return self.proposed[proposal_id]

    def decide(self, who: Account, proposal_id: str, state: Any, note: str = "") -> Proposal:
        self._did("decide", who, lead=True)
        found = self._proposal(proposal_id)
        self.proposed[proposal_id] = replace(found, state=state, decided_by=who.name, decision=note)
        return self.proposed[proposal_id]

    def report_gap(self, who: Account, record_id: str, words: str) -> Gap:
        self._did("report_gap", who)
        if not words:
            raise ReviewError("say what a source would have to tell")
        gap = Gap(f"g{len(self.known_gaps) + 1}", record_id, self._record(record_id).question, words, who.name, AT, "")
        self.known_gaps[gap.gap_id] = gap
        return gap

    def close_gap(self, who: Account, gap_id: str) -> Gap:
        self._did("close_gap", who, lead=True)
        if gap_id not in self.known_gaps:
            raise NoSuch(f"there is no gap {gap_id[:40]!r}; the page Gaps shows those there are")
        self.known_gaps[gap_id] = replace(self.known_gaps[gap_id], closed_by=who.name)
        return self.known_gaps[gap_id]

    def reopen_gap(self, who: Account, gap_id: str) -> Gap:
        self._did("reopen_gap", who, lead=True)
        self.known_gaps[gap_id] = replace(self.known_gaps[gap_id], closed_by="")
        return self.known_gaps[gap_id]

    def cases(self, who: Account) -> tuple[MadeCase, ...]:
        self._did("cases", who)
        return tuple(self.made)

    def proposals(self, who: Account, state: str = "") -> tuple[Proposal, ...]:
        self._did("proposals", who)
        return tuple(self.proposed.values())

    def gaps(self, who: Account, *, closed: bool = False) -> tuple[Gap, ...]:
        self._did("gaps", who)
        return tuple(g for g in self.known_gaps.values() if closed or not g.closed_by)

    def dashboard(self, who: Account, days: int = 30) -> Dashboard:
        self._did("dashboard", who)
        labels = [f"2026-11-{n + 1:02}" for n in range(min(days, 28))]
        counts = [float(20 + (n * 7) % 23) for n in range(len(labels))]
        shares = [0.72 + ((n * 5) % 9) / 60 for n in range(len(labels))]
        series = (
            Series("Questions a day", "count", tuple((d, c, c, c) for d, c in zip(labels, counts, strict=True))),
            Series(
                "Good replies, by day",
                "share",
                tuple((d, s, s - 0.08, min(1.0, s + 0.07)) for d, s in zip(labels, shares, strict=True)),
                tuple(int(c) for c in counts),
            ),
            Series(
                "Verdicts",
                "count",
                tuple((w, c, c, c) for w, c in (("good", 61.0), ("should_have_refused", 9.0), ("unsafe", 1.0))),
            ),
            Series(
                "Good replies, by index",
                "share",
                (("0123456789abcdef", 0.81, 0.74, 0.87), ("fedcba9876543210", 0.64, 0.5, 0.76)),
                (120, 41),
            ),
            Series("Agreement", "share", ()),
        )
        figures = (
            ("Replies", "1,204"),
            ("Answered", "71 %"),
            ("Without a verdict", "310"),
            ("Oldest of them", "6 days"),
        )
        return Dashboard(days, figures, series, (Topic(self.questions[1], 4, ("r02",)),))

    def export(self, who: Account, form: str, filters: Filters = EVERYTHING) -> Iterator[str]:
        self._did("export", who, lead=True)
        self.asked_for.append(filters)
        for v in self.verdicts:
            yield f"{v.record_id},{v.label}\r\n" if form == "csv" else json.dumps({"id": v.record_id}) + "\n"
