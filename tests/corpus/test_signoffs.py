"""corpus/audit.jsonl: rows are added, never changed, and a damaged one is named."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from chatbot.corpus.signoffs import FILE, SignOff, append, latest, read_signoffs
from chatbot.datatypes import Document
from chatbot.errors import CorpusError, ReviewError

ROW = SignOff(Document.digest("It rusts."), "It rusts.", "supported", "Mo", "", "2026-11-24", "e" * 64)


def test_the_latest_row_counts_and_all_are_kept(tmp_path: Path) -> None:
    assert read_signoffs(tmp_path) == ()
    later = replace(ROW, verdict="partly", note="only “outdoors”")
    append(tmp_path, ROW)
    append(tmp_path, later)
    assert read_signoffs(tmp_path) == (ROW, later)
    assert latest(read_signoffs(tmp_path)) == {ROW.sentence_sha256: later}
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8").splitlines()[0]) == asdict(ROW)


def test_a_row_after_a_torn_one_stands_on_its_own_line(tmp_path: Path) -> None:
    append(tmp_path, ROW)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes().rstrip(b"\n"))
    append(tmp_path, ROW)
    assert read_signoffs(tmp_path) == (ROW, ROW)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"verdict": "fine"}, "'fine' is no verdict; choose one of supported, partly, not supported, needs a source, no claim"),
        ({"reviewer": " "}, "a signature needs a reviewer; give a name"),
        ({"note": "x" * 2001}, "the note has 2001 characters; at most 2000 are kept, shorten it"),
    ],
)  # fmt: skip
def test_a_signature_that_is_none_is_not_written(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    with pytest.raises(ReviewError) as error:
        append(tmp_path, replace(ROW, **changed))  # type: ignore[arg-type]
    assert str(error.value) == message
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", json.dumps(asdict(ROW) | {"sentence": "It shines."}), json.dumps(asdict(ROW) | {"date": 1})],
)
def test_a_damaged_row_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    append(tmp_path, ROW)
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(
        CorpusError, match=rf"{FILE}:2: is no signature .*; restore the line, a signature is never edited"
    ):
        read_signoffs(tmp_path)
