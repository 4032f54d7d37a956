"""The two small models: what is said of a text does not hang on what else is read with it, and eight bits say what floats say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatbot import settings
from chatbot.models.second_stage import CrossEncoder, OnnxClassifier
from chatbot.models.triage_model import TriageModel

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

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


def test_eight_bits_say_what_floats_say(tmp_path: Path) -> None:
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


def test_a_missing_model_is_told_with_its_place(tmp_path: Path) -> None:
    from chatbot.errors import ModelError

    with pytest.raises(ModelError, match=r"model\.onnx cannot be read"):
        OnnxClassifier(tmp_path)


@pytest.mark.filterwarnings("ignore")  # torch warns as it traces a model
@pytest.mark.parametrize("architecture", ["bert", "electra"])
def test_a_trained_model_is_written_and_says_the_same(tmp_path: Path, architecture: str) -> None:
    from transformers import AutoConfig, AutoModelForSequenceClassification

    from chatbot.index.embedding import packaged_folder
    from chatbot.training.export import CHECKED, export, read_texts

    torch.manual_seed(3)
    trained = tmp_path / "trained"
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = AutoConfig.for_model(architecture, vocab_size=30522, num_labels=1, **sizes)
    AutoModelForSequenceClassification.from_config(config).save_pretrained(trained)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(packaged_folder() / name, trained)
    rows = [{"question": QUESTION, "text": f"{TEXTS[at % 11]} {at}"} for at in range(2 * CHECKED)]
    texts = tmp_path / "texts.jsonl"
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = export(trained, tmp_path / "out", read_texts(texts, len(rows)))
    assert float(str(told["largest_difference"])) < 0.02
    assert CrossEncoder(tmp_path / "out", str(told["sha256"])).score(QUESTION, TEXTS).shape == (11,)
    kinds = {node.op_type for node in onnx.load(tmp_path / "out" / "model.onnx").graph.node}
    assert ("MatMulIntegerToFloat" in kinds) is (architecture == "bert")


def test_too_few_texts_for_an_export_are_told(tmp_path: Path) -> None:
    from chatbot.training.export import read_texts

    path = tmp_path / "few.jsonl"
    path.write_text('{"text": "One."}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"few\.jsonl: has 1 texts; 200 are kept for the check"):
        read_texts(path, 10)
