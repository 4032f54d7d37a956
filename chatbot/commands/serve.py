"""`chatbot serve`: builds the index if it must, opens the chatbot, serves the page and the JSON routes until a signal comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot import settings
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, progress_bar
from chatbot.corpus.figures import Figures, read_figures
from chatbot.datatypes import Source, Vectors
from chatbot.errors import ChapterError, CorpusError

if TYPE_CHECKING:
    from chatbot.gathering import Corpus
    from chatbot.log.grouping import Embed
    from chatbot.moderating.desk import Moderation
    from chatbot.web.swapping import Switch

HOST, PORT = "127.0.0.1", 7860

HostOption = Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for every one of this machine.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at; 0 for any free one.")]
LogOption = Annotated[str, typer.Option("--log", help="The answer log: a path, a PostgreSQL URL, or '' for none.")]
RateOption = Annotated[
    float, typer.Option("--rate", min=0.1, help="Questions a second that one address may ask, in the long run.")
]
McpOption = Annotated[
    bool, typer.Option("--mcp", help="Let assistants call tools at /mcp (Model Context Protocol over HTTP).")
]
EmbedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--embed", help="Origin whose pages may show this one in a frame, as https://example.org; repeat for more."
    ),
]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--name",
        help="Name under which this server is reached, as desk.example.org; repeat for more. No other is answered.",
    ),
]
ReviewOption = Annotated[
    bool,
    typer.Option("--review/--no-review", help="Serve the moderators' desk at /review, over the answer log."),
]
OPEN_WIRE = (
    "Others than this machine can reach the moderators' desk at /review, and here is no TLS: passwords would travel in the clear. "
    "Put a proxy with TLS before it, or serve with --no-review."
)


def _say(line: str) -> None:
    """Progress, on standard error."""
    typer.echo(line, err=True)


def check_terms(sources: Iterable[Source], host: str, *, assistants: bool = False) -> None:
    """Raises CorpusError where others than this machine could read a text whose licence lets nobody pass it on; an assistant passes on
    what it reads, wherever it runs."""
    limited = [s.doc_id for s in sources if s.limited]
    if limited and (assistants or not (host == "localhost" or is_loopback(host))):
        instead = "let no assistant read it (serve without --mcp)" if assistants else "serve at 127.0.0.1"
        raise CorpusError(
            f"{', '.join(limited)}: fetched for use on this machine only, since no open licence was found; {instead}, or "
            f"run `chatbot corpus fetch --remove {limited[0]}` and `chatbot index build` so that its note is quoted again"
        )


def permitted(sources: Iterable[Source], host: str, *, assistants: bool = False) -> bool:
    """Whether `check_terms` has nothing against them; an earlier generation may hold what was taken out since."""
    try:
        check_terms(sources, host, assistants=assistants)
    except CorpusError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether an address to listen at is this machine's alone; a name other than localhost is not taken for one."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def follow(corpus: Path, index: Path, host: str = HOST, *, assistants: bool = False) -> Switch:
    """A chatbot that serves whatever generation is in use, and knows the earlier ones. Raises CorpusError as `check_terms` does."""
    from chatbot.index import generations
    from chatbot.pipeline import Chatbot
    from chatbot.shelf import Shelf
    from chatbot.web.swapping import Switch

    first = Chatbot.open_in_use(corpus, index)
    check_terms(first.sources, host, assistants=assistants)

    def opened(generation: str) -> Chatbot:
        bot = Chatbot.open_generation(index, generation)
        check_terms(bot.sources, host, assistants=assistants)
        return bot

    shelf = Shelf(index)

    def earlier(generation: str) -> Corpus | None:
        found = shelf.corpus_of(generation)
        return found if found and permitted(found.manifest.sources, host, assistants=assistants) else None

    switch = Switch(first, lambda: generations.current(index), opened, earlier=earlier)
    switch.watch()
    return switch


def embed_with(switch: Switch) -> Embed:
    """The vectors of the answer log's questions, by the embedder in use; none while no index is open."""
    from chatbot.pipeline import Chatbot

    def embed(text: str) -> Vectors | None:
        bot = switch.bot
        reader = bot.reader if isinstance(bot, Chatbot) else None
        return reader.embedder.embed([text])[0] if reader else None

    return embed


@contextmanager
def desk_over(log: str, corpus: Path, index: Path, host: str) -> Iterator[Moderation | None]:
    """The moderators' desk over the log at a path or URL; None, with words that say why, for a log that cannot be opened."""
    from chatbot.commands.desk import desk
    from chatbot.errors import LogError

    if not (host == "localhost" or is_loopback(host)):
        _say(OPEN_WIRE)
    with ExitStack() as stack:
        try:
            found = stack.enter_context(desk(log, corpus, index, create=True))
        except LogError as error:
            _say(f"{error}\nThe moderators' desk is not served.")
            found = None
        yield found


def serve(
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
    host: HostOption = HOST,
    port: PortOption = PORT,
    rate: RateOption = 5.0,
    log: LogOption = str(settings.LOG),
    mcp: McpOption = False,
    embed: EmbedOption = None,
    review: ReviewOption = True,
    name: NameOption = None,
) -> None:
    """Serve the readers' page at /, JSON at /api/ask and, over an answer log, the moderators' desk at /review."""
    from chatbot.web import server
    from chatbot.web.framing import checked_origin
    from chatbot.web.naming import checked_name, is_local

    origins = tuple(checked_origin(origin) for origin in embed or ())
    names = tuple(checked_name(given) for given in name or ())
    sock = server.listen(host, port)
    _say("Opening the corpus and its index ...")
    from chatbot.answer.rendering import render_json
    from chatbot.log import open_reader_log
    from chatbot.release.releasing import ensure_index
    from chatbot.web.application import create
    from chatbot.web.limits import BURST, Buckets

    try:
        with progress_bar() as tick:
            ensure_index(corpus, index, _say, tick)
    except ChapterError as error:  # what is in use still answers, a person in danger in any case
        _say(f"{error}\nServing the generation in use; without one, only crisis messages are answered.")
    reached = next(
        (given for given in names if not is_local(given)), host
    )  # by whom is for its terms to say, also behind a proxy
    switch = follow(corpus, index, reached, assistants=mcp)

    def figures() -> Figures | None:
        try:
            return read_figures(corpus)
        except ChapterError as error:  # a page without its table is better than none
            _say(str(error))
            return None

    buckets = Buckets(rate, max(BURST, int(4 * rate)))
    reading = open_reader_log(log, render_json, embed_with(switch)) if log else nullcontext()
    reviewing = desk_over(log, corpus, index, host) if log and review else nullcontext()
    with reading as kept, reviewing as desk:
        application = create(
            switch,
            render_json,
            log=kept,
            buckets=buckets,
            trouble=lambda: switch.trouble,
            figures=figures,
            mcp=mcp,
            embed=origins,
            moderating=desk,
        )
        _say(f"Chapter and Verse is at {server.address_of(sock)} - stop it with Ctrl-C.")
        server.run(application, sock, names)
