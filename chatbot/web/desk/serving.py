"""From a request to a page: the session, its account, the proof that a form is ours, then the page's function in a thread.

In this order: no session leads to the sign-in page (GET) or is refused (POST); an account that was closed or changed loses its session; a form
must come from here and carry the session's token; a role that is not enough, a thing that is not there and a log that fails become
pages that say so. The guard has looked at address, method, type, rate and size before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chatbot.errors import Forbidden, LogError, Malformed, NoSuch, ReviewError
from chatbot.web.asking import unavailable
from chatbot.web.desk import charts, frame, lists, making, proofs, queue, record
from chatbot.web.desk.forms import NOTHING, Form, read_form
from chatbot.web.desk.listed import SIGN_IN
from chatbot.web.desk.needs import Moderating, Texts
from chatbot.web.desk.sessions import Session, Sessions
from chatbot.web.desk.signing import AT, PATH, SignIn
from chatbot.web.desk.visits import Answer, Visit
from chatbot.web.markup import text
from chatbot.web.theme import StaticFile

Page = Callable[[Visit], Answer]
Endpoint = Callable[[Request], Awaitable[Response]]
SHOWN: tuple[tuple[str, Page], ...] = (
    ("/review/", queue.show),
    ("/review/page/{number:int}", queue.show),
    ("/review/record/{record_id}", record.show),
    ("/review/cases", lists.cases),
    ("/review/pins", lists.pins),
    ("/review/gaps", lists.gaps),
    ("/review/dashboard", charts.show),
    ("/review/accounts", lists.accounts),
    ("/review/help", lists.keys),
)
TAKEN: tuple[tuple[str, Page], ...] = (
    ("/review/filter", queue.set_filters),
    ("/review/next", queue.take_next),
    ("/review/keys", lists.set_keys),
    ("/review/record/{record_id}/verdict", record.judge),
    ("/review/record/{record_id}/claim", record.claim),
    ("/review/record/{record_id}/release", record.release),
    ("/review/record/{record_id}/case", making.make_case),
    ("/review/record/{record_id}/proposal", making.propose),
    ("/review/record/{record_id}/gap", making.report_gap),
    ("/review/pins", lists.decide),
    ("/review/gaps", lists.close_gap),
    ("/review/dashboard", charts.set_days),
    ("/review/export.csv", lists.export_csv),
    ("/review/export.jsonl", lists.export_jsonl),
)
NOT_HERE = "This form was not sent from the desk’s own page, so that nothing was done. Load the page again and send it once more."
SIGNED_OUT = "You are signed out, so that nothing was saved. Copy what you wrote, then sign in again."
WRITTEN = ("note", "words", "question")  # fields that somebody may have thought about for long
LATER = "The answer log cannot be reached just now."


class Serving:
    """The desk's routes over `desk` and the documents of `texts`."""

    def __init__(self, desk: Moderating, texts: Texts, sessions: Sessions | None = None) -> None:
        self.sessions = Sessions() if sessions is None else sessions
        self._desk, self._texts = desk, texts
        self._signing = SignIn(desk, self.sessions)

    def routes(self) -> list[Route]:
        """All of them."""
        look = frame.look()
        gets = [Route(path, self._shown(page), methods=["GET"]) for path, page in SHOWN]
        posts = [Route(path, self._taken(page), methods=["POST"]) for path, page in TAKEN]
        return [
            *gets,
            *posts,
            Route("/review", _told(self._root), methods=["GET"]),
            Route(SIGN_IN, _told(self._sign_in), methods=["GET", "POST"]),
            Route("/review/sign-out", _told(self._sign_out), methods=["POST"]),
            *(Route(f"/{file.name}", _file(file), methods=["GET"]) for file in (look.css, look.js)),
        ]

    async def _root(self, request: Request) -> Response:
        return RedirectResponse("/review/", 303)

    async def _sign_in(self, request: Request) -> Response:
        secure = request.url.scheme == "https"
        if request.method != "POST":
            if await self._session(request):
                return RedirectResponse("/review/", 303)
            return await self._signing.show(secure=secure)
        if not proofs.from_here(request.headers):
            return _words("Not from here", NOT_HERE, 403, request)
        form = read_form(await request.body())
        return await self._signing.take(form, _sent(request), secure=secure)

    async def _sign_out(self, request: Request) -> Response:
        proved = await self._proved(request)
        if isinstance(proved, Response):
            return proved
        self.sessions.end(_sent(request).get(proofs.SESSION, ""))
        response = RedirectResponse(SIGN_IN, 303)
        gone = proofs.cookie(proofs.SESSION, "", path=PATH, secure=request.url.scheme == "https", gone=True)
        response.headers.append("set-cookie", gone)
        return response

    def _shown(self, page: Page) -> Endpoint:
        async def get(request: Request) -> Response:
            session = await self._session(request)
            if session is None:
                return RedirectResponse(SIGN_IN, 303)
            return await self._made(page, request, session, NOTHING)

        return _told(get)

    def _taken(self, page: Page) -> Endpoint:
        async def post(request: Request) -> Response:
            proved = await self._proved(request)
            if isinstance(proved, Response):
                return proved
            return await self._made(page, request, *proved)

        return _told(post)

    async def _session(self, request: Request) -> Session | None:
        """The session of a request, when its account still stands as it did at sign-in."""
        token = _sent(request).get(proofs.SESSION, "")
        session = self.sessions.find(token)
        if session is None:
            return None
        account = await asyncio.to_thread(self._desk.account, session.who.name, session.since)
        if account is None or account.role != session.who.role:
            self.sessions.end(token)
            return None
        return session

    async def _proved(self, request: Request) -> tuple[Session, Form] | Response:
        """A form with the session that it was shown to be of, or why it is not taken."""
        session = await self._session(request)
        if not proofs.from_here(request.headers):
            return _words("Not from here", NOT_HERE, 403, request)
        form = read_form(await request.body())
        if session is None:
            return _words("Signed out", SIGNED_OUT, 403, request, form)
        if not proofs.same(form.one("csrf"), session.csrf):
            return _words("Not from here", NOT_HERE, 403, request)
        return session, form

    async def _made(self, page: Page, request: Request, session: Session, form: Form) -> Response:
        """What the page's function answers, or words about what it raised."""
        visit = Visit(self._desk, self._texts, session, request.url.path.lstrip("/"), dict(request.path_params), form)
        try:
            return _response(await asyncio.to_thread(page, visit))
        except Forbidden as error:
            return _response(_trouble(visit, "Not yours to do", str(error), 403))
        except NoSuch as error:
            return _response(_trouble(visit, "Nothing here", str(error), 404))
        except ReviewError as error:
            return _response(_trouble(visit, "Not saved", str(error), 422))
        except LogError as error:
            return _response(_trouble(visit, LATER, unavailable(error), 503))


def _told(endpoint: Endpoint) -> Endpoint:
    """The endpoint; a log that fails before it is known who asks, and a form that is none, become pages."""

    async def safe(request: Request) -> Response:
        try:
            return await endpoint(request)
        except LogError as error:
            return _words(LATER, unavailable(error), 503, request)
        except Malformed as error:
            return _words("Not taken", str(error), 422, request)

    return safe


def _trouble(visit: Visit, heading: str, words: str, status: int) -> Answer:
    """A page that says what is wrong."""
    back = '<p><a href="review/">Back to the queue</a></p>'
    main = f'<p class="wrong" role="alert">{text(words)}</p>{back}'
    return Answer(frame.page(visit, heading, main, at=visit.path, classes="plain-desk"), status)


def _words(heading: str, words: str, status: int, request: Request, typed: Form = NOTHING) -> Response:
    """A page for somebody of whom nothing is known, with what they `typed`: the page that it was typed on will not come back."""
    kept = "".join(
        frame.area(f"kept-{name}", name, "What you wrote", typed.one(name))
        for name in WRITTEN
        if typed.one(name).strip()
    )
    main = f'<p class="wrong" role="alert">{text(words)}</p>{kept}<p><a href="{AT}">Sign in</a></p>'
    up = "../" * (request.url.path.count("/") - 1)
    return HTMLResponse(frame.document(heading, main, at=AT, up=up, classes="plain-desk"), status)


def _response(answer: Answer) -> Response:
    if answer.to:
        return RedirectResponse(answer.to, answer.status)
    if answer.lines is not None:
        headers = {"content-disposition": f'attachment; filename="{answer.name}"'}
        return StreamingResponse(answer.lines, media_type=answer.media, headers=headers)
    return HTMLResponse(answer.body, answer.status)


def _sent(request: Request) -> Mapping[str, str]:
    """The cookies that came."""
    return proofs.cookies(request.headers.get("cookie", ""))


def _file(file: StaticFile) -> Endpoint:
    async def send(request: Request) -> Response:
        return Response(file.content, media_type=file.media_type)

    return send
