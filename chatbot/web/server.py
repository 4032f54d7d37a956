"""Runs the web application with uvicorn, and ends it in seconds.

On SIGTERM or SIGINT no new connection is taken, the page's open streams are told to end, answers under way are finished, the
answer log is flushed. Access log off: addresses of requests are nobody's business. Left out: several processes; one index in
memory answers more than two cores can ask.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from types import FrameType

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from chatbot.errors import ChapterError
from chatbot.web.application import Application
from chatbot.web.naming import named
from chatbot.web.settling import settle

GRACE_SECONDS = 5  # for answers under way, of the ten until exit
FLUSH_SECONDS = 3.0  # for the answer log
HEAD_SECONDS = 5.0  # for the head of a request, the guard has as many for its body
KEEP_ALIVE_SECONDS = 5  # that an idle connection stays open
BACKLOG = 512


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection whose request head does not arrive in time; uvicorn would wait for ever."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request's time begins."""
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        """Ends the time when a head is whole, begins it when another head has begun."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._end()
        elif self.conn.trailing_data[0]:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._end()
        super().connection_lost(exc)

    def _begin(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """uvicorn's server with another end: open streams are told to close before it waits for them, the log is flushed, and
    the process then ends by itself, where uvicorn would raise the signal anew and die of it."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self._application = application

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A first signal ends politely, a second SIGINT at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """After a signal, or once `should_exit` was set."""
        self._application.stop()
        await super().shutdown(sockets)
        await asyncio.to_thread(self._application.flush, FLUSH_SECONDS)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises ChapterError when the address is taken or not ours.

    Its protocol is named, since asyncio lets small packets go out at once (TCP_NODELAY) only where it is: an answer's events waited 40 ms
    for the browser to acknowledge the ones before.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise ChapterError(
            f"cannot listen at {host} port {port}: {error}; choose another with --port or --host"
        ) from error
    sock.set_inheritable(True)
    return sock


def address_of(sock: socket.socket) -> str:
    """The address a browser opens."""
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def server_for(application: Application, names: Sequence[str] = (), *, loopback: bool = False) -> Server:
    """A server that has not started; for `names` and `loopback` see `naming.named`."""
    config = uvicorn.Config(
        named(application.asgi, names, loopback=loopback),
        http=PunctualProtocol,
        access_log=False,
        log_level=logging.WARNING,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=BACKLOG,
        server_header=False,
        ws="none",
    )
    return Server(config, application)


def run(application: Application, sock: socket.socket, names: Sequence[str] = ()) -> None:
    """Serves until a signal comes, on a loopback address under its names and `names` alone; then everything recorded is on disk."""
    loopback = ip_address(sock.getsockname()[0]).is_loopback
    settle()
    server_for(application, names, loopback=loopback).run(sockets=[sock])
