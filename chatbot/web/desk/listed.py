"""The addresses of the desk: what exists under /review, by which methods, and how much of it one client may ask.

The guard lets nothing else through. Left out: who may use an address, which is said where it is served (`serving`).
"""

from __future__ import annotations

import re
from html import escape

FORM = b"application/x-www-form-urlencoded"
RATE = 10.0  # requests a second and client in the long run: nobody types or clicks faster, and a page has no parts of its own
BURST = 60  # at once: a handful of tabs, each with its style sheet and script
TRY_RATE = 0.2  # sign-ins a second and client: each costs about 50 ms of a core and 64 MiB; a name has five in 15 minutes anyway
TRY_BURST = 10  # sign-ins at once: a few moderators behind one address
SIGN_IN = "/review/sign-in"
IDENT = r"[A-Za-z0-9_-]{1,64}"
RECORD = rf"/review/record/{IDENT}"
WAYS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (pattern, frozenset(methods.split()))
    for pattern, methods in (
        ("/review/?", "GET HEAD"),
        (r"/review/page/[0-9]{1,6}", "GET HEAD"),
        (SIGN_IN, "GET HEAD POST"),
        ("/review/sign-out", "POST"),
        (RECORD, "GET HEAD"),
        (RECORD + "/(?:verdict|claim|release|case|proposal|gap)", "POST"),
        ("/review/(?:filter|next|keys)", "POST"),
        ("/review/(?:pins|gaps|dashboard)", "GET HEAD POST"),
        ("/review/(?:cases|accounts|help)", "GET HEAD"),
        (r"/review/export\.(?:csv|jsonl)", "POST"),
        (r"/desk\.(?:css|js)", "GET"),
    )
)


def methods_of(path: str) -> frozenset[str]:
    """The methods that a path of the desk takes; none for a path that is not on the list."""
    return next((methods for pattern, methods in WAYS if re.fullmatch(pattern, path)), frozenset())


def refusal(words: str) -> bytes:
    """A page that says why a request went no further; it asks for nothing more of a server that has enough to do."""
    said = escape(f"{words} To send it once more, reload this page.")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>Not now</title></head><body><p role="alert">{said}</p>'
        '<p><a href="/review/">To the queue</a></p></body></html>'
    ).encode()


def is_desk(path: str) -> bool:
    """Whether a path lies in the desk's part of the addresses, served or not."""
    return path == "/review" or path.startswith("/review/")
