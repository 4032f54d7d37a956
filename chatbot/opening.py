"""Opens what is heavy: models from their folders, and a Reader over the generation in use. Importing this loads nothing."""

from __future__ import annotations

from pathlib import Path

from chatbot import settings
from chatbot.answer.decision import read_weights
from chatbot.answer.triage import Classify
from chatbot.building import Corpus, load
from chatbot.datatypes import SecondStage
from chatbot.errors import ModelError
from chatbot.reading import Reader

WEIGHTS = Path(__file__).parent / "models" / "weights"


def open_second_stage(folder: str = settings.SECOND_STAGE_MODEL) -> SecondStage:
    """The shipped cross-encoder, its hash checked, or the one of another folder."""
    from chatbot.models.second_stage import CrossEncoder

    if folder == "packaged":
        return CrossEncoder(WEIGHTS / "second_stage", settings.SECOND_STAGE_SHA256)
    if not Path(folder).is_dir():
        raise ModelError(f"{folder}: no such folder; SECOND_STAGE_MODEL is 'packaged' or a folder with model.onnx")
    return CrossEncoder(Path(folder))


def open_triage() -> Classify:
    """The shipped triage classifier, its hash checked."""
    from chatbot.models.triage_model import TriageModel

    return TriageModel(WEIGHTS / "triage", settings.TRIAGE_SHA256).classify


def open_reader(corpus: Corpus, index: Path) -> Reader:
    """A Reader over the generation in use. Raises IndexUnusable or ModelError saying what to run."""
    from chatbot.index.embedding import open_embedder

    embedder = open_embedder(settings.EMBEDDING_MODEL)
    loaded = load(corpus, index, embedder)
    weights = read_weights(WEIGHTS / "decision.json", bank=bool(loaded.bank))
    return Reader(loaded, embedder, open_second_stage(), weights)
