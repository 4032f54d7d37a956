"""Every way a line can be wrong is told with its file, line and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate.lines import Line, fingerprint, read_lines, read_qrels, unique


def line(**values: object) -> Line:
    return Line(Path("set.jsonl"), 7, values)


@pytest.mark.parametrize(
    ("read", "values", "what"),
    [
        (lambda x: x.text("k"), {"a": 1}, "missing (the line has a)"),
        (lambda x: x.text("k"), {"k": 1}, "expected a string, found 1"),
        (lambda x: x.ident("k"), {"k": True}, "expected an identifier, found True"),
        (lambda x: x.ident("k"), {"k": ""}, "expected an identifier, found ''"),
        (lambda x: x.flag("k"), {"k": "yes"}, "expected true or false, found 'yes'"),
        (lambda x: x.choice("k", ("a", "b")), {"k": "c"}, "expected one of a, b, found 'c'"),
        (lambda x: x.texts("k"), {"k": ["a", 1]}, "expected a list of strings, found ['a', 1]"),
        (lambda x: x.texts("k"), {"k": "ab"}, "expected a list of strings, found 'ab'"),
        (lambda x: x.offset("k"), {"k": -1}, "expected a whole number of 0 or more, found -1"),
        (lambda x: x.offset("k"), {"k": True}, "expected a whole number of 0 or more, found True"),
        (lambda x: x.offsets("k"), {"k": 3}, "expected a list of whole numbers, found 3"),
        (lambda x: x.offset_sets("k"), {"k": [1]}, "expected a list of lists of whole numbers, found [1]"),
        (lambda x: x.parts("k"), {"k": [1]}, "expected a list of objects, found [1]"),
        (lambda x: x.part("k"), {"k": []}, "expected an object, found []"),
    ],
)
def test_wrong_value(read: Callable[[Line], object], values: dict[str, object], what: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        read(line(**values))
    assert str(caught.value) == f"set.jsonl, line 7, key 'k': {what}; correct or remove the line"


def test_right_values() -> None:
    full = line(text="a", ident=5, flag=False, texts=["x"], sets=[[0, 1], []], part={"b": 1})
    assert (full.text("text"), full.ident("ident"), full.flag("flag")) == ("a", "5", False)
    assert (full.texts("texts"), full.offset_sets("sets")) == (("x",), ((0, 1), ()))
    assert full.part("part").offset("b") == 1
    assert (full.text("none", ""), full.texts("none", ())) == ("", ())


def test_a_long_value_is_shown_cut() -> None:
    with pytest.raises(EvaluationError, match=r"found 'y{56}\.\.\.; correct"):
        line(k="y" * 200).choice("k", ("a",))


def test_read_lines_passes_blank_lines_and_keeps_line_separators_inside_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"t": "a\u2028b"}\r\n\n{"t": "c"}\n', encoding="utf-8")
    assert [(x.number, x.text("t")) for x in read_lines(path)] == [(1, "a\u2028b"), (3, "c")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": \n', "line 2: not JSON"),
        (b"[1]\n", r"line 1: expected an object, found \[1\]"),
        (b"\n", "the file is empty"),
        (b'{"a": "\xff"}\n', "cannot be read as UTF-8"),
    ],
)
def test_wrong_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(EvaluationError, match=f"bad.jsonl.*{message}"):
        read_lines(path)


def test_qrels_with_and_without_header(tmp_path: Path) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text("query-id\tcorpus-id\tscore\nq\td\t1\nq\te\t2\r\n")
    assert read_qrels(path) == {"q": {"d": 1, "e": 2}}
    path.write_text("q\td\t0\n")
    assert read_qrels(path) == {"q": {"d": 0}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q d 1\n", "line 1: expected query-id, corpus-id, score between tabs"),
        ("q\td\tone\n", "line 1, key 'score': expected a whole number, found 'one'"),
    ],
)
def test_wrong_qrels(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=message):
        read_qrels(path)


def test_an_identifier_twice_names_both_lines() -> None:
    lines = [Line(Path("s.jsonl"), 1, {"id": 4}), Line(Path("s.jsonl"), 9, {"id": "4"})]
    with pytest.raises(EvaluationError, match=r"s\.jsonl, line 9, key 'id': '4' was already on line 1"):
        unique(lines, "id")


def test_fingerprint_follows_names_and_bytes_not_order(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    b.write_text("2")
    before = fingerprint(tmp_path, [a, b])
    assert fingerprint(tmp_path, [b, a]) == before
    b.write_text("3")
    assert fingerprint(tmp_path, [a, b]) != before
    b.write_text("2")
    assert fingerprint(tmp_path, [a, b.rename(tmp_path / "c")]) != before
