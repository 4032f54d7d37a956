"""Documents and thresholds of generations, from an index folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from chatbot.index import generations
from chatbot.moderating.texts import Shelved, shipped_threshold


def test_a_generation_tells_documents_and_threshold(small_index: Path, corpus_copy: Path) -> None:
    texts = Shelved(small_index, corpus_copy)
    current = generations.current(small_index)
    assert texts.current() == current
    said = json.loads(generations.read(small_index, current).files["decision.json"])
    assert texts.threshold_of(current) == said["threshold"]
    found = texts.corpus_of(current)
    assert found is not None
    assert found is texts.now()
    assert (texts.corpus_of("9" * 16), texts.threshold_of("9" * 16)) == (None, None)
    shutil.rmtree(small_index / current)
    gone = Shelved(small_index, corpus_copy)
    assert (gone.corpus_of(current), gone.threshold_of(current)) == (None, None)
    folder = gone.now()
    assert folder is not None
    assert folder.documents == found.documents


def test_without_an_index(tmp_path: Path, corpus_copy: Path) -> None:
    assert (Shelved(tmp_path / "none").current(), Shelved(tmp_path / "none").now()) == ("", None)
    found = Shelved(tmp_path / "none", corpus_copy).now()
    assert found is not None
    assert "unlocking-healing" in found.documents
    assert 0 < shipped_threshold() < 1
