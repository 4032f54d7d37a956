"""Which addresses may be asked: the pure rules that the fetcher is given, so that no host on a list leads into a private network.

A URL passes when it is https, on port 443, without a user name, and its host is on the caller's list after both are brought to one
form (IDNA as UTS 46 maps it, lower case, no dot at the end). An IP address passes when no registry of special-purpose addresses
names it. The registries are IANA's, as of 2025; `ip.is_global` alone lets 6to4, NAT64, multicast and IPv4-mapped addresses through.
What it leaves out: a NAT64 prefix of one network's own, which nothing tells from any other address.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

import idna

from chatbot.errors import FetchError

PORT = 443
MAX_URL = 4096  # characters
URL_SAFE = "%/:=&?~#+!$,;'@()*[]"  # stays as it is in a path or query: reserved, or escaped already

# Ranges that the registries call globally reachable are in: no publisher serves pages from relays, AS112 or protocol assignments.
SPECIAL_4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 "
    "192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3"
)
SPECIAL_6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"  # 2001::/23 holds Teredo, 2002::/16 is 6to4
# All that is given out so far: NAT64 (64:ff9b::/96, 64:ff9b:1::/48), IPv4-mapped, local and multicast addresses lie outside.
GIVEN_OUT_6 = ipaddress.IPv6Network("2000::/3")
NETWORKS_4 = tuple(ipaddress.IPv4Network(n) for n in SPECIAL_4.split())
NETWORKS_6 = tuple(ipaddress.IPv6Network(n) for n in SPECIAL_6.split())


def is_public(address: str) -> bool:
    """Whether a connection may go to this IP address. False for what is none.

    >>> [is_public(a) for a in ("193.62.193.83", "100.64.0.1", "64:ff9b::c13e:c153", "fe80::1%eth0")]
    [True, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not any(ip in network for network in NETWORKS_4)
    return ip.is_global and ip in GIVEN_OUT_6 and not any(ip in n for n in NETWORKS_6) and ip.scope_id is None


def host_name(text: str) -> str:
    """A host name in the one form that is compared. Raises FetchError for an IP address in any spelling, and for what is no name.

    >>> host_name("Bücher.Test.")
    'xn--bcher-kva.test'
    """
    try:
        name = idna.encode(text.removesuffix("."), uts46=True).decode().lower()
    except UnicodeError as error:
        raise FetchError(f"{text[:80]!a} is no host name; correct it") from error
    if re.fullmatch(r"\d+|0x[0-9a-f]*", name.rpartition(".")[2]):
        raise FetchError(f"{name} is an IP address; name the host")
    return name


def check_url(url: str, hosts: frozenset[str]) -> tuple[str, str]:
    """The host, and path with query, of a URL that may be asked. Raises FetchError for any other; `hosts` in any form of theirs.

    >>> check_url("https://Papers.Test/a b#c", frozenset({"papers.test."}))
    ('papers.test', '/a%20b')
    """
    if len(url) > MAX_URL or re.search(r"[\x00-\x1f\x7f]", url):
        raise FetchError(f"longer than {MAX_URL} characters or with control characters; correct it")
    try:
        parts = urlsplit(url)
        port, user = parts.port, "@" in parts.netloc
        target = quote(parts.path or "/", safe=URL_SAFE)
        target += f"?{quote(parts.query, safe=URL_SAFE)}" if parts.query else ""
    except ValueError as error:
        raise FetchError(f"is no address ({str(error)[:80]!a}); correct it") from error
    if parts.scheme != "https":
        raise FetchError("only https is fetched; give the https address")
    if user or port not in (None, PORT):
        raise FetchError(f"a user name or a port other than {PORT} is not accepted; leave it out")
    host = host_name(parts.hostname or "")
    if host not in {host_name(h) for h in hosts}:
        raise FetchError(
            f"{host} is not among the permitted hosts; if it is meant, name it under `hosts` of the source in sources.toml"
        )
    return host, target
