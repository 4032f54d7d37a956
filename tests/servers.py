"""A web server of our own on the loopback, over TLS, that behaves as well or as badly as a test says; and a clock that need not wait.

`Server.replies` maps a path to what comes back: bytes as they are sent, or a function that is given the stream and may do anything
with it. A list is taken one a request, its last for ever. Unknown paths are 404. `Server.requests` are those that came.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from chatbot.corpus.network import fetcher as network
from chatbot.corpus.network.addresses import check_url, is_public
from chatbot.corpus.network.connection import Line
from chatbot.corpus.network.fetcher import Fetched, Fetcher, Limits
from chatbot.errors import FetchError

Reply = bytes | Callable[["Server", ssl.SSLSocket], None]
PUBLIC, SECOND = "193.62.193.83", "8.8.8.8"  # what the names resolve to; no packet goes there
HOSTS = frozenset({"papers.test", "other.test", "bücher.test"})
PAGE = "https://papers.test/page"
PATIENT = Limits(seconds=5, backoff=0.01)
QUICK = Limits(seconds=0.3, backoff=0.01)  # where the end of the time is what is tested
STARTED = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def reply(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """An answer with its length; underscores in header names stand for hyphens.

    >>> reply(b"It fell.", content_type="text/plain")
    b'HTTP/1.1 200 Word\\r\\ncontent-length: 8\\r\\ncontent-type: text/plain\\r\\n\\r\\nIt fell.'
    """
    named = {"content-length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} Word\r\n{head}\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Request:
    """What came: the name asked for in TLS, the path with its query, and the headers by lower-case name."""

    name: str
    target: str
    headers: dict[str, str]


class Server:
    """Listens on a free port of 127.0.0.1 until `close`."""

    def __init__(
        self, certificate: trustme.LeafCert, before_tls: Callable[[Server, socket.socket], None] | None = None
    ) -> None:
        self.replies: dict[str, Reply | list[Reply]] = {}
        self.requests: list[Request] = []
        self.stopped = threading.Event()
        self._before_tls = before_tls
        self._names: dict[ssl.SSLSocket | ssl.SSLObject, str] = {}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.sni_callback = lambda stream, name, _: self._names.__setitem__(stream, name or "")
        certificate.configure_cert(self._tls)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Ends every thread and connection."""
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        self._listener.close()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(raw,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        with raw:
            raw.settimeout(5)
            try:
                if self._before_tls:
                    self._before_tls(self, raw)
                with self._tls.wrap_socket(raw, server_side=True) as stream:
                    self._answer(stream)
            except OSError:
                pass  # the client left, as clients do

    def _answer(self, stream: ssl.SSLSocket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (data := stream.recv(65_536)):
                return
            head += data
        first, *lines = head.decode().split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        target = first.split(" ")[1]
        self.requests.append(Request(self._names.pop(stream, ""), target, headers))
        found = self.replies.get(target, reply(status=404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found(self, stream)
        else:
            stream.sendall(found)
            stream.unwrap()


def hang(server: Server, stream: socket.socket) -> None:
    """Says nothing until the server is closed."""
    server.stopped.wait(5)


def drip(data: bytes, seconds: float = 0.02, then: bytes = b"x") -> Reply:
    """Sends the data at once, and after it one byte at a time for as long as someone listens."""

    def run(server: Server, stream: ssl.SSLSocket) -> None:
        stream.sendall(data)
        while not server.stopped.wait(seconds):
            stream.sendall(then)

    return run


def flood(data: bytes, piece: bytes) -> Reply:
    """Sends the data, and then the piece again and again for as long as someone listens."""
    return drip(data, 0.0, piece)


def cut(data: bytes) -> Reply:
    """Sends the data and ends the connection without the word that TLS has for an end."""

    def run(server: Server, stream: ssl.SSLSocket) -> None:
        stream.sendall(data)

    return run


class Clock:
    """Real time, but `sleep` moves it on at once; `still` time moves by `sleep` alone. `slept` are the waits."""

    def __init__(self, *, still: bool = False) -> None:
        self.slept: list[float] = []
        self._real = (lambda: 0.0) if still else time.monotonic
        self._began = self._real()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return self._real() - self._began + sum(self.slept)

    def now(self) -> datetime:
        return STARTED + timedelta(seconds=sum(self.slept))


@dataclass
class World:
    """A server, and a fetcher's view of it: every public address leads there."""

    server: Server
    tls: ssl.SSLContext
    clock: Clock = field(default_factory=lambda: Clock())
    names: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reached: list[tuple[str, float]] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)

    def resolve(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.names.get(host, [PUBLIC])

    def connect(self, address: str, seconds: float) -> socket.socket:
        self.reached.append((address, self.clock.monotonic()))
        if address in self.dead:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(("127.0.0.1", self.server.port), seconds)

    def fetcher(self, limits: Limits = PATIENT, hosts: frozenset[str] = HOSTS, **line: Any) -> Fetcher:
        parts = {"resolve": self.resolve, "connect": self.connect, "tls": self.tls, **line}
        return Fetcher(
            hosts,
            contact="maintainer@papers.test",
            check=check_url,
            ask=Line(is_public, **parts).ask,
            limits=limits,
            clock=network.Clock(self.clock.monotonic, self.clock.sleep, self.clock.now),
        )

    def get(self, url: str = PAGE, limits: Limits = PATIENT, *, robots: bool = False, **line: Any) -> Fetched:
        return self.fetcher(limits, **line).get(url, robots=robots)

    def fails(
        self, kind: type[FetchError], reason: str, url: str = PAGE, limits: Limits | None = None, **more: Any
    ) -> float:
        """Asserts how it fails, with URL, reason and next step; returns how long that took."""
        began = time.monotonic()
        with pytest.raises(FetchError) as caught:
            self.get(url, limits or (QUICK if "not whole after" in reason else PATIENT), **more)
        took = time.monotonic() - began
        assert type(caught.value) is kind, caught.value
        assert str(caught.value).startswith(f"{url}: ")
        assert "; " in str(caught.value)
        assert reason in str(caught.value)
        return took

    def targets(self) -> list[str]:
        return [request.target for request in self.server.requests]


AUTHORITY = trustme.CA()
OURS = AUTHORITY.issue_cert(*HOSTS)


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    """Trusts the servers' own authority, and names the host."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


@pytest.fixture
def world(tls: ssl.SSLContext) -> Iterator[World]:
    """A good server, closed after the test."""
    server = Server(OURS)
    yield World(server, tls)
    server.close()
