"""What is kept beside the chain: from records and events, in step with them, made again from them, gone with them."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.log.database import Database
from chatbot.log.facets import CLAIM, DUE, RELEASE, VERDICT, Mark, Standing, after, is_free, tags_of, words_in
from chatbot.log.finding import JUDGED, Filters
from chatbot.log.proof import verify
from chatbot.log.records import CRISIS, Event, Record
from chatbot.log.thumbs import KIND as THUMB
from chatbot.log.vectors import packed
from chatbot.review import verdicts

Logged = Callable[..., Record]
Run = Callable[[str], list[tuple[object, ...]]]
TABLES = ("facets", "quoted", "tagged", "words", "vectors", "likes")


def vector(*values: float) -> bytes:
    return packed(np.array(values, dtype=np.float32))


def contents(run: Run) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the tables that follow from the chain."""
    return {table: sorted(run(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def verdict(record_id: str, label: str, who: str = "ann", at: str = "2026", tags: tuple[str, ...] = ()) -> Event:
    return Event(at, VERDICT, record_id, who, label, json.dumps({"note": "n", "tags": list(tags)}))


def test_the_review_room_means_the_same_by_its_words() -> None:
    assert (verdicts.KIND, verdicts.DUE) == (VERDICT, DUE)


def test_words() -> None:
    assert words_in("The ÉTUDE’s “n=15”; ﬁrst_name İstanbul ＭＤＭＡ 😀 don't") == [
        *("the", "etude", "s", "n", "15", "first", "name", "istanbul", "mdma", "don", "t")
    ]
    assert words_in("x" * 500) == ["x" * 60]
    assert words_in("\x00 \ud800 _-_ 😀") == []


@given(st.text())
def test_words_hold_nothing_but_letters_and_figures(text: str) -> None:
    assert all(word.isalnum() and len(word) <= 60 for word in words_in(text))
    assert words_in(text.upper()) == words_in(text.upper().casefold())


@pytest.mark.parametrize("note", ["", "no json", "3", "[1]", '{"tags": "x"}', '{"tags": null}', "{}"])
def test_a_note_without_tags(note: str) -> None:
    assert tags_of(note) == ()


def test_who_may_take_a_record() -> None:
    held = after(Standing(), Event("10", CLAIM, "r", "ann", "20"))
    assert is_free(Standing(), "bob", "11")
    assert is_free(held, "ann", "11")
    assert not is_free(held, "bob", "19")
    assert is_free(held, "bob", "20")
    assert is_free(after(held, Event("12", RELEASE, "r", "ann")), "bob", "13")


def test_a_record_and_what_people_made_of_it(either: Database, logged: Logged) -> None:
    either.append([logged(1), dataclasses.replace(logged(2), kind=CRISIS, question="", reply={"kind": "redirect"})])
    either.attach(
        [Event("1", THUMB, "record-1", label="down:unclear", note="so"), Event("1", THUMB, "record-9", label="up")]
    )
    either.note(
        [verdict("record-1", "unsafe", at="2"), verdict("record-1", "good", "bob", "3", ("dose", "age", "dose"))]
    )
    assert either.claim("record-1", "ann", "4", "6")
    row = either.find_one("record-1", now="5")
    assert row is not None
    assert (row.seq, row.kind, row.question, row.n_quotes, row.group, row.repeated) == (
        1,
        "answer",
        "Question 1?",
        1,
        1,
        1,
    )
    assert (row.thumb, row.thumb_reason, row.label, row.reviewer, row.judged_at) == (
        "down",
        "unclear",
        "good",
        "bob",
        "3",
    )
    assert (row.n_verdicts, row.assigned_to, row.assigned_until) == (2, "ann", "6")
    late = either.find_one("record-1", now="6")
    assert late is not None
    assert (late.assigned_to, late.assigned_until) == ("", "")
    assert [r.record_id for r in either.find(Filters(tag="dose")).rows] == ["record-1"]
    either.note([verdict("record-1", "good", "bob", "7", ("odd",))])
    assert either.find(Filters(tag="dose")).total == 0
    assert either.choices().tags == ("odd",)
    crisis = either.find_one("record-2")
    assert crisis is not None
    assert (crisis.question, crisis.n_quotes, crisis.group) == ("", 0, 2)
    assert either.find_one("record-3") is None


def test_one_of_two_has_it_on_the_desk(either: Database, logged: Logged) -> None:
    either.append([logged(1)])
    assert either.claim("record-1", "ann", "10", "20")
    assert not either.claim("record-1", "bob", "15", "25")
    assert not either.release("record-1", "bob", "15")
    assert either.claim("record-1", "ann", "16", "30"), "who has it may have it for longer"
    assert either.claim("record-1", "bob", "30", "40"), "it was to be given back"
    assert either.release("record-1", "bob", "31")
    assert not either.release("record-1", "bob", "32")
    assert not either.claim("record-2", "ann", "10", "20")
    assert not either.release("record-2", "ann", "10")
    assert [(e.who, e.label) for e in either.events(CLAIM)] == [("ann", "20"), ("ann", "30"), ("bob", "40")]
    assert [e.who for e in either.events(RELEASE)] == ["bob"]


def test_groups(either: Database, logged: Logged) -> None:
    """The same words go together, case and accents aside; else the record it is said to be like; else it is alone."""
    records = [
        logged(n, question=q) for n, q in enumerate(("Does it help?", "does it HELP", "So does it?", "Who?", "Why?"))
    ]
    either.append(records[:1])
    marks = {"record-2": Mark(like="record-1"), "record-3": Mark(like="record-99"), "record-4": Mark(like="record-3")}
    either.append(records[1:], marks)
    rows = either.find(Filters(), order="oldest").rows
    assert [(row.group, row.repeated) for row in rows] == [(1, 3), (1, 3), (1, 3), (4, 2), (4, 2)]
    either.append([logged(9, owner="x", question="WHO")])
    assert either.find(Filters(group=4)).total == 3
    assert either.remove("receipt", owners=["owner"]) == 5
    assert [(r.record_id, r.group, r.repeated) for r in either.find(Filters()).rows] == [("record-9", 4, 1)]


def fill(log: Database, logged: Logged) -> None:
    """Records, marks and events of every kind, some removed."""
    records = [
        logged(n, owner="gone" if n % 4 == 3 else "kept", question=f"About canary {n % 5} and é{n}") for n in range(12)
    ]
    log.append(
        records[:8],
        {"record-1": Mark(vector(1, 0)), "record-3": Mark(vector(0, 1)), "record-4": Mark(vector(0.6, 0.8))},
    )
    log.append(records[8:])
    log.note([verdict(f"record-{n}", "good", tags=("a", f"canary-tag-{n}")) for n in (1, 3, 5)])
    log.note([Event("2", CLAIM, f"record-{n}", "ann", "9") for n in (2, 3)])
    log.attach([Event("3", THUMB, f"record-{n}", label="down") for n in (1, 3)])


def test_made_again_they_are_the_same(either: Database, run: Run, logged: Logged) -> None:
    fill(either, logged)
    either.remove("receipt", owners=["gone"])
    either.note([verdict("record-3", "good", tags=("late",)), Event("9", RELEASE, "record-2", "ann")])
    before = contents(run)
    assert [len(before[table]) for table in TABLES] == [9, 9, 4, 9, 2, 9]
    assert either.rebuild() == 9
    assert contents(run) == before
    assert either.find(Filters(text="canary")).total == 9
    assert verify(either).strays == ()


def test_what_has_parted_from_the_chain_is_named_and_mended(either: Database, run: Run, logged: Logged) -> None:
    fill(either, logged)
    assert verify(either).strays == ()
    run("DELETE FROM facets WHERE seq IN (2, 3)")
    run("UPDATE facets SET record_id = 'other' WHERE seq = 5")
    run("DELETE FROM words WHERE seq = 6")
    found = verify(either)
    assert found.broken == ()
    assert found.strays == (
        "3 records are not in the search; run `chatbot log rebuild`",
        "1 are in the search and are no records; run `chatbot log rebuild`",
        "1 records have no words in the search; run `chatbot log rebuild`",
    )
    assert either.rebuild() == 12
    assert verify(either).strays == ()


def test_a_log_of_the_first_form_is_filled_when_it_is_opened(place: str, run: Run, logged: Logged) -> None:
    with closing(Database.open(place)) as log:
        fill(log, logged)
        log.rebuild(lambda *_: Mark())
        before = contents(run)
    for table in TABLES if "://" in place else (*TABLES, "word_index"):
        run(f"DROP TABLE {table}")
    run("UPDATE alembic_version SET version_num = '0001'")
    with closing(Database.open(place)) as log:
        assert contents(run) == before
        assert log.find(Filters(text="canary")).total == 12
        assert log.find(Filters(verdict=JUDGED)).total == 3
    assert run("SELECT version_num FROM alembic_version") == [("0002",)]


def test_a_damaged_body_keeps_nothing_from_being_found(either: Database, run: Run, logged: Logged) -> None:
    either.append([logged(1), logged(2)])
    postgresql = either.name.startswith("postgresql")
    run("ALTER TABLE entries DISABLE TRIGGER ALL" if postgresql else "DROP TRIGGER entries_update")
    run("UPDATE entries SET body = 'no json' WHERE seq = 1")
    assert either.rebuild() == 2
    assert either.find(Filters(text="question")).total == 2


def bytes_of(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(f"{path.name}*")))


@pytest.mark.parametrize("by", ["receipt", "retention"])
@pytest.mark.parametrize("batch", [1, 7, 60])
def test_no_byte_of_a_removed_record_is_left_in_what_it_was_found_by(
    database: Database, log_path: Path, logged: Logged, by: str, batch: int
) -> None:
    """Words, vectors, tags, documents and the digest of the question, of records written one by one and in batches, merged or not."""
    going, kept = [], []
    for n in range(60):
        quote = {"doc_id": f"canarydoc{n}", "start": 0, "end": 5, "text": f"canaryquote{n} stands", "sha256": "a"}
        record = logged(n, owner="gone", asked_at="2026-11-01T08:00Z", question=f"canaryword{n} canary")
        going.append(dataclasses.replace(record, reply={"kind": "answer", "quotes": [quote]}))
        kept.append(logged(100 + n, owner="kept", question=f"plainword{n} canvas"))
    marks = {r.record_id: Mark(f"canaryvector{r.record_id}".ljust(64).encode()) for r in going}
    both = [record for pair in zip(going, kept, strict=True) for record in pair]
    for at in range(0, len(both), batch):
        database.append(both[at : at + batch], marks)
    database.note([verdict(r.record_id, "good", "ann", "2", (f"canarytag{r.record_id}",)) for r in going])
    with closing(sqlite3.connect(log_path)) as connection:
        digests = [
            row[0]
            for row in connection.execute("SELECT same FROM facets JOIN quoted USING (seq) WHERE doc_id LIKE 'canary%'")
        ]
    before = bytes_of(log_path)
    assert all(f"canary{what}".encode() in before for what in ("word", "quote", "doc", "vector", "tag"))
    assert len(set(digests)) == 60
    assert all(digest.encode() in before for digest in digests)
    removed = (
        database.remove("receipt", owners=["gone"])
        if by == "receipt"
        else database.remove("retention", until="2026-11-02")
    )
    assert removed == 60
    left = bytes_of(log_path)
    assert b"canary" not in left
    assert b"anaryw" not in left, "the index keeps only the end of a word that begins like the one before it"
    assert not any(digest.encode() in left for digest in digests)
    assert database.find(Filters(text="canary")).total == 0
    assert database.find(Filters(text="plainword5 canvas")).total == 1
    assert verify(database).strays == ()
    database.append([logged(500, question="later")])
    assert database.find(Filters(text="later")).total == 1


def test_a_single_removal_among_many_merged_words_leaves_no_byte(
    database: Database, log_path: Path, logged: Logged
) -> None:
    """One word of one record, which stood in one of several levels of the index."""
    for n in range(40):
        database.append([logged(10 * n + m, question=f"common word{n} {m}") for m in range(5)])
        if n == 3:
            database.append([logged(1000, owner="gone", question="zyxwcanary")])
    assert b"zyxwcanary" in bytes_of(log_path)
    database.remove("receipt", owners=["gone"])
    left = bytes_of(log_path)
    assert b"zyxw" not in left
    assert b"yxwcanary" not in left
    assert database.find(Filters(text="common")).total == 200
