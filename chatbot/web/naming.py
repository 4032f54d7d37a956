"""Under which names this server answers: a page whose own name was made to point here (DNS rebinding) gets nothing from it.

To a browser such a page and this server are one origin: no cookie rule, no Origin and no CORS stands between them. Only the Host header tells,
and no script can set it. On a loopback address the loopback's names are answered and those given by `chatbot serve --name`; elsewhere a
server cannot know what it is called, so that it looks only when it was told. Ports do not matter. Left out: which of the names a cookie or
a form is for, which is `desk.proofs`'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from chatbot.errors import ChapterError
from chatbot.web.framing import LABEL
from chatbot.web.guard import HEADERS, App, Receive, Scope, Send

NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*")
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
LOCAL = "localhost"
UNKNOWN = (
    "This server does not answer under that name. Open it as http://127.0.0.1 or http://localhost with its port; whoever runs it adds a name "
    "with `chatbot serve --name`."
)


def checked_name(value: str) -> str:
    """A host's name as a Host header has it, without port. Raises ChapterError for anything else.

    >>> checked_name("Desk.Example.org"), checked_name("192.0.2.7"), checked_name("::1")
    ('desk.example.org', '192.0.2.7', '[::1]')
    """
    name = value.lower()
    try:
        ip = _ip(name)
    except ValueError:
        if NAME.fullmatch(name):
            return name
        raise ChapterError(
            f"--name {value[:80]!r} is no name of a server; write it as desk.example.org, in ASCII, without https://, port or wildcard"
        ) from None
    return f"[{ip}]" if ip.version == 6 else str(ip)


def name_in(host: str) -> str:
    """The name in a Host header, "" for a header that is none.

    >>> name_in("LocalHost:7860"), name_in("[::1]:7860"), name_in("a@b:1:2")
    ('localhost', '[::1]', '')
    """
    found = HOST.fullmatch(host.lower())
    return found["name"] if found else ""


def is_local(name: str) -> bool:
    """Whether a name in a Host header is the loopback's: localhost or an address of its own.

    >>> is_local("localhost"), is_local("127.1.2.3"), is_local("[::1]"), is_local("127.0.0.1.evil.example")
    (True, True, True, False)
    """
    try:
        return name == LOCAL or _ip(name).is_loopback
    except ValueError:
        return False


def _ip(name: str) -> IPv4Address | IPv6Address:
    """The address that a name is, in brackets or without. Raises ValueError."""
    return ip_address(name.removeprefix("[").removesuffix("]"))


@dataclass(frozen=True, slots=True)
class Named:
    """An ASGI application around `app` that answers a request under the loopback's names and those of `names` alone."""

    app: App
    names: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event; whatever is no request is `app`'s to refuse."""
        if scope["type"] != "http" or self._knows(scope):
            await self.app(scope, receive, send)
            return
        body = json.dumps({"error": {"code": "host", "message": UNKNOWN}, "detail": UNKNOWN}).encode()
        own = ((b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()))
        headers = [*own, *HEADERS, (b"cache-control", b"no-store"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _knows(self, scope: Scope) -> bool:
        """Whether the one Host header has a name that is answered."""
        hosts = [bytes(value).decode("latin-1") for name, value in scope["headers"] if bytes(name).lower() == b"host"]
        name = name_in(hosts[0]) if len(hosts) == 1 else ""
        return bool(name) and (name in self.names or is_local(name))


def named(app: App, names: Sequence[str], *, loopback: bool) -> App:
    """The application as it is served at an address, `loopback` or not, under `names`; as it is where no name is known."""
    return Named(app, frozenset(names)) if names or loopback else app
