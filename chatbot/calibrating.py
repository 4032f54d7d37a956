"""Chooses a draft's threshold on its corpus's own calibration cases, with the shipped weights: part of every build.

The cases are asked as `reading` reads a question whole. The threshold is the one that refuses no larger share of the
answerable ones than the shipped threshold refuses of its own corpus's in the same replay, so that an edit that
changes no confidence changes no threshold. When the shipped one was chosen for just this corpus with these models and settings it is
taken over without asking anything. What it leaves out: the weights, which `training.decision` fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chatbot import settings
from chatbot.answer import decision
from chatbot.answer import question as asked
from chatbot.answer.retrieval import Depth
from chatbot.answer.spelling import Speller
from chatbot.building import Draft, decision_bytes
from chatbot.corpus import calibration
from chatbot.corpus.calibration import CalibrationCase
from chatbot.datatypes import Embedder, Json, SecondStage
from chatbot.gathering import speller_of
from chatbot.loading import COPY, DECISION, Loaded, loaded_from
from chatbot.reading import FULL, Reader, Reading

Progress = Callable[[str, int, int], None]


def read_case(reader: Reader, speller: Speller, question: str, history: Sequence[str], depth: Depth = FULL) -> Reading:
    """One case as the pipeline would read it whole."""
    earlier = [speller.correct(h)[0] for h in history]
    whole = asked.with_history(speller.correct(asked.clean(question))[0], earlier)
    return reader.read_as_asked(whole, depth=depth)


def calibrate(
    draft: Draft, embedder: Embedder, second_stage: SecondStage, progress: Progress = lambda *_: None
) -> Draft:
    """The draft with the decision.json that its corpus asks for. Nothing is asked when the shipped one holds for it."""
    loaded = loaded_from(draft.manifest, draft.files, draft.corpus)
    if loaded.decision["calibrated"]:
        return draft
    raw = draft.files[f"{COPY}{calibration.FILE}"]
    cases = calibration.parse_calibration(raw, draft.corpus.folder / calibration.FILE)
    weights = decision.read_weights(settings.WEIGHTS / DECISION, bank=bool(loaded.bank))
    known = known_cases(loaded, calibration.choose(cases, settings.CALIBRATION_CASES))
    kinds = [case.kind for case in known]
    if kinds.count("answerable") < settings.MIN_CALIBRATION_CASES:
        found: Json = loaded.decision | {
            "how": f"shipped; of the {len(cases)} calibration cases only {kinds.count('answerable')} are answerable by this corpus, "
            f"{settings.MIN_CALIBRATION_CASES} are needed",
        }
    else:
        reader = Reader(loaded, embedder, second_stage, weights)
        confidences = replay(reader, known, progress)
        limit = decision.refusal_limit(
            settings.WEIGHTS / DECISION, bank=bool(loaded.bank), otherwise=settings.MAX_FALSE_REFUSALS
        )
        found = chosen(confidences, kinds, weights.threshold, limit)
    return replace(draft, files={**draft.files, DECISION: decision_bytes(found)})


def known_cases(loaded: Loaded, cases: Sequence[CalibrationCase]) -> tuple[CalibrationCase, ...]:
    """The cases whose kind is still true: an answer or correction that the corpus no longer has proves nothing."""
    texts = {s.text for s in loaded.sentences}
    return tuple(c for c in cases if not c.gold or any(gold in texts for gold in c.gold))


def replay(reader: Reader, cases: Sequence[CalibrationCase], progress: Progress = lambda *_: None) -> list[float]:
    """The confidence of each case."""
    speller = speller_of(reader.loaded.corpus)
    out = []
    for done, case in enumerate(cases, 1):
        out.append(read_case(reader, speller, case.question, case.history).confidence)
        progress("calibrating", done, len(cases))
    return out


def chosen(confidences: Sequence[float], kinds: Sequence[str], shipped: float, limit: float) -> Json:
    """decision.json by the rule above. Where the shipped threshold refuses as many as the best does, it stays."""
    curve = decision.refusal_curve(confidences, kinds, also=[shipped])
    best = decision.choose_threshold(curve, limit)
    refused = {point["threshold"]: point["false_refusals"] for point in curve}
    same = refused[best] == refused.get(shipped)
    how = f"chosen on {len(kinds)} cases of calibration.jsonl: the highest that refuses at most {limit:.1%} of those that are answerable"
    return {
        "threshold": shipped if same else best,
        "calibrated": True,
        "how": f"{how}; the shipped one does as well and stays" if same else how,
        "curve": curve,
        "cases": len(kinds),
    }
