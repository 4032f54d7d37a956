"""Which pages may show this one in a frame: none, unless `chatbot serve --embed` lists their origin.

The listed origins go into frame-ancestors; X-Frame-Options has no list and is left out then, all other headers stay. Framed or not, the
page talks to its own server only. Left out: a script to put on the other page; an <iframe> is all that it takes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatbot.errors import ChapterError

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HTTPS = re.compile(rf"https://{LABEL}(?:\.{LABEL})*(?::[1-9][0-9]{{0,4}})?")
HERE = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[1-9][0-9]{0,4})?")

Headers = tuple[tuple[bytes, bytes], ...]


def checked_origin(value: str) -> str:
    """An origin as a browser writes it. Raises ChapterError for anything else.

    >>> checked_origin("https://Example.org"), checked_origin("http://localhost:8000")
    ('https://example.org', 'http://localhost:8000')
    """
    origin = value.lower()
    if not HTTPS.fullmatch(origin) and not HERE.fullmatch(origin):
        raise ChapterError(
            f"--embed {value[:80]!r} is no origin of a page; write it as https://example.org or https://example.org:8443, without path or "
            "wildcard, in ASCII (http only for localhost)"
        )
    return origin


def framed_by(headers: Headers, origins: Sequence[str]) -> Headers:
    """The headers with those origins as frame ancestors; the same for none."""
    if not origins:
        return headers
    allowed = b"frame-ancestors " + " ".join(origins).encode()
    return tuple(
        (name, value.replace(b"frame-ancestors 'none'", allowed))
        for name, value in headers
        if name != b"x-frame-options"
    )
