"""A browser's part towards the desk, without a browser: cookies, the origin of its forms, and their tokens."""

from __future__ import annotations

from typing import Any

import desk_memory
import lxml.html
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chatbot.web.desk.serving import Serving
from chatbot.web.desk.sessions import Sessions
from chatbot.web.guard import Guard
from chatbot.web.limits import Buckets
from chatbot.web.limits import Sessions as PageSessions

HOST = "http://desk.example"


class Browser:
    """Over the guard and the desk alone; `seconds` is the sessions' clock."""

    def __init__(self, desk: Any, bot: Any, base: str = HOST) -> None:
        self.desk, self.seconds = desk, 0.0
        self.serving = Serving(desk, bot, Sessions(lambda: self.seconds))
        plenty = Buckets(1000.0, 1000)
        guard = Guard(
            Starlette(routes=self.serving.routes()),
            {},
            PageSessions(lambda _: None),
            desk=True,
            desks=plenty,
            tries=plenty,
        )
        self.http = TestClient(guard, base_url=base, follow_redirects=False, raise_server_exceptions=True)
        self.base = base

    def get(self, path: str) -> Any:
        return self.http.get(path)

    def page(self, path: str) -> Any:
        """The page as parsed."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return lxml.html.fromstring(response.content)

    def token(self) -> str:
        """The session's, as its pages carry it."""
        return str(self.page("/review/help").xpath("//input[@name='csrf']/@value")[0])

    def post(self, path: str, fields: Any = (), *, csrf: str | None = None, headers: Any = None) -> Any:
        """A form, from a page of the desk unless `headers` say otherwise."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        body: dict[str, list[str]] = {}
        for name, value in [*pairs, ("csrf", self.token() if csrf is None else csrf)]:
            body.setdefault(name, []).append(value)
        said = {"origin": self.base} if headers is None else headers
        return self.http.post(path, data=body, headers=said)

    def sign_in(self, name: str = "lena", password: str = desk_memory.PASSWORD, **more: Any) -> Any:
        page = lxml.html.fromstring(self.get("/review/sign-in").content)
        seal = (page.xpath("//input[@name='seal']/@value") or [""])[0]
        form = {"name": name, "password": password, "seal": seal} | more
        return self.http.post("/review/sign-in", data=form, headers={"origin": self.base})
