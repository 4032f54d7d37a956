"""Who is signed in, and what the desk remembers of their work. Kept in this process's memory alone.

The browser holds a token of 256 random bits; here its hash is the key. A session ends after half an hour of nothing, after twelve hours
in any case, when its account is closed or changed (`serving` asks for that), and with the process. The clock is an argument.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from chatbot.log.finding import UNJUDGED, Filters
from chatbot.review.values import Account

IDLE_SECONDS = 30 * 60.0  # OWASP's 15 to 30 minutes for work that is not high-risk: reading one record can take ten
MAX_SECONDS = 12 * 3600.0  # a working day
MAX_SESSIONS = 200  # of all accounts together, about 1 kB each; the one unused longest goes first
MAX_OWN = 10  # sessions of one account, for several browsers; so that one account cannot push the others' out
MAX_PASSED = 100  # records that "next" does not give again in a session
START = Filters(verdict=UNJUDGED)  # what a moderator comes for


@dataclass(slots=True)
class Session:
    """One sign-in. `since` is its moment as the log writes it; `said` is shown on the next page, once."""

    who: Account
    since: str
    csrf: str
    began: float
    seen: float
    filters: Filters = START
    page: int = 1
    days: int = 30
    keys: bool = True
    said: str = ""
    seen_already: list[str] = field(default_factory=list)

    def passed(self, record_id: str) -> tuple[str, ...]:
        """The last records that were left without taking them up again, with this one, "" for none more."""
        if record_id and record_id not in self.seen_already:
            self.seen_already = [*self.seen_already, record_id][-MAX_PASSED:]
        return tuple(self.seen_already)

    def take_said(self) -> str:
        """What is to be said, which is said by that."""
        said, self.said = self.said, ""
        return said


class Sessions:
    """The table. For any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic, max_sessions: int = MAX_SESSIONS) -> None:
        self._now, self._max = now, max_sessions
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, who: Account, since: str) -> str:
        """The token of a new session."""
        token, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            own = [key for key, session in self._kept.items() if session.who.name == who.name]
            for key in own[: max(0, len(own) + 1 - MAX_OWN)]:
                del self._kept[key]
            self._kept[_key(token)] = Session(who, since, secrets.token_urlsafe(32), now, now)
            while len(self._kept) > self._max:
                self._kept.popitem(last=False)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, None for one that is not known or has ended; what is found is in use again."""
        key, now = _key(token), self._now()
        with self._lock:
            session = self._kept.get(key)
            if session is None:
                return None
            if now - session.seen > IDLE_SECONDS or now - session.began > MAX_SECONDS:
                del self._kept[key]
                return None
            session.seen = now
            self._kept.move_to_end(key)
            return session

    def end(self, token: str) -> None:
        """Forgets it."""
        with self._lock:
            self._kept.pop(_key(token), None)

    def __len__(self) -> int:
        return len(self._kept)


def _key(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
