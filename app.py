"""Starts the web application: readers at /, JSON at /api. The same as `chatbot serve`; `python app.py --help` lists its options."""

from __future__ import annotations

import sys

import typer

from chatbot.commands.serve import serve
from chatbot.errors import ChapterError

if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(serve)
    try:
        app()
    except ChapterError as error:
        typer.echo(f"chatbot: {error}", err=True)
        sys.exit(1)
