"""A corpus with test cases, an index over it, and a way to build through the gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import HashEmbedder, WordStage, no_triage
from maintainer import CASE, CASES, FAR, GOLD, Bench, Ticks, edit

from chatbot.release import releasing
from chatbot.release.contrasting import Tools
from chatbot.release.releasing import Release, release


@pytest.fixture
def corpus(corpus_copy: Path) -> Path:
    """The corpus, with five cases beside it."""
    assert GOLD in (corpus_copy / "digests/agin-liebes-2025.md").read_text(encoding="utf-8")
    folder = corpus_copy.parent / "cases"
    folder.mkdir()
    (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    edit(corpus_copy, "sources.toml", "\ncovered = [", '\ncases = "../cases"\ncovered = [')
    return corpus_copy


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def tools(ticks: Ticks) -> Tools:
    embedder = HashEmbedder()
    return Tools(embedder, WordStage(), no_triage, lambda _: embedder, ticks)


@pytest.fixture
def build(corpus: Path, index: Path, tools: Tools) -> Callable[..., Release]:
    """Builds through the gate."""
    return lambda **options: release(corpus, index, tools, **options)


@pytest.fixture
def bench(corpus_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    embedder = HashEmbedder()
    tools = releasing.Tools(embedder, WordStage(), no_triage, lambda _: embedder)
    monkeypatch.setattr(releasing, "shipped_tools", lambda model="": tools)
    folder = corpus_copy.parent / "cases"
    folder.mkdir()
    (folder / "cases.jsonl").write_text(json.dumps(CASE) + "\n" + json.dumps(FAR) + "\n", encoding="utf-8")
    found = Bench(corpus_copy.parent)
    found.edit("sources.toml", "\ncovered = [", '\ncases = "../cases"\ncovered = [')
    return found
