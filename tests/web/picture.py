"""Takes the README's picture: python tests/web/picture.py

The page at 1440 by 1140 points, light, with an answer and the document behind its first quote, from the real chatbot over the
repository's corpus and index. Written as tests/pictures/page.png in 128 colours, so that it stays under 200 KB.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatbot.web.application import Application

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "tests" / "pictures" / "page.png"
QUESTION = "How is MDMA thought to help people with PTSD?"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MAX_BYTES = 200_000


def take(url: str, question: str) -> bytes:
    """The page with the answer to a question, as PNG."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1140}, color_scheme="light")
        page.goto(url)
        page.get_by_label("Your question").fill(question)
        page.get_by_role("button", name="Ask", exact=True).click()
        page.locator(".turn .reply").wait_for()
        page.locator("a.place").first.click()
        page.locator("#panel mark").wait_for()
        page.wait_for_timeout(800)  # the new turn moves into view
        picture: bytes = page.screenshot()
        browser.close()
        return picture


def shrink(picture: bytes) -> bytes:
    """The same picture in 128 colours."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def main() -> None:
    from chatbot import settings
    from chatbot.answer.rendering import render_json
    from chatbot.log import open_reader_log
    from chatbot.pipeline import Chatbot
    from chatbot.release.releasing import ensure_index
    from chatbot.web.application import create

    index = Path(sys.argv[2]) if len(sys.argv) > 2 else settings.INDEX
    question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
    ensure_index(settings.CORPUS, index, print)
    chatbot = Chatbot.open(settings.CORPUS, index)
    with tempfile.TemporaryDirectory() as folder, open_reader_log(Path(folder) / "answers.sqlite", render_json) as log:
        serve_and_take(create(chatbot, render_json, log=log), question)  # the notice as it is where answers are logged


def serve_and_take(application: Application, question: str) -> None:
    """The picture of a server's answer, into TARGET."""
    from chatbot.web import server

    sock = server.listen("127.0.0.1", 0)
    running = server.server_for(application)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[sock])))
    thread.start()
    while not running.started:
        time.sleep(0.05)
    try:
        picture = shrink(take(server.address_of(sock), question))
    finally:
        running.should_exit = True
        thread.join()
    if len(picture) > MAX_BYTES:
        sys.exit(f"the picture has {len(picture)} bytes, more than {MAX_BYTES}; use fewer colours")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(picture)
    print(f"{TARGET.relative_to(ROOT)}: {len(picture)} bytes")


if __name__ == "__main__":
    main()
