"""Whole replies of the shipped chatbot: what the project promises, asked of the real corpus."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.answer.rendering import kind_of, near_misses_of, quotes_of, render_json, render_text
from chatbot.datatypes import PinQuestion
from chatbot.errors import IndexDamaged, IndexMissing, QuestionError
from chatbot.index import generations
from chatbot.listening import pooled
from chatbot.pipeline import Chatbot
from chatbot.replies import Abstention, Answer, Redirect

DISCLAIMER = (
    "Disclaimer: Psychedelic Assisted Psychotherapy has not been approved by any regulatory agencies in the United States, "
    "and the safety and efficacy are still not formally established at the time of this writing."
)
CASES = Path(__file__).parent / "cases"


def texts(chatbot: Chatbot, question: str, history: tuple[str, ...] = ()) -> list[str]:
    """The quoted texts of the answer, best first."""
    reply = chatbot.ask(question, history).reply
    assert isinstance(reply, Answer), render_text(reply)
    return [c.quote.text for c in quotes_of(reply)]


def test_the_three_parts_are_quoted_with_what_the_article_relies_on(chatbot: Chatbot) -> None:
    reply = chatbot.ask("What are the three parts of self-compassion according to Kristin Neff?").reply
    first = quotes_of(reply)[0]
    assert first.quote.text == (
        "Dr. Kristin Neff, a leading researcher in this field, describes self-compassion as having three main parts: "
        "self-kindness, common humanity, and mindfulness (Neff, n.d.)."
    )
    assert first.lead_in == "From the article:"
    assert first.section == "The Gentle Power of Self-Compassion"
    assert [label for label, _, _ in first.relies_on] == ["Neff (n.d.)"]
    assert first.link.endswith("#:~:text=Dr.%20Kristin%20Neff%2C%20a,and%20mindfulness%20%28Neff%2C%20n.d.%29.")


def test_a_misspelt_question_is_understood_and_says_so(chatbot: Chatbot) -> None:
    reply = chatbot.ask("whats teh role of the therapist durring mdma sesions").reply
    assert reply.understood.text == "whats the role of the therapist during mdma sessions"
    assert ("teh", "the") in reply.understood.changes
    assert any("supportive presence of the therapists" in c.quote.text for c in quotes_of(reply))


def test_far_questions_are_refused_with_what_is_covered(chatbot: Chatbot) -> None:
    reply = chatbot.ask("What is the capital of Mongolia?").reply
    assert isinstance(reply, Abstention)
    assert reply.reason == "nothing_close"
    assert "Mongolia" in reply.unknown_terms
    assert reply.covered == chatbot.covered
    assert len(reply.suggestions) == 3


def test_a_follow_up_is_read_with_the_conversation(chatbot: Chatbot) -> None:
    found = texts(
        chatbot, "And the second one, what does it involve?", ("What are the three parts of self-compassion?",)
    )
    assert any(t.startswith("Common humanity involves") for t in found)


@pytest.mark.parametrize(
    ("history", "question", "lead"),
    [
        (
            ("Name the three parts of self-compassion.", "What is self-kindness?"),
            "and the last of them?",
            "Mindfulness",
        ),
        (("What is MDMA-assisted therapy?",), "How does it work?", "The substance is thought to work"),
        (("Does MDMA-assisted therapy heal for good?",), "And where is it to be had?", "It is important to remember"),
        (("What is mindfulness?",), "Does it mean to ignore the pain?", "It’s about observing"),
    ],
)
def test_a_follow_up_leads_with_what_it_asks_and_not_with_what_was_said(
    chatbot: Chatbot, history: tuple[str, ...], question: str, lead: str
) -> None:
    assert lead in texts(chatbot, question, history)[0]


def test_a_question_that_is_refused_has_taken_nothing_from_the_conversation(chatbot: Chatbot) -> None:
    reply = chatbot.ask("How many veterans were in the trial?", ("What is self-compassion?", "And mindfulness?")).reply
    assert isinstance(reply, Abstention)
    assert reply.understood.carried == ()
    assert "The Mitchell trial randomised 90 people" in reply.near_misses[0].quote.text


def test_a_text_is_quoted_with_the_sentence_that_goes_on(chatbot: Chatbot) -> None:
    lead = texts(chatbot, "What do people report to feel during an MDMA session, and what does that allow?")[0]
    assert lead.startswith("During an MDMA session, individuals often report feeling more open")
    assert lead.endswith(
        "This can allow them to look at their traumatic experiences and their own reactions to them with less fear and more understanding."
    )
    (whole, *_) = texts(chatbot, "Where is MDMA-assisted therapy available now?")
    assert whole.endswith(
        "through expanded access programs in some areas."
    )  # what follows has nothing to do with where


def test_quotes_are_numbered_in_the_order_in_which_they_are_read(chatbot: Chatbot) -> None:
    reply = chatbot.ask("What is common humanity, and how is it different from self-kindness?").reply
    assert isinstance(reply, Answer)
    assert {s.part for s in reply.statements} == {0, 1}
    assert [s.part for s in reply.statements] == sorted(s.part for s in reply.statements)
    assert [c.number for s in reply.statements for c in s.citations] == list(range(1, len(reply.statements) + 1))


def test_what_is_banned_for_one_reading_is_in_no_pool(chatbot: Chatbot) -> None:
    """The ban is on what these very words are answered with; the other reading found that sentence too."""
    assert chatbot.reader is not None
    alone, other = map(chatbot.reader.read, ("What is self-kindness?", "Is self-kindness warmth?"))
    row = alone.evidence[0].row
    assert row in {e.row for e in other.evidence}
    ban = PinQuestion("B001", "ban", row, row, "What is self-kindness?")
    found = pooled([replace(alone, met=(ban,)), other])
    assert {e.row for e in found} == {e.row for e in (*alone.evidence, *other.evidence)} - {row}


def test_a_source_without_text_is_never_quoted(chatbot: Chatbot) -> None:
    reply = chatbot.ask("What does the WebMD page say about side effects?").reply
    assert isinstance(reply, Abstention)
    assert reply.reason == "no_text"


def test_a_bibliographic_question_quotes_the_printed_reference(chatbot: Chatbot) -> None:
    reply = chatbot.ask("What is the DOI of the Mitchell paper?").reply
    first = quotes_of(reply)[0]
    assert first.quote.text.startswith("Mitchell, J. M., Bogenschutz, M.")
    assert first.section == "References"
    assert first.lead_in == "From the article’s reference list:"
    assert [link for _, _, link in first.relies_on] == ["https://doi.org/10.1038/s41591-021-01336-3"]


def test_a_number_that_the_sources_contradict_is_said_so(chatbot: Chatbot) -> None:
    reply = chatbot.ask("Why were 5,000 people enrolled in the 2021 Nature Medicine trial?").reply
    if isinstance(reply, Answer):
        assert reply.message == chatbot.corpus.messages.false_premise
    else:
        assert isinstance(reply, Abstention)


def test_a_question_that_takes_a_wrong_thing_for_granted_is_set_right(chatbot: Chatbot) -> None:
    """Nothing answers how they fared; the sentence that says they were not let in is quoted, and the page says why it is."""
    outcome = chatbot.ask("What happened with the pregnant women they let into the trial?")
    assert isinstance(outcome.reply, Answer)
    assert chatbot.reader is not None
    assert outcome.trace.confidence < chatbot.reader.weights.threshold
    assert outcome.reply.message == chatbot.corpus.messages.false_premise
    assert quotes_of(outcome.reply)[0].quote.text.startswith("The Mitchell trial excluded pregnancy")


def test_a_wrong_premise_is_set_right_in_a_conversation_too(chatbot: Chatbot) -> None:
    """ "They" points to nothing that was said; the words alone are what the bank knows."""
    reply = chatbot.ask(
        "What happened with the pregnant women they let into the trial?", ["What is mindfulness?"]
    ).reply
    assert isinstance(reply, Answer)
    assert reply.message == chatbot.corpus.messages.false_premise
    assert quotes_of(reply)[0].quote.text.startswith("The Mitchell trial excluded pregnancy")


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("Why was the Mitchell trial not blinded?", "And on Mars?"),
        ("What happened with the pregnant women in the trial?", "Who decided that?"),
        ("Why has the FDA approved MDMA-assisted therapy?", "Who decided that?"),
    ],
)
def test_what_the_question_before_took_for_granted_is_not_set_right_again(
    chatbot: Chatbot, before: str, text: str
) -> None:
    """With the question before it each of these asks what a question of the bank asks that has a correction."""
    assert isinstance(chatbot.ask(text, [before]).reply, Abstention)


def test_why_a_thing_that_is_not_so_is_set_right_too_where_it_is_answered(chatbot: Chatbot) -> None:
    outcome = chatbot.ask("Why has the FDA approved MDMA-assisted therapy?")
    assert isinstance(outcome.reply, Answer)
    assert outcome.reply.message == chatbot.corpus.messages.false_premise
    assert quotes_of(outcome.reply)[0].quote.text == DISCLAIMER


def test_what_is_answered_is_not_called_a_wrong_premise(chatbot: Chatbot) -> None:
    reply = chatbot.ask("Is MDMA-assisted therapy approved by the FDA?").reply
    assert isinstance(reply, Answer)
    assert (reply.message, quotes_of(reply)[0].quote.text) == ("", DISCLAIMER)


@pytest.mark.parametrize("number", range(8))
def test_every_example_on_the_page_is_answered(chatbot: Chatbot, number: int) -> None:
    assert len(chatbot.examples) == 8
    assert texts(chatbot, chatbot.examples[number])


def test_crisis_comes_first_and_shows_no_quotes(chatbot: Chatbot) -> None:
    reply = chatbot.ask("I can't do this any more, I want to end my life.").reply
    assert isinstance(reply, Redirect)
    assert (reply.kind, reply.citations) == ("crisis", ())
    assert ("United States", "988 Suicide & Crisis Lifeline (call or text)", "988") in reply.help_lines
    assert render_text(reply).startswith("Thank you for writing this.")


def test_crisis_is_answered_without_any_index(tmp_path: Path, shipped_corpus: Path) -> None:
    broken = Chatbot.open(shipped_corpus, tmp_path / "none", strict=False)
    assert kind_of(broken.ask("I want to kill myself").reply) == "redirect"
    with pytest.raises(IndexMissing, match="run `chatbot index build`"):
        broken.ask("What is self-compassion?")


def test_danger_is_known_without_reading_the_corpus(chatbot: Chatbot) -> None:
    outcome = chatbot.urgent("I want to kill myself", patterns_only=True)
    assert outcome is not None and isinstance(outcome.reply, Redirect) and outcome.reply.help_lines
    assert chatbot.urgent("Did suicidality increase in the trial?") is None
    assert chatbot.urgent("Did suicidality increase in the trial?", patterns_only=True) is None


@pytest.mark.parametrize("nothing", ["hello", "hi", "thanks!", "qwerty", "???", "how are you?", "Was ist PTBS?"])
def test_where_nothing_is_asked_nothing_is_quoted(chatbot: Chatbot, nothing: str) -> None:
    assert isinstance(chatbot.ask(nothing).reply, Abstention)


def test_an_aside_is_no_follow_up_and_nothing_points_to_it(chatbot: Chatbot) -> None:
    first = "How many sessions were there?"
    assert isinstance(chatbot.ask("thanks!", [first]).reply, Abstention)
    after, without = (chatbot.ask("How long did they last?", [first, *more]).reply for more in (["thanks!"], []))
    assert after.understood.carried == without.understood.carried
    assert [c.quote.text for c in quotes_of(after)] == [c.quote.text for c in quotes_of(without)]


def test_what_it_stands_for_is_found_further_back(chatbot: Chatbot) -> None:
    history = ["What is self-compassion?", "Why does it matter?"]
    reply = chatbot.ask("Who came up with it?", history).reply
    assert "self-compassion" in reply.understood.carried
    assert chatbot.ask("Why is it hard to be kind to myself?").reply.understood.carried == ()


def test_a_drug_request_gets_the_supervised_setting_only(chatbot: Chatbot) -> None:
    reply = chatbot.ask("Where can I buy molly for a session at home?").reply
    assert isinstance(reply, Redirect)
    assert reply.kind == "drug_request"
    assert [c.quote.text for c in reply.citations] == list(chatbot.corpus.messages.drug_request_show)


def test_a_question_about_suicidality_in_the_trial_is_ordinary(chatbot: Chatbot) -> None:
    assert any("suicidality" in t for t in texts(chatbot, "Did suicidality go up in the MDMA group of the trial?"))


def all_cases() -> list[tuple[str, tuple[str, ...]]]:
    rows = [json.loads(line) for path in sorted(CASES.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [(row["question"], tuple(row.get("history", ()))) for row in rows]


@pytest.mark.slow
def test_every_reply_is_verbatim_and_ends_with_the_disclaimer(chatbot: Chatbot) -> None:
    """A share of the project's cases: each quote is its slice, each reply ends with the disclaimer. `make floors` asks them all."""
    for question, history in all_cases()[::30]:
        reply = chatbot.ask(question, history).reply
        for citation in (*quotes_of(reply), *near_misses_of(reply)):
            quote = citation.quote
            document = chatbot.documents[quote.doc_id]
            assert document.text[quote.start : quote.end] == quote.text
            assert document.sha256 == quote.sha256
            assert quote.generation == chatbot.generation
        shown = render_json(reply, ident="x", seconds=0.0)
        assert shown["disclaimer"]["text"] == DISCLAIMER
        assert " ".join(render_text(reply).split()).endswith(f"{DISCLAIMER} (United States; as of 2026-11-23)")


def test_a_damaged_index_is_never_answered_from(real_index: Path, shipped_corpus: Path, tmp_path: Path) -> None:
    import shutil

    index = tmp_path / "index"
    shutil.copytree(real_index, index)
    path = index / generations.current(index) / "documents" / "unlocking-healing.txt"
    path.write_text(path.read_text().replace("self-kindness", "self-kindnezz", 1))
    with pytest.raises(IndexDamaged, match=r"unlocking-healing\.txt"):
        Chatbot.open(shipped_corpus, index)


@pytest.mark.parametrize("question", ["", "   ", "\u200b", "x" * 2001])
def test_an_empty_or_too_long_question_is_refused(chatbot: Chatbot, question: str) -> None:
    with pytest.raises(QuestionError):
        chatbot.ask(question)


def test_the_same_question_gets_the_same_reply(chatbot: Chatbot) -> None:
    one, two = (render_json(chatbot.ask("What is mediation?").reply, ident="", seconds=0) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("before", "text", "kind"),
    [
        ("Did the placebo group improve too?", "And by how much?", None),
        ("Where can I buy molly?", "And how much?", "drug_request"),
        ("What dose is safe for me?", "and how much more?", "drug_request"),
        ("I want to end it all tonight", "and now?", "crisis"),
    ],
)
def test_a_follow_up_without_a_word_of_its_own_is_triaged_with_what_it_follows(
    chatbot: Chatbot, before: str, text: str, kind: str | None
) -> None:
    reply = chatbot.ask(text, [before]).reply
    assert getattr(reply, "kind", None) == kind
