"""A scripted chatbot over the real corpus, and a real server around it.

The script stands in for the models only: its quotes are cut from the corpus by the same code as always.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from taken_along import SETTING, STUDIES, TRIAL

from chatbot.datatypes import Block, Citation, Document, Source, Status
from chatbot.replies import (
    Abstention,
    Answer,
    Definition,
    Disclaimer,
    Outcome,
    Redirect,
    RedirectKind,
    Reply,
    Statement,
    Trace,
    Understood,
)

CHROMIUM = "/usr/bin/chromium"
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
GENERATION = "0123456789abcdef"
TRICKY = (
    "*stars* _bars_ `ticks` $a$ $$b$$ \\(c\\) ```mermaid\n\n# not a heading\n\ttab  two spaces &amp; &lt;b&gt; <script>alert(1)"
    "</script> <img src=x onerror=alert(2)> ${7*7} {{7*7}} 'single' \"double\" “curly’ :smile: www.example.org [x](http://y)"
    " %%%LATEX_BLOCK_0%%% é e\u0301 \u202egnal\u202c \u200bzero \U0001f600 -- ... (c)"
)


def source(doc_id: str, kind: str) -> Source:
    """A source with nothing special about it."""
    status = Status("clear", "2026-11-23", "a test")
    address = f"https://example.org/{doc_id}"
    return Source(doc_id, kind, doc_id.title(), (), "2026", "", "", address, "", "full", "", status)


TRICKY_DOCUMENT = Document(
    source("tricky", "article"), TRICKY, Document.digest(TRICKY), (Block(0, len(TRICKY), "body", (TRICKY,)),)
)


@dataclass
class ScriptedBot:
    """Answers by words of the question: see `reply`. `asked` keeps what it was asked."""

    corpus: Any
    generation: str = GENERATION
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    checked: list[tuple[str, bool]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    outside: Exception | None = None

    def __post_init__(self) -> None:
        manifest = self.corpus.manifest
        self.sources: tuple[Source, ...] = manifest.sources
        self.examples: tuple[str, ...] = manifest.examples
        self.decision: dict[str, Any] = {}
        self.notice: tuple[str, ...] = self.corpus.messages.notice
        article = self.corpus.documents[manifest.article]
        self.title: str = article.source.title
        start = article.text.index(manifest.disclaimer)
        quote = article.quote(start, start + len(manifest.disclaimer), self.generation)
        self.disclaimer = Disclaimer(quote, manifest.jurisdiction, manifest.as_of)

    def cite(self, doc_id: str, words: str, number: int, section: str, relies: Sequence[str] = ()) -> Citation:
        """The citation of the sentence that begins with `words`, cut as the pipeline cuts it."""
        from chatbot.answer.quoting import cite

        document = TRICKY_DOCUMENT if doc_id == "tricky" else self.corpus.documents[doc_id]
        start = document.text.index(words)
        end = len(document.text) if doc_id == "tricky" else start + len(words)
        return cite(
            document,
            start,
            end,
            number=number,
            generation=self.generation,
            section=section,
            lead_ins=self.corpus.messages.lead_in,
            relies_on=[s for s in self.sources if s.doc_id in relies],
        )

    def corpus_of(self, generation: str) -> Any:
        """The corpus with the document whose text is tricky, for the generation of its replies."""
        documents = self.corpus.documents | {"tricky": TRICKY_DOCUMENT}
        return replace(self.corpus, documents=documents) if generation == self.generation else None

    def ask(self, question: str, history: Sequence[str] = (), *, as_typed: bool = False) -> Outcome:
        """The scripted outcome."""
        self.asked.append((question, tuple(history)))
        self.typed += [question] if as_typed else []
        if self.outside is not None:
            raise self.outside
        if "fails" in question:
            raise RuntimeError(f"failed on: {question}")
        if "moment" in question:
            time.sleep(1.0)
        if "slow" in question:
            self.gate.wait(20)
        reply = self.reply(question, tuple(history))
        if as_typed:
            reply = replace(reply, understood=Understood(question, parts=(question,)))
        return Outcome(reply, Trace((), 0.9, "0" * 16, 0.01))

    def urgent(self, question: str, *, patterns_only: bool = False) -> Outcome | None:
        """The scripted outcome of a hopeless message; "veiled" ones only when the model reads too."""
        self.checked.append((question, patterns_only))
        if "hopeless" not in question or ("veiled" in question and patterns_only):
            return None
        return Outcome(self.reply(question, ()), Trace((), 1.0, "0" * 16, 0.01))

    def reply(self, question: str, history: tuple[str, ...]) -> Reply:
        """weather: abstains; hopeless: crisis; dose, should I: redirects; tricky, parts: special answers; else two quotes."""
        changed = question.replace("compasion", "compassion")
        carried = ("self-kindness",) if history and question.startswith("And") else ()
        changes = (("compasion", "compassion"),) if changed != question else ()
        read = Understood(changed, changes, carried, (changed,))
        common = (question, read, self.disclaimer, self.generation)
        messages = self.corpus.messages
        if "hopeless" in question:
            lines = tuple((h.country, h.name, h.contact) for h in messages.help_lines)
            return Redirect(*common, "crisis", messages.crisis, lines, ())
        for word, kind, message in (
            ("dose", "drug_request", messages.drug_request),
            ("should I", "medical_advice", messages.medical_advice),
        ):
            if word in question:
                shown = self.cite("unlocking-healing", SETTING, 1, "A New Approach: MDMA-Assisted Therapy")
                return redirect(common, kind, message, shown)
        if "weather" in question:
            near = tuple(self.cite(*n) for n in NEAR)
            topics = self.corpus.manifest.covered
            return Abstention(
                *common,
                "not_answered",
                messages.not_answered,
                near,
                ("weather", "Tuesday"),
                topics,
                self.examples[:3],
                0.1,
            )
        if "tricky" in question:
            return Answer(*common, (Statement((self.cite("tricky", TRICKY[:3], 1, TRICKY),)),), 0.9)
        if "parts" in question:
            read = Understood(changed, (), (), ("What is mindfulness?", "What is common humanity?", "Who paid?"))
            common = (question, read, self.disclaimer, self.generation)
            first = Statement(
                (self.cite("unlocking-healing", MINDFULNESS, 1, "The Gentle Power of Self-Compassion"),), 0
            )
            second = Statement((self.cite("unlocking-healing", HUMANITY, 2, "The Gentle Power of Self-Compassion"),), 1)
            return Answer(*common, (first, second), 0.9, ("Who paid?",))
        if "Explain" in question:
            at, name = TRIAL.index("24.4 points"), TRIAL.index("CAPS-5")
            cited = replace(self.cite(*ANSWER[1]), emphasis=((at, at + 11),), terms=((name, name + 6, "CAPS-5"),))
            glossary = (Definition("CAPS-5", "A scale of severity."),)
            return Answer(*common, (Statement((cited,)),), 0.9, reading_grade=12, glossary=glossary)
        return Answer(*common, tuple(Statement((self.cite(*a),)) for a in ANSWER), 0.9)


def redirect(common: tuple[Any, ...], kind: str, message: str, shown: Citation) -> Redirect:
    """A redirect of that kind with one quote."""
    kinds: dict[str, RedirectKind] = {"drug_request": "drug_request", "medical_advice": "medical_advice"}
    return Redirect(*common, kinds[kind], message, (), (shown,))


MINDFULNESS = "Mindfulness, in this context, means being aware of our painful thoughts and feelings without being overwhelmed by them."
HUMANITY = "Common humanity involves recognizing that everyone makes mistakes and experiences difficulties."
CONTEXT = "A New Approach: MDMA-Assisted Therapy"
ANSWER: list[tuple[Any, ...]] = [
    ("unlocking-healing", STUDIES, 1, CONTEXT, ("mitchell-2021", "webmd-mdma-therapy")),
    ("mitchell-2021", TRIAL, 2, "Results for PTSD symptoms"),
]
NEAR: list[tuple[Any, ...]] = [
    ("unlocking-healing", SETTING, 1, CONTEXT),
    (
        "unlocking-healing",
        "It is not a quick fix, but a comprehensive therapeutic process that requires commitment and professional guidance.",
        2,
        "The Journey Towards Self-Acceptance",
    ),
]


@pytest.fixture(scope="session")
def corpus() -> Any:
    """The repository's corpus, as read."""
    from chatbot.building import read_corpus

    return read_corpus(CORPUS)


@pytest.fixture(scope="session")
def new_bot(corpus: Any) -> Callable[[], ScriptedBot]:
    """Makes scripted chatbots."""
    return lambda: ScriptedBot(corpus)


@pytest.fixture
def bot(corpus: Any) -> Iterator[ScriptedBot]:
    """A scripted chatbot; whatever waits at its gate is let go at the end."""
    made = ScriptedBot(corpus)
    yield made
    made.gate.set()


@dataclass
class ListLog:
    """An answer log that keeps "id question" in a list, and thumbs in another."""

    recorded: list[str] = field(default_factory=list)
    thumbs: list[tuple[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def record(self, outcome: Outcome, ident: str) -> str:
        self.recorded.append(f"{ident} {outcome.reply.question}")
        return f"RECEIPT-{len(self.recorded)}"

    def thumb(self, ident: str, thumb: Any) -> bool:
        self.thumbs.append((ident, thumb))
        return True

    def show(self, receipts: Sequence[str]) -> list[Any]:
        return []

    def delete(self, receipts: Sequence[str]) -> int:
        self.deleted += receipts
        return len(receipts)

    def status(self) -> dict[str, Any]:
        return {"state": "ok", "lost": 0}

    def flush(self, seconds: float) -> bool:
        return True


@pytest.fixture
def list_log() -> ListLog:
    """An answer log in memory."""
    return ListLog()


@dataclass
class Running:
    """A server in a thread."""

    url: str
    bot: ScriptedBot
    recorded: list[str]
    log: ListLog


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Starts servers around chatbots, with limits that no test meets, and tells their addresses; all end with the session."""
    from chatbot.answer.rendering import render_json
    from chatbot.web import server
    from chatbot.web.application import create
    from chatbot.web.limits import Buckets

    ended: list[tuple[Any, threading.Thread]] = []

    def serve_one(bot: Any, **options: Any) -> str:
        buckets = Buckets(rate=1000.0, burst=1000)
        application = create(bot, render_json, buckets=buckets, **options)
        application.asgi.exports = application.asgi.desks = application.asgi.tries = buckets
        sock = server.listen("127.0.0.1", 0)
        running = server.server_for(application)
        thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[sock])), daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.02)
        ended.append((running, thread))
        return server.address_of(sock)

    yield serve_one
    for running, thread in ended:
        running.should_exit = True
        thread.join(15)


@pytest.fixture(scope="session")
def start(corpus: Any, serve: Callable[..., str]) -> Iterator[Callable[..., Running]]:
    """Starts servers around scripted chatbots; all end with the session."""
    bots: list[ScriptedBot] = []

    def start_one(*, recording: bool = False, **options: Any) -> Running:
        bot, log = ScriptedBot(corpus), ListLog()
        bots.append(bot)
        url = serve(bot, log=log if recording else None, **options)
        return Running(url, bot, log.recorded, log)

    yield start_one
    for bot in bots:
        bot.gate.set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium; the tests that need it are skipped where it is absent. It keeps an event loop in this thread, so
    that it is closed again with the module."""
    if not shutil.which(CHROMIUM):
        pytest.skip(f"no browser at {CHROMIUM}; install Debian's chromium to run the page's tests")
    from playwright.sync_api import sync_playwright

    flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags.split())
        yield chromium
        chromium.close()
