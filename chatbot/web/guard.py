"""Stands before everything the server serves: what is not on the list does not exist.

In the order a request meets it: the route list (404, 405), the content type (415), the rate (429), the body's size (413) and
time (408), the check of page events (`joins`) and of tool calls (`calls`), and on the way out the security headers. An error inside becomes a JSON 500
that names nothing. Nothing a reader typed is written anywhere here. Left out: TLS, which a reverse proxy does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from chatbot.web.calls import read_call
from chatbot.web.desk import listed
from chatbot.web.framing import Headers, framed_by
from chatbot.web.joins import Refused, Shapes, rewrite
from chatbot.web.limits import EXPORT_BURST, EXPORT_RATE, LOGGED_BURST, LOGGED_RATE, Buckets, Sessions, client_of

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 64 * 1024  # bytes; a question of 2,000 characters with its history is far smaller
MAX_EXPORT = 256 * 1024  # bytes; twenty questions of 2,000 characters, four bytes each, and twelve places beside each
RECEIVE_SECONDS = 5.0  # for a whole body
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# at the desk its forms say their Origin
OF_DESK = tuple((k, b"same-origin" if k == b"referrer-policy" else v) for k, v in HEADERS)
FOR_EVER = b"public, max-age=31536000, immutable"
JOIN, DATA, ASK, CANCEL = "/gradio_api/queue/join", "/gradio_api/queue/data", "/api/ask", "/gradio_api/cancel"
READ = r"/read/[0-9a-f]{16}/[a-z0-9][a-z0-9-]{0,99}(?:/[0-9]{1,9}-[0-9]{1,9})?"
FEEDBACK, RECEIPTS = "/api/feedback", "/api/receipts"
EXPORT = "/api/export"
MCP = "/mcp"
NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
SPAN = r"[\w-]{1,100}:[0-9]{1,9}-[0-9]{1,9}"
ELSEWHERE = rf"/api/passages/[0-9a-f]{{16}}/{SPAN}"  # of any generation; may read files, so that it costs a question
ROUTES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (pattern, frozenset(methods.split()))
    for pattern, methods in (
        ("/", "GET HEAD"),
        (r"/page\.(?:css|js)", "GET"),
        ("/sources", "GET HEAD"),
        ("/about", "GET HEAD"),
        (READ, "GET HEAD"),
        ("/healthz", "GET HEAD"),
        ("/api/ask", "POST"),
        (EXPORT, "POST"),
        ("/api/sources", "GET"),
        (FEEDBACK, "POST"),
        (RECEIPTS, "POST"),
        (rf"/api/passages/{SPAN}", "GET"),
        (ELSEWHERE, "GET"),
        ("/api/openapi.json", "GET"),
        ("/config", "GET"),
        (r"/theme\.css", "GET"),
        (rf"/assets/{NAME}\.(?:js|css)", "GET"),
        (rf"/static/fonts/IBMPlexSans/{NAME}\.woff2", "GET"),
        ("/gradio_api/info", "GET"),
        ("/gradio_api/app_id", "GET"),  # asked by a page whose server went away, to see whether it is back
        (JOIN, "POST"),
        (DATA, "GET"),
        (CANCEL, "POST"),
        ("/gradio_api/reset", "POST"),
    )
)
NOTHING = "There is nothing at this address. The page is at /, the JSON route at /api/ask."


def methods_of(path: str) -> frozenset[str]:
    """The methods that a path takes; none for a path that is not on the list."""
    for pattern, methods in ROUTES:
        if re.fullmatch(pattern, path):
            return methods
    return frozenset()


@dataclass(slots=True)
class Guard:
    """An ASGI application around `app`. `shapes` are the page's events, `now` a clock in seconds; `logged` limits what is asked
    about logged replies, so that thumbs and receipts use up no questions and codes cannot be tried in numbers; `mcp` says whether
    assistants may call tools, `embed` names the origins whose pages may show this one in a frame, never the desk; `desk` says whether
    there is one."""

    app: App
    shapes: Shapes
    sessions: Sessions
    buckets: Buckets = field(default_factory=Buckets)
    max_body: int = MAX_BODY
    receive_seconds: float = RECEIVE_SECONDS
    now: Callable[[], float] = time.monotonic
    logged: Buckets = field(default_factory=lambda: Buckets(LOGGED_RATE, LOGGED_BURST))
    exports: Buckets = field(default_factory=lambda: Buckets(EXPORT_RATE, EXPORT_BURST))
    mcp: bool = False
    embed: tuple[str, ...] = ()
    desk: bool = False
    desks: Buckets = field(default_factory=lambda: Buckets(listed.RATE, listed.BURST))
    tries: Buckets = field(default_factory=lambda: Buckets(listed.TRY_RATE, listed.TRY_BURST))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event: a request is passed through, anything else but lifespan is refused."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = OF_DESK if self.desk and listed.is_desk(scope["path"]) else framed_by(HEADERS, self.embed)
        out = _Out(send, scope["path"], headers)
        try:
            await self._pass(dict(scope), receive, out)
        except Refused as refused:
            await out.refuse(refused.status, refused.code, refused.message)
        except Exception as error:
            logger.error("%s %s failed (%s)", scope["method"], _known(scope["path"]), type(error).__name__)
            await out.refuse(500, "internal", "Something went wrong here. Please try once more.")

    async def _pass(self, scope: Scope, receive: Receive, out: _Out) -> None:
        """One request through all the checks, then on to the application."""
        path, method = scope["path"], scope["method"]
        methods = frozenset({"POST"}) if self.mcp and path == MCP else methods_of(path)
        if self.desk:
            methods = methods or listed.methods_of(path)
        if not methods:
            raise Refused(404, "not_found", NOTHING)
        if method not in methods:
            out.extra.append((b"allow", ", ".join(sorted(methods)).encode()))
            raise Refused(405, "method", f"Use {' or '.join(sorted(methods))} here.")
        if listed.is_desk(path):
            self._take(self.desks, self._client(scope), out)
        query = scope.get("query_string", b"")
        scope["query_string"] = query if path == DATA else b""
        if path == DATA:
            await self._listen(scope, receive, out)
        elif method == "POST":
            await self._post(scope, receive, out)
        else:
            if re.fullmatch(f"{ELSEWHERE}|{READ}", path):
                self._take(self.buckets, self._client(scope), out)
            await self.app(scope, receive, out.send)

    async def _listen(self, scope: Scope, receive: Receive, out: _Out) -> None:
        """The page's reply stream, for sessions that have sent an event."""
        named = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])
        if not self.sessions.listen(named[0], self.now()):
            raise Refused(404, "not_found", "There is no such session. Reload the page and ask again.")
        try:
            await self.app(scope, receive, out.send)
        finally:
            self.sessions.leave(named[0], self.now())

    async def _post(self, scope: Scope, receive: Receive, out: _Out) -> None:
        """A body, within rate, size and time."""
        headers = {bytes(k).lower(): bytes(v) for k, v in scope["headers"]}
        wanted = listed.FORM if listed.is_desk(scope["path"]) else b"application/json"
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != wanted:
            raise Refused(415, "content_type", f"Send the body as {wanted.decode()}.")
        client = self._client(scope)
        if scope["path"] == listed.SIGN_IN:
            self._take(self.tries, client, out)
        if scope["path"] in (ASK, JOIN):
            self._take(self.buckets, client, out)
        if scope["path"] == EXPORT:
            self._take(self.exports, client, out)
        if scope["path"] in (FEEDBACK, RECEIPTS):
            self._take(self.logged, client, out)
        if scope["path"] == MCP and b"origin" in headers:  # also one that says it is ours: a name can be pointed here
            raise Refused(403, "origin", "A web page may not call tools here; an assistant sends no Origin.")
        limit = max(self.max_body, MAX_EXPORT) if scope["path"] == EXPORT else self.max_body
        body = await self._body(headers.get(b"content-length", b""), receive, limit)
        if scope["path"] == JOIN:
            session, body = rewrite(body, self.shapes)
            if not self.sessions.admit(client, session, self.now()):
                raise Refused(
                    429, "unheard", "Too many questions were left unheard. Please wait a minute and ask again."
                )
        if scope["path"] == MCP:
            costs, body = read_call(body)
            if costs:
                self._take(self.buckets, client, out)
        kept = [
            (k, v) for k, v in scope["headers"] if bytes(k).lower() not in (b"content-length", b"transfer-encoding")
        ]
        scope["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
        await self.app(scope, _replay(body, receive), out.send)

    @staticmethod
    def _client(scope: Scope) -> str:
        """The name under which whoever asks is counted."""
        return client_of((scope.get("client") or ("unknown", 0))[0])

    def _take(self, buckets: Buckets, client: str, out: _Out) -> None:
        """Takes what a request costs. Raises Refused."""
        wait = buckets.take(client, self.now())
        if wait:
            out.extra.append((b"retry-after", str(math.ceil(wait)).encode()))
            raise Refused(429, "rate", "Too many requests in a short time. Please wait a moment and try again.")

    async def _body(self, length: bytes, receive: Receive, limit: int) -> bytes:
        """The whole body. Raises Refused when it is too large or too slow."""
        too_large = Refused(413, "too_large", f"The body is larger than {limit // 1024} KiB. Send a shorter question.")
        if length.isdigit() and int(length[:20]) > limit:
            raise too_large
        pieces, size = [], 0
        try:
            async with asyncio.timeout(self.receive_seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400, "disconnected", "The connection closed before the body was there.")
                    pieces.append(message.get("body", b""))
                    size += len(pieces[-1])
                    if size > limit:
                        raise too_large
                    more = message.get("more_body", False)
        except TimeoutError:
            raise Refused(
                408, "slow", f"The body took longer than {self.receive_seconds:g} seconds. Send it again."
            ) from None
        return b"".join(pieces)


class _Out:
    """Sends a response with the security headers, and errors in their one form while nothing has been sent."""

    def __init__(self, send: Send, path: str, headers: Headers) -> None:
        self._send, self._path, self._started = send, path, False
        self._headers = headers
        self.extra: list[tuple[bytes, bytes]] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            own = {name for name, _ in HEADERS} | {b"cache-control", b"server"}
            kept = [(k, v) for k, v in message.get("headers", []) if bytes(k).lower() not in own]
            message = {
                **message,
                "headers": [*kept, *self._headers, (b"cache-control", self._cache(message["status"]))],
            }
        await self._send(message)

    async def refuse(self, status: int, code: str, words: str) -> None:
        """An error as JSON, at the desk as a page. `detail` is where Gradio's client looks for the words."""
        if self._started:
            return
        body = json.dumps({"error": {"code": code, "message": words}, "detail": words}).encode()
        kind, body = (b"text/html", listed.refusal(words)) if self._headers is OF_DESK else (b"application/json", body)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *self.extra]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _cache(self, status: int) -> bytes:
        """Files whose names change with their content may be kept; everything else is asked for anew."""
        lasting = self._path.startswith(("/assets/", "/static/fonts/", "/page.", "/desk.", "/theme."))
        return FOR_EVER if lasting and status == 200 else b"no-store"


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once, then what comes after it."""
    done = False

    async def again() -> Message:
        nonlocal done
        if not done:
            done = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


def _known(path: str) -> str:
    """A path for the error log: only one that is on the list."""
    return path if methods_of(path) or listed.methods_of(path) else "(another path)"
