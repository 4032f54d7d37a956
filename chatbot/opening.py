"""Opens what is heavy: models from their folders, and a Reader over a generation. Importing this loads nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from chatbot import settings
from chatbot.answer.decision import read_weights
from chatbot.answer.triage import Classify
from chatbot.building import check_fresh, load
from chatbot.datatypes import Embedder, Json, SecondStage
from chatbot.errors import ModelError
from chatbot.gathering import Corpus
from chatbot.index import generations
from chatbot.loading import DECISION, Loaded
from chatbot.reading import Reader

WEIGHTS = settings.WEIGHTS


@cache
def open_second_stage(folder: str = settings.SECOND_STAGE_MODEL) -> SecondStage:
    """The shipped cross-encoder, its hash checked, or the one of another folder; opened once a process."""
    from chatbot.models.second_stage import CrossEncoder

    if folder == "packaged":
        return CrossEncoder(WEIGHTS / "second_stage", settings.SECOND_STAGE_SHA256)
    if not Path(folder).is_dir():
        raise ModelError(f"{folder}: no such folder; SECOND_STAGE_MODEL is 'packaged' or a folder with model.onnx")
    return CrossEncoder(Path(folder))


@cache
def open_triage() -> Classify:
    """The shipped triage classifier, its hash checked; opened once a process."""
    from chatbot.models.triage_model import TriageModel

    return TriageModel(WEIGHTS / "triage", settings.TRIAGE_SHA256).classify


def open_embedder_of(manifest: Json) -> Embedder:
    """The embedder that a generation was built with: the one of the settings, or the one that its manifest names."""
    from chatbot.index.embedding import PACKAGED_NAME, open_embedder

    name = str(manifest["made_of"]["model"])
    return open_embedder("packaged" if name == PACKAGED_NAME else name)


def open_reader(corpus: Corpus, index: Path) -> Reader:
    """A Reader over the generation in use. Raises IndexUnusable or ModelError saying what to run, also for a stale one."""
    from chatbot.index.embedding import open_embedder

    embedder = open_embedder(settings.EMBEDDING_MODEL)
    check_fresh(corpus, index, embedder)
    return reader_over(load(index, generations.current(index), embedder), embedder)


def open_reader_of(index: Path, generation: str) -> Reader:
    """A Reader over a generation on disk, in use or not, stale or not."""
    embedder = open_embedder_of(generations.read_manifest(index, generation))
    return reader_over(load(index, generation, embedder), embedder)


def reader_over(loaded: Loaded, embedder: Embedder, second_stage: SecondStage | None = None) -> Reader:
    """A Reader that answers from the threshold of its generation, with the shipped weights."""
    shipped = read_weights(WEIGHTS / DECISION, bank=bool(loaded.bank))
    weights = replace(shipped, threshold=float(loaded.decision["threshold"]))
    return Reader(loaded, embedder, second_stage or open_second_stage(), weights)
