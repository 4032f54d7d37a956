"""The threshold of a generation: chosen on its corpus's cases, taken over where it was chosen for just that, said so in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEmbedder, WordStage, no_triage, write_corpus
from hypothesis import given
from hypothesis import strategies as st

from chatbot import building, settings
from chatbot.answer import decision
from chatbot.calibrating import calibrate, chosen, known_cases
from chatbot.corpus.calibration import CalibrationCase, choose, parse_calibration
from chatbot.errors import CorpusError
from chatbot.pipeline import Chatbot

SENTENCES = [
    f"Kettle number {n} was tried by {90 + n} people in town {chr(65 + n % 26)}{chr(97 + n // 26)}." for n in range(40)
]
Rows = list[dict[str, Any]]


def rows(count: int) -> Rows:
    """Answerable cases, and as many that nothing answers."""
    answered = [
        {"question": f"Who tried kettle number {n}?", "gold": [SENTENCES[n]], "kind": "answerable"}
        for n in range(count)
    ]
    return answered + [{"question": f"Where is planet {n}?", "gold": [], "kind": "far"} for n in range(count)]


@pytest.fixture
def draft_of(tmp_path: Path) -> Callable[[Rows | None], building.Draft]:
    """A draft of a corpus with these calibration cases, none for None."""

    def make(cases: Rows | None) -> building.Draft:
        folder = write_corpus(tmp_path / "corpus", {"article": SENTENCES})
        if cases is not None:
            (folder / "calibration.jsonl").write_text(
                "".join(json.dumps(row) + "\n" for row in cases), encoding="utf-8"
            )
        return building.prepare(folder, HashEmbedder())

    return make


def found(draft: building.Draft) -> dict[str, Any]:
    return dict(json.loads(draft.files["decision.json"]))


def calibrated(draft: building.Draft) -> building.Draft:
    return calibrate(draft, HashEmbedder(), WordStage())


def test_a_corpus_without_cases_takes_the_shipped_threshold_and_says_so(draft_of: Any) -> None:
    draft = draft_of(None)
    shipped = decision.read_weights(settings.WEIGHTS / "decision.json", bank=False).threshold
    assert calibrated(draft) == draft
    assert found(draft) == {
        "threshold": shipped, "calibrated": True, "how": "shipped; the corpus has no calibration.jsonl to choose its own by",
        "curve": [], "cases": 0,
    }  # fmt: skip


def test_cases_of_the_corpus_choose_the_threshold_and_the_reader_takes_it(draft_of: Any) -> None:
    draft = draft_of(rows(40))
    assert found(draft)["calibrated"] is False
    told: list[tuple[str, int, int]] = []
    after = calibrate(draft, HashEmbedder(), WordStage(), lambda *step: told.append(step))
    made = found(after)
    assert (made["calibrated"], made["cases"]) == (True, 80)
    assert told[-1] == ("calibrating", 80, 80)
    assert made["how"].startswith("chosen on 80 cases of calibration.jsonl: the highest that refuses at most ")
    limit = decision.refusal_limit(settings.WEIGHTS / "decision.json", bank=False, otherwise=0.052)
    at = next(point for point in made["curve"] if point["threshold"] == made["threshold"])
    assert at["false_refusals"] <= limit
    assert after.generation_id == draft.generation_id
    assert calibrated(draft).files == after.files
    bot = Chatbot.over(building.loaded_from(after.manifest, after.files), HashEmbedder(), WordStage(), no_triage)
    assert bot.reader is not None
    assert bot.reader.weights.threshold == made["threshold"]


def test_too_few_cases_keep_the_shipped_threshold(draft_of: Any) -> None:
    made = found(calibrated(draft_of(rows(10))))
    assert made["how"] == "shipped; of the 20 calibration cases only 10 are answerable by this corpus, 30 are needed"


def test_cases_whose_answers_are_gone_do_not_count(draft_of: Any) -> None:
    draft = draft_of(None)
    loaded = building.loaded_from(draft.manifest, draft.files)
    one, two, three = (
        CalibrationCase("?", (), gold, "answerable") for gold in ((SENTENCES[0],), ("Gone.",), ("Gone.", SENTENCES[1]))
    )
    nothing = CalibrationCase("?", (), (), "near")
    assert known_cases(loaded, [one, two, three, nothing]) == (one, three, nothing)


def test_a_threshold_chosen_for_just_this_is_taken_over(
    draft_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_of(rows(40))
    weights = json.loads((settings.WEIGHTS / "decision.json").read_text())
    folder = tmp_path / "weights"
    folder.mkdir()
    on = {key: draft.made_of[key] for key in decision.CALIBRATED_ON}
    monkeypatch.setattr(settings, "WEIGHTS", folder)
    for changed in ({}, {"answer_digest": "other"}):
        (folder / "decision.json").write_text(json.dumps(weights | {"calibrated_on": on | changed}))
        again = building.prepare(draft.corpus.folder, HashEmbedder())
        made = found(again)
        assert made["calibrated"] is not bool(changed)
        if not changed:
            assert made["how"] == "shipped, and chosen for this very corpus, its models and settings"
            assert made["curve"] == weights["without_bank"]["curve"]
            assert calibrated(again) == again


def test_a_row_that_is_no_case_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calibration.jsonl"
    good = b'{"question": "Why?", "gold": [], "kind": "near"}\n'
    for bad, why in ((b"{", "Expecting property name"), (b'{"question": 3, "gold": []}', "a text is no string"),
                     (b'{"question": "a", "gold": [], "kind": "odd"}', "kind is 'odd'"), (b'{"gold": []}', "'question'"), (b"7", "")):  # fmt: skip
        with pytest.raises(
            CorpusError,
            match=r"calibration\.jsonl:2: not a row with question, gold and a kind of .*; correct or remove it",
        ) as caught:
            parse_calibration(good + bad + b"\n", path)
        assert why in str(caught.value)
    with pytest.raises(CorpusError, match="not UTF-8 at byte 0"):
        parse_calibration(b"\xff", path)


def test_the_same_cases_are_chosen_whatever_else_there_is() -> None:
    cases = [CalibrationCase(f"Question {n}?", (), (), "near") for n in range(100)]
    some = choose(cases, 10)
    assert len(some) == 10
    assert choose(cases[::-1], 10)[::-1] == some
    assert set(choose(cases[:50], 10)) >= {c for c in some if c in cases[:50]}


confidences = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["answerable", "near", "far"])), min_size=1, max_size=60
)


@given(confidences, st.floats(0.01, 0.99), st.floats(0, 0.3))
def test_the_chosen_threshold_is_the_highest_within_the_limit(
    found: list[tuple[float, str]], shipped: float, limit: float
) -> None:
    values, kinds = [v for v, _ in found] + [0.5], [k for _, k in found] + ["answerable"]
    made = chosen(values, kinds, round(shipped, 4), limit)
    plain = [v for v, k in zip(values, kinds, strict=True) if k == "answerable"]
    allowed = [p for p in made["curve"] if p["false_refusals"] <= limit]
    for point in made["curve"]:  # the slow way
        assert point["false_refusals"] == round(sum(v < point["threshold"] for v in plain) / len(plain), 4)
    at = next(p for p in made["curve"] if p["threshold"] == made["threshold"])
    if allowed:
        assert at["false_refusals"] == max(p["false_refusals"] for p in allowed)
    assert made["threshold"] == round(shipped, 4) or made["threshold"] == max(
        (p["threshold"] for p in allowed), default=made["curve"][0]["threshold"]
    )


@given(confidences)
def test_confidences_that_did_not_change_keep_the_shipped_threshold(found: list[tuple[float, str]]) -> None:
    values, kinds = [v for v, _ in found] + [0.5], [k for _, k in found] + ["answerable"]
    plain = [v for v, k in zip(values, kinds, strict=True) if k == "answerable"]
    shipped = 0.4321
    limit = round(sum(v < shipped for v in plain) / len(plain), 4)
    assert chosen(values, kinds, shipped, limit)["threshold"] == shipped


def test_the_shipped_threshold_was_chosen_for_the_shipped_corpus(shipped_corpus: Path) -> None:
    """So that a fresh clone is built without a replay."""
    from chatbot.index.embedding import PACKAGED_NAME

    made = building.made_of(building.read_corpus(shipped_corpus), PACKAGED_NAME, settings.PACKAGED_MODEL_SHA256)
    taken = decision.taken_over(settings.WEIGHTS / "decision.json", made, bank=True, cases=1)
    mend = "run `python -m chatbot.training.decision --keep-weights --out chatbot/models/weights/decision.json`"
    assert taken["calibrated"], f"corpus, models or settings changed since the threshold was chosen; {mend}"
