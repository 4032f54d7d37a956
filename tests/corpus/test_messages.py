"""The fixed wording of the shipped corpus, and what of it leads in quotes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot import settings
from chatbot.corpus.messages import Messages, read_messages


@pytest.fixture(scope="module")
def shipped() -> Messages:
    return read_messages(settings.CORPUS)


@pytest.mark.parametrize("kind", ["drug_request", "medical_advice"])
def test_words_that_lead_in_quotes_stand_only_before_quotes(shipped: Messages, kind: str) -> None:
    whole = getattr(shipped, kind)
    assert shipped.of_redirect(kind, quoted=True) == whole
    bare = shipped.of_redirect(kind, quoted=False)
    assert bare == whole or (whole.startswith(bare) and bare[-1] in ".?!" and whole.endswith(":"))
    assert not bare.endswith(":")


def test_a_message_loses_its_last_sentence_only(shipped: Messages) -> None:
    said = replace(shipped, medical_advice="Ask a doctor. Please do. The sources say:")
    assert said.of_redirect("medical_advice", quoted=False) == "Ask a doctor. Please do."
    only = replace(shipped, medical_advice="The sources say:")
    assert only.of_redirect("medical_advice", quoted=False) == "The sources say:"
    assert shipped.of_redirect("crisis", quoted=False) == shipped.crisis
