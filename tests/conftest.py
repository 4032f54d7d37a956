"""What several rooms' tests share: the shipped corpus, a copy of it to break, a small index over it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent


# The gate draws the same examples on every machine; `HYPOTHESIS_PROFILE=search` draws new ones, ten times as many.
settings.register_profile("gate", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def load_beside(name: str) -> ModuleType:
    """A module that stands beside this file and in no package, for `import` by its name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


fakes = load_beside("fakes")
load_beside("holding")
load_beside("large_log")
load_beside("maintainer")
load_beside("moderated")
load_beside("desk_memory")
load_beside("desk_client")
load_beside("printing")
load_beside("taken_along")
servers = load_beside("servers")
tls, world = servers.tls, servers.world  # fixtures: trust in the test servers' authority, and a good server


@pytest.fixture(scope="session")
def shipped_corpus() -> Path:
    """The repository's corpus; read only."""
    return ROOT / "corpus"


@pytest.fixture
def corpus_copy(tmp_path: Path) -> Path:
    """A copy of the corpus that a test may break, without the long question bank and the test cases."""
    target = tmp_path / "corpus"
    shutil.copytree(
        ROOT / "corpus", target, ignore=shutil.ignore_patterns("questions.jsonl", "calibration.jsonl", "fetched")
    )
    manifest = target / "sources.toml"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if not line.startswith("cases =")), encoding="utf-8")
    return target


@pytest.fixture
def small_index(corpus_copy: Path, tmp_path: Path) -> Path:
    """An index over `corpus_copy` by the light embedder."""
    from chatbot.building import build

    index = tmp_path / "index"
    build(corpus_copy, index, fakes.HashEmbedder())
    return index


@pytest.fixture(scope="session")
def real_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the shipped corpus by the packaged model, built once, or a copy of the one that `make check` has just built."""
    from chatbot.building import build
    from chatbot.index import generations
    from chatbot.index.embedding import open_embedder

    index = tmp_path_factory.mktemp("real") / "index"
    made = ROOT / "runs" / "index"
    if (made / "current").exists():
        shutil.copytree(made, index)
    found = build(ROOT / "corpus", index, open_embedder())
    if generations.list_ids(index) != [found]:  # what was there is of another corpus
        shutil.rmtree(index)
        build(ROOT / "corpus", index, open_embedder())
    return index


@pytest.fixture(scope="session")
def chatbot(real_index: Path):  # type: ignore[no-untyped-def]
    """The chatbot as shipped."""
    from chatbot.pipeline import Chatbot

    return Chatbot.open(ROOT / "corpus", real_index)
