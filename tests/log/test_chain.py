"""The chain of rows: what it accepts, and that no change to a row, a removal or the head goes unseen."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.log import chain
from chatbot.log.chain import GENESIS, REMOVAL, Columns, Entry, Finding, Head, Walk, ranges_of, seal


def said(number: int, kind: str = "answer", body: str = "{}") -> Columns:
    return Columns(f"id{number}", "owner", "2026-11-24T08:00Z", kind, "generation", 0.5, f"question {number}", body)


def make_chain(taken: list[list[int]], n_rows: int) -> tuple[list[Entry], list[tuple[int, str]], Head]:
    """`n_rows` rows, then one removal for each list of row numbers in `taken`."""
    at, rows, removed = Head(0, GENESIS), [], []
    bodies = [("answer", "{}")] * n_rows
    bodies += [(REMOVAL, json.dumps({"reason": "test", "removed": ranges_of(numbers)})) for numbers in taken]
    for number, (kind, body) in enumerate(bodies, 1):
        rows.append(seal(at, said(number, kind, body), f"salt{number}"))
        at = Head(rows[-1].seq, rows[-1].link)
    gone = {number for numbers in taken for number in numbers}
    removed = [(row.seq, row.checksum) for row in rows if row.seq in gone]
    return [row for row in rows if row.seq not in gone], removed, at


def findings(rows: list[Entry], removed: list[tuple[int, str]], head: Head) -> list[Finding]:
    walk = Walk(rows, removed, head)
    list(walk.entries())
    return walk.findings


def test_two_rows_by_hand() -> None:
    """The working: checksum = sha256 of the values as JSON; link = sha256 of the link before and the checksum."""
    rows, _, head = make_chain([], 2)
    values = [1, "id1", "owner", "2026-11-24T08:00Z", "answer", "generation", 0.5, "question 1", "{}", "salt1"]
    first = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    assert rows[0].checksum == first
    assert rows[0].link == hashlib.sha256((GENESIS + first).encode()).hexdigest()
    assert rows[1].link == hashlib.sha256((rows[0].link + rows[1].checksum).encode()).hexdigest()
    assert head == Head(2, rows[1].link)
    assert findings(rows, [], head) == []


def test_an_empty_log_is_sound() -> None:
    assert findings([], [], Head(0, GENESIS)) == []


@settings(deadline=None)
@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(st.just(n), st.permutations(range(1, n + 1)), st.integers(0, n), st.integers(0, n))
    )
)
def test_removals_leave_it_sound(drawn: tuple[int, list[int], int, int]) -> None:
    n_rows, order, first, second = drawn
    taken = [part for part in (order[:first], order[first:][:second]) if part]
    assert findings(*make_chain(taken, n_rows)) == []


CHANGES = {
    "record_id": "id9", "owner": "other", "asked_at": "2026-11-24T09:00Z", "kind": "abstention", "generation": "g",
    "confidence": 0.25, "question": "question 3", "body": "[]",
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_value_is_found(name: str) -> None:
    rows, removed, head = make_chain([[4]], 5)
    rows[1] = dataclasses.replace(rows[1], columns=dataclasses.replace(rows[1].columns, **{name: CHANGES[name]}))
    assert findings(rows, removed, head) == [Finding(2, "is not what was written: its checksum does not match")]


def test_a_value_of_a_wrong_type_is_found_and_raises_nothing() -> None:
    rows, removed, head = make_chain([], 3)
    rows[0] = dataclasses.replace(rows[0], columns=dataclasses.replace(rows[0].columns, body=b"{}"))  # type: ignore[arg-type]
    assert findings(rows, removed, head) == [Finding(1, "is not what was written: its checksum does not match")]


def test_a_row_sealed_anew_is_found() -> None:
    rows, removed, head = make_chain([], 3)
    rows[1] = seal(Head(1, rows[0].link), dataclasses.replace(said(2), question="another"), "salt")
    assert findings(rows, removed, head) == [Finding(3, "does not follow the row before it: its link does not match")]


def test_a_missing_row_is_found() -> None:
    rows, removed, head = make_chain([], 4)
    del rows[1:3]
    assert findings(rows, removed, head)[0] == Finding(2, "to 3 are missing, and no checksum was kept")


def test_missing_last_rows_are_found() -> None:
    rows, removed, head = make_chain([], 4)
    assert [f.seq for f in findings(rows[:2], removed, head)] == [3, 0]


def test_a_row_number_out_of_all_bounds_is_found_at_once() -> None:
    rows, removed, head = make_chain([], 2)
    rows[1] = dataclasses.replace(rows[1], seq=1 << 62)
    assert findings(rows, removed, head)[0] == Finding(2, f"to {(1 << 62) - 1} are missing, and no checksum was kept")


def test_a_removal_that_nobody_noted_is_found() -> None:
    rows, removed, head = make_chain([], 3)
    removed = [(2, rows[1].checksum)]
    assert findings([rows[0], rows[2]], removed, head) == [Finding(2, "was removed, and no removal names it")]


def test_another_checksum_for_a_removed_row_is_found() -> None:
    rows, _, head = make_chain([[2]], 3)
    assert [f.seq for f in findings(rows, [(2, "0" * 64)], head)] == [3]


def test_a_lost_checksum_of_a_removed_row_is_found() -> None:
    rows, _, head = make_chain([[2]], 3)
    assert Finding(2, "is named by a removal, and its checksum was not kept") in findings(rows, [], head)


def test_a_removed_row_that_came_back_is_found() -> None:
    rows, _, head = make_chain([], 3)
    assert findings(rows, [(2, rows[1].checksum)], head)[0] == Finding(2, "is there, though it is listed as removed")


def test_a_removal_that_says_nothing_is_found() -> None:
    row = seal(Head(0, GENESIS), said(1, REMOVAL, "{}"), "salt")
    assert findings([row], [], Head(1, row.link)) == [Finding(1, "not the body of a removal ('removed')")]


def test_a_finding_reads_as_a_line() -> None:
    assert str(Finding(3, "is missing")) == "row 3: is missing"
    assert str(Finding(0, "the file is torn")) == "the file is torn"


def test_the_first_step_of_the_schema_starts_the_same_chain() -> None:
    from pathlib import Path

    step = Path(chain.__file__).parent / "migrations" / "versions" / "0001_first_form.py"
    assert f"'{GENESIS}'" in step.read_text(encoding="utf-8")
