"""A fetched text in a note's place: what readers are shown of it, and what becomes of the cases and questions about the note."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import HashEmbedder, WordStage, no_triage
from maintainer import CASES, GOLD, edit, fetched

from chatbot.answer.rendering import quotes_of
from chatbot.building import prepare, set_aside
from chatbot.commands.serve import check_terms
from chatbot.corpus import provenance
from chatbot.datatypes import BankQuestion, Status
from chatbot.errors import CorpusError
from chatbot.gathering import read_corpus
from chatbot.index import generations
from chatbot.loading import load, loaded_from
from chatbot.pipeline import Chatbot
from chatbot.release.rehearsing import questions_of
from chatbot.release.releasing import Release, as_report
from chatbot.replies import Answer
from chatbot.sourcing.watching import stamp

DOC = "agin-liebes-2025"
KOALAS = "Koalas of the northern coast sleep nineteen hours and dream of eucalyptus leaves."
FIGS = "Fig trees of the northern coast feed the koalas only when nothing else grows."


def opened(index: Path, generation: str) -> Chatbot:
    embedder = HashEmbedder()
    return Chatbot.over(load(index, generation, embedder), embedder, WordStage(), no_triage)


def test_its_own_words_are_quoted_as_its_own(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    fetched(corpus, DOC, (KOALAS, FIGS))
    reply = opened(index, build().generation).ask("How many hours do koalas of the northern coast sleep?").reply
    assert isinstance(reply, Answer)
    cited = reply.statements[0].citations[0]
    assert (cited.quote.text, cited.text_kind, cited.section) == (KOALAS, "full", "Results")
    assert cited.lead_in == "From Agin-Liebes et al. (2025):"
    assert cited.label == "Agin-Liebes et al. (2025)"


def test_the_generation_answers_from_itself_when_the_folder_is_gone(
    build: Callable[..., Release], corpus: Path, index: Path
) -> None:
    fetched(corpus, DOC, (KOALAS,))
    found = build()
    provenance.remove(corpus, [DOC])
    loaded = load(index, found.generation, HashEmbedder())
    assert KOALAS in loaded.corpus.documents[DOC].text
    assert [d.doc_id for d in loaded.corpus.replaced] == [DOC]
    assert "corpus/fetched/fetched.toml" in generations.read(index, found.generation).files


def test_cases_that_only_the_note_answers_are_not_asked_and_that_is_said(
    build: Callable[..., Release], corpus: Path
) -> None:
    before = build()
    assert len(questions_of(read_corpus(corpus)).cases) == len(CASES)
    fetched(corpus, DOC, (KOALAS,))
    asked = questions_of(read_corpus(corpus))
    gone = [case for case in CASES if set(case.get("gold", ())) & set_aside(read_corpus(corpus))]
    assert asked.n_aside == len(gone) == 1
    after = build()
    assert (after.result, after.previous) == ("activated", before.generation)
    assert "1 case is not asked: only notes answer them that fetched texts replace" in as_report(after)


def test_questions_of_the_bank_that_only_the_note_answers_are_left_out(corpus: Path) -> None:
    rows = [
        {"question": "What is MDMA short for?", "gold": [GOLD]},
        {"question": "What is nowhere said?", "gold": []},
        {
            "question": "What did the title say, and the note?",
            "gold": [GOLD, "Living with PTSD is more than just having bad memories."],
        },
    ]
    (corpus / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [len(b.answers) for b in prepare_bank(corpus)] == [1, 0, 2]
    fetched(corpus, DOC, (KOALAS,))
    assert [(b.question, len(b.answers)) for b in prepare_bank(corpus)] == [
        ("What is nowhere said?", 0),
        ("What did the title say, and the note?", 1),
    ]


def prepare_bank(corpus: Path) -> tuple[BankQuestion, ...]:
    draft = prepare(corpus, HashEmbedder())
    return loaded_from(draft.manifest, draft.files, draft.corpus).bank


@pytest.mark.parametrize(("limit", "shown"), [(13, 1), (27, 2)])
def test_no_more_words_of_a_limited_text_than_the_manifest_says(
    build: Callable[..., Release], corpus: Path, index: Path, limit: int, shown: int
) -> None:
    edit(corpus, "sources.toml", "\ncovered = [", f"\nmax_words = {limit}\ncovered = [")
    fetched(corpus, DOC, (KOALAS, FIGS), is_open=False)
    bot = opened(index, build().generation)
    reply = bot.ask("What do koalas of the northern coast have to do with fig trees and eucalyptus leaves?").reply
    quotes = [c.quote for s in reply.statements for c in s.citations] if isinstance(reply, Answer) else []
    of_source = [q for q in quotes if q.doc_id == DOC]
    assert len(of_source) == shown
    assert sum(len(q.text.split()) for q in of_source) <= limit


def test_an_open_text_is_not_limited(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    edit(corpus, "sources.toml", "\ncovered = [", "\nmax_words = 13\ncovered = [")
    fetched(corpus, DOC, (KOALAS, FIGS))
    bot = opened(index, build().generation)
    reply = bot.ask("What do koalas of the northern coast have to do with fig trees and eucalyptus leaves?").reply
    assert isinstance(reply, Answer)
    assert {KOALAS, FIGS} <= {c.quote.text for s in reply.statements for c in s.citations}


@pytest.mark.parametrize(
    ("host", "served"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.1", False), ("box", False)],
)
def test_a_limited_text_is_served_to_this_machine_only(corpus: Path, host: str, served: bool) -> None:
    check_terms(read_corpus(corpus).manifest.sources, host)
    fetched(corpus, DOC, (KOALAS,), is_open=False)
    sources = read_corpus(corpus).manifest.sources
    if served:
        check_terms(sources, host)
    else:
        with pytest.raises(CorpusError, match="agin-liebes-2025: fetched for use on this machine only"):
            check_terms(sources, host)
    fetched(corpus, DOC, (KOALAS,), is_open=True)
    check_terms(read_corpus(corpus).manifest.sources, host)


def test_a_stamp_reaches_readers_and_breaks_nothing(build: Callable[..., Release], corpus: Path, index: Path) -> None:
    first = build()
    retracted = Status(
        "retracted", "2026-11-25", "retracted on 2026-11-20 (notice 10.5555/notice; named by the publisher)"
    )
    stamp(corpus, {"mitchell-2021": retracted})
    found = build()
    assert (found.result, found.previous, found.embedded) == ("activated", first.generation, 0)
    reply = opened(index, found.generation).ask("How many sites did the Mitchell trial have?").reply
    quotes = list(quotes_of(reply))
    banners = {c.quote.doc_id: c.alert for c in quotes}
    assert banners["mitchell-2021"] == "This work is RETRACTED, checked 2026-11-25."
