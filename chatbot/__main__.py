"""The `chatbot` command: corpus, index, ask, eval, serve, mcp, new, log, review.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done or answered, 3 abstained, 4 redirected,
1 an error of ours, 2 wrong usage. The parts of the command are in `chatbot.commands`; each imports what is heavy when it runs.
"""

from __future__ import annotations

import sys

import typer

from chatbot import __version__
from chatbot.commands import ask, corpus, evaluate, index, log, mcp, new, review, serve
from chatbot.errors import ChapterError

app = typer.Typer(
    name="chatbot",
    help="Answers only in its sources' own words, each quote cited, or says that the sources do not answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("ask")(ask.ask)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("new")(new.new)
app.add_typer(corpus.app, name="corpus")
app.add_typer(index.app, name="index")
app.add_typer(evaluate.app, name="eval")
app.add_typer(log.app, name="log")
app.add_typer(review.app, name="review")


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> None:
    """Runs the command; an error of ours is one line on standard error and exit code 1."""
    try:
        app()
    except ChapterError as error:
        typer.echo(f"chatbot: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
