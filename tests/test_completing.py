"""What a reply carries beside its quotes, over the shipped texts with light models: every word a slice, nothing of the quotes changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEmbedder, WordStage, no_triage

from chatbot.answer.rendering import quotes_of, render_json, render_text
from chatbot.completing import Completer
from chatbot.evaluate.verbatim import faults
from chatbot.index import generations
from chatbot.loading import load
from chatbot.pipeline import Chatbot
from chatbot.replies import Abstention, Answer, Redirect, Statement, Understood

BETTER = "Studies have shown that MDMA-assisted therapy can lead to significant and lasting reductions in PTSD symptoms, even for individuals who haven’t found relief from other treatments (Mitchell et al., 2021; WebMD, n.d.)."
EMERGING = "It is important to remember that MDMA-assisted therapy is still an emerging treatment"
FULLY = "For the severity of post-traumatic stress disorder (PTSD), the Agin-Liebes study reported full mediation by change in self-compassion."
PLACEBO = "A placebo is a dummy treatment without the active drug."


@pytest.fixture
def bot(small_index: Path) -> Chatbot:
    embedder = HashEmbedder()
    loaded = load(small_index, generations.current(small_index), embedder)
    return Chatbot.over(loaded, embedder, WordStage(), no_triage)


def answer(bot: Chatbot, *texts: str, question: str = "What do studies show?") -> Answer:
    """A bare answer that quotes these sentences."""
    assert bot.reader is not None
    rows = [next(i for i, s in enumerate(bot.reader.loaded.sentences) if s.text == text) for text in texts]
    statements = tuple(Statement((bot._cite(row, row, n),)) for n, row in enumerate(rows, 1))
    return Answer(question, Understood(question, parts=(question,)), bot.disclaimer, bot.generation, statements, 0.9)


def completed(bot: Chatbot, reply: Any) -> Any:
    assert bot.reader is not None
    return Completer(bot.reader, bot.disclaimer).complete(reply, reply.understood.parts)


def test_a_benefit_has_a_caution_beside_it_numbered_after_the_quotes(bot: Chatbot) -> None:
    found = completed(bot, answer(bot, BETTER, PLACEBO))
    assert [c.number for c in quotes_of(found)] == [1, 2]
    (kept,) = found.keep_in_mind
    assert kept.number == 3
    assert kept.quote.text.startswith(EMERGING)
    assert faults(found, bot.documents) == ()
    assert f"Keep in mind\n\n[3] From the article:\n    “{EMERGING[:40]}" in render_text(found)


def test_the_claim_of_mediation_is_qualified_by_the_studys_own_limits(bot: Chatbot) -> None:
    (kept,) = completed(bot, answer(bot, FULLY)).keep_in_mind
    assert (kept.quote.doc_id, kept.section) == ("agin-liebes-2025", "Limits")


def test_what_speaks_of_no_benefit_has_nothing_beside_it(bot: Chatbot) -> None:
    assert completed(bot, answer(bot, PLACEBO)).keep_in_mind == ()


def test_terms_are_explained_in_order_and_by_their_source(bot: Chatbot) -> None:
    found = completed(bot, answer(bot, FULLY))
    assert [(d.term, d.citation.label if d.citation else "") for d in found.glossary][:2] == [
        ("PTSD", ""),
        ("full mediation", "Note on Agin-Liebes et al. (2025)"),
    ]
    quote = quotes_of(found)[0]
    assert [(quote.quote.text[a:b], name) for a, b, name in quote.terms] == [
        ("post-traumatic stress disorder", "PTSD"),
        ("full mediation", "full mediation"),
    ]
    named = [name for c in (*quotes_of(found), *found.keep_in_mind) for _, _, name in c.terms]
    assert named == [d.term for d in found.glossary]
    form = render_json(found, ident="", seconds=0.0)["glossary"][1]
    document = bot.documents[form["doc_id"]]
    assert document.text[form["start"] : form["end"]] == form["text"]
    assert "placebo" not in [d.term for d in completed(bot, answer(bot, PLACEBO)).glossary]


def test_the_quotes_are_as_they_were(bot: Chatbot) -> None:
    before = answer(bot, BETTER, FULLY, PLACEBO)
    after = completed(bot, before)
    assert [replace(c, emphasis=(), terms=()) for c in quotes_of(after)] == list(quotes_of(before))
    assert replace(after, statements=before.statements, keep_in_mind=(), glossary=(), reading_grade=None) == before


def test_no_more_of_a_limited_text_than_its_licence_lets(bot: Chatbot) -> None:
    assert bot.reader is not None
    loaded = bot.reader.loaded
    document = loaded.corpus.documents["agin-liebes-2025"]
    tight = replace(document, source=replace(document.source, limited=True, max_words=len(FULLY.split()) + 3))
    corpus = replace(loaded.corpus, documents=loaded.corpus.documents | {"agin-liebes-2025": tight})
    bot.corpus, bot.reader.loaded = corpus, replace(loaded, corpus=corpus)
    found = completed(bot, answer(bot, FULLY))
    assert found.keep_in_mind == ()
    assert [d.term for d in found.glossary] == ["PTSD"]  # "full mediation" has no words of this project
    assert [name for _, _, name in quotes_of(found)[0].terms] == ["PTSD"]


def test_a_printed_reference_is_left_alone(bot: Chatbot) -> None:
    reference = next(s.text for s in bot.reader.loaded.sentences if s.role == "reference")  # type: ignore[union-attr]
    found = completed(bot, answer(bot, reference, question="Which paper is it?"))
    (quote,) = quotes_of(found)
    assert (quote.emphasis, quote.terms, found.glossary, found.reading_grade) == ((), (), (), None)


def test_refusals_and_redirects_explain_terms_too(bot: Chatbot) -> None:
    cited = tuple(c for s in answer(bot, FULLY).statements for c in s.citations)
    plain = Understood("q", parts=("q",))
    refused = completed(
        bot, Abstention("q", plain, bot.disclaimer, bot.generation, "not_answered", "No.", cited, (), (), (), 0.1)
    )
    assert [d.term for d in refused.glossary] == ["PTSD", "full mediation"]
    sent = completed(bot, Redirect("q", plain, bot.disclaimer, bot.generation, "medical_advice", "Ask.", (), cited))
    assert [name for _, _, name in sent.citations[0].terms] == ["PTSD", "full mediation"]
    assert faults(refused, bot.documents) == faults(sent, bot.documents) == ()


def test_advice_that_quotes_a_benefit_has_its_caution_too(bot: Chatbot) -> None:
    cited = tuple(c for s in answer(bot, BETTER).statements for c in s.citations)
    plain = Understood("q", parts=("q",))
    sent = completed(bot, Redirect("q", plain, bot.disclaimer, bot.generation, "medical_advice", "Ask.", (), cited))
    (kept,) = sent.keep_in_mind
    assert (kept.number, kept.quote.text.startswith(EMERGING)) == (2, True)
    assert faults(sent, bot.documents) == ()
    assert f"Keep in mind\n\n[2] From the article:\n    “{EMERGING[:40]}" in render_text(sent)
    assert [q["text"] for q in render_json(sent, ident="", seconds=0.0)["keep_in_mind"]] == [kept.quote.text]
    object.__setattr__(kept.quote, "text", "other words")
    assert any("is not what the document says there" in fault for fault in faults(sent, bot.documents))


def test_a_definition_that_is_no_slice_is_a_fault(bot: Chatbot) -> None:
    found = completed(bot, answer(bot, FULLY))
    definition = found.glossary[1]
    object.__setattr__(definition.citation.quote, "text", "other words")
    assert any("is not what the document says there" in fault for fault in faults(found, bot.documents))


def test_a_danger_message_has_nothing_beside_it(bot: Chatbot) -> None:
    reply = bot.ask("I want to kill myself").reply
    assert isinstance(reply, Redirect) and reply.glossary == ()


def test_an_asked_question_is_completed(bot: Chatbot) -> None:
    reply = bot.ask(
        "How many people did the Mitchell trial randomise with severe post-traumatic stress disorder?"
    ).reply
    form = render_json(reply, ident="", seconds=0.0)
    assert "PTSD" in [d["term"] for d in form["glossary"]]
    for quote in form["quotes"] or form["near_misses"]:
        assert all(0 <= a < b <= len(quote["text"]) for a, b in quote["emphasis"])
