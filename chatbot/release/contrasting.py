"""Two generations, asked the same questions and compared: what `releasing` judges, and what `chatbot index diff` shows.

Replies that were kept of a generation are used again; of the later one only those of the program as it is now. An embedding model
belongs to its generation, so that old and new are each asked with their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot import settings
from chatbot.answer.triage import Classify
from chatbot.datatypes import Embedder, Json, SecondStage
from chatbot.evaluate.values import Case, Row
from chatbot.gathering import Corpus
from chatbot.index import generations
from chatbot.loading import Loaded, load
from chatbot.opening import open_embedder_of, open_second_stage, open_triage
from chatbot.pipeline import Chatbot
from chatbot.release.comparing import Comparison, Side, compare
from chatbot.release.rehearsing import Questions, Tick, ask_logged, keep, kept, program_digest, questions_of, rehearse


@dataclass(frozen=True, slots=True)
class Tools:
    """The models. `embedder` is for what is built, `embedder_of` finds the one of a generation by its manifest."""

    embedder: Embedder
    second_stage: SecondStage
    classify: Classify
    embedder_of: Callable[[Json], Embedder]
    tick: Tick = lambda *_: None

    def load(self, index: Path, generation: str) -> Loaded:
        """A generation on disk, whichever model it is of."""
        return load(index, generation, self.embedder_of(generations.read_manifest(index, generation)))

    def bot(self, loaded: Loaded) -> Chatbot:
        """A chatbot over a generation in memory."""
        embedder = self.embedder_of({"made_of": dict(loaded.made_of)})
        return Chatbot.over(loaded, embedder, self.second_stage, self.classify)


def shipped_tools(model: str = "") -> Tools:
    """The shipped models; `model` names another for embedding."""
    from chatbot.index.embedding import open_embedder

    embedder = open_embedder(model or settings.EMBEDDING_MODEL)
    return Tools(embedder, open_second_stage(), open_triage(), open_embedder_of)


def measure(
    corpus: Corpus,
    index: Path,
    tools: Tools,
    before: str,
    after: str,
    *,
    logged: Sequence[Case] = (),
    fresh: bool = False,
) -> Comparison:
    """The comparison of two generations on disk, asked the cases that the corpus names now, and logged questions."""
    one, two = (Side(generation, tools.load(index, generation)) for generation in (before, after))
    return ask_and_compare(index, tools, questions_of(corpus), one, two, logged=logged, fresh=fresh)


def ask_and_compare(
    index: Path,
    tools: Tools,
    asked: Questions,
    before: Side,
    after: Side,
    *,
    logged: Sequence[Case] = (),
    fresh: bool = False,
    write: bool = True,
) -> Comparison:
    """Asks both generations what is not kept of them. Of the later one only replies of the program of now count."""
    notes: list[str] = []
    sides = []
    for side in (before, after):
        run = None if fresh and side.loaded else kept(index, side.generation, asked)
        if side is after and run is not None and run.settings_digest != program_digest():
            run = None
        if run is not None and run.settings_digest != program_digest():
            notes.append(f"the replies of {side.generation} were noted on {run.date} by another version of the program")
        rows: tuple[Row, ...] = ()
        if side.loaded is not None and (run is None or logged):
            bot = tools.bot(side.loaded)
            if run is None:
                run = rehearse(bot, asked, tools.tick)
                notes += _made_otherwise(side.loaded)
                if write:
                    keep(index, run)
            rows = ask_logged(bot, logged, tools.tick)
        sides.append(replace(side, made_of=_made_of(side.loaded), run=run, logged=rows))
    return compare(sides[0], sides[1], asked.floors, notes)


def _made_of(loaded: Loaded | None) -> dict[str, str]:
    """What a generation was made of besides its corpus, and its threshold."""
    if loaded is None:
        return {}
    named = {name: value for name, value in loaded.made_of.items() if name != "corpus_sha256"}
    return named | {"threshold": f"{loaded.decision['threshold']:.4f}"}


def _made_otherwise(loaded: Loaded) -> list[str]:
    """A note when a generation that was made with other answer settings is asked with those of now."""
    if loaded.made_of.get("answer_digest") == settings.digest(settings.answer_settings()):
        return []
    return [f"{loaded.generation} was made under other answer settings; it was asked under those of now"]
