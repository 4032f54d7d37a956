"""Gets files over https from the hosts that its caller names: redirects, robots.txt, tries, waits, and one time limit over all.

Every hop of a redirect is checked as the first address is. robots.txt is read by protego and obeyed as RFC 9309 says: 4xx means
that nothing is forbidden, 5xx that everything is. 429, 5xx and broken connections are tried again, after what Retry-After asks or
after growing pauses. Nothing is remembered between requests but a host's address and its robots.txt: no cookies, no credentials.
The connection is the caller's to give, and so are the rules for addresses, which the top level joins so:

    Fetcher(hosts, contact=contact, check=addresses.check_url, ask=connection.Line(addresses.is_public).ask)
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urljoin

from protego import Protego

from chatbot import __version__
from chatbot.errors import FetchError, NotThere, Refused

NAME = "ChapterAndVerse"  # the name that a robots.txt may speak of
CONTACT = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
ROBOTS_CHARACTERS = 512_000  # what is read of a robots.txt; RFC 9309 asks for at least 500 KiB
MOVED = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({429, 500, 502, 503, 504})  # worth another try

Answer = tuple[int, dict[str, str], bytes]  # status, headers by lower-case name, body


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much and how often, for one `get`."""

    seconds: float = 60.0  # of work: DNS, connections, TLS, bodies, robots.txt; all hops and tries together
    max_wait: float = 120.0  # seconds waited on purpose: Retry-After, pauses between tries, Crawl-delay, our own rate
    max_bytes: int = 40_000_000  # received in one answer, headers included; a scanned paper has 30 MB
    max_expanded: int = 100_000_000  # bytes of one answer after decompression
    max_redirects: int = 5  # a DOI takes two or three
    max_tries: int = 4  # of one address, the first included
    backoff: float = 1.0  # seconds before the second try, doubled before each later one
    per_second: int = 3  # requests, over all hosts and calls of one Fetcher


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it came, decompressed. `asked` is the caller's address and `url` the one after redirects.

    `content_type` is type/subtype, it and `charset` in lower case, "" when not given; `fetched_at` is "2026-11-24T15:00:00Z".
    """

    asked: str
    url: str
    status: int
    content_type: str
    charset: str
    content: bytes
    sha256: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clock; tests put their own in its place. `now` is in UTC."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Budget:
    """The time of one `get`: seconds to work in, which stand still while it waits on purpose, and seconds for that."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock, self._waits = clock, limits.max_wait
        self._end = clock.monotonic() + limits.seconds

    def left(self) -> float:
        """Seconds to work in. Raises TimeoutError when there are none."""
        if (left := self._end - self._clock.monotonic()) <= 0:
            raise TimeoutError
        return left

    def wait(self, seconds: float, reason: str) -> None:
        """Sleeps. Raises FetchError when that makes more than `max_wait` altogether."""
        if seconds > self._waits:
            raise FetchError(f"{reason}: {seconds:,.0f} s to wait are too many; run it again after that")
        self._waits -= seconds
        self._end += seconds
        self._clock.sleep(seconds)


class Fetcher:
    """Gets files from the named hosts, one after the other: not from several threads at once.

    `contact` is a mail address for the owners of the hosts. `check` is (URL, hosts) -> (host, path and query) and raises FetchError
    for a URL that may not be asked. `ask` is (host, path and query, headers, seconds left, max_bytes, max_expanded) -> Answer and
    raises ConnectionError where another try may help, PermissionError for a host whose IP address is not permitted.
    """

    def __init__(
        self,
        hosts: frozenset[str],
        *,
        contact: str,
        check: Callable[[str, frozenset[str]], tuple[str, str]],
        ask: Callable[[str, str, dict[str, str], Callable[[], float], int, int], Answer],
        limits: Limits = Limits(),
        clock: Clock = Clock(),
    ) -> None:
        if not CONTACT.fullmatch(contact):
            raise FetchError(f"contact {contact!r} is no mail address; give one at which a host's owner reaches you")
        for host in sorted(hosts):
            check(f"https://{host}/", hosts)
        self._hosts, self._check, self._ask_line, self._limits, self._clock = hosts, check, ask, limits, clock
        self._agent = f"{NAME}/{__version__} (mailto:{contact})"
        self._robots: dict[str, Protego | str] = {}
        self._ended = deque([-1.0] * limits.per_second, limits.per_second)  # when the last requests did
        self._due_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forgets every robots.txt. No connection outlives its request."""
        self._robots.clear()

    def get(self, url: str, *, accept: str = "*/*", robots: bool = True) -> Fetched:
        """The file at an address. `robots` is False only for a documented API.

        Raises NotThere, Refused or another FetchError: "URL: reason; next step".
        """
        try:
            at, (status, headers, body) = self._follow(url, accept, robots, Budget(self._limits, self._clock))
            if status != 200:
                raise refusal(at, status)
        except FetchError as error:
            raise type(error)(f"{plain(url)}: {error}") from error
        except TimeoutError as error:
            raise FetchError(f"{plain(url)}: not whole after {self._limits.seconds:g} s; try again later") from error
        content_type, charset = media_type(headers.get("content-type", ""))
        fetched_at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return Fetched(url, at, status, content_type, charset, body, hashlib.sha256(body).hexdigest(), fetched_at)

    def _follow(self, url: str, accept: str, robots: bool, budget: Budget) -> tuple[str, Answer]:
        """Where the redirects lead, and what is said there."""
        seen: list[str] = []
        while True:
            try:
                host, target = self._check(url, self._hosts)
            except FetchError as error:
                raise Refused(f"redirects to {plain(url)}: {error}" if seen else str(error)) from error
            at = f"https://{host}{target}"
            if at in seen:
                raise FetchError(f"redirects in a circle, to {at} again; open it in a browser")
            if len(seen) > self._limits.max_redirects:
                raise FetchError(f"redirects more than {self._limits.max_redirects} times; give the address it ends at")
            if robots:
                self._obey_robots(host, at, budget)
            answer = self._ask(host, target, accept, budget)
            if answer[0] not in MOVED:
                return at, answer
            if not (url := answer[1].get("location", "")):
                raise FetchError(f"{at} answers {answer[0]} and not where to; open it in a browser")
            seen.append(at)
            with suppress(ValueError):  # the check says what is wrong with it
                url = urljoin(at, url)

    def _obey_robots(self, host: str, at: str, budget: Budget) -> None:
        """Raises Refused for an address that the host's robots.txt keeps from us."""
        if host not in self._robots:
            try:
                _, answer = self._follow(f"https://{host}/robots.txt", "text/plain, */*;q=0.1", False, budget)
            except FetchError as error:
                raise type(error)(f"robots.txt of {host}: {error}") from error
            self._robots[host] = robots_rules(host, answer[0], answer[2])
        rules = self._robots[host]
        if isinstance(rules, str):
            raise Refused(rules)
        if not rules.can_fetch(at, NAME):
            raise Refused(f"robots.txt of {host} does not allow {at}; get it by hand, or ask the host's owner")

    def _ask(self, host: str, target: str, accept: str, budget: Budget) -> Answer:
        """What the host says to a request, after as many tries as it takes."""
        limits, headers = self._limits, {"User-Agent": self._agent, "Accept": accept}
        tries, pause = 0, limits.backoff
        while True:
            self._take_turn(host, budget)
            tries, wait = tries + 1, pause
            try:
                answer = self._ask_line(host, target, headers, budget.left, limits.max_bytes, limits.max_expanded)
                if answer[0] not in PASSING or tries >= limits.max_tries:
                    return answer
                reason = f"{host} answers {answer[0]}"
                asked = retry_after(answer[1].get("retry-after", ""), self._clock.now())
                wait = pause if asked is None else asked
            except PermissionError as error:
                raise Refused(str(error)) from error
            except ConnectionError as error:
                reason = str(error)
                if tries >= limits.max_tries:
                    raise FetchError(f"{reason}, {tries} times; try again later") from error
            finally:
                self._end_turn(host)
            budget.wait(wait, reason)
            pause *= 2

    def _take_turn(self, host: str, budget: Budget) -> None:
        """Waits until a request may go to the host."""
        clock = self._clock.monotonic
        if (pause := self._due_at.get(host, 0.0) - clock()) > 0:
            budget.wait(pause, f"robots.txt of {host} asks for a Crawl-delay")
        if (pause := self._ended[0] + 1 - clock()) > 0:
            budget.wait(pause, f"at most {self._limits.per_second} requests a second")

    def _end_turn(self, host: str) -> None:
        """Counts from the end of a request, so that a slow one is not followed by too many at once."""
        rules, now = self._robots.get(host), self._clock.monotonic()
        self._ended.append(now)
        if isinstance(rules, Protego):
            self._due_at[host] = now + (rules.crawl_delay(NAME) or 0.0)


def plain(text: str) -> str:
    """Foreign text as a message may show it: printable ASCII, not long."""
    return ascii(text[:300])[1:-1]


def refusal(at: str, status: int) -> FetchError:
    """The error for a status that is not 200."""
    if status in (404, 410):
        return NotThere(f"{at} answers {status}, it is not there; correct the address")
    if status in (401, 402, 403, 451):
        return Refused(f"{at} answers {status}, it may not be read without leave; get it by hand")
    if status in PASSING:
        return FetchError(f"{at} answers {status} at every try; try again later")
    return FetchError(f"{at} answers {status}, which is no document; open it in a browser")


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks to wait, or None when it says nothing.

    >>> retry_after("Tue, 24 Nov 2026 15:00:30 GMT", datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    30.0
    """
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def media_type(header: str) -> tuple[str, str]:
    """Type and charset of a Content-Type header.

    >>> media_type('Text/HTML; Charset="UTF-8"')
    ('text/html', 'utf-8')
    """
    kind = re.match(r"(?a)[\w.+-]+/[\w.+-]+", header.strip())
    charset = re.search(r"(?ai);\s*charset\s*=\s*[\"']?([\w.:+-]+)", header)
    return kind[0].lower() if kind else "", charset[1].lower() if charset else ""


def robots_rules(host: str, status: int, body: bytes) -> Protego | str:
    """The rules that a robots.txt sets, or why nothing may be asked of the host.

    Names of other programs are made one, for protego keeps a copy of each rule for each name above it.
    """
    if status != 200 and (status == 429 or not 400 <= status < 500):
        return f"robots.txt of {host} answers {status}, so what it allows is not known; try again later"
    text = body.decode("utf-8-sig", "replace") if status == 200 else ""
    text = text if len(text) <= ROBOTS_CHARACTERS else text[:ROBOTS_CHARACTERS].rpartition("\n")[0]
    return Protego.parse("\n".join(_own_name(line) for line in text.splitlines()))


def _own_name(line: str) -> str:
    found = re.match(r"\s*user[-\s]*agent[\s:]+([^#]*)", line, flags=re.IGNORECASE)
    ours = not found or NAME.lower().startswith(found[1].strip().replace("*", "").lower())
    return line if ours else "User-agent: another"
