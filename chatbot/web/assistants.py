"""The tools over the Model Context Protocol: standard input and output for a program on this machine, or HTTP.

Built on the official library `mcp`, which this module alone imports. Over HTTP every call stands by itself: no session, a JSON
response. The library's own words on what goes wrong are kept out of the error log, since they can carry what a caller sent, and so is
its tracing. Left out: who may call; that is the guard's (`guard`, `calls`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, redirect_stdout
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from chatbot import __version__
from chatbot.web.tools import INSTRUCTIONS, TOOLS, Opening, Tools

NAME = "chapter-and-verse"


def listed() -> list[Tool]:
    """The tools as the protocol tells of them."""
    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    return [
        Tool(
            name=t.name,
            title=t.title,
            description=t.description,
            input_schema=t.takes,
            output_schema=t.gives,
            annotations=hints,
        )
        for t in TOOLS
    ]


def server_of(tools: Tools | Opening) -> Server[Any]:
    """A server of the protocol over these tools."""
    known = listed()

    async def list_tools(_: Any, __: Any) -> ListToolsResult:
        return ListToolsResult(tools=known)

    async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
        result = await tools.call(params.name, params.arguments or {})
        if result is None:
            raise MCPError(INVALID_PARAMS, f"There is no such tool; there are {', '.join(t.name for t in TOOLS)}.")
        said: list[Any] = [TextContent(type="text", text=result.text)]
        if result.structured is None:
            return CallToolResult(content=said, is_error=True)
        return CallToolResult(content=said, structured_content=result.structured)

    logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)
    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title="Chapter and Verse",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware = []
    return server


async def serve_standard(open_tools: Callable[[], Tools]) -> None:
    """Serves over standard input and output until the input ends; nothing else reaches standard output meanwhile."""
    async with stdio_server() as (reading, writing):
        with redirect_stdout(sys.stderr):  # what is printed and not yet written would come out at the end
            server = server_of(Opening(open_tools))
            await server.run(reading, writing, server.create_initialization_options())


class OverHttp:
    """An ASGI application that answers one call a request; `running` must surround its life."""

    def __init__(self, tools: Tools, max_body: int) -> None:
        self._manager = StreamableHTTPSessionManager(
            app=server_of(tools), json_response=True, stateless=True, max_request_body_size=max_body
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        await self._manager.handle_request(scope, receive, send)

    def running(self) -> AbstractAsyncContextManager[None]:
        """What must be open while calls come in."""
        return self._manager.run()
