"""What stands before the application: which addresses exist, and what a request may be."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chatbot.web.guard import CSP, MAX_BODY, Guard, methods_of
from chatbot.web.limits import Buckets, Sessions

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
PLACE = "/read/0123456789abcdef/unlocking-healing/5-9"
OPEN = {
    ("/", "GET"),
    ("/", "HEAD"),
    ("/page.css", "GET"),
    ("/page.js", "GET"),
    ("/sources", "GET"),
    ("/about", "GET"),
    (PLACE, "GET"),
    (PLACE.rpartition("/")[0], "GET"),
    ("/healthz", "GET"),
    ("/api/ask", "POST"),
    ("/api/export", "POST"),
    ("/api/sources", "GET"),
    ("/api/feedback", "POST"),
    ("/api/receipts", "POST"),
    ("/api/passages/unlocking-healing:0-10", "GET"),
    ("/api/passages/0123456789abcdef/unlocking-healing:0-10", "GET"),
    ("/api/openapi.json", "GET"),
    ("/config", "GET"),
    ("/theme.css", "GET"),
    ("/assets/x.js", "GET"),
    ("/gradio_api/info", "GET"),
    ("/gradio_api/app_id", "GET"),
    ("/gradio_api/queue/join", "POST"),
    ("/gradio_api/queue/data", "GET"),
    ("/gradio_api/cancel", "POST"),
    ("/gradio_api/reset", "POST"),
}


@pytest.fixture(scope="module")
def made(new_bot: Any) -> Any:
    """The application around a scripted chatbot, and a client of it."""
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(new_bot(), render_json, buckets=Buckets(1000.0, 1000))
    with TestClient(application.asgi, raise_server_exceptions=True) as client:
        yield application, client


def templates(app: Any) -> Iterator[tuple[str, set[str]]]:
    """Every route under an application with its methods; mounts and included routers are walked through."""
    for route in app.routes:
        inside = getattr(route, "original_router", None) or getattr(route, "app", None)
        if not getattr(route, "methods", None) and hasattr(inside, "routes"):
            yield from templates(inside)
        else:
            yield route.path, set(getattr(route, "methods", None) or METHODS)


def filled(template: str) -> str:
    """A path of that form."""
    path = re.sub(r"\{path:path\}", "x.js", template)
    if path.startswith("/read/"):
        return PLACE if "start" in path else PLACE.rpartition("/")[0]
    path = path.replace("{name}", "unlocking-healing:0-10").replace("{generation}", "0123456789abcdef")
    return re.sub(r"\{[^}]*\}", "x", path) or "/"


def test_every_mounted_route_is_on_the_list_or_does_not_exist(made: Any) -> None:
    application, client = made
    mounted = list(templates(application.asgi.app))
    assert len(mounted) > 60, "the walk did not reach Gradio's routes"
    reached = set()
    for template, methods in mounted:
        path = filled(template)
        for method in methods:
            if (path, method) in OPEN:
                reached.add((path, method))
            elif path not in {p for p, _ in OPEN}:
                response = client.request(method, path)
                assert response.status_code == 404, f"{method} {path} is open"
    assert reached == OPEN


READ_ONLY = {(path, "HEAD") for path, _ in OPEN if path in ("/healthz", "/sources", "/about") or "/read/" in path}


def test_what_can_be_read_can_be_asked_for_by_its_head(made: Any) -> None:
    for path in ("/healthz", "/sources", "/about", PLACE.rpartition("/")[0]):
        response = made[1].head(path)
        assert (response.status_code, response.content) == (200, b""), path


def test_no_other_method_is_taken() -> None:
    for path, method in itertools.product({p for p, _ in OPEN}, METHODS):
        expected = (path, method) in OPEN or (path, method) in READ_ONLY
        assert (method in methods_of(path)) == expected, f"{method} {path}"


@pytest.mark.parametrize(
    "path",
    [
        "/review",
        "/review/",
        "/docs",
        "/openapi.json",
        "/gradio_api/openapi.json",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=https://example.org/",
        "/gradio_api/run/predict",
        "/gradio_api/call/ask",
        "/gradio_api/component_server",
        "/gradio_api/deep_link",
        "/gradio_api/heartbeat/x",
        "/gradio_api/queue/status",
        "/monitoring",
        "/assets/a/b.js",
        "/static/fonts/Lora/Lora-Regular.woff2",
        "/static/img/logo.svg",
        "/healthz/",
        "/api/ask/",
        "/mcp",
        "/api/passages",
        "/api/passages/x:0-1/",
        "/api/passages/x:0-\u0664",
        "/api/passages/x:-1-2",
        "/api/passages/x:0-1234567890",
        "/api/passages/a/x:0-1",
        "/api/passages/../x:0-1",
        "/api/passages/0123456789ABCDEF/x:0-1",
    ],
)
def test_what_is_not_on_the_list_does_not_exist(made: Any, path: str) -> None:
    response = made[1].get(path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//config",
        "/assets/../config",
        "/assets/..js",
        "/assets/a/b.js",
        "/assets/\u0664.js",
        "/config\n",
        "/Config",
    ],
)
def test_paths_that_only_look_like_listed_ones_are_not(path: str) -> None:
    assert methods_of(path) == frozenset()


def test_every_response_carries_the_security_headers(made: Any) -> None:
    for path in ("/", "/healthz", "/page.js", "/config", "/nothing"):
        headers = made[1].get(path).headers
        assert headers["content-security-policy"] == CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_the_policy_is_the_one_that_was_agreed() -> None:
    assert CSP == (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
    )


def test_another_origin_reads_nothing(made: Any) -> None:
    answer = made[1].get("/api/sources", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_only_files_whose_names_change_are_kept(made: Any) -> None:
    assert made[1].get("/page.css").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert made[1].get("/").headers["cache-control"] == "no-store"
    assert made[1].get("/assets/none.js").headers["cache-control"] == "no-store"


def test_the_fonts_that_the_page_names_are_there(made: Any) -> None:
    from chatbot.web.theme import FONTS

    for font in FONTS:
        assert made[1].get(f"/{font}").content[:4] == b"wOF2"


JSON = {"content-type": "application/json"}


def test_a_body_over_64_kib_is_refused_with_and_without_its_length(made: Any) -> None:
    at_limit = made[1].post("/api/ask", content=b" " * MAX_BODY, headers=JSON)
    assert at_limit.status_code == 400
    over = made[1].post("/api/ask", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert over.status_code == 413
    streamed = made[1].post("/api/ask", content=iter([b" " * MAX_BODY, b" "]), headers=JSON)
    assert streamed.status_code == 413
    assert streamed.json()["error"] == {
        "code": "too_large",
        "message": "The body is larger than 64 KiB. Send a shorter question.",
    }


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_form_of_another_site_cannot_ask(made: Any, kind: str) -> None:
    for path in ("/api/ask", "/api/feedback", "/api/receipts", "/gradio_api/queue/join", "/gradio_api/cancel"):
        response = made[1].post(path, content=b'{"question":"x"}', headers={"content-type": kind} if kind else {})
        assert response.status_code == 415


def join(client: Any, **changes: Any) -> Any:
    whole = {"fn_index": 0, "session_hash": "abc", "data": ["q", [], False]} | changes
    return client.post("/gradio_api/queue/join", content=json.dumps(whole), headers=JSON)


def test_an_unknown_event_is_no_error_of_ours(made: Any) -> None:
    response = join(made[1], fn_index=999)
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "The page has no such event. Reload it and ask again."


def test_a_stream_for_an_unknown_session_does_not_open(made: Any) -> None:
    response = made[1].get("/gradio_api/queue/data?session_hash=nobody")
    assert response.status_code == 404


def test_events_that_nobody_listens_to_are_capped(new_bot: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(new_bot(), render_json, buckets=Buckets(1000.0, 1000))
    with TestClient(application.asgi) as client:
        assert [join(client, session_hash=f"s{n}").status_code for n in range(9)] == [200] * 8 + [429]
        assert join(client, session_hash="s0").status_code == 200
        queue = application.asgi.sessions.sweep(1e12)
    assert sorted(queue) == [f"s{n}" for n in range(8)]


def test_too_many_questions_wait(new_bot: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    application = create(new_bot(), render_json, buckets=Buckets(rate=0.25, burst=2))
    with TestClient(application.asgi) as client:
        answers = [client.post("/api/ask", json={"question": "x"}) for _ in range(3)]
        assert [a.status_code for a in answers] == [200, 200, 429]
        assert answers[2].headers["retry-after"] == "4"
        assert answers[2].json()["error"]["code"] == "rate"
        assert client.get("/healthz").status_code == 200


# --- the guard alone -----------------------------------------------------------------------------------------------


async def reached(scope: Any, receive: Any, send: Any) -> None:
    """An application that tells what it got."""
    body = (await receive())["body"] if scope["method"] == "POST" else b""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"server", b"x"), (b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": scope["query_string"] + b"|" + body})


def through(app: Any, scope: dict[str, Any], receive: Any, **options: Any) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of one request through a guard."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(app, {}, Sessions(lambda _: None), Buckets(1000.0, 1000), **options)
    whole = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": ("1.2.3.4", 1)}
    asyncio.run(guard(whole | scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(m.get("body", b"") for m in sent[1:])


async def nothing() -> Any:
    await asyncio.sleep(3600)


POST = {"method": "POST", "path": "/api/ask", "headers": [(b"Content-Type", b"application/json; charset=utf-8")]}


def test_a_body_that_drips_is_given_up_at_the_deadline() -> None:
    pieces = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def drip() -> Any:
        message = next(pieces, None)
        if message is None:
            await asyncio.sleep(3600)
        return message

    status, _, body = through(reached, POST, drip, receive_seconds=0.05)
    assert status == 408
    assert json.loads(body)["error"]["message"] == "The body took longer than 0.05 seconds. Send it again."


def test_a_body_in_pieces_arrives_whole() -> None:
    pieces = iter([b"a", b"", b"bc"])

    async def receive() -> Any:
        piece = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": piece != b"bc"}

    status, headers, body = through(reached, POST, receive)
    assert (status, body) == (200, b"|abc")
    assert headers[b"x-own"] == b"1"
    assert b"server" not in headers


def test_queries_are_dropped_where_none_is_needed() -> None:
    assert through(reached, {"query_string": b"deep_link=../../x"}, nothing)[2] == b"|"


def test_a_fault_inside_becomes_a_500_that_names_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("canary-9c2e")

    with caplog.at_level(logging.DEBUG):
        status, _, body = through(broken, {}, nothing)
    assert status == 500
    assert json.loads(body)["error"] == {
        "code": "internal",
        "message": "Something went wrong here. Please try once more.",
    }
    assert [r.message for r in caplog.records if r.name == "chatbot.web.guard"] == ["GET / failed (ValueError)"]
    assert "canary" not in caplog.text


def test_websockets_are_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(reached, {}, Sessions(lambda _: None))
    asyncio.run(guard({"type": "websocket", "path": "/"}, nothing, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
