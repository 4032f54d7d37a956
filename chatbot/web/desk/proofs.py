"""What shows that a form is ours: where it was sent from, and a token that only our page could know.

Every POST is looked at twice. The browser says from where it comes: `Sec-Fetch-Site`, which no page can set, or else `Origin`, which
must name this very host; a request that says neither is refused. And the form carries a token: that of the session, or, before there is
one, a seal over a cookie that the sign-in page set. Left out: what SameSite=Strict does by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

SESSION, FORM = "desk", "desk_form"  # the cookies


def from_here(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a request comes from a page of this host; `headers` by lower-case name.

    >>> from_here({"host": "desk.example", "origin": "https://desk.example"})
    True
    >>> from_here({"host": "desk.example", "origin": "https://desk.example", "sec-fetch-site": "cross-site"})
    False
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None or (origin == "null" and site == "same-origin"):
        return site == "same-origin"
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:  # no address at all, as "http://["
        return False
    return bool(host) and host == headers.get("host", "").lower()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in the same time for any; an empty one is never right.

    >>> same("a", "a"), same("a", "b"), same("", "")
    (True, False, False)
    """
    return bool(one) and hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


class Seals:
    """Seals of the sign-in form; the key lives as long as the process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def new(self) -> str:
        """A value for the cookie."""
        return secrets.token_urlsafe(32)

    def of(self, value: str) -> str:
        """What the form carries beside it."""
        return hmac.new(self._key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def cookie(name: str, value: str, *, path: str, secure: bool, gone: bool = False) -> str:
    """A Set-Cookie value: for this browser session, for no script, for no other site; over https for https alone."""
    return (
        f"{name}={value}; Path={path}; HttpOnly; SameSite=Strict"
        + ("; Max-Age=0" if gone else "")
        + ("; Secure" if secure else "")
    )


def cookies(header: str) -> dict[str, str]:
    """A Cookie header as a mapping; of two with one name the first counts, which is that of the longer path.

    >>> cookies("desk=a; other=b; desk=c")
    {'desk': 'a', 'other': 'b'}
    """
    out: dict[str, str] = {}
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        out.setdefault(name, value)
    return out
