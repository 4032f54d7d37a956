"""The moderators' desk from the command line: who may open the log's file acts as a lead, under a name that they give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.commands.log import me, opened
from chatbot.review.values import Account

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from chatbot.moderating.desk import Moderation

ReviewerOption = Annotated[
    str, typer.Option("--reviewer", help="Who does it; else the name by which the system knows you.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


@contextmanager
def desk(log: str, corpus: Path, index: Path, *, create: bool = False) -> Iterator[Moderation]:
    """The desk over a log, closed afterwards."""
    from chatbot.moderating.desk import Moderation
    from chatbot.moderating.texts import Shelved

    with opened(log, create=create) as found:
        yield Moderation(found, Shelved(index, corpus))


def acting(reviewer: str = "") -> Account:
    """Whoever runs the command, as a lead: the log's file is theirs."""
    return Account(reviewer or me(), "lead")


def json_of(value: DataclassInstance) -> str:
    """A dataclass as JSON on one line, by the names of its fields."""
    return json.dumps(asdict(value), ensure_ascii=False)


def one_line(typed: str) -> str:
    """What a person typed on one line, without the control characters that a terminal obeys."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(typed.split()))
