"""Takes the README's pictures: python tests/web/picture.py [INDEX]

The readers' page at 1440 by 1140 points, light, with an answer and the document behind its first quote; and a record on the
moderators' desk at 1440 by 1180. Both from the real chatbot over the repository's corpus and index. Written as page.png and desk.png
in tests/pictures, in 128 colours, so that each stays under 200 KB.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatbot.moderating.desk import Moderation
    from chatbot.web.application import Application

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "tests" / "pictures"
QUESTION = "How is MDMA thought to help people with PTSD?"
NAME, PASSWORD = "lead", "only for this picture"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MAX_BYTES = 200_000


def take_page(browser: Any, url: str) -> bytes:
    """The page with the answer to QUESTION, as PNG. The reply is logged."""
    page = browser.new_page(viewport={"width": 1440, "height": 1140}, color_scheme="light")
    page.goto(url)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".turn .reply").wait_for()
    page.locator("a.place").first.click()
    page.locator("#panel mark").wait_for()
    page.wait_for_timeout(800)  # the new turn moves into view
    picture: bytes = page.screenshot()
    return picture


def take_desk(browser: Any, url: str) -> bytes:
    """The record of that reply on the desk, as PNG."""
    page = browser.new_page(viewport={"width": 1440, "height": 1180}, color_scheme="light")
    page.goto(f"{url}review/")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Take the next one").click()
    page.get_by_text("Your verdict").wait_for()
    picture: bytes = page.screenshot()
    return picture


def shrink(picture: bytes) -> bytes:
    """The same picture in 128 colours."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def keep(name: str, picture: bytes) -> None:
    """Writes a picture that is small enough."""
    small = shrink(picture)
    if len(small) > MAX_BYTES:
        sys.exit(f"{name} has {len(small)} bytes, more than {MAX_BYTES}; use fewer colours")
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_bytes(small)
    print(f"tests/pictures/{name}: {len(small)} bytes")


def main() -> None:
    from chatbot import settings
    from chatbot.answer.rendering import render_json
    from chatbot.commands.serve import desk_over
    from chatbot.log import open_reader_log
    from chatbot.pipeline import Chatbot
    from chatbot.release.releasing import ensure_index
    from chatbot.web.application import create

    index = Path(sys.argv[1]) if len(sys.argv) > 1 else settings.INDEX
    ensure_index(settings.CORPUS, index, print)
    chatbot = Chatbot.open(settings.CORPUS, index)
    with tempfile.TemporaryDirectory() as folder:
        where = str(Path(folder) / "answers.sqlite")
        with open_reader_log(where, render_json) as log, desk_over(where, settings.CORPUS, index, "localhost") as desk:
            assert desk is not None
            add_lead(desk, where)
            serve_and_take(create(chatbot, render_json, log=log, moderating=desk))


def add_lead(desk: Moderation, where: str) -> None:
    """The account that takes the second picture."""
    from chatbot.log import open_log
    from chatbot.log.notebook import Notebook
    from chatbot.review.access import Access

    found = open_log(where, create=True)
    Access(Notebook(found)).add(NAME, "lead", PASSWORD)
    found.close()
    assert desk.has_accounts()


def serve_and_take(application: Application) -> None:
    """Both pictures of a server."""
    from playwright.sync_api import sync_playwright

    from chatbot.web import server

    sock = server.listen("127.0.0.1", 0)
    running = server.server_for(application)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[sock])))
    thread.start()
    while not running.started:
        time.sleep(0.05)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            keep("page.png", take_page(browser, server.address_of(sock)))
            time.sleep(1)  # the log writes in a thread of its own
            keep("desk.png", take_desk(browser, server.address_of(sock)))
            browser.close()
    finally:
        running.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
