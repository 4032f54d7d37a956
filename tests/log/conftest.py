"""Outcomes and records to log: a document of three sentences, and replies that quote it."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from chatbot.datatypes import Author, Citation, Document, Evidence, Sentence, Source, Status
from chatbot.log.chain import GENESIS
from chatbot.log.database import Database
from chatbot.log.records import Record
from chatbot.replies import Abstention, Answer, Disclaimer, Outcome, Redirect, Statement, Trace, Understood

TEXT = "Kindness helps.\nMDMA was given in 15 sites.\nNothing here is approved."
SENTENCES = ((0, 15), (16, 43), (44, 69))
GENERATION = "0123456789abcdef"
VISIT = "visit-of-a-reader-1"


def make_document(text: str = TEXT) -> Document:
    source = Source(
        "article", "web", "On kindness", (Author("Lee"),), "2024", "", "", "https://example.org/a", "own", "full", "Lee (2024).",
        Status("clear", "2026-11-01", "read"),
    )  # fmt: skip
    return Document(source, text, Document.digest(text))


DOCUMENT = make_document()


def make_citation(number: int, span: tuple[int, int]) -> Citation:
    quote = DOCUMENT.quote(*span, GENERATION)
    return Citation(
        number, quote, "Lee (2024)", "Lee (2024).", "https://example.org/a#:~:text=x", "", "clear", "full", "From:"
    )


def make_outcome(
    kind: str = "answer",
    question: str = "Does kindness help?",
    understood: Understood | None = None,
    unknown_terms: tuple[str, ...] = (),
) -> Outcome:
    disclaimer = Disclaimer(DOCUMENT.quote(*SENTENCES[2], GENERATION), "United States", "2026-11-01")
    common = (question, understood or Understood(question, parts=(question,)), disclaimer, GENERATION)
    reply: Answer | Abstention | Redirect
    if kind == "answer":
        reply = Answer(*common, (Statement((make_citation(1, SENTENCES[0]),)),), 0.9)
    elif kind == "abstention":
        near = (make_citation(1, SENTENCES[1]),)
        reply = Abstention(
            *common, "not_answered", "Not answered.", near, unknown_terms, ("kindness",), ("What helps?",), 0.3
        )
    else:
        help_lines = (("United States", "Lifeline", "988"),)
        reply = Redirect(*common, kind, "Fixed words.", help_lines, ())  # type: ignore[arg-type]
    candidates = tuple(
        Evidence(
            row,
            Sentence("article", start, end, TEXT[start:end], (), "body", 0, row),
            0.8 - row / 10,
            (("cosine", 0.5),),
        )
        for row, (start, end) in enumerate(SENTENCES[:2])
    )
    return Outcome(reply, Trace(candidates, 0.9 if kind == "answer" else 0.3, "settings1", 0.125))


def make_logged(
    number: int, *, owner: str = "owner", asked_at: str = "2026-11-24T08:00Z", question: str = ""
) -> Record:
    quote = {"doc_id": "article", "start": 0, "end": 15, "text": "Kindness helps.", "sha256": DOCUMENT.sha256}
    return Record(
        record_id=f"record-{number}",
        owner=owner,
        asked_at=asked_at,
        kind="answer",
        question=question or f"Question {number}?",
        reply={"kind": "answer", "question": question or f"Question {number}?", "quotes": [quote]},
        hits=(),
        settings_digest="settings1",
        generation=GENERATION,
        confidence=0.75,
        seconds=0.125,
    )


@pytest.fixture
def outcome() -> Callable[..., Outcome]:
    """Makes an outcome: kind, question, understood, unknown_terms."""
    return make_outcome


@pytest.fixture
def logged() -> Callable[..., Record]:
    """Makes a record: number, owner, asked_at, question."""
    return make_logged


@pytest.fixture
def document() -> Document:
    """The document that all these quote."""
    return DOCUMENT


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "answers.sqlite"


@pytest.fixture
def database(log_path: Path) -> Iterator[Database]:
    """An empty log."""
    found = Database.open(log_path, create=True, busy_seconds=0.3)
    yield found
    found.close()


def programs() -> Path | None:
    """The newest folder with a PostgreSQL server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def as_somebody(command: list[str]) -> None:
    """Runs a command as an ordinary user, since the server refuses root."""
    identity = (
        {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    )
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/", **identity)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own on loopback, from Debian's package, without a database's name; skipped with a word."""
    binaries = programs()
    if binaries is None or importlib.util.find_spec("psycopg") is None:
        pytest.skip(
            "no PostgreSQL server or no psycopg here: apt-get install postgresql, pip install 'psycopg[binary]'"
        )
    home = Path(tempfile.mkdtemp(prefix="chatbot-postgresql-"))
    if os.getuid() == 0:
        shutil.chown(home, "nobody")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(home / "data")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    as_somebody([str(binaries / "initdb"), "-D", data, "-U", "log", "-A", "trust", "-E", "UTF8", "--no-sync"])
    as_somebody([str(binaries / "pg_ctl"), "-D", data, "-w", "-l", str(home / "server.log"), "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://log@127.0.0.1:{port}/"
    finally:
        as_somebody([str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def new_url(server: str) -> Callable[[], str]:
    """Makes empty databases: copies of one whose steps are taken."""
    import psycopg

    made = 0

    def make() -> str:
        nonlocal made
        with psycopg.connect(f"{server}postgres".replace("+psycopg", ""), autocommit=True) as connection:
            if not made:
                connection.execute("CREATE DATABASE pattern")
                Database.open(f"{server}pattern").close()
            made += 1
            connection.execute(f"CREATE DATABASE log{made} TEMPLATE pattern")  # type: ignore[call-overload]
        return f"{server}log{made}"

    return make


EMPTY = """
    ALTER TABLE entries ENABLE TRIGGER ALL;
    TRUNCATE entries, removed, events, facets, quoted, tagged, words, vectors, likes RESTART IDENTITY;
    UPDATE head SET seq = 0, link = '{genesis}'
"""


@pytest.fixture
def url(new_url: Callable[[], str], emptied: list[str]) -> Iterator[str]:
    """An empty log in PostgreSQL: the last test's, emptied, or a new one where that one cannot be any more."""
    import psycopg

    where = emptied.pop() if emptied else new_url()
    yield where
    with suppress(psycopg.Error):
        with psycopg.connect(where.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(EMPTY.format(genesis=GENESIS))  # type: ignore[call-overload]
        emptied.append(where)


@pytest.fixture(scope="session")
def emptied() -> list[str]:
    """Databases that may be used again."""
    return []


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, log_path: Path) -> str:
    """Where an empty log is, in either database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("url"))
    Database.open(log_path, create=True).close()
    return str(log_path)


@pytest.fixture
def either(place: str) -> Iterator[Database]:
    """An empty log in either database."""
    with closing(Database.open(place)) as found:
        yield found


@pytest.fixture
def run(place: str) -> Callable[[str], list[tuple[object, ...]]]:
    """Runs a statement past the log's own code, in either database; returns its rows."""

    def statement(text: str) -> list[tuple[object, ...]]:
        if "://" in place:
            import psycopg

            with psycopg.connect(place.replace("+psycopg", "")) as connection:
                cursor = connection.execute(text)  # type: ignore[call-overload]
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(place)) as connection, connection:
            return connection.execute(text).fetchall()

    return statement
