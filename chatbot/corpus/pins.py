"""Reads and writes what moderators pinned or banned for a question: pins.toml.

    [[pin]] or [[ban]]   id, questions = [...] (in readers' words, redacted), source, sentences = [...] in a row (whole ones, copied
                         exactly), since = "2026-11-29", approved_by, why

    read_pins    with the places that the sentences have in the documents
    read_rows    as written, no document looked at
    changed      the file's text with entries added and others taken out, all else byte for byte; `write_pins` does it to the file

A corpus works without the file, and a file that would hold nothing but its heading is taken away, so that a corpus from which the last
entry is withdrawn is again the corpus that it was. Left out: which question meets an entry and what that does (`answer.pinning`).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

import tomlkit

from chatbot import files
from chatbot.corpus.placing import Entry, Shelf, read_entries
from chatbot.errors import CorpusError
from chatbot.marked import Action, Pin, Pins

FILE = "pins.toml"
KEYS = frozenset({"id", "questions", "source", "sentences", "since", "approved_by", "why"})
ACTIONS: tuple[Action, ...] = get_args(Action)
TABLES: dict[str, frozenset[str]] = dict.fromkeys(ACTIONS, KEYS)
IDENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
HEADING = """\
# Sentences that are shown first (pin), or never (ban), to readers who ask what one of the questions asks. Sentences are copied exactly.
# Written by `chatbot review pins` from what moderators proposed and a lead approved; `chatbot corpus pins` lists them.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as it is written; see `marked.Pin`."""

    ident: str
    action: Action
    questions: tuple[str, ...]
    source: str
    sentences: tuple[str, ...]
    since: str
    approved_by: str
    why: str


def read_pins(folder: Path, shelf: Shelf) -> Pins:
    """The pins and bans of a corpus folder. Raises CorpusError, naming the entry, for one that fits no document or is not well formed."""
    out: list[Pin] = []
    aside = 0
    for row, entry in _rows(folder):
        place = shelf.sentences(entry, row.source, row.sentences)
        aside += place is None
        if place is not None:
            out.append(Pin(row.ident, row.action, row.questions, place, row.since, row.approved_by, row.why))
    return Pins(tuple(out), aside)


def read_rows(folder: Path) -> tuple[Row, ...]:
    """What is in force in a corpus folder, pins before bans. Raises CorpusError for an entry that is not well formed."""
    return tuple(row for row, _ in _rows(folder))


def _rows(folder: Path) -> list[tuple[Row, Entry]]:
    """The entries, each id once."""
    out: list[tuple[Row, Entry]] = []
    found = read_entries(folder / FILE, TABLES)
    for action in ACTIONS:
        out += [(_row(action, entry), entry) for name, entry in found if name == action]
    counted = Counter(row.ident for row, _ in out)
    for row, entry in out:
        if counted[row.ident] > 1:
            raise entry.problem("this id stands there twice", "give each entry its own")
    return out


def _row(action: Action, entry: Entry) -> Row:
    """One table. Raises CorpusError for what is missing or of the wrong form."""
    row = Row(
        entry.text("id"),
        action,
        tuple(q.strip() for q in entry.texts("questions")),
        entry.text("source"),
        entry.texts("sentences"),
        entry.text("since"),
        entry.text("approved_by"),
        entry.text("why"),
    )
    wrong = _wrong(row)
    if wrong:
        raise entry.problem(*wrong)
    return row


def _wrong(row: Row) -> tuple[str, str] | None:
    """What is wrong with the form of an entry, and what to do; None for nothing."""
    if not IDENT.fullmatch(row.ident):
        return f"id = {row.ident!r}", "use letters, figures, - and _, at most 64"
    if not row.questions or not all(row.questions):
        return "it has no question", "write one or more as readers ask them"
    if not row.sentences:
        return "it has no sentences", "copy them exactly from the text"
    try:
        date.fromisoformat(row.since)
    except ValueError:
        return f"since = {row.since!r} is no day", 'write "2026-11-29"'
    return None if row.approved_by else ("nobody approved it", "put the name under approved_by")


def changed(text: str, add: Sequence[Row], remove: Collection[str]) -> str:
    """The file's text without the entries `remove` (ids) and with `add` at its end; all else stays byte for byte.

    An entry whose id stands there already is not added again, an id that does not stand there is no error. Comments right before an entry
    go with the one that follows them. "" when nothing but the heading would be left. Raises CorpusError rather than change anything else.
    """
    before = _parsed(text)
    there = {str(row.get("id")) for rows in before.values() for row in rows}
    for row in add:
        wrong = _wrong(row)
        if wrong:
            raise CorpusError(f"{FILE}: {row.ident}: {wrong[0]}; {wrong[1]}")
    new = [row for row in add if row.ident not in there - set(remove)]
    out = _without(text, before, remove)
    wanted = {name: [row for row in rows if row.get("id") not in remove] for name, rows in before.items()}
    for row in new:
        out = f"{out or HEADING}{'' if not out or out.endswith(chr(10)) else chr(10)}\n{_written(row)}"
        wanted.setdefault(row.action, []).append(_values(row))
    if _parsed(out) != {name: rows for name, rows in wanted.items() if rows}:
        raise CorpusError(f"{FILE}: could not be changed without changing more; edit it by hand")
    return "" if out.strip() == HEADING.strip() else out


def _parsed(text: str) -> dict[str, list[dict[str, Any]]]:
    """The tables of the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{FILE}: not TOML: {error}; correct or restore the file") from error
    if not all(name in TABLES and isinstance(rows, list) for name, rows in data.items()):
        raise CorpusError(f"{FILE}: holds something else than [[pin]] and [[ban]]; run `chatbot corpus check`")
    return data


def _without(text: str, tables: dict[str, list[dict[str, Any]]], remove: Collection[str]) -> str:
    """The text without the lines of those entries, from their heads to what belongs to the next."""
    lines = re.split(r"(?<=\n)", text)
    heads = [at for at, line in enumerate(lines) if line.split("#")[0].strip() in ("[[pin]]", "[[ban]]")]
    rows = {f"[[{name}]]": iter(found) for name, found in tables.items()}
    gone: set[int] = set()
    for number, head in enumerate(heads):
        row = next(rows.get(lines[head].split("#")[0].strip(), iter(())), None)
        if row is None:
            raise CorpusError(f"{FILE}:{head + 1}: the text of an entry looks like a table; edit the file by hand")
        if row.get("id") in remove:
            end = heads[number + 1] if number + 1 < len(heads) else len(lines)
            while number + 1 < len(heads) and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
                end -= 1
            gone |= set(range(head, end)) | _gap(lines, head, end)
    return "".join(line for at, line in enumerate(lines) if at not in gone)


def _gap(lines: Sequence[str], head: int, end: int) -> set[int]:
    """The empty line that stood before an entry which is taken out, where another or the end follows."""
    bare = head > 0 and not lines[head - 1].strip() and (end == len(lines) or not lines[end].strip())
    return {head - 1} if bare else set()


def _values(row: Row) -> dict[str, Any]:
    """An entry as TOML reads it."""
    return {
        "id": row.ident,
        "questions": list(row.questions),
        "source": row.source,
        "sentences": list(row.sentences),
        "since": row.since,
        "approved_by": row.approved_by,
        "why": row.why,
    }


def _written(row: Row) -> str:
    """An entry as it stands in the file; each question and sentence on a line of its own."""
    table = tomlkit.table()
    for key, value in _values(row).items():
        if isinstance(value, list):
            listed = tomlkit.array()
            listed.extend(value)
            value = listed.multiline(True)
        table.add(key, value)
    return f"[[{row.action}]]\n{table.as_string()}"


def write_pins(folder: Path, add: Sequence[Row], remove: Collection[str]) -> bool:
    """Changes the file of a corpus folder as `changed` says; whether that changed anything. Written beside and renamed."""
    path = folder / FILE
    try:
        before = path.read_bytes().decode() if path.exists() else ""
        after = changed(before, add, remove)
        if after == before:
            return False
        if not after:
            path.unlink()
            return True
        files.replace(path, after.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: cannot be changed ({error}); see that it can be written") from error
    return True
