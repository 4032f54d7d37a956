"""BibTeX, RIS and CSL-JSON: each work once, read back by the libraries that others use."""

from __future__ import annotations

import json
from typing import Any

import bibtexparser
import pytest
import rispy

from chatbot.errors import Malformed
from chatbot.sharing import works

NOTED = "Quoted by way of a note that the project Chapter and Verse wrote on this work; the quoted words are not the work’s own."
RELIED = "Not quoted itself: a quoted sentence relies on it."
BANNER = "This work is RETRACTED, checked 2026-11-23."
IDS = ["mitchell2021", "tricky2026", "unlockinghealinghownd", "webmdnd"]
NOTES = [NOTED, BANNER, "", RELIED]


@pytest.fixture
def both(proved: Any) -> Any:
    """Two answers: one quotes Mitchell through the note, the other relies on it as well."""
    return [proved["full"], proved["answer"], proved["crisis"]]


def test_csl_json(both: Any) -> None:
    rows = json.loads(works.as_csl(both))
    assert [row["id"] for row in rows] == IDS
    assert [row.get("note", "") for row in rows] == NOTES
    assert (rows[0]["DOI"], rows[0]["type"], rows[0]["volume"]) == (
        "10.1038/s41591-021-01336-3",
        "article-journal",
        "27",
    )
    assert (rows[0]["author"][0], len(rows[0]["author"])) == ({"family": "Mitchell", "given": "Jennifer M."}, 38)


def test_bibtex(both: Any) -> None:
    library = bibtexparser.parse_string(works.as_bibtex(both))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == IDS
    assert [
        str(entry.fields_dict["note"].value) if "note" in entry.fields_dict else "" for entry in library.entries
    ] == NOTES
    assert library.entries[0]["journal"] == "Nature Medicine"


def test_ris(both: Any) -> None:
    rows = rispy.loads(works.as_ris(both))
    assert [row.get("title") for row in rows][1:] == [
        "Tricky",
        "Unlocking Healing: How Self-Love Plays a Part in MDMA-Assisted Therapy for Trauma",
        "What Is MDMA-assisted Therapy for PTSD?",
    ]
    assert ["".join(row.get("notes", [])) for row in rows] == NOTES
    assert rows[0]["doi"] == "10.1038/s41591-021-01336-3"


def test_a_work_that_is_quoted_in_one_turn_is_not_called_unquoted_for_another(proved: Any) -> None:
    for order in ([proved["answer"], proved["full"]], [proved["full"], proved["answer"]]):
        assert [note for source, note in works.works_of(order) if source.doc_id == "mitchell-2021"] == [NOTED]


@pytest.mark.parametrize("write", [works.as_bibtex, works.as_ris, works.as_csl])
def test_without_a_quote_there_is_no_file(write: Any, proved: Any) -> None:
    with pytest.raises(Malformed, match="no work to write down"):
        write([proved["crisis"]])
