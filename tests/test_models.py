"""The two small models: what is said of a text does not hang on what else is read with it, and eight bits say what floats say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chatbot import settings
from chatbot.models.second_stage import CrossEncoder, OnnxClassifier, batched
from chatbot.models.triage_model import TriageModel

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

QUESTION = "How many people took part?"
TEXTS = [
    "Ninety people took part in the trial, at fifteen sites in three countries.",
    "No.",
    "The placebo group improved too, though by less, and nobody in it could tell which of the two capsules had been given.",
    "Mindfulness is an open way of noticing what one thinks and feels.",
    "Half of those who were asked did not answer.",
    "The sponsor paid for it.",
    "It was approved in 2023.",
    "A healthy volunteer and a patient are asked different things, as the protocol says in its second part, which few have read.",
    "Why did nobody ask?",
    "Take one a day.",
    "There were 12 of them.",
]


@pytest.fixture(scope="module")
def second_stage() -> CrossEncoder:
    return CrossEncoder(settings.WEIGHTS / "second_stage", settings.SECOND_STAGE_SHA256)


def test_a_pair_has_one_score_whatever_is_read_with_it(second_stage: CrossEncoder) -> None:
    together = second_stage.score(QUESTION, TEXTS)
    alone = [float(second_stage.score(QUESTION, [text])[0]) for text in TEXTS]
    assert together == pytest.approx(alone, abs=1e-4)
    assert second_stage.score(QUESTION, TEXTS[::-1]) == pytest.approx(alone[::-1], abs=1e-4)
    assert int(np.argmax(together)) in (0, 10)


def test_a_message_has_one_judgement_whatever_is_read_with_it() -> None:
    model = TriageModel(settings.WEIGHTS / "triage", settings.TRIAGE_SHA256)
    together = model.classify(TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        assert found == pytest.approx(model.classify([text])[0], abs=1e-4)


def test_nothing_to_read_is_no_error(second_stage: CrossEncoder) -> None:
    assert second_stage.score(QUESTION, []).shape == (0,)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 12, 20, 61])
def test_batches_hold_every_text_once_and_share_the_work(count: int) -> None:
    lengths = [7 + (13 * at) % 50 for at in range(count)]
    batches = batched(lengths)
    assert sorted(at for batch in batches for at in batch) == list(range(count))
    assert all(batches)
    assert count < settings.THREADS or len(batches) % settings.THREADS == 0
    spread = [lengths[at] for batch in batches for at in batch]
    assert spread == sorted(lengths, reverse=True)


def test_eight_bits_say_what_floats_say(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from transformers import BertConfig, BertForSequenceClassification

    from chatbot.training import eight_bit

    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=90, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, num_labels=2
    )
    model = BertForSequenceClassification(config).eval()
    with torch.no_grad():  # large channels, as trained models have, and logits that are far apart
        model.bert.encoder.layer[0].attention.output.LayerNorm.weight[3] = 25.0
        model.classifier.weight.mul_(40.0)
    generator = torch.Generator().manual_seed(5)

    def text(length: int) -> dict[str, Any]:
        ids = torch.randint(5, 90, (1, length), generator=generator)
        types = (torch.arange(length)[None] > length // 2).long()
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": types}

    ranges = eight_bit.observe(model, [text(5 + at % 20) for at in range(60)])
    import onnxruntime

    raw = eight_bit.graph(model, 4, ranges).SerializeToString()
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    asked = [text(6 + at) for at in range(20)]
    with torch.inference_mode():
        expected = np.concatenate([model(**one).logits.numpy() for one in asked])
    found = np.concatenate(
        [
            session.run(
                None,
                {
                    "ids": one["input_ids"].numpy(),
                    "mask": one["attention_mask"].numpy(),
                    "types": one["token_type_ids"].numpy(),
                },
            )[0]
            for one in asked
        ]
    )
    assert np.sqrt(((found - expected) ** 2).mean()) < 0.05 * expected.std()


def test_a_missing_model_is_told_with_its_place(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from chatbot.errors import ModelError

    with pytest.raises(ModelError, match=r"model\.onnx cannot be read"):
        OnnxClassifier(tmp_path)
