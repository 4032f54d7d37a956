"""`chatbot mcp`: the tools for an assistant on this machine, over standard input and output."""

from __future__ import annotations

import asyncio

import typer

from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.commands.serve import follow


def mcp(corpus: CorpusOption = CORPUS, index: IndexOption = INDEX) -> None:
    """Let an assistant on this machine ask, list sources and look passages up (Model Context Protocol). Nothing is logged."""
    from chatbot.web.asking import Desk
    from chatbot.web.assistants import serve_standard
    from chatbot.web.tools import Tools

    def opened() -> Tools:
        switch = follow(corpus, index, assistants=True)
        if not switch.generation:
            typer.echo("No index is in use; run `chatbot index build`. Only crisis messages are answered.", err=True)
        return Tools(Desk(switch))

    asyncio.run(serve_standard(opened))
