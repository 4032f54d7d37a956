"""The plain pages: /sources, /about, and /read/GENERATION/DOCUMENT[/START-END], the document behind a quote.

They need no script; page.js shows the last beside the conversation. A place whose generation is gone is answered with 410 and the
text of today, marked as such. What they say is made in `listing`, `about` and `places`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from chatbot.corpus.figures import Figures
from chatbot.errors import Malformed
from chatbot.web import about, listing, places, shell
from chatbot.web.asking import Bot
from chatbot.web.markup import read_address, text
from chatbot.web.theme import StaticFile

UP = {"": "../../", "place": "../../../"}
TEXT = '<h2 class="hidden">The text</h2>'
NOTHING = "There is no such document here."


class Pages:
    """Makes the pages; /sources and /about are kept until another generation is in use."""

    def __init__(self, bot: Bot, css: StaticFile, *, recording: bool, figures: Callable[[], Figures | None]) -> None:
        self._bot, self._css, self._recording, self._figures = bot, css, recording, figures
        self._kept: dict[str, tuple[str, bytes]] = {}

    def sources(self) -> bytes:
        """The page /sources."""
        return self._keep("sources", self._sources)

    def about(self) -> bytes:
        """The page /about."""
        return self._keep("about", self._about)

    def read(self, generation: str, doc_id: str, start: int = -1, end: int = -1) -> tuple[int, bytes]:
        """Status and page of a document, with the place from `start` to `end` marked where they are given. May read files."""
        marked = end >= 0
        up = UP["place" if marked else ""]
        at = read_address(generation, doc_id, (start, end) if marked else None)
        corpus = self._bot.corpus_of(generation)
        stale = corpus is None
        if corpus is None:
            generation = self._bot.generation
            corpus = self._bot.corpus_of(generation)
        document = corpus.documents.get(doc_id) if corpus else None
        if corpus is None or document is None:
            return 404, shell.plain_page("Nothing here", f'<p class="lead">{NOTHING}</p>', self._css, at=at, up=up)
        heading = places.title_of(document.source)
        if stale or not marked:
            body = TEXT + places.whole(corpus, generation, doc_id, stale=stale)
            return 410 if stale else 200, shell.plain_page(heading, body, self._css, at=at, up=up)
        try:
            body = TEXT + places.place(corpus, generation, doc_id, (start, end))
        except Malformed as error:
            return 404, shell.plain_page(heading, f'<p class="lead">{text(str(error))}</p>', self._css, at=at, up=up)
        return 200, shell.plain_page(heading, body, self._css, at=at, up=up)

    def _keep(self, name: str, make: Callable[[], bytes]) -> bytes:
        generation, content = self._kept.get(name, ("?", b""))
        if generation != self._bot.generation:
            generation = self._bot.generation
            content = make()
            self._kept[name] = (generation, content)
        return content

    def _sources(self) -> bytes:
        corpus = self._bot.corpus_of(self._bot.generation)
        if corpus is None:
            return shell.plain_page(
                "Sources", "<p>No index is open; please come back later.</p>", self._css, at="sources"
            )
        main = listing.listing(corpus, self._bot.generation)
        return shell.plain_page("Sources", main, self._css, at="sources")

    def _about(self) -> bytes:
        lines = shell.notice_lines(self._bot.notice, self._recording)
        main = about.about(self._figures(), self._bot.decision, self._bot.generation, lines)
        return shell.plain_page("How it answers", main, self._css, at="about")


def routes(pages: Pages) -> APIRouter:
    """The router of the plain pages."""
    router = APIRouter()

    async def made(make: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.to_thread(make, *given)

    @router.api_route("/sources", methods=["GET", "HEAD"])
    async def sources() -> HTMLResponse:
        return HTMLResponse(await made(pages.sources))

    @router.api_route("/about", methods=["GET", "HEAD"])
    async def about_page() -> HTMLResponse:
        return HTMLResponse(await made(pages.about))

    @router.api_route("/read/{generation}/{doc_id}", methods=["GET", "HEAD"])
    async def read(generation: str, doc_id: str) -> HTMLResponse:
        status, content = await made(pages.read, generation, doc_id)
        return HTMLResponse(content, status_code=status)

    @router.api_route("/read/{generation}/{doc_id}/{start:int}-{end:int}", methods=["GET", "HEAD"])
    async def place(generation: str, doc_id: str, start: int, end: int) -> HTMLResponse:
        status, content = await made(pages.read, generation, doc_id, start, end)
        return HTMLResponse(content, status_code=status)

    return router
