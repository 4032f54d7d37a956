"""How much one client may ask: a token bucket for each address, and a cap on page events that nobody listens to.

An IPv6 client counts by its /64 network. Both tables are bounded, so that many addresses cost memory of a fixed size. Clocks
are arguments, seconds that only grow. Left out: a limit over all clients together; `asking.Desk` has that.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

RATE = 5.0  # questions a second and client, in the long run: a classroom behind one address still gets through
BURST = 20  # questions at once
EXPORT_RATE = 0.5  # files a second and client: a PDF takes up to a second of one core
EXPORT_BURST = 10  # files at once
LOGGED_RATE = (
    1.0  # thumbs and looks at receipts a second and client; a receipt has 125 bits, so that none is found by trying
)
LOGGED_BURST = 20  # at once: a conversation of twenty turns
MAX_CLIENTS = 10_000  # buckets kept; the one unused longest goes first, and it is full again by then
MAX_UNHEARD = 8  # page events of one client whose answers nobody has come to fetch
IDLE = 60.0  # seconds without a listener after which a session is forgotten


def client_of(address: str) -> str:
    """The name under which an address is counted.

    >>> client_of("2001:db8:1:2:3::4"), client_of("192.0.2.7"), client_of("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7', '192.0.2.7')
    """
    try:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip  # IPv4 on a socket of both kinds
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


class Buckets:
    """A token bucket for each client."""

    def __init__(self, rate: float = RATE, burst: int = BURST, max_clients: int = MAX_CLIENTS) -> None:
        self._rate, self._burst, self._max = rate, float(burst), max_clients
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Takes a token: 0.0, or the seconds until there is one."""
        level, then = self._levels.get(client, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        wait = 0.0 if level >= 1.0 else (1.0 - level) / self._rate
        self._levels[client] = (level - 1.0 if not wait else level, now)
        self._levels.move_to_end(client)
        if len(self._levels) > self._max:
            self._levels.popitem(last=False)
        return wait


@dataclass(slots=True)
class _Session:
    client: str
    seen: float
    listeners: int = 0
    heard: bool = False


@dataclass(slots=True)
class Sessions:
    """Which page sessions have sent an event, and which of them are listened to."""

    forget: Callable[[str], None]
    max_unheard: int = MAX_UNHEARD
    idle: float = IDLE
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def admit(self, client: str, session: str, now: float) -> bool:
        """Notes an event of a session; False when too many of this client's go unheard."""
        known = self._sessions.get(session)
        if known is None:
            unheard = sum(1 for s in self._sessions.values() if s.client == client and not s.heard)
            if unheard >= self.max_unheard:
                return False
            known = self._sessions[session] = _Session(client, now)
        known.seen = now
        known.heard = known.listeners > 0
        return True

    def listen(self, session: str, now: float) -> bool:
        """A listener comes; False when the session is not known."""
        known = self._sessions.get(session)
        if known is None:
            return False
        known.listeners += 1
        known.heard, known.seen = True, now
        return True

    def leave(self, session: str, now: float) -> None:
        """A listener goes."""
        known = self._sessions.get(session)
        if known is not None:
            known.listeners -= 1
            known.seen = now

    def sweep(self, now: float) -> list[str]:
        """Forgets the sessions that nobody has listened to for a while; returns them."""
        gone = [name for name, s in self._sessions.items() if s.listeners <= 0 and now - s.seen > self.idle]
        for name in gone:
            del self._sessions[name]
            self.forget(name)
        return gone
