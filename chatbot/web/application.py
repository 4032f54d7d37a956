"""Puts the web application together: the guard around FastAPI, with the page's Blocks mounted under it.

`create` is the whole of it. The moderators' desk (`desk`) is there when it is given one to serve. Analytics are off before gradio is imported, and
whatever of gradio's environment variables could open something is overruled by argument.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.corpus.figures import Figures
from chatbot.datatypes import Json
from chatbot.web import api, exporting, feedback
from chatbot.web.asking import Bot, Desk
from chatbot.web.guard import MAX_BODY, MCP, Guard
from chatbot.web.limits import Buckets, Sessions

if TYPE_CHECKING:
    import fastapi
    import gradio

    from chatbot.web.assistants import OverHttp
    from chatbot.web.desk.needs import Moderating

SWEEP_SECONDS = 20.0  # how often idle page sessions are forgotten
KINDS = {"Textbox": "text", "Button": "text", "Checkbox": "flag", "JSON": "texts"}


@dataclass(frozen=True, slots=True)
class Application:
    """`asgi` is what a server runs; `stop` ends the page's open streams; `flush` waits for the answer log."""

    asgi: Guard
    stop: Callable[[], None]
    flush: Callable[[float], bool]


def offline_gradio() -> None:
    """Gradio's environment, before its import: no analytics, no use of the hub, no table of past events.

    Gradio sums up its events with pandas after each of them; asked to do so once in a billion, it never does.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def shapes_of(blocks: gradio.Blocks) -> dict[int, tuple[str, ...]]:
    """The kinds of input of each event of the page."""
    return {index: tuple(KINDS[type(c).__name__] for c in fn.inputs) for index, fn in blocks.fns.items()}


def forgetter(blocks: gradio.Blocks) -> Callable[[str], None]:
    """Drops what Gradio's queue keeps of a session that nobody listens to; it would keep it for ever."""

    def forget(session: str) -> None:
        queue: Any = blocks._queue
        queue.pending_messages_per_session.pop(session, None)
        for event in queue.pending_event_ids_session.pop(session, set()):
            queue.event_ids_to_events.pop(event, None)

    return forget


def create(
    bot: Bot,
    render: api.Render,
    *,
    log: feedback.AnswerLog | None = None,
    buckets: Buckets | None = None,
    trouble: Callable[[], str] = str,
    figures: Callable[[], Figures | None] = lambda: None,
    mcp: bool = False,
    embed: tuple[str, ...] = (),
    moderating: Moderating | None = None,
) -> Application:
    """The application. `render` is `render_json`; `log` takes every reply unless its reader declines; `trouble` says why the generation
    in use is not the one that is served, "" when it is; `figures` reads what was measured; with `mcp` assistants may call tools at /mcp;
    pages of the origins in `embed` may show this one in a frame; with `moderating` the moderators' desk is at /review.

    Gradio is put together inside an event loop, in a thread of its own: without one it opens a loop for each lock that it
    makes and closes none.
    """
    offline_gradio()
    with ThreadPoolExecutor(1) as pool:
        options = _Options(render, log, buckets or Buckets(), trouble, figures, mcp, embed, moderating)
        return pool.submit(asyncio.run, _assemble(bot, options)).result()


@dataclass(frozen=True, slots=True)
class _Options:
    """The arguments of `create`."""

    render: api.Render
    log: feedback.AnswerLog | None
    buckets: Buckets
    trouble: Callable[[], str]
    figures: Callable[[], Figures | None]
    mcp: bool
    embed: tuple[str, ...]
    moderating: Moderating | None


async def _assemble(bot: Bot, options: _Options) -> Application:
    """What `create` returns."""
    import fastapi
    import gradio
    from fastapi.middleware.cors import CORSMiddleware
    from starlette.routing import Route

    from chatbot.web import pages, shell, theme
    from chatbot.web.reader import Reader

    log, render = options.log, options.render
    kept = feedback.Kept(log) if log is not None else None
    desk = Desk(bot, kept.record if kept else None)
    reader = Reader(desk, recording=desk.recording)
    blocks = reader.blocks
    sessions = Sessions(forgetter(blocks))
    static = theme.static_files()
    index_page = Path(gradio.__file__).parent / "templates" / "frontend" / "index.html"

    def page() -> bytes:
        reader.renew()
        lines = shell.notice_lines(bot.notice, desk.recording)
        return shell.page(index_page, bot.title, lines, bot.sources, static)

    tools = _over_http(desk) if options.mcp else None
    lifespan = _sweeping(sessions, tools.running if tools else contextlib.nullcontext)
    parent = fastapi.FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    parent.add_middleware(CORSMiddleware, allow_origins=[])
    parent.include_router(api.routes(desk, render, lambda: _health(bot, kept, options.trouble())))
    parent.include_router(feedback.routes(desk, kept, render))
    parent.include_router(exporting.routes(bot))
    if tools:
        parent.router.routes.append(Route(MCP, tools, methods=["POST"]))
    if options.moderating:
        from chatbot.web.desk.serving import Serving

        parent.router.routes.extend(Serving(options.moderating, bot).routes())
    _serve_page(parent, _Page(bot, page), static)
    parent.include_router(pages.routes(pages.Pages(bot, static[0], recording=desk.recording, figures=options.figures)))
    gradio.mount_gradio_app(
        parent,
        blocks,
        path="/",
        show_error=False,
        run_history=False,
        footer_links=[],
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme.theme(),
    )
    desked = options.moderating is not None
    guard = Guard(
        parent, shapes_of(blocks), sessions, options.buckets, mcp=options.mcp, embed=options.embed, desk=desked
    )
    return Application(guard, blocks.app.stop_event.set, log.flush if log else lambda _: True)


class _Page:
    """The page as bytes, made anew when another generation was taken into use."""

    def __init__(self, bot: Bot, make: Callable[[], bytes]) -> None:
        self._bot, self._make = bot, make
        self._of = bot.generation
        self._content = make()

    def content(self) -> bytes:
        """What is sent."""
        if self._of != self._bot.generation:
            self._of, self._content = self._bot.generation, self._make()
        return self._content


def _health(bot: Bot, kept: feedback.Kept | None, trouble: str) -> Json:
    """What /healthz says: degraded while no index is open, while the generation in use cannot be served, while the answer log
    cannot be written, or once it has missed a reply. Why is in the error log, not here: it names folders."""
    logging, lost = kept.health() if kept else (True, 0)
    status = "ok" if logging and bot.generation and not trouble else "degraded"
    return {"status": status, "generation": bot.generation, "unrecorded": lost}


def _serve_page(parent: fastapi.FastAPI, page: _Page, static: Sequence[Any]) -> None:
    """The page itself and its two files, before the mount takes the rest."""
    from fastapi.responses import HTMLResponse, Response

    @parent.api_route("/", methods=["GET", "HEAD"])
    async def index() -> HTMLResponse:
        return HTMLResponse(page.content())

    for file in static:

        @parent.get(f"/{file.name}")
        async def content(file: Any = file) -> Response:
            return Response(file.content, media_type=file.media_type)


def _over_http(desk: Desk) -> OverHttp:
    """The tools at /mcp; the library that they need is loaded here."""
    from chatbot.web.assistants import OverHttp
    from chatbot.web.tools import Tools

    return OverHttp(Tools(desk), MAX_BODY)


def _sweeping(
    sessions: Sessions, around: Callable[[], contextlib.AbstractAsyncContextManager[None]]
) -> Callable[[Any], contextlib.AbstractAsyncContextManager[None]]:
    """A lifespan that forgets idle sessions from time to time, inside of `around`."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            sessions.sweep(time.monotonic())

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(sweep())
        async with around():
            yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return lifespan
