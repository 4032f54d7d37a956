"""One request of somebody who is signed in, and the answer to it: the values between `serving` and the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chatbot.review.values import Account
from chatbot.web.desk.forms import NOTHING, Form
from chatbot.web.desk.needs import Moderating, Texts
from chatbot.web.desk.sessions import Session


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what. `path` is the address without its first slash, `named` are the parts of it that have names."""

    desk: Moderating
    texts: Texts
    session: Session
    path: str
    named: Mapping[str, str] = field(default_factory=dict)
    form: Form = NOTHING

    @property
    def who(self) -> Account:
        """The account."""
        return self.session.who

    @property
    def record(self) -> str:
        """The address of the record that it is about."""
        return f"review/record/{self.named['record_id']}"

    @property
    def up(self) -> str:
        """What leads from the address to the root."""
        return "../" * self.path.count("/")


@dataclass(frozen=True, slots=True)
class Answer:
    """A page; or an address to see next; or lines of a file named `name`."""

    body: str = ""
    status: int = 200
    to: str = ""
    lines: Iterator[str] | None = None
    name: str = ""
    media: str = "text/html; charset=utf-8"


def see(address: str) -> Answer:
    """After a form, the address to look at. It is one of ours, and never holds what was typed."""
    return Answer(status=303, to="/" + address)
