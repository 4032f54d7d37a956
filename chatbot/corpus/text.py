"""Reads a plain-text article or a Markdown note as text with blocks.

The text is the file's, decoded as UTF-8 with newlines normalised to `\\n`, and is never changed: a block is a span of it. A
line is a paragraph, a heading, the title, one printed reference or the disclaimer. In plain text a heading is a short line
without a full stop that a longer one follows; after a heading "References" every line is a reference. In Markdown headings
start with `#`, and the front matter between `---` lines is a block of its own. What it leaves out: tables, footnotes and
hard-wrapped paragraphs; such files belong to readers of their own.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from chatbot.corpus.values import REFERENCE_HEADINGS
from chatbot.datatypes import Block, Role, Source
from chatbot.errors import CorpusError

MAX_HEADING = 110  # characters; the article's longest heading has 85, its shortest paragraph 200
MARKER = re.compile(r"[-*+] (?=\S)")  # of an entry in a Markdown list; a number before an entry belongs to it
ENDS_A_SENTENCE = (".", "?", "!", ":", ";", "…", ")")


def read_bytes(folder: Path, source: Source, sha256: str) -> bytes:
    """The bytes of a source's file. `sha256` is of them; "" skips that check.

    Raises CorpusError when the file is missing or is not the one that the manifest names.
    """
    path = folder / source.file
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); restore it or correct `file` in sources.toml"
        ) from error
    found = hashlib.sha256(raw).hexdigest()
    if sha256 and found != sha256:
        raise CorpusError(
            f"{path}: sha256 is {found}, sources.toml says {sha256}; if the change is meant, put the new one there"
            if not source.file.startswith("fetched/")
            else f"{path}: sha256 is {found}, fetched/fetched.toml says {sha256}; run `chatbot corpus fetch {source.doc_id}` again"
        )
    return raw


def text_and_blocks(raw: bytes, path: Path, title: str) -> tuple[str, tuple[Block, ...]]:
    """The text of a plain or a Markdown file, and its blocks. Raises CorpusError when it is not UTF-8."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    markdown = path.suffix in (".md", ".markdown")
    return text, markdown_blocks(text) if markdown else plain_blocks(text, title)


def lines_of(text: str) -> list[tuple[int, int]]:
    """(start, end) of each line that is not blank, surrounding white space left out."""
    spans = []
    for match in re.finditer(r"[^\n]+", text):
        inner = match.group().strip()
        if inner:
            start = match.start() + match.group().index(inner[0])
            spans.append((start, start + len(inner)))
    return spans


def plain_blocks(text: str, title: str) -> tuple[Block, ...]:
    """Blocks of plain text, in order."""
    spans = lines_of(text)
    out: list[Block] = []
    heading: tuple[str, ...] = ()
    in_references = False
    for i, (start, end) in enumerate(spans):
        line = text[start:end]
        role: Role = "body"
        if not out and line == title:
            role = "title"
        elif line.lower() in REFERENCE_HEADINGS:
            in_references, role, heading = True, "heading", (line,)
        elif in_references:
            role = "reference"
        elif is_heading(line, text[slice(*spans[i + 1])] if i + 1 < len(spans) else ""):
            role, heading = "heading", (line,)
        out.append(Block(start, end, role, heading))
    return tuple(out)


def is_heading(line: str, following: str) -> bool:
    """A short line without an end mark, before a longer one.

    >>> is_heading("Understanding the Grip of Trauma", "Living with PTSD is more than just having bad memories.")
    True
    """
    return len(line) <= MAX_HEADING and not line.endswith(ENDS_A_SENTENCE) and len(following) > len(line)


def markdown_blocks(text: str) -> tuple[Block, ...]:
    """Blocks of a Markdown note, in order."""
    out: list[Block] = []
    front = re.match(r"---\n.*?\n---\n", text, flags=re.DOTALL)
    if front:
        out.append(Block(0, front.end(), "front_matter", ()))
    path: list[str] = []
    for start, end in lines_of(text):
        if front and start < front.end():
            continue
        line = text[start:end]
        mark = re.match(r"(#{1,6})\s+(.*)", line)
        if mark:
            level = len(mark.group(1))
            path = [*path[: max(0, level - 2)], mark.group(2).strip()]
            out.append(Block(start, end, "heading", tuple(path)))
        elif path and path[-1].lower() in REFERENCE_HEADINGS:
            out.append(Block(start + (2 if MARKER.match(line) else 0), end, "reference", tuple(path)))
        else:
            out.append(Block(start, end, "body", tuple(path)))
    return tuple(out)


def mark_disclaimer(text: str, blocks: tuple[Block, ...], disclaimer: str) -> tuple[Block, ...]:
    """The same blocks, with the one that is the disclaimer named so. It stands under no section's heading."""
    if not disclaimer:
        return blocks
    return tuple(
        Block(b.start, b.end, "disclaimer", ("Disclaimer",)) if text[b.start : b.end] == disclaimer else b
        for b in blocks
    )
