"""`chatbot review add-user`, `users`, `close-user`: who may sign in at the desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from chatbot.commands.desk import acting, desk
from chatbot.commands.log import LOG, LogOption
from chatbot.commands.options import CORPUS, INDEX
from chatbot.errors import ReviewError


def add_user(
    name: Annotated[str, typer.Argument(help="2 to 32 of a-z, 0-9, dot, hyphen and underscore.")],
    role: Annotated[str, typer.Option(help="moderator or lead.")] = "moderator",
    password_file: Annotated[
        str, typer.Option("--password-file", help="Read the password from this file, - for standard input; else asked.")
    ] = "",
    log: LogOption = LOG,
) -> None:
    """Adds an account for the review pages, or gives one a new role and password, which ends its sessions."""
    with desk(log, CORPUS, INDEX, create=True) as found:
        account = found.add_account(acting(), name, role, _password(password_file))
    typer.echo(f"{account.name}: {account.role}")


def users(log: LogOption = LOG) -> None:
    """Lists the open accounts."""
    with desk(log, CORPUS, INDEX) as found:
        for account in found.accounts(acting()):
            typer.echo(f"{account.name}: {account.role}")


def close_user(
    name: Annotated[str, typer.Argument(help="The name that `chatbot review users` shows.")], log: LogOption = LOG
) -> None:
    """Closes an account and ends its sessions; `add-user` opens it again. What it did stays."""
    with desk(log, CORPUS, INDEX) as found:
        found.close_account(acting(), name)
    typer.echo(f"{name}: closed")


def _password(path: str) -> str:
    """The first line of a file or of standard input, or what is typed twice."""
    if path == "-":
        return sys.stdin.readline().rstrip("\n")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").split("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            raise ReviewError(f"{path}: no password can be read ({error}); give a text file, or -") from error
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
