"""One request over one connection: the only module that opens one outward, and never to an address that it was not allowed.

It speaks HTTP/1.1 by h11, the parser under httpx, over a socket of its own, because every step must keep one deadline and one
address; a client library resolves, pools, redirects, takes proxies from the environment and times each read by itself. A host is
resolved once. Each of its addresses must be permitted, the connection goes to one of them, and TLS is checked against the name. A
body is decompressed up to a limit and no further. What it leaves out: HTTP/2, and brotli, which is never asked for.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Sequence

import certifi
import h11

from chatbot.errors import FetchError

MAX_ADDRESSES = 4  # of one host that are tried, one after the other
MAX_CODINGS = 2  # content codings one inside the other
MAX_HEADER_BYTES = 65_536  # of one answer; browsers stop at 256 KiB, common servers send 2
CONNECT_SECONDS = 10.0  # for one address, so that a dead one leaves time for the next
PIECE = 65_536  # bytes received, or expanded, between two looks at the clock

Answer = tuple[
    int, dict[str, str], bytes
]  # status, headers by lower-case name, body: left unread unless the status is 200


def resolve_host(host: str) -> Sequence[str]:
    """The IP addresses of a host, as the machine's resolver orders them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def connect_to(address: str, seconds: float) -> socket.socket:
    """A connection to port 443 of an IP address."""
    return socket.create_connection((address, 443), seconds)


def default_tls() -> ssl.SSLContext:
    """Checks names and certificates, by the machine's authorities and by Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Line:
    """Asks hosts. `permitted` says of an IP address whether a connection may go there; the other arguments are for tests."""

    def __init__(
        self,
        permitted: Callable[[str], bool],
        *,
        resolve: Callable[[str], Sequence[str]] = resolve_host,
        connect: Callable[[str, float], socket.socket] = connect_to,
        tls: ssl.SSLContext | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        max_header_bytes: int = MAX_HEADER_BYTES,
    ) -> None:
        self._permitted, self._resolve, self._connect = permitted, resolve, connect
        self._tls = tls or default_tls()
        self._connect_seconds, self._max_header_bytes = connect_seconds, max_header_bytes
        self._pins: dict[str, tuple[str, ...]] = {}

    def ask(
        self,
        host: str,
        target: str,
        headers: dict[str, str],
        left: Callable[[], float],
        max_bytes: int,
        max_expanded: int,
    ) -> Answer:
        """The answer to a GET. `left` tells the seconds until the deadline and raises TimeoutError after it.

        Raises ConnectionError where another try may help, FetchError where none will, PermissionError for a host whose address is
        not permitted. `max_bytes` counts all that comes, headers and chunk marks included.
        """
        peer = h11.Connection(h11.CLIENT, max_incomplete_event_size=self._max_header_bytes)
        own = {"Host": host, "Accept-Encoding": "gzip, deflate", "Connection": "close"}
        try:
            request = peer.send(h11.Request(method="GET", target=target, headers=[*(own | headers).items()])) or b""
            peer.send(h11.EndOfMessage())
            with self._connected(host, left) as stream:
                stream.settimeout(left())
                stream.sendall(request)
                status, named, body = self._read(peer, stream, left, max_bytes)
        except (TimeoutError, PermissionError):
            raise
        except ssl.SSLCertVerificationError as error:
            raise FetchError(f"{host} has no valid certificate ({error.verify_message}); tell its owner") from error
        except h11.RemoteProtocolError as error:
            raise FetchError(f"{host} does not speak HTTP ({plain(str(error))}); open it in a browser") from error
        except OSError as error:
            raise ConnectionError(f"the connection to {host} broke ({plain(str(error))})") from error
        return status, named, decoded(body, named.get("content-encoding", ""), max_expanded, left)

    def _connected(self, host: str, left: Callable[[], float]) -> ssl.SSLSocket:
        """A connection to one of the host's addresses, with the host's certificate checked."""
        failure: OSError | None = None
        for address in self._pinned(host, left):
            seconds = min(left(), self._connect_seconds)
            try:
                raw = self._connect(address, seconds)
            except OSError as error:
                failure = error
                continue
            try:
                raw.settimeout(left())
                return self._tls.wrap_socket(raw, server_hostname=host, suppress_ragged_eofs=False)
            finally:
                raw.close()  # does nothing once the TLS socket has taken it over
        left()
        raise ConnectionError(f"none of its addresses answers: {failure}")

    def _pinned(self, host: str, left: Callable[[], float]) -> tuple[str, ...]:
        """The addresses of a host, asked for once, each of them permitted."""
        if host not in self._pins:
            try:
                found = tuple(dict.fromkeys(in_time(lambda: self._resolve(host), left())))
            except socket.gaierror as error:
                if error.errno == socket.EAI_AGAIN:
                    raise
                raise FetchError(f"no address of {host} is known ({error.strerror}); correct the name") from error
            if not found:
                raise FetchError(f"no address of {host} is known; correct the name")
            for address in found:
                if not self._permitted(address):
                    raise PermissionError(f"{host} is at {plain(address)}, no public address; nothing is asked there")
            self._pins[host] = found[:MAX_ADDRESSES]
        return self._pins[host]

    def _read(self, peer: h11.Connection, stream: ssl.SSLSocket, left: Callable[[], float], max_bytes: int) -> Answer:
        """The answer to a request that was sent, its body as it came."""
        status, headers, body, received, ended = 0, dict[str, str](), bytearray(), 0, False
        while True:
            try:
                event = peer.next_event()
            except h11.RemoteProtocolError as error:
                if ended:
                    raise ConnectionError(f"the answer ended in the middle: {error}") from error
                raise
            if event is h11.NEED_DATA:
                stream.settimeout(left())
                data = stream.recv(PIECE)
                received, ended = received + len(data), not data
                if received > max_bytes:
                    raise FetchError(f"is larger than {max_bytes:,} bytes; get it by hand if it is meant")
                peer.receive_data(data)
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, self._texts(event)
                if status != 200:
                    return status, headers, b""
                if int(headers.get("content-length", 0)) > max_bytes:
                    raise FetchError(f"is larger than {max_bytes:,} bytes; get it by hand if it is meant")
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return status, headers, bytes(body)
            elif not isinstance(event, h11.InformationalResponse):
                raise ConnectionError("no answer came")

    def _texts(self, event: h11.Response) -> dict[str, str]:
        """Header names and values; one that comes twice is one list."""
        size = sum(len(name) + len(value) for name, value in event.headers)
        if size > self._max_header_bytes:
            raise FetchError(f"has {size:,} bytes of headers; open it in a browser")
        out: dict[str, str] = {}
        for name, value in event.headers:
            key, text = name.decode("ascii"), value.decode("utf-8", "replace")
            out[key] = f"{out[key]}, {text}" if key in out else text
        return out


def in_time(ask: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """What `ask` returns or raises, or TimeoutError: a resolver cannot be told how long it may take, so it is left behind."""
    answers: queue.Queue[Sequence[str] | Exception] = queue.Queue(1)

    def run() -> None:
        try:
            answers.put(ask())
        except Exception as error:
            answers.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise found
    return found


def decoded(body: bytes, codings: str, limit: int, left: Callable[[], float]) -> bytes:
    """The body without the codings that a Content-Encoding header names, the outermost taken off first."""
    named = (coding.strip().lower().removeprefix("x-") for coding in codings.split(","))
    to_undo = [coding for coding in named if coding not in ("", "identity")] if body else []
    if len(to_undo) > MAX_CODINGS or not {"gzip", "deflate"}.issuperset(to_undo):
        raise FetchError(f"comes as {plain(codings)}, which was not asked for; get it by hand")
    for coding in reversed(to_undo):
        body = expanded(body, coding, limit, left)
    return body


def expanded(body: bytes, coding: str, limit: int, left: Callable[[], float]) -> bytes:
    """A gzip or deflate body decompressed. At most `limit` bytes and one piece are ever made, whatever would still come.

    "deflate" has a zlib header by the standard and none from some servers. After the end of a gzip body another may follow.
    """
    zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
    bits = 31 if coding == "gzip" else 15 if zlib_header else -15
    machine, out = zlib.decompressobj(bits), bytearray()
    try:
        for at in range(0, len(body), PIECE):
            piece = body[at : at + PIECE]
            while piece:
                left()
                if machine.eof and (coding != "gzip" or piece[0] != 0x1F):
                    return bytes(out)  # padding
                machine = zlib.decompressobj(bits) if machine.eof else machine
                out += machine.decompress(piece, PIECE)
                piece = machine.unused_data or machine.unconsumed_tail
                if len(out) > limit:
                    raise FetchError(f"expands to more than {limit:,} bytes; get it by hand if it is meant")
        out += machine.flush()
    except zlib.error as error:
        raise FetchError(f"has a damaged {coding} body ({error}); try again later") from error
    if not machine.eof:
        raise FetchError(f"has a {coding} body that is cut short; try again later")
    return bytes(out)


def plain(text: str) -> str:
    """Foreign text as a message may show it: printable ASCII, not long."""
    return ascii(text[:300])[1:-1]
