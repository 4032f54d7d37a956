"""Reads a foreign file in a child process that can do little harm: bounded memory, time and output, no files written, no environment.

The child is `parsing`: bytes on its standard input, a Reading as JSON on its standard output. It bounds itself before it reads a byte
of the file (RLIMIT_AS, RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_CORE); the clock on the wall and the size of its
output are watched from here, and what it started dies with it. Nothing that a parser said reaches a reader: only our own sentences do.
Where there is no `resource` (Windows) the wall clock and the bounded output remain. What it leaves out: a filter of system calls; a
parser that was taken over could still read files and open connections as the user who runs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

from chatbot.corpus.readings import from_json
from chatbot.corpus.values import Reading, Record
from chatbot.errors import UnreadableSource
from chatbot.sourcing.parsing import HTML, NO_MEMORY, PDF, UNREADABLE, XML

KINDS = {
    XML: XML, "text/xml": XML, "application/jats+xml": XML,
    HTML: HTML, "application/xhtml+xml": HTML,
    PDF: PDF, "application/x-pdf": PDF,
}  # fmt: skip
CHARSET = re.compile(r"charset=([\w.:-]{1,40})", re.IGNORECASE)
SNIFFED = 4096  # bytes in which a file says what it is
PROLOGUE = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype\s+(\w[\w-]*)[^>\[]*(?:\[.*?\]\s*)?>|\s+)", re.DOTALL | re.IGNORECASE
)
ROOT = re.compile(r"<(?:\w+:)?([a-z][\w-]*)[\s/>]", re.IGNORECASE)
JATS_ROOTS = ("article", "pmc-articleset", "articles", "oai-pmh", "record")
STEERING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]"
)  # a terminal or a page shows other words than are there
MAX_STDERR = 2000  # bytes of the child's own complaints that are kept: a note on the error, which no reader sees
MAX_SENTENCE = 500  # characters of the child's sentence
POLL_SECONDS, GRACE_SECONDS = (
    0.02,
    5.0,
)  # how often the child is looked at; how long its pipes may take to close once it was killed
CRASHES = tuple(getattr(signal, name, 0) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGTRAP"))
NEXT = "use another copy of it, or read it with larger ParsingLimits"


@dataclass(frozen=True, slots=True)
class ParsingLimits:
    """What one file may take. `memory` (beyond what the child has before it reads) and `output` are bytes, `seconds` wall clock.

    Measured: PDFs of up to 41 pages took 19 MiB and 2 s, the largest JATS articles and pages less than 64 MiB and 1.5 s, 300 dense
    pages of PDF 110 MiB and 22 s.
    """

    memory: int = 512 * 2**20
    seconds: float = 90.0
    cpu_seconds: int = 60
    output: int = 20 * 2**20
    open_files: int = 32


LIMITS = ParsingLimits()


def read_apart(raw: bytes, media_type: str, *, url: str = "", where: str, limits: ParsingLimits = LIMITS) -> Reading:
    """The reading of a foreign file, parsed in a child process. `where` names the file in errors, `url` is where a page came from.

    What the bytes say goes before what a server said of them. Raises UnreadableSource when neither is a kind that is read here, when
    the file is damaged, or when reading it takes more than the limits allow.
    """
    kind = kind_of(raw, media_type, where)
    named = CHARSET.search(media_type)
    task = [kind, url, where, named[1] if named else "", limits.memory, limits.cpu_seconds, limits.open_files]
    child = _run([*command(), json.dumps(task)], raw, limits)
    try:
        if child.stopped:
            raise UnreadableSource(f"{where}: reading it was stopped after {child.stopped}; {NEXT}")
        if child.code == UNREADABLE:
            raise UnreadableSource(_sentence(child.out, where))
        if child.code != 0:
            raise UnreadableSource(f"{where}: {_why_it_ended(child.code, kind, limits)}; {NEXT}")
        try:
            return _checked(child.out)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableSource(
                f"{where}: the reader of {kind} gave back no reading ({type(error).__name__}); {NEXT}"
            ) from error
    except UnreadableSource as error:
        error.add_note(child.complaints)
        raise


def kind_of(raw: bytes, media_type: str, where: str) -> str:
    """application/pdf, application/xml or text/html. Raises UnreadableSource naming both what was said and what is found.

    >>> kind_of(b"%PDF-1.4 ...", "text/html", "a.pdf"), kind_of(b"<?xml version='1.0'?><article/>", "text/html; charset=utf-8", "a.xml")
    ('application/pdf', 'application/xml')
    """
    said = KINDS.get(media_type.split(";")[0].strip().lower(), "")
    if b"%PDF-" in raw[:1024]:
        return PDF
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    head = raw[:SNIFFED].decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff \t\r\n")
    declared, at = "", 0
    while match := PROLOGUE.match(head, at):
        declared, at = declared or (match.group(1) or "").lower(), match.end()
    root = ROOT.match(head, at)
    name = root.group(1).lower() if root else ""
    if "html" in (declared, name):
        return HTML
    if declared in JATS_ROOTS or name in JATS_ROOTS or (head.startswith("<?xml") and name):
        return XML
    if said in (HTML, XML) and ROOT.search(head):
        return said
    raise UnreadableSource(
        f"{where}: was sent as {media_type or 'nothing'} and begins with {raw[:16]!r}; only PDF, JATS XML and HTML are read,"
        " so look at the address it came from"
    )


def command() -> list[str]:
    """The program that reads: `parsing`, from where it lies, whether installed, editable or neither.

    -I keeps the environment and the working directory out; so the package's own folder is named.
    """
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r}); from chatbot.sourcing.parsing import main; main()"
    return [sys.executable, "-I", "-B", "-c", start]


@dataclass(frozen=True, slots=True)
class _Child:
    """How a child ended. `stopped` says what it had used up when it was killed, or is empty."""

    code: int
    out: bytes
    complaints: str
    stopped: str


def _run(arguments: list[str], raw: bytes, limits: ParsingLimits) -> _Child:
    """Runs a child with the bytes on its standard input until it ends or has used up time or output."""
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        cwd=Path(sys.executable).anchor,
        start_new_session=True,
    )
    out, complaints = bytearray(), bytearray()
    threads = [
        threading.Thread(target=_feed, args=(process.stdin, raw), daemon=True),
        threading.Thread(target=_collect, args=(process.stdout, out, limits.output + 1), daemon=True),
        threading.Thread(target=_collect, args=(process.stderr, complaints, MAX_STDERR), daemon=True),
    ]
    stopped = ""
    try:
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + limits.seconds
        while not (_has_ended(process) or stopped):
            time.sleep(POLL_SECONDS)
            if len(out) > limits.output:
                stopped = f"{_megabytes(limits.output)} of output"
            elif time.monotonic() > deadline:
                stopped = f"{limits.seconds:g} s"
    finally:
        _kill(process)
        for thread in threads:
            thread.join(GRACE_SECONDS)
    if len(out) > limits.output:
        stopped = f"{_megabytes(limits.output)} of output"
    return _Child(process.returncode, bytes(out), complaints.decode("utf-8", "replace"), stopped)


def _environment() -> dict[str, str]:
    """What a child needs: no word of ours, one thread, and on Windows where the system is."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the child ended; where the system can tell without burying it, it stays, so that its number is not given to another."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the child and every process of its session, and waits for it."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _feed(pipe: IO[bytes], raw: bytes) -> None:
    with contextlib.suppress(OSError), pipe:
        pipe.write(raw)


def _collect(pipe: IO[bytes], into: bytearray, most: int) -> None:
    """Reads a pipe to its end, or until there is more than enough; what comes after is dropped."""
    with contextlib.suppress(OSError, ValueError), pipe:
        while piece := os.read(pipe.fileno(), 65536):
            into += piece[: max(0, most - len(into))]


def _why_it_ended(code: int, kind: str, limits: ParsingLimits) -> str:
    if code == NO_MEMORY:
        return f"reading it takes more than {_megabytes(limits.memory)} of memory"
    if code in (-signal.SIGKILL, -getattr(signal, "SIGXCPU", 0)):
        return f"reading it takes more than {limits.cpu_seconds} s of processor time or the machine's memory"
    if -code in CRASHES:
        return f"the reader of {kind} crashed: the file is damaged or takes more than {_megabytes(limits.memory)} of memory"
    return f"the reader of {kind} broke off with code {code}"


def _sentence(out: bytes, where: str) -> str:
    """The child's own sentence, if it is one: it may come from a parser that was taken over."""
    with contextlib.suppress(ValueError):
        told = json.loads(out)
        if (
            isinstance(told, str)
            and told.startswith(where)
            and told.isprintable()
            and len(told) <= MAX_SENTENCE + len(where)
        ):
            return told
    return f"{where}: cannot be read; {NEXT}"


def _checked(out: bytes) -> Reading:
    """The reading that the child gave, if it is one throughout. Raises KeyError, TypeError or ValueError."""
    row = json.loads(out)
    json.dumps(row, ensure_ascii=False).encode()  # half a character is no text
    reading = from_json(row)
    words = [word for part in reading.parts for word in (part.text, *part.heading_path)] + list(reading.notes)
    for record in (reading.record, *(r.record for r in reading.references)):
        words += [getattr(record, f.name) for f in fields(Record) if f.name not in ("authors", "editors")]
        words += [name for people in (record.authors, record.editors) for a in people for name in (a.family, a.given)]
    words += [word for r in reading.references for word in (r.printed, r.label)]
    if not all(isinstance(word, str) for word in words):
        raise ValueError("a field that is text holds something else")
    if any(map(STEERING.search, words)):
        raise ValueError("a text holds control characters")
    printed = [part.text for part in reading.parts if part.role == "reference"]
    if len(printed) != len(reading.references):
        raise ValueError(f"{len(printed)} parts are references and {len(reading.references)} references are given")
    return reading


def _megabytes(n: int) -> str:
    return f"{n / 2**20:g} MiB"
