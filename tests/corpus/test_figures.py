"""Published figures: numbers come from a run alone, the rest of the file stays as people wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatbot.corpus.figures import FILE, Published, published, read_figures, write_figures
from chatbot.errors import CorpusError

TEXT = """# ours
format = 1
measured = ""
generation = ""
data = ""
about = "Ten questions."

[[figure]]
from = "a.gold"
name = "Found"   # a word
baseline = "BM25 63 %"
"""
HEAD = {"measured": "2026-11-24", "generation": "0" * 16, "data": "cases"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(TEXT, encoding="utf-8")
    return tmp_path / FILE


def test_what_was_not_measured_is_not_shown(path: Path, tmp_path: Path) -> None:
    assert read_figures(path.parent) is None
    assert read_figures(tmp_path / "elsewhere") is None


def test_a_run_fills_in_numbers_and_nothing_else(path: Path) -> None:
    text = published(path, {"a.gold": (0.93399, 0.91, 0.96, 351), "b": (0, 0, 0, 1)}, HEAD)
    assert text.startswith('# ours\nformat = 1\nmeasured = "2026-11-24"\n')
    assert (
        'name = "Found"   # a word\nbaseline = "BM25 63 %"\nvalue = 0.934\nlow = 0.91\nhigh = 0.96\nn = 351\n' in text
    )
    write_figures(path.parent, text)
    found = read_figures(path.parent)
    assert found is not None
    assert (found.measured, found.generation, found.about) == ("2026-11-24", "0" * 16, "Ten questions.")
    assert found.rows == (Published("Found", 0.934, 0.91, 0.96, 351, "BM25 63 %"),)
    assert published(path, {"a.gold": (0.93399, 0.91, 0.96, 351)}, HEAD) == text


def test_a_figure_that_the_run_lacks_is_named(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"figure 'a\.gold' is not in the run; it has b, c"):
        published(path, {"c": (0, 0, 0, 1), "b": (0, 0, 0, 1)}, HEAD)


@pytest.mark.parametrize(
    ("add", "said"),
    [
        ("value = 0.5", "figure 1 is not whole"),
        ("value = 2.0\nlow = 0.1\nhigh = 3.0\nn = 1", r"shares lie in \[0, 1\]"),
        ("value = 0.5\nlow = 0.6\nhigh = 0.7\nn = 1", r"shares lie in \[0, 1\]"),
        ("value = ", "not a TOML file"),
    ],
)
def test_a_file_of_another_form_is_refused(path: Path, add: str, said: str) -> None:
    path.write_text(TEXT + add, encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        read_figures(path.parent)


def test_the_shipped_file_names_figures_that_a_run_of_the_cases_has() -> None:
    root = Path(__file__).resolve().parents[2]
    floors = json.loads((root / "tests" / "floors.json").read_text(encoding="utf-8"))["floors"]
    text = (root / "corpus" / FILE).read_text(encoding="utf-8")
    names = [line.split('"')[1] for line in text.splitlines() if line.startswith("from = ")]
    assert len(names) == len(set(names)) >= 10
    assert set(names) <= set(floors["domain on cases"]["figures"])
