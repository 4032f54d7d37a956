"""Under which names the server answers: its own, and no page's that had its name point here."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from chatbot.errors import ChapterError
from chatbot.web import server
from chatbot.web.guard import HEADERS
from chatbot.web.naming import Named, checked_name, named


async def inside(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a text"})


@pytest.fixture
def ask() -> Any:
    from starlette.testclient import TestClient

    client = TestClient(Named(inside, frozenset({"desk.example", "192.0.2.7"})))
    return lambda host, method="GET": client.request(method, "/", headers={"host": host})


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:7860", "127.0.0.1", "127.0.0.1:7860", "127.9.9.9", "[::1]", "[::1]:1", "desk.example", "Desk.Example:8443", "192.0.2.7"],
)  # fmt: skip
def test_its_own_names_are_answered_at_any_port(ask: Any, host: str) -> None:
    assert ask(host).text == "a text"


HOSTILE = [
    "evil.example",
    "evil.example:7860",
    "desk.example.evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost.",
    "evil.localhost",
    "0.0.0.0",
    "10.0.0.1",
    "[::]",
    "2130706433",
    "127.1",
    "desk.example@evil.example",
    "evil.example, localhost",
    "localhost:7860:1",
    "localhost:x",
    "[localhost]",
    "[::1",
    "",
]


@pytest.mark.parametrize("host", HOSTILE)
def test_no_other_name_gets_anything(ask: Any, host: str) -> None:
    response = ask(host)
    assert (response.status_code, response.json()["error"]["code"]) == (421, "host")
    assert "--name" in response.json()["error"]["message"]
    assert {n.decode(): v.decode() for n, v in HEADERS}.items() <= dict(response.headers).items()
    assert response.headers["cache-control"] == "no-store"
    assert ask(host, "HEAD").content == b""


@pytest.mark.parametrize("hosts", [[], [b"localhost", b"evil.example"], [b"localhost", b"localhost"]])
def test_no_host_and_two_of_them_are_no_name(hosts: list[bytes]) -> None:
    assert not Named(inside)._knows({"headers": [(b"Host", host) for host in hosts]})


def test_elsewhere_only_a_server_that_was_told_its_name_looks() -> None:
    assert named(inside, (), loopback=False) is inside
    assert named(inside, ("desk.example",), loopback=False) == Named(inside, frozenset({"desk.example"}))
    assert named(inside, (), loopback=True) == Named(inside)


@pytest.mark.parametrize(
    "name",
    ["", "https://desk.example", "desk.example:443", "*.example", "desk.example/", "bücher.example", "a b", "-a"],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ChapterError, match="is no name of a server; write it as desk"):
        checked_name(name)


@pytest.fixture
def process(new_bot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What `server.run` would serve at an address."""
    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    found: list[Any] = []
    application = create(new_bot(), render_json)
    monkeypatch.setattr(server.Server, "run", lambda self, sockets: found.append(self.config.app))

    def run(host: str, names: tuple[str, ...] = ()) -> Any:
        sock = server.listen(host, 0)
        with sock:
            server.run(application, sock, names)
        return found[-1]

    yield run


def test_the_server_looks_on_a_loopback_address(process: Any) -> None:
    for host in ("127.0.0.1", "localhost", *(["::1"] if socket.has_ipv6 else [])):
        assert process(host).names == frozenset(), host
    assert process("127.0.0.1", ("desk.example",)).names == {"desk.example"}
    assert not isinstance(process("0.0.0.0"), Named)
    assert isinstance(process("0.0.0.0", ("desk.example",)), Named)


def test_a_page_that_had_its_name_point_here_reads_nothing(new_bot: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    bot = new_bot()
    application = create(bot, render_json)
    with TestClient(named(application.asgi, (), loopback=True), base_url="http://evil.example:7860") as client:
        for path in ("/", "/healthz", "/sources", "/api/sources", "/review/sign-in", "/config"):
            assert client.get(path).status_code == 421, path
        asked = client.post("/api/ask", json={"question": "Is it?"}, headers={"origin": "http://evil.example:7860"})
        assert (asked.status_code, bot.asked) == (421, [])
        assert client.get("/healthz", headers={"host": "localhost:7860"}).status_code == 200


def test_the_command_takes_names_alone() -> None:
    from chatbot.__main__ import app

    result = CliRunner().invoke(app, ["serve", "--port", "0", "--name", "https://desk.example"])
    assert isinstance(result.exception, ChapterError)
    assert "is no name of a server" in str(result.exception)


@pytest.mark.parametrize(
    ("names", "reached"),
    [((), "127.0.0.1"), (("localhost",), "127.0.0.1"), (("localhost", "Desk.Example"), "desk.example")],
)
def test_behind_a_proxy_the_terms_of_a_text_are_those_of_its_name(
    names: tuple[str, ...], reached: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot.commands import serve
    from chatbot.release import releasing

    def follow(corpus: Any, index: Any, host: str, **_: Any) -> Any:
        raise ChapterError(f"reached at {host}")

    monkeypatch.setattr(server, "listen", lambda *_: None)
    monkeypatch.setattr(releasing, "ensure_index", lambda *_: None)
    monkeypatch.setattr(serve, "follow", follow)
    with pytest.raises(ChapterError, match=f"^reached at {reached}$"):
        serve.serve(port=0, name=list(names))
