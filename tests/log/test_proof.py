"""Proving a log: damaged rows are named, and every quote is held against its document."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from chatbot.datatypes import Document
from chatbot.errors import LogError
from chatbot.log import open_log
from chatbot.log.chain import Finding, Head
from chatbot.log.database import Database
from chatbot.log.proof import quotes_in, verify
from chatbot.log.records import Record

Logged = Callable[..., Record]
GENERATION = "0123456789abcdef"


def changed(document: Document, text: str, *, sha256: str = "") -> Document:
    return dataclasses.replace(document, text=text, sha256=sha256 or Document.digest(text))


def test_every_quote_is_proved(database: Database, logged: Logged, document: Document) -> None:
    database.append([logged(1), logged(2)])
    result = verify(database, {"article": document})
    assert (result.n_records, result.n_proved, result.unproved, result.broken) == (2, 2, {}, ())


def test_documents_by_generation(database: Database, logged: Logged, document: Document) -> None:
    database.append([logged(1), dataclasses.replace(logged(2), generation="older")])

    def find(generation: str) -> Mapping[str, Document] | None:
        return {"article": document} if generation == GENERATION else None

    result = verify(database, find)
    assert (result.n_proved, result.unproved, result.broken) == (1, {("older", "article"): 1}, ())


def test_a_document_edited_since_proves_nothing(database: Database, logged: Logged, document: Document) -> None:
    database.append([logged(1)])
    result = verify(database, {"article": changed(document, "Kindness harms. ")})
    assert (result.n_proved, result.unproved, result.broken) == (0, {(GENERATION, "article"): 1}, ())


def test_a_document_that_is_not_what_its_hash_names(database: Database, logged: Logged, document: Document) -> None:
    database.append([logged(1)])
    result = verify(database, {"article": changed(document, "Kindness helps!", sha256=document.sha256)})
    said = "quotes article:0-15, but the document at hand is not the one its hash names; run `chatbot index verify`"
    assert result.broken == (Finding(1, said),)


@pytest.mark.parametrize("change", [{"text": "Kindness harms."}, {"start": 1}, {"end": 14}])
def test_other_words_than_the_document_says(
    database: Database, logged: Logged, document: Document, change: dict[str, object]
) -> None:
    record = logged(1)
    wrong = {**record.reply["quotes"][0], **change}
    database.append([dataclasses.replace(record, reply={**record.reply, "quotes": [wrong]})])
    where = f"article:{wrong['start']}-{wrong['end']}"
    said = Finding(1, f"quotes {where}, but the document says other words there")
    assert verify(database, {"article": document}).broken == (said,)


def test_quotes_are_found_however_deep() -> None:
    quote = {"doc_id": "a", "start": 0, "end": 1, "text": "x", "sha256": "y"}
    nested = {
        "quotes": [quote],
        "keep": {"in": [{"mind": {**quote, "end": 2}}]},
        "disclaimer": {**quote, "end": 3},
        "no": {"doc_id": 1},
    }
    assert [q["end"] for q in quotes_in(nested)] == [1, 2, 3]


def test_a_head_noted_earlier(database: Database, logged: Logged) -> None:
    database.append([logged(1), logged(2)])
    assert verify(database, expected=verify(database).head).broken == ()
    wrong = Head(2, "f" * 64)
    assert verify(database, expected=wrong).broken == (
        Finding(2, "does not have the link ffffffffffff… that was noted"),
    )
    beyond = Head(3, "f" * 64)
    assert verify(database, expected=beyond).broken == (
        Finding(3, "does not have the link ffffffffffff… that was noted"),
    )


def test_progress_is_told(database: Database, logged: Logged) -> None:
    database.append([logged(n) for n in range(3)])
    told: list[tuple[int, int]] = []
    verify(database, tick=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def flip(path: Path, at: int, bit: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= bit
    path.write_bytes(content)


def test_a_flipped_byte_names_its_row(log_path: Path, logged: Logged, document: Document) -> None:
    with closing(open_log(log_path, create=True)) as log:
        log.append([logged(n, question=f"mark-{n}") for n in range(1, 6)])
    at = log_path.read_bytes().index(b"mark-3")
    for bit in (1, 0x80):
        flip(log_path, at, bit)
        with closing(open_log(log_path)) as log:
            found = verify(log, {"article": document})
            assert found.broken == (Finding(3, "is not what was written: its checksum does not match"),)
            assert found.n_proved == 4
            with pytest.raises(LogError, match=r"^row 3 of the answer log is not what was written"):
                list(log.records())
        flip(log_path, at, bit)


def test_no_flipped_bit_goes_unseen(log_path: Path, logged: Logged, document: Document) -> None:
    """Seeded flips over the whole file: each is reported, or the log cannot be opened, or not a value is different."""
    with closing(open_log(log_path, create=True)) as log:
        log.append([logged(n, owner=f"o{n % 8}", question=f"question {n} " * 60) for n in range(1, 41)])
        log.remove("receipt", owners=["o1"])
        whole = list(log.records())
    random, pristine, seen = Random(6), log_path.read_bytes(), 0
    for _ in range(80):
        at = random.randrange(len(pristine))
        flip(log_path, at, 1 << random.randrange(8))
        try:
            with closing(open_log(log_path)) as log:
                broken = verify(log, {"article": document}).broken
                assert broken or list(log.records()) == whole, f"the flip at byte {at} went unseen"
                seen += bool(broken)
        except LogError:
            seen += 1
        for path in log_path.parent.glob("answers.sqlite*"):
            path.unlink()
        log_path.write_bytes(pristine)
    assert seen > 20, "rows are a good part of the file"


def test_a_torn_file_is_broken_and_raises_nothing_else(log_path: Path, logged: Logged) -> None:
    with closing(open_log(log_path, create=True)) as log:
        log.append([logged(n, question="x" * 3000) for n in range(40)])
    content = log_path.read_bytes()
    for length in (len(content) // 2, len(content) - 5000):
        log_path.write_bytes(content[:length])
        try:
            with closing(open_log(log_path)) as log:
                assert verify(log).broken
        except LogError:
            continue
