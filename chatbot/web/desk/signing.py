"""The sign-in page: a name, a password, and words that are the same for a wrong name and a wrong password.

Passwords, tries and roles are `review.access`'s; here is the form, the proof that it is ours, and how many sign-ins are worked on at
once, since each takes 64 MiB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import HTMLResponse, RedirectResponse, Response

from chatbot.errors import LogError, ReviewError
from chatbot.review.values import Account
from chatbot.web.asking import unavailable
from chatbot.web.desk import frame, proofs, words
from chatbot.web.desk.forms import Form
from chatbot.web.desk.needs import Moderating
from chatbot.web.desk.sessions import Sessions
from chatbot.web.markup import text

AT = "review/sign-in"
PATH = "/review"  # of the session's cookie
AT_ONCE = 2  # sign-ins worked on: as many as there are cores, 128 MiB
MAX_WAITING = 8  # sign-ins in line behind them, half a second's work
FORM_GONE = "This page was open for too long, or your browser keeps no cookies. Please sign in once more."
FULL = "Many people are signing in just now. Please try again in a few seconds."
NOBODY = (
    "There is no account yet. Whoever runs this server adds the first one with: "
    "<code>chatbot review add-user NAME --role lead</code>"
)
ENDED = "For your safety a session ends after half an hour without use, and after twelve hours."


class SignIn:
    """Shows the page and takes its form."""

    def __init__(self, desk: Moderating, sessions: Sessions) -> None:
        self._desk, self._sessions = desk, sessions
        self._seals = proofs.Seals()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def show(self, *, secure: bool) -> Response:
        """The page."""
        try:
            nobody = not await asyncio.to_thread(self._desk.has_accounts)
        except LogError as error:
            return self._page(unavailable(error), 503, secure=secure)
        return self._page("", 200, secure=secure, nobody=nobody)

    async def take(self, form: Form, sent: Mapping[str, str], *, secure: bool) -> Response:
        """The queue with a new session, or the page with words that say why not. `sent` are the cookies."""
        if not proofs.same(form.one("seal"), self._seals.of(sent.get(proofs.FORM, ""))):
            return self._page(FORM_GONE, 403, secure=secure)
        if self._waiting >= AT_ONCE + MAX_WAITING:
            return self._page(FULL, 503, secure=secure)
        self._waiting += 1
        try:
            async with self._at_once:
                who, since = await asyncio.to_thread(self._check, form.one("name").strip(), form.one("password"))
        except ReviewError as error:
            return self._page(f"{words.capitalised(str(error))}.", 403, secure=secure)
        except LogError as error:
            return self._page(unavailable(error), 503, secure=secure)
        finally:
            self._waiting -= 1
        self._sessions.end(sent.get(proofs.SESSION, ""))
        response = RedirectResponse("/review/", 303)
        token = self._sessions.begin(who, since)
        response.headers.append("set-cookie", proofs.cookie(proofs.SESSION, token, path=PATH, secure=secure))
        response.headers.append("set-cookie", proofs.cookie(proofs.FORM, "", path=f"/{AT}", secure=secure, gone=True))
        return response

    def _check(self, name: str, password: str) -> tuple[Account, str]:
        """The account, and the moment from which it must not change. Raises ReviewError, LogError."""
        since = self._desk.moment()
        return self._desk.sign_in(name, password), since

    def _page(self, wrong: str, status: int, *, secure: bool, nobody: bool = False) -> Response:
        """The form with a new seal."""
        value = self._seals.new()
        said = f'<p class="wrong" role="alert">{text(wrong)}</p>' if wrong else ""
        said += f'<p class="done">{NOBODY}</p>' if nobody else ""
        main = (
            f'<div class="signin">{said}<form method="post" action="{AT}" accept-charset="utf-8">'
            f"{frame.hidden('seal', self._seals.of(value))}"
            '<label class="field" for="name"><span>Name</span><input id="name" name="name" maxlength="64" required '
            'autocomplete="username" autocapitalize="none" spellcheck="false" autofocus></label>'
            '<label class="field" for="password"><span>Password</span><input id="password" name="password" type="password" '
            'maxlength="1000" required autocomplete="current-password"></label>'
            f'<button class="primary">Sign in</button></form><p class="soft">{ENDED}</p></div>'
        )
        page = HTMLResponse(frame.document("Sign in", main, at=AT, up="../", classes="plain-desk"), status)
        page.headers.append("set-cookie", proofs.cookie(proofs.FORM, value, path=f"/{AT}", secure=secure))
        return page
