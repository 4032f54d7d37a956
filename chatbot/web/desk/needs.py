"""What the pages need of `chatbot.moderating.desk.Moderation`, and of the chatbot that is served.

Every method may block for as long as the log does, and is called from a worker's thread. What is wrong is a ReviewError with words
for a moderator, a Forbidden for a role that is not enough, a NoSuch for what is not there, a LogError for a log that fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from chatbot.datatypes import Document
from chatbot.gathering import Corpus
from chatbot.log.finding import Filters
from chatbot.marked import Place
from chatbot.moderating.values import (
    Action,
    Choices,
    Dashboard,
    Gap,
    Judgement,
    MadeCase,
    Page,
    Proposal,
    View,
)
from chatbot.review.values import Account, Expectation, Verdict


class Texts(Protocol):
    """The documents of generations."""

    @property
    def generation(self) -> str:
        """The generation in use, "" while there is none."""
        ...

    def corpus_of(self, generation: str) -> Corpus | None:
        """The corpus that a generation was made of, None when it cannot be had; may read files."""
        ...


class Moderating(Protocol):
    """The desk's work. Who acts is the first argument."""

    def has_accounts(self) -> bool:
        """Whether anybody could sign in."""
        ...

    def sign_in(self, name: str, password: str) -> Account:
        """The account. Raises ReviewError: wrong, or too many tries."""
        ...

    def account(self, name: str, since: str = "") -> Account | None:
        """The account as it stands; None when it was closed or changed after the moment `since`."""
        ...

    def moment(self) -> str:
        """Now, as the log writes it."""
        ...

    def accounts(self, who: Account) -> tuple[Account, ...]:
        """The open accounts; for leads."""
        ...

    def queue(self, who: Account, filters: Filters = ..., at: int = 0, limit: int = 50) -> Page:
        """Rows from `at` on, the most worth seeing first."""
        ...

    def choices(self, who: Account) -> Choices:
        """What can be filtered by."""
        ...

    def view(self, who: Account, record_id: str) -> View:
        """One record."""
        ...

    def document(self, who: Account, record_id: str, doc_id: str) -> Document:
        """A document of the record's generation."""
        ...

    def documents(self, who: Account, record_id: str) -> tuple[Document, ...]:
        """All documents of the record's generation."""
        ...

    def next_for(self, who: Account, filters: Filters = ..., skip: Collection[str] = ()) -> str | None:
        """A record claimed for them, None when none waits; none of those in `skip`."""
        ...

    def claim(self, who: Account, record_id: str) -> str:
        """Who has it now."""
        ...

    def release(self, who: Account, record_id: str) -> None:
        """Gives it back."""
        ...

    def judge(self, who: Account, record_id: str, judgement: Judgement) -> Verdict:
        """Writes a verdict down."""
        ...

    def make_case(
        self, who: Account, record_id: str, question: str, expectation: Expectation, places: Sequence[Place]
    ) -> MadeCase:
        """Makes a test case, its gold copied from the documents."""
        ...

    def propose(
        self, who: Account, record_id: str, action: Action, question: str, place: Place, note: str = ""
    ) -> Proposal:
        """Proposes a pin or a ban."""
        ...

    def withdraw(self, who: Account, proposal_id: str, note: str = "") -> Proposal:
        """Takes a proposal back."""
        ...

    def decide(self, who: Account, proposal_id: str, state: str, note: str = "") -> Proposal:
        """Approves or rejects; for leads."""
        ...

    def report_gap(self, who: Account, record_id: str, words: str) -> Gap:
        """Notes what no source tells."""
        ...

    def close_gap(self, who: Account, gap_id: str) -> Gap:
        """Closes a gap; for leads."""
        ...

    def reopen_gap(self, who: Account, gap_id: str) -> Gap:
        """Opens a closed gap again; for leads."""
        ...

    def cases(self, who: Account) -> tuple[MadeCase, ...]:
        """The cases made at the desk."""
        ...

    def proposals(self, who: Account, state: str = "") -> tuple[Proposal, ...]:
        """Pins and bans."""
        ...

    def gaps(self, who: Account, *, closed: bool = False) -> tuple[Gap, ...]:
        """The open gaps, with `closed` also the others."""
        ...

    def dashboard(self, who: Account, days: int = 30) -> Dashboard:
        """The figures of a number of days."""
        ...

    def export(self, who: Account, form: str, filters: Filters = ...) -> Iterator[str]:
        """Whole lines of csv or jsonl; for leads."""
        ...
