"""Who may judge: accounts with argon2 passwords, two roles, and at most five tries in a quarter of an hour.

Storage is a notebook that the caller gives: an account is its last line, a try is a line of its own. Passwords are
hashed by argon2id with argon2-cffi's own parameters (RFC 9106, 64 MiB). An unknown name costs the same work as a
wrong password and gets the same words. A try is counted before the password is looked at, in one step with the
counting, so that many at once are no more than five. What it leaves out: sessions and cookies, which are the web's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import cast, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chatbot.errors import ReviewError
from chatbot.review.values import Account, Note, Notebook, Role

ACCOUNT, TRY, SIGNED_IN = "account", "try", "signed_in"
ROLES: tuple[str, ...] = get_args(Role)
OFF = "off"
MAX_TRIES = 5
WINDOW = timedelta(minutes=15)
MIN_PASSWORD = 12  # characters; NIST SP 800-63B asks for 8 at least, and 15 where a password is all there is
MAX_PASSWORD = 1000  # characters; hashing takes longer with length
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
WRONG = "wrong name or password"


def moment(at: datetime) -> str:
    """An aware moment in UTC to the microsecond, as text that sorts.

    >>> moment(datetime(2026, 11, 24, 8, 5, tzinfo=UTC))
    '2026-11-24T08:05:00.000000Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Access:
    """Adds, lists and checks accounts. `clock` gives an aware moment."""

    def __init__(
        self,
        notebook: Notebook,
        *,
        hasher: PasswordHasher | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notebook = notebook
        self._hasher = hasher or PasswordHasher()
        self._clock = clock

    def add(self, name: str, role: str, password: str, *, by: str = "") -> Account:
        """Adds an account, or gives one that is there a new role and password. Raises ReviewError for what is not valid."""
        if not NAME.fullmatch(name):
            raise ReviewError(f"{name!r} is no account name; use 2 to 32 of a-z, 0-9, dot, hyphen and underscore")
        if role not in ROLES:
            raise ReviewError(f"{role!r} is no role; choose {' or '.join(ROLES)}")
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            raise ReviewError(f"the password has {len(password)} characters; take {MIN_PASSWORD} to {MAX_PASSWORD}")
        digest = self._hasher.hash(_bytes(password))
        self._notebook.write(ACCOUNT, name, at=moment(self._clock()), who=by, label=role, note=digest)
        return Account(name, cast(Role, role))

    def close(self, name: str, *, by: str = "") -> None:
        """Closes an account; `add` opens it again. Raises ReviewError for one that is not there."""
        if self._line(name) is None:
            raise ReviewError(f"there is no account {name[:32]!r}; `chatbot review add-user` adds one")
        self._notebook.write(ACCOUNT, name, at=moment(self._clock()), who=by, label=OFF)

    def accounts(self) -> tuple[Account, ...]:
        """The open accounts, by name."""
        last = {line.subject: line for line in self._notebook.read(ACCOUNT)}
        return tuple(Account(name, cast(Role, last[name].label)) for name in sorted(last) if last[name].label in ROLES)

    def open_since(self, name: str, since: str = "") -> Account | None:
        """The open account of a name, None where there is none, or where it was changed after the moment `since` (`moment`'s form)."""
        line = self._line(name)
        if line is None or (since and line.at > since):
            return None
        return Account(line.subject, cast(Role, line.label))

    def sign_in(self, name: str, password: str) -> Account:
        """The account, when name and password are right. Raises ReviewError: wrong, or too many tries."""
        key = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]  # people type passwords as names
        if not self._may_try(key):
            minutes = int(WINDOW.total_seconds() // 60)
            raise ReviewError(f"{MAX_TRIES} tries in {minutes} minutes are enough; wait {minutes} minutes")
        line, nobody = self._line(name), self._nobody
        right = self._matches(line.note if line else nobody, password[: MAX_PASSWORD + 1])
        if line is None or not right:
            raise ReviewError(WRONG)
        self._notebook.write(SIGNED_IN, key, at=moment(self._clock()), who=line.subject)
        return Account(line.subject, cast(Role, line.label))

    def _may_try(self, key: str) -> bool:
        """Counts a try, when fewer than MAX_TRIES stand there since the window's start or the last one that was right.

        A clock that was ahead neither frees tries nor takes them away: what was right by it starts the count for those before it alone.
        """
        clock = self._clock()
        now, start = moment(clock), moment(clock - WINDOW)
        right = [line.at for line in self._notebook.read(SIGNED_IN, key)]
        since, ahead = max([start, *(at for at in right if at <= now)]), max(right, default="")
        excused = sum(now < line.at <= ahead for line in self._notebook.read(TRY, key))
        return self._notebook.write_within(TRY, key, at=now, since=since, limit=MAX_TRIES + excused)

    def _line(self, name: str) -> Note | None:
        """The last line of an open account."""
        lines = self._notebook.read(ACCOUNT, name) if NAME.fullmatch(name) else ()
        return lines[-1] if lines and lines[-1].label in ROLES else None

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password matches, to spend the same time on."""
        return self._hasher.hash(hashlib.sha256(moment(self._clock()).encode()).hexdigest())

    def _matches(self, digest: str, password: str) -> bool:
        try:
            return self._hasher.verify(digest, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """The password's UTF-8, lone surrogates replaced."""
    return password.encode("utf-8", "replace")
