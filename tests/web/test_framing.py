"""Who may show the page in a frame: nobody, or the origins that are listed, checked in a browser."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import ChapterError
from chatbot.web.framing import checked_origin, framed_by
from chatbot.web.guard import CSP, HEADERS


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org",
        "https://a-b.example.org:8443",
        "http://localhost:8000",
        "http://127.0.0.1",
        "http://[::1]:9",
    ],
)
def test_origins_are_taken(origin: str) -> None:
    assert checked_origin(origin) == checked_origin(origin.upper()) == origin


@pytest.mark.parametrize(
    "value",
    [
        "",
        "*",
        "example.org",
        "http://example.org",
        "https://example.org/",
        "https://example.org/page",
        "https://*.example.org",
        "https://example.org:0",
        "https://example.org:*",
        "https://user@example.org",
        "https://example.org; script-src *",
        "https://example.org https://other.example",
        "https://exämple.org",
        "https://example.org\n",
        "https://",
        "http://localhost.example.org",
        "'self'",
        "data:",
    ],
)
def test_anything_else_is_refused_with_what_to_write(value: str) -> None:
    with pytest.raises(ChapterError, match=r"is no origin of a page; write it as https://example\.org "):
        checked_origin(value)


@given(st.text(max_size=40).map(lambda t: f"https://{t}"))
def test_no_origin_can_end_the_policy_or_name_a_second(value: str) -> None:
    try:
        origin = checked_origin(value)
    except ChapterError:
        return
    assert not set(origin) & set(" ;,*'\"/\n") - {"/"}
    assert origin.count("/") == 2


def test_only_the_two_headers_about_frames_change() -> None:
    assert framed_by(HEADERS, ()) == HEADERS
    framed = dict(framed_by(HEADERS, ("https://a.example", "https://b.example:1")))
    policy = framed.pop(b"content-security-policy").decode()
    assert policy == CSP.replace("frame-ancestors 'none'", "frame-ancestors https://a.example https://b.example:1")
    assert framed == {k: v for k, v in HEADERS if k not in (b"content-security-policy", b"x-frame-options")}


@pytest.fixture(scope="module")
def writer() -> Iterator[Any]:
    """A health writer's site, at two origins: 127.0.0.1 and localhost."""
    frame = {"address": ""}

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<!doctype html><title>Writer</title><iframe src="{frame["address"]}" width="800" height="700"></iframe>'
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield served.server_address[1], frame
    served.shutdown()
    served.server_close()


@pytest.mark.browser
def test_a_listed_page_shows_the_chat_and_can_ask_another_is_refused(browser: Any, start: Any, writer: Any) -> None:
    port, frame = writer
    running = start(embed=(f"http://localhost:{port}",))
    frame["address"] = running.url
    context = browser.new_context()
    try:
        page = context.new_page()
        outside: list[str] = []
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((running.url, f"http://localhost:{port}/", "data:")) else outside.append(r.url)
            ),
        )
        page.goto(f"http://localhost:{port}/")
        inside = page.frame_locator("iframe")
        inside.locator("#question textarea").fill("Does it work?")
        inside.locator("#question textarea").press("Enter")
        inside.get_by_text("Studies have shown that MDMA-assisted therapy").wait_for(timeout=15000)
        assert running.bot.asked[-1][0] == "Does it work?"
        assert outside == []

        said: list[str] = []
        other = context.new_page()
        other.on("console", lambda message: said.append(message.text))
        other.goto(f"http://127.0.0.1:{port}/")
        other.wait_for_timeout(500)
        assert other.frame_locator("iframe").locator("#question").count() == 0
        assert any("frame-ancestors" in text for text in said)
    finally:
        context.close()


@pytest.mark.browser
def test_by_default_no_page_shows_it(browser: Any, start: Any, writer: Any) -> None:
    port, frame = writer
    frame["address"] = start().url
    page = browser.new_page()
    try:
        page.goto(f"http://localhost:{port}/")
        page.wait_for_timeout(500)
        assert page.frame_locator("iframe").locator("#question").count() == 0
    finally:
        page.close()
