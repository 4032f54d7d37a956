"""The readers of foreign files, and the program that runs one of them under limits: what `isolating` starts as a child.

Each reader's libraries are loaded before the limits fall, the file is read after. What it leaves out: deciding what kind a file is.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from chatbot.corpus.readings import as_json
from chatbot.corpus.values import Reading
from chatbot.errors import UnreadableSource

XML, HTML, PDF = "application/xml", "text/html", "application/pdf"
UNREADABLE, NO_MEMORY = 3, 4  # exit codes: the file cannot be read, and a sentence says why; memory ran out
MIN_CHARACTERS = 40  # of a whole PDF; a scan without a text layer has none, or a stamp
UNKNOWN_SPACE = 2**30  # bytes taken as the process's own where the system does not tell

Read = Callable[[bytes], Reading]


def read_pdf(raw: bytes, where: str) -> Reading:
    """The reading of a PDF, in this process. Raises UnreadableSource for what is none, is damaged, locked, or has no text."""
    from chatbot.corpus.readers.pdf import columns, front, furniture, joining, listing, paragraphs, roles, words
    from chatbot.corpus.references.citations import cite_marks
    from chatbot.corpus.references.entries import parse_reference
    from chatbot.corpus.references.labelling import packaged_labeller

    label_words = packaged_labeller()
    pages, named = words.read_words(raw, where)
    whole = {page.number: columns.stretches(page) for page in pages}
    found = furniture.without_furniture(
        furniture.without_line_numbers(whole), {page.number: page.height for page in pages}
    )
    lines = columns.lines_of(pages, found)
    if sum(len(line.text) for line in lines) < MIN_CHARACTERS:
        raise UnreadableSource(
            f"{where}: the PDF has no text (pages: {len(pages)}), so it was probably scanned; use a copy with a text layer"
        )
    text = roles.type_of(lines)
    marked = roles.mark(lines, text, front.title_lines(lines, named))
    join = partial(joining.join_lines, words=joining.vocabulary(line.text for line in lines))
    parts, labels = paragraphs.parts_of(marked, text, join, listing.entries_of)
    parts = front.with_front_matter(parts)
    printed = (part.text for part in parts if part.role == "reference")
    references = tuple(
        replace(parse_reference(entry, label_words), label=label) for entry, label in zip(printed, labels, strict=True)
    )
    citing = tuple(
        replace(part, marks=cite_marks(part.text, references)) if part.role in ("body", "caption", "footnote") else part
        for part in parts
    )
    title = " ".join(part.text for part in parts if part.role == "title")
    notes = tuple(f"page {page.number} has no text" for page in pages if not page.words)
    return Reading(front.record_of(whole[1], title), citing, references, notes)


def reader(kind: str, url: str, where: str, charset: str) -> Read:
    """The reader of a kind, its libraries loaded."""
    if kind == PDF:
        import pypdfium2  # noqa: F401 - loaded before the limits fall, as numpy is with its threads

        import chatbot.corpus.references.labelling  # noqa: F401

        return partial(read_pdf, where=where)
    if kind == HTML:
        from chatbot.corpus.readers.html import read_html

        return lambda raw: read_html(raw, url, where, charset)
    from chatbot.corpus.readers.jats import read_jats

    return lambda raw: read_jats(raw, where)


def main() -> None:
    """Reads standard input under the limits of the one argument and prints a reading, or a sentence that says why not."""
    kind, url, where, charset, *limits = json.loads(sys.argv[1])
    read = reader(kind, url, where, charset)
    limit(*limits)
    try:
        told, code = json.dumps(as_json(read(sys.stdin.buffer.read()))), 0
    except UnreadableSource as error:
        told, code = json.dumps(str(error)), UNREADABLE
    except RecursionError:
        told, code = json.dumps(f"{where}: is nested too deeply to be read; use another copy of it"), UNREADABLE
    except MemoryError:
        os._exit(NO_MEMORY)
    sys.stdout.write(told)
    sys.stdout.flush()
    os._exit(code)  # no library's clean-up runs over what the file may have left


def limit(memory: int, cpu_seconds: int, open_files: int) -> None:
    """Takes from this process what it does not need, for good; `memory` are bytes beyond what it has."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, _address_space() + memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a limit that is lower already stays
            resource.setrlimit(what, (most, most))


def _address_space() -> int:
    """Bytes of address space that this process has already, code and libraries."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return UNKNOWN_SPACE


if __name__ == "__main__":
    main()
