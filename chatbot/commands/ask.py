"""`chatbot ask`: one question, or many as JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import ChapterError, QuestionError

EXIT = {"answer": 0, "abstention": 3, "redirect": 4}


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")] = "",
    history: Annotated[
        list[str] | None, typer.Option("--history", help="An earlier question; repeat, oldest first.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
    jsonl: Annotated[
        str,
        typer.Option(help='File of {"id","question","history"} lines, - for standard input; one JSON reply a line.'),
    ] = "",
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Asks a question. Exit code 0 answered, 3 not answered by the sources, 4 redirected, 1 an error, 2 wrong usage."""
    from chatbot.answer.rendering import kind_of, render_json, render_text
    from chatbot.pipeline import Chatbot

    if bool(question.strip()) == bool(jsonl):
        typer.echo(
            'chatbot ask: give one question, or --jsonl FILE; for example: chatbot ask "What is PTSD?"', err=True
        )
        raise typer.Exit(2)
    chatbot = Chatbot.open(corpus, index, strict=False)
    if jsonl:
        for line in ask_lines(chatbot, jsonl):
            print(line, flush=True)
        return
    outcome = chatbot.ask(question, history or ())
    if as_json:
        reply = render_json(outcome.reply, ident="", seconds=outcome.trace.seconds)
        typer.echo(json.dumps(reply, ensure_ascii=False, indent=2))
    else:
        typer.echo(render_text(outcome.reply))
    raise typer.Exit(EXIT[kind_of(outcome.reply)])


def ask_lines(chatbot: object, path: str) -> Iterator[str]:
    """One JSON reply for each JSON line, in order, with its "id"; a line that cannot be asked gives {"id","error"}.

    Raises ChapterError for a missing file or a line that is not JSON, naming the line.
    """
    from chatbot.answer.rendering import render_json
    from chatbot.pipeline import Chatbot

    assert isinstance(chatbot, Chatbot)
    if path != "-" and not Path(path).is_file():
        raise ChapterError(f"{path}: no such file; give a file of JSON lines, or - for standard input")
    with nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                ident, question, history = row.get("id", str(number)), row["question"], row.get("history") or []
                if not isinstance(question, str) or not all(isinstance(h, str) for h in history):
                    raise TypeError("question and history are text")
            except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
                raise ChapterError(
                    f'{path}:{number}: not {{"id","question","history"}}: {error}; correct the line'
                ) from error
            try:
                outcome = chatbot.ask(question, history)
                reply = render_json(outcome.reply, ident=ident, seconds=outcome.trace.seconds)
            except QuestionError as error:
                reply = {"id": ident, "error": str(error)}
            yield json.dumps(reply, ensure_ascii=False)
