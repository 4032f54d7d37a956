"""The desk's face: what whoever reviews can do, by name. Used by the pages and by the command alike.

Every method is checked here or below for who may call it, and every one writes down who did what (`room`). Methods block and may be called
from several threads at once. Errors are ReviewError (Forbidden for who may not, NoSuch for what is not there) and LogError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from chatbot.datatypes import Document
from chatbot.log.finding import Filters
from chatbot.log.notebook import Notebook
from chatbot.log.records import Record
from chatbot.log.thumbs import Thumb
from chatbot.marked import Place
from chatbot.moderating import acting, carrying, figures, looking, pinning, queueing
from chatbot.moderating.carrying import Written as CasesWritten
from chatbot.moderating.pinning import Written as PinsWritten
from chatbot.moderating.room import Book, Room, need_lead, utc_now, visible
from chatbot.moderating.texts import Texts
from chatbot.moderating.values import Choices, Dashboard, Judgement, Page, View
from chatbot.review import gaps, making
from chatbot.review.access import Access
from chatbot.review.agreement import Agreement
from chatbot.review.importing import Imported
from chatbot.review.values import Account, Action, Expectation, Gap, MadeCase, Proposal, Verdict

if TYPE_CHECKING:
    from chatbot.log.database import Database

NOTHING = Filters()


class Moderation:
    """The log, the documents and the review room as one. `clock` gives an aware moment."""

    def __init__(
        self,
        log: Database,
        texts: Texts,
        *,
        clock: Callable[[], datetime] = utc_now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        access = Access(Notebook(log), hasher=hasher, clock=clock)
        self._room = Room(log, texts, clock, Book(log), access)

    # --- accounts ---------------------------------------------------------------------------------------------------

    def moment(self) -> str:
        """The clock as text that sorts; a session keeps the one of its sign-in."""
        return self._room.at()

    def has_accounts(self) -> bool:
        """Whether anybody can sign in."""
        return bool(self._room.access.accounts())

    def sign_in(self, name: str, password: str) -> Account:
        """The account of a name and a password. Raises ReviewError: wrong, or too many tries."""
        account = self._room.access.sign_in(name, password)
        self._room.audit(account.name, "sign in", "desk")
        return account

    def account(self, name: str, since: str = "") -> Account | None:
        """The open account of a name, None where there is none, or where it was changed after the moment `since`.

        One indexed look: to be asked at every request, so that a closed account, another role or another password end its sessions.
        """
        return self._room.access.open_since(name, since)

    def accounts(self, who: Account) -> tuple[Account, ...]:
        """The open accounts; for a lead."""
        need_lead(who, "list accounts")
        self._room.audit(who.name, "accounts", "desk")
        return self._room.access.accounts()

    def add_account(self, who: Account, name: str, role: str, password: str) -> Account:
        """Adds an account, or gives one a new role and password; for a lead."""
        need_lead(who, "add accounts")
        account = self._room.access.add(name, role, password, by=who.name)
        self._room.audit(who.name, f"add account as {role}", account.name)
        return account

    def close_account(self, who: Account, name: str) -> None:
        """Closes an account; its sessions end at their next request. For a lead."""
        need_lead(who, "close accounts")
        self._room.access.close(name, by=who.name)
        self._room.audit(who.name, "close account", name)

    # --- the queue --------------------------------------------------------------------------------------------------

    def queue(
        self, who: Account, filters: Filters = NOTHING, at: int = 0, limit: int = 50, *, threshold: float | None = None
    ) -> Page:
        """Rows `at` to `at + limit`, unjudged first by what is worth seeing. `threshold` instead of that of the index in use."""
        return queueing.page(self._room, who, filters, at, limit, threshold)

    def choices(self, who: Account) -> Choices:
        """What can be filtered by."""
        return queueing.choices(self._room, who)

    def next_for(self, who: Account, filters: Filters = NOTHING, skip: Collection[str] = ()) -> str | None:
        """The next record without a verdict, claimed; two who ask at once never get the same. None where there is none."""
        record_id = queueing.next_for(self._room, who, filters, skip)
        self._room.audit(who.name, "next", record_id or "none")
        return record_id

    def claim(self, who: Account, record_id: str) -> str:
        """Takes a record, where it is free; who has it now."""
        self._room.record(record_id)
        taken = queueing.claim(self._room, who, record_id)
        return who.name if taken else queueing.holder(self._room, record_id)

    def release(self, who: Account, record_id: str) -> None:
        """Gives a record back; nothing where it is not theirs."""
        self._room.log.release(record_id, who.name, self._room.at())

    # --- one record -------------------------------------------------------------------------------------------------

    def shown(self, who: Account, record_id: str) -> tuple[Record, Thumb | None]:
        """A record and its last thumb, for a line of a list; `view` has all else."""
        return looking.shown(self._room, who, record_id)

    def view(self, who: Account, record_id: str) -> View:
        """The record with all that was done about it."""
        return looking.view(self._room, who, record_id)

    def documents(self, who: Account, record_id: str) -> tuple[Document, ...]:
        """The documents that a record was answered from; those of now where its generation is gone (`View.stale`)."""
        found = looking.documents(self._room, self._room.record(record_id))
        self._room.audit(who.name, "documents", record_id)
        return tuple(found.values())

    def document(self, who: Account, record_id: str, doc_id: str) -> Document:
        """One of them."""
        return looking.document(self._room, who, record_id, doc_id)

    def judge(self, who: Account, record_id: str, judgement: Judgement) -> Verdict:
        """Writes down a verdict and gives the record back; a later one counts instead."""
        return acting.judge(self._room, who, record_id, judgement)

    def make_case(
        self, who: Account, record_id: str, question: str, expectation: Expectation, places: Sequence[Place] = ()
    ) -> MadeCase:
        """Makes it a test case; its gold are the words at the places."""
        return acting.make_case(self._room, who, record_id, question, expectation, places)

    def propose(
        self, who: Account, record_id: str, action: Action, question: str, place: Place, note: str = ""
    ) -> Proposal:
        """Proposes a pin or a ban of the sentences that the place meets."""
        return acting.propose(self._room, who, record_id, action, question, place, note)

    def report_gap(self, who: Account, record_id: str, words: str = "") -> Gap:
        """Says that readers ask what no source tells."""
        return acting.report_gap(self._room, who, record_id, words)

    # --- what follows -----------------------------------------------------------------------------------------------

    def decide(self, who: Account, proposal_id: str, state: str, note: str = "") -> Proposal:
        """Approves or rejects; for a lead, and not on their own unless they are the only one."""
        return acting.move(self._room, who, proposal_id, state, note)

    def withdraw(self, who: Account, proposal_id: str, note: str = "") -> Proposal:
        """Takes a proposal back: who made it before it is decided, a lead always."""
        return acting.move(self._room, who, proposal_id, "withdrawn", note)

    def close_gap(self, who: Account, gap_id: str) -> Gap:
        """Closes a gap; for a lead."""
        return acting.move_gap(self._room, who, gap_id, gaps.CLOSED)

    def reopen_gap(self, who: Account, gap_id: str) -> Gap:
        """Opens a closed gap again; for a lead."""
        return acting.move_gap(self._room, who, gap_id, gaps.OPEN)

    def cases(self, who: Account) -> tuple[MadeCase, ...]:
        """The cases made at the desk, in order."""
        self._room.audit(who.name, "cases")
        return visible(making.made_cases(self._room.book), who.name, lambda c: (c.record_id, c.by), self._room)

    def proposals(self, who: Account, state: str = "") -> tuple[Proposal, ...]:
        """Pins and bans as they stand, all or those in a state."""
        self._room.audit(who.name, "proposals")
        return tuple(p for p in acting.listed(self._room, who) if state in ("", p.state))

    def gaps(self, who: Account, *, closed: bool = False) -> tuple[Gap, ...]:
        """The open gaps, with `closed` also the others."""
        self._room.audit(who.name, "gaps")
        found = visible(gaps.gaps(self._room.book), who.name, lambda g: (g.record_id, g.by), self._room)
        return tuple(g for g in found if closed or not g.closed_by)

    # --- figures, out and in ----------------------------------------------------------------------------------------

    def dashboard(self, who: Account, days: int = 30) -> Dashboard:
        """The figures of the last `days` days; a lead's also those of reviewers."""
        return figures.dashboard(self._room, who, days)

    def agreement(self, who: Account) -> Agreement:
        """How far first and blind second verdicts agree; for a lead."""
        need_lead(who, "see how far reviewers agree")
        self._room.audit(who.name, "agreement")
        return figures.agree(self._room)

    def export(self, who: Account, form: str, filters: Filters = NOTHING) -> Iterator[str]:
        """Verdicts as lines of CSV or JSONL, each with its end; for a lead."""
        return carrying.export(self._room, who, form, filters)

    def import_verdicts(self, who: Account, lines: Iterable[str], *, skip_bad: bool = False) -> Imported:
        """Writes down verdicts that an export took out; for a lead."""
        return carrying.bring_in(self._room, who, lines, skip_bad)

    def write_cases(self, who: Account, folder: Path) -> CasesWritten:
        """Writes cases made at the desk and those that verdicts make into an evaluation folder; for a lead."""
        return carrying.write_cases(self._room, who, folder)

    def write_pins(self, who: Account, corpus: Path) -> PinsWritten:
        """Brings a corpus folder's pins.toml up to date with what is decided; for a lead."""
        return pinning.write(self._room, who, corpus)
