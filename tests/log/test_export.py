"""Records as CSV that no spreadsheet acts on, and as JSONL that loses nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.log.export import COLUMNS, FORMULA, csv_line, export, safe_cell
from chatbot.log.records import Record
from chatbot.log.thumbs import Thumb

Logged = Callable[..., Record]
PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '  =HYPERLINK("https://example.org","x")',
    "\u00a0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    '=1+1";=1+1;"',
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_formula_is_text(logged: Logged, payload: str) -> None:
    record = logged(1, question=payload)
    quote = {**record.reply["quotes"][0], "text": payload, "label": payload}
    record = dataclasses.replace(record, generation=payload, reply={"quotes": [quote]})
    header, row = csv.reader(io.StringIO("".join(export([record], "csv")), newline=""))
    assert header == list(COLUMNS)
    cells = dict(zip(header, row, strict=True))
    found = [cells[name] for name in ("question", "quotes", "labels", "generation")]
    assert found == [safe_cell(payload)] * 4
    assert all(cell.startswith("'") and cell.replace("'", "") == payload.replace("'", "") for cell in found)
    assert cells["confidence"] == "0.75"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_comment_is_no_formula_and_stands_beside_its_record(logged: Logged, payload: str) -> None:
    thumbs = {"record-1": Thumb("down", "other", payload), "record-9": Thumb("up")}
    table = list(csv.DictReader(io.StringIO("".join(export([logged(1), logged(2)], "csv", thumbs)), newline="")))
    assert [(row["thumb"], row["reason"], row["comment"]) for row in table] == [
        ("down", "other", safe_cell(payload)),
        ("", "", ""),
    ]
    first, second = (json.loads(line) for line in export([logged(1), logged(2)], "jsonl", thumbs))
    assert first["thumb"] == {"thumb": "down", "reason": "other", "comment": payload}
    assert second["thumb"] is None


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n \";,'aＡ＝\u200b\x0b")), min_size=1, max_size=4))
def test_no_cell_starts_like_a_formula_and_none_leaks_into_the_next(cells: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(csv_line(cells), newline=""))
    assert [cell.replace("'", "") for cell in row] == [cell.replace("'", "") for cell in cells]
    assert not [cell for cell in row if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA)]


@settings(deadline=None)
@given(
    st.lists(st.text(st.sampled_from("=+@\t\r\n \";,'aＡ＝\u200b\x0b")), min_size=1, max_size=4), st.sampled_from(";\t")
)
def test_neither_does_one_where_another_sign_separates_the_cells(cells: list[str], separator: str) -> None:
    rows = csv.reader(io.StringIO(csv_line(cells), newline=""), delimiter=separator)
    found = [cell.lstrip(' \x0b"') for row in rows for cell in row]
    assert not [cell for cell in found if cell.startswith(tuple("=+-@＝"))]


def test_ordinary_cells_stay() -> None:
    assert [safe_cell(v) for v in ("a=b", "What is -1?", "one; two\nthree - four", "", -1, 0.5, "'x")] == [
        "a=b",
        "What is -1?",
        "one; two\nthree - four",
        "",
        -1,
        0.5,
        "'x",
    ]


def test_csv_of_one_record(logged: Logged) -> None:
    lines = list(export([logged(1)], "csv"))
    assert lines[1] == (
        '"record-1","2026-11-24T08:00Z","answer","Question 1?","Kindness helps.","","0123456789abcdef","settings1",'
        '"0.75","0.125","","",""\r\n'
    )


def test_jsonl_is_exact(logged: Logged) -> None:
    record = logged(1, question="=1+1 “x” \u2028")
    (line,) = export([record], "jsonl")
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    read = json.loads(line)
    assert read.pop("thumb") is None
    assert Record(**{**read, "hits": tuple(read["hits"])}) == record
