"""Places become the sources' words, or an error; never other words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from taken_along import EMERGING, GENERATION, MADE, SETTING, STUDIES, TRIAL

from chatbot.citing import citation_at
from chatbot.datatypes import Document
from chatbot.errors import Gone, Malformed
from chatbot.replies import Abstention, Answer, Redirect, Statement, Understood
from chatbot.sharing.forms import export
from chatbot.sharing.proving import MAX_QUOTE_CHARACTERS, MAX_QUOTES, holds, prove, turn_of
from chatbot.sharing.values import Place, Turn


def test_the_words_are_those_of_the_places(turns: Any, corpus: Any, corpus_of: Any) -> None:
    found = prove(turns["full"], corpus_of)
    assert [c.quote.text for c in found.citations][::2] == [TRIAL, EMERGING]
    assert [c.number for c in found.citations] == [1, 2, 3]
    assert found.message == corpus.messages.false_premise
    assert (found.open_parts, found.unanswered) == (True, ("who paid?",))
    assert found.disclaimer.quote.text == corpus.manifest.disclaimer
    assert (found.disclaimer.jurisdiction, found.disclaimer.as_of) == ("United States", corpus.manifest.as_of)
    assert found.citations[1].alert == "This work is RETRACTED, checked 2026-11-23."
    assert [s.doc_id for s in found.works] == ["mitchell-2021", "tricky", "unlocking-healing"]


def test_works_that_a_quoted_sentence_relies_on_come_after_the_quoted_ones(turns: Any, corpus_of: Any) -> None:
    works = prove(turns["answer"], corpus_of).works
    assert [s.doc_id for s in works] == ["unlocking-healing", "mitchell-2021", "webmd-mdma-therapy"]


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("abstention", "", "not_answered"),
        ("abstention", "no_text", "no_text"),
        ("abstention", "nothing_close", "nothing_close"),
        ("medical_advice", "", "medical_advice"),
        ("drug_request", "", "drug_request"),
        ("answer", "", ""),
    ],
)
def test_a_kind_has_the_corpus_fixed_wording(
    kind: Any, reason: Any, said: str, at: Any, corpus_of: Any, corpus: Any
) -> None:
    found = prove(Turn("Why?", kind, (at("unlocking-healing", SETTING),), reason=reason), corpus_of)
    assert found.message == (getattr(corpus.messages, said) if said else "")
    assert found.near == (corpus.messages.near_misses if kind == "abstention" else "")
    assert found.help_lines == ()


def test_somebody_in_danger_gets_the_help_lines_and_no_quotes(turns: Any, corpus: Any, corpus_of: Any, at: Any) -> None:
    found = prove(turns["crisis"], corpus_of)
    assert (found.message, found.citations) == (corpus.messages.crisis, ())
    assert found.help_lines[0] == ("United States", "988 Suicide & Crisis Lifeline (call or text)", "988")
    with pytest.raises(Malformed, match="has no quotes"):
        prove(replace(turns["crisis"], quotes=(at("mitchell-2021", TRIAL),)), corpus_of)


def test_beside_a_refusal_to_help_with_drugs_stand_only_the_named_sentences(
    turns: Any, at: Any, corpus_of: Any
) -> None:
    assert [c.quote.text for c in prove(turns["drug_request"], corpus_of).quotes] == [SETTING, EMERGING]
    with pytest.raises(Malformed, match="Beside this message only"):
        prove(replace(turns["drug_request"], quotes=(at("mitchell-2021", TRIAL),)), corpus_of)


def test_an_answer_without_a_quote_is_none(corpus_of: Any) -> None:
    with pytest.raises(Malformed, match="at least one quote"):
        prove(Turn("Why?", "answer", generation=GENERATION), corpus_of)


@pytest.mark.parametrize(
    ("doc_id", "start", "end", "said"),
    [
        ("nothing", 0, 5, "There is no document 'nothing'"),
        ("webmd-mdma-therapy", 0, 5, "There is no document"),
        ("mitchell-2021", 5, 5, "no text at 5-5"),
        ("mitchell-2021", 9, 5, "no text at 9-5"),
        ("mitchell-2021", 7000, 7900, "no text at 7000-7900"),
        ("mitchell-2021", 0, 40, "nothing that may be quoted begins at 0"),
        ("unlocking-healing", 0, MAX_QUOTE_CHARACTERS + 1, "at most 4,000 characters"),
    ],
)
def test_a_place_that_may_not_be_shown_is_refused(doc_id: str, start: int, end: int, said: str, corpus_of: Any) -> None:
    with pytest.raises(Malformed, match=said):
        prove(Turn("Why?", "answer", (Place(GENERATION, doc_id, start, end),)), corpus_of)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "g/d/1-2/",
        "g/d/-1-2",
        "g/d/1_0-2",
        "g/../d/1-2",
        "g/d/١-٢",
        "g/d/1-2\n",
        "g/d/1-1000000000",
        "g/d d/1-2",
        "/".join("gdx"),
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="no place of a quote"):
        Place.read(text)


def test_a_place_is_read_as_it_is_written() -> None:
    assert Place.read(Place(GENERATION, "mitchell-2021", 3, 40).written) == Place(GENERATION, "mitchell-2021", 3, 40)
    assert Place.read("/mitchell-2021/3-40").generation == ""


def test_a_generation_that_is_gone_is_never_looked_up_in_another(at: Any, corpus_of: Any) -> None:
    for generation in ("f" * 16, ""):
        old = replace(at("mitchell-2021", TRIAL), generation=generation)
        with pytest.raises(Gone, match="no longer kept"):
            prove(Turn("Why?", "answer", (old,)), corpus_of)


def test_each_generation_answers_in_its_own_words(at: Any, corpus: Any) -> None:
    place = at("mitchell-2021", TRIAL)
    document = corpus.documents["mitchell-2021"]
    text = document.text.replace(TRIAL, TRIAL.replace("24.4", "42.4"))
    edited = Document(document.source, text, Document.digest(text), document.blocks)
    kept = {GENERATION: corpus, "f" * 16: replace(corpus, documents=corpus.documents | {"mitchell-2021": edited})}
    old = prove(Turn("Why?", "answer", (place,)), kept.get)
    new = prove(Turn("Why?", "answer", (replace(place, generation="f" * 16),)), kept.get)
    assert (old.quotes[0].quote.text, old.generation) == (TRIAL, GENERATION)
    assert (new.quotes[0].quote.text, new.generation) == (TRIAL.replace("24.4", "42.4"), "f" * 16)
    with pytest.raises(Malformed, match="this turn names 2"):
        prove(Turn("Why?", "answer", (place,), (replace(place, generation="f" * 16),)), kept.get)
    with pytest.raises(Malformed, match="this turn names 2"):
        prove(Turn("Why?", "answer", (place,), generation="f" * 16), kept.get)


@pytest.mark.parametrize("cut", [(3, 0), (0, -3), (12, -12)])
def test_a_piece_of_a_sentence_is_no_quote(at: Any, corpus_of: Any, cut: tuple[int, int]) -> None:
    whole = at("mitchell-2021", TRIAL)
    piece = replace(whole, start=whole.start + cut[0], end=whole.end + cut[1])
    with pytest.raises(Malformed, match="is not whole sentences"):
        prove(Turn("Why?", "answer", (piece,)), corpus_of)


def test_a_whole_file_holds_no_more_of_a_limited_source_than_a_reply(at: Any, corpus: Any) -> None:
    document = corpus.documents["mitchell-2021"]
    source = replace(document.source, limited=True, max_words=40)
    guarded = replace(corpus, documents=corpus.documents | {"mitchell-2021": replace(document, source=source)})
    trial = at("mitchell-2021", TRIAL)  # 32 words
    sites = at(
        "mitchell-2021", "The Mitchell trial had 15 sites: 11 in the United States, 2 in Canada and 2 in Israel."
    )
    same, other = (Turn("Why?", "answer", (place,)) for place in (trial, sites))
    assert export("html", [same, same, same], lambda _: guarded, MADE).content
    with pytest.raises(Malformed, match="at most 40 words be shown at once; this file would hold"):
        export("html", [same, other], lambda _: guarded, MADE)


def test_of_a_limited_source_a_turn_shows_so_many_words_and_no_more(at: Any, corpus: Any) -> None:
    document = corpus.documents["mitchell-2021"]
    place, other = at("mitchell-2021", TRIAL), at("unlocking-healing", SETTING)
    count = len(TRIAL.split())
    for most, fine in ((count, True), (2 * count - 1, False), (2 * count, True)):
        limited = replace(document, source=replace(document.source, limited=True, max_words=most))
        guarded = replace(corpus, documents=corpus.documents | {"mitchell-2021": limited})
        quotes = (place, other) if most == count else (place, other, place)
        turn = Turn("Why?", "answer", quotes[:-1], quotes[-1:])
        if fine:
            assert len(prove(turn, {GENERATION: guarded}.get).citations) == len(quotes)
        else:
            with pytest.raises(Malformed, match=f"at most {most} words"):
                prove(turn, {GENERATION: guarded}.get)


def test_a_turn_has_no_more_quotes_than_a_reply(at: Any, corpus_of: Any) -> None:
    place = at("mitchell-2021", TRIAL)
    assert len(prove(Turn("Why?", "answer", (place,) * MAX_QUOTES), corpus_of).quotes) == MAX_QUOTES
    with pytest.raises(Malformed, match="has 13"):
        prove(Turn("Why?", "answer", (place,) * MAX_QUOTES, (place,)), corpus_of)


@pytest.mark.parametrize(
    ("part", "held"),
    [
        ("who paid?", True),
        ("WHO PAID", True),
        ("it help and who", True),
        ("paid who", False),
        ("elp", False),
        ("", False),
        ("?!", False),
    ],
)
def test_only_parts_in_the_questions_own_words_are_shown(part: str, held: bool, at: Any, corpus_of: Any) -> None:
    question = "Does it help, and who paid?"
    assert holds(question, part) is held
    found = prove(Turn(question, "answer", (at("mitchell-2021", TRIAL),), (), (part,)), corpus_of)
    assert (found.open_parts, found.unanswered) == (True, (part,) if held else ())


def test_a_reply_gives_the_turn_that_takes_it_along(corpus: Any, corpus_of: Any, at: Any, proved: Any) -> None:
    disclaimer = proved["answer"].disclaimer
    common = ("Why?", Understood("Why?"), disclaimer, GENERATION)

    def cited(words: str, doc_id: str) -> Any:
        place = at(doc_id, words)
        return citation_at(corpus, GENERATION, doc_id, place.start, place.end)

    trial, studies = cited(TRIAL, "mitchell-2021"), cited(STUDIES, "unlocking-healing")
    messages = corpus.messages
    answer = Answer(*common, (Statement((trial,)),), 0.9, ("who paid?",), (studies,), messages.false_premise)
    assert turn_of(answer) == Turn(
        "Why?",
        "answer",
        (at("mitchell-2021", TRIAL),),
        (at("unlocking-healing", STUDIES),),
        ("who paid?",),
        GENERATION,
        "",
        True,
    )
    abstention = Abstention(*common, "nothing_close", messages.nothing_close, (), (), (), (), 0.1)
    found = prove(turn_of(abstention), corpus_of)
    assert (found.message, found.quotes) == (messages.nothing_close, ())
    crisis = Redirect(*common, "crisis", messages.crisis, (), ())
    assert prove(turn_of(crisis), corpus_of).message == messages.crisis
