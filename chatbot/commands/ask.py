"""`chatbot ask`: one question, also as a card to take along, or many as JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption
from chatbot.errors import ChapterError, QuestionError

if TYPE_CHECKING:
    from chatbot.gathering import Corpus
    from chatbot.replies import Reply

EXIT = {"answer": 0, "abstention": 3, "redirect": 4}
CARDS = {".html": "html", ".pdf": "pdf", ".md": "markdown"}


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
    card: Annotated[
        Path | None, typer.Option(help="Also writes the reply as a file to take along: NAME.html, NAME.pdf or NAME.md.")
    ] = None,
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
    if card and (jsonl or card.suffix not in CARDS):
        typer.echo(f"chatbot ask: --card takes one question and a name that ends in {', '.join(CARDS)}", err=True)
        raise typer.Exit(2)
    chatbot = Chatbot.open(corpus, index, strict=False)
    if jsonl:
        for line in ask_lines(chatbot, jsonl):
            print(line, flush=True)
        return
    outcome = chatbot.ask(question, history or ())
    if card:
        write_card(outcome.reply, chatbot.corpus_of, card)
    if as_json:
        reply = render_json(outcome.reply, ident="", seconds=outcome.trace.seconds)
        typer.echo(json.dumps(reply, ensure_ascii=False, indent=2))
    else:
        typer.echo(render_text(outcome.reply))
    raise typer.Exit(EXIT[kind_of(outcome.reply)])


def write_card(reply: Reply, corpus_of: Callable[[str], Corpus | None], path: Path) -> None:
    """Writes the reply as the web's POST /api/export does, each quote cut anew. Raises ChapterError when it cannot be written."""
    from chatbot import files
    from chatbot.sharing.forms import export
    from chatbot.sharing.proving import turn_of

    made = datetime.now(UTC).date().isoformat()
    file = export(CARDS[path.suffix], [turn_of(reply)], corpus_of, made)
    try:
        files.replace(path, file.content)
    except OSError as error:
        raise ChapterError(
            f"{path}: cannot be written ({error.strerror}); name a file in a folder that is there"
        ) from error


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
