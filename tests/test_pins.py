"""What pins and bans do to replies: over a small corpus with light models, and end to end over the shipped one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedder, WordStage, no_triage, write_corpus
from maintainer import edit

from chatbot.answer.rendering import quotes_of, render_json
from chatbot.building import build, prepare
from chatbot.corpus.pins import Row, write_pins
from chatbot.datatypes import Evidence
from chatbot.errors import IndexDamaged
from chatbot.evaluate.questions import read_questions
from chatbot.evaluate.replay import replay
from chatbot.evaluate.values import Case
from chatbot.index import generations
from chatbot.index.embedding import open_embedder
from chatbot.loading import loaded_from
from chatbot.log.privacy import redact, redact_reply
from chatbot.log.records import Asked, columns_of, make_record
from chatbot.pipeline import Chatbot
from chatbot.replies import Abstention, Answer, Redirect

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {
    "one": (
        "The kettle boils water within three minutes. It whistles loudly afterwards.",
        "Kettles were invented long ago by somebody in Holland. Nobody remembers the inventor today.",
        "Gardens need plenty of sunlight. Roses grow well beside walls.",
    ),
    "two": ("The teapot keeps water warm for one whole hour.",),
}
QUESTION = "Which kettle boils water within three minutes?"
PRONOUN = "Does it glow at night?"
FAR = "Which colour has the moon at night?"
BOILS, WHISTLES, ROSES = (
    "The kettle boils water within three minutes.",
    "It whistles loudly afterwards.",
    "Roses grow well beside walls.",
)


def entry(action: str, question: str, *sentences: str, source: str = "one", ident: str = "p-1") -> Row:
    return Row(ident, "ban" if action == "ban" else "pin", (question,), source, sentences, "2026-11-29", "lead", "")


class Small:
    """A small corpus that is asked with the pins that are in its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_corpus(folder, TEXTS)

    def chatbot(self, *rows: Row) -> Chatbot:
        (self.folder / "pins.toml").unlink(missing_ok=True)
        write_pins(self.folder, rows, ())
        draft = prepare(self.folder, HashEmbedder())
        return Chatbot.over(loaded_from(draft.manifest, draft.files), HashEmbedder(), WordStage(), no_triage)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path / "corpus")


def quoted(chatbot: Chatbot, question: str, history: Sequence[str] = ()) -> list[str]:
    """What is quoted as an answer, nothing for a refusal."""
    reply = chatbot.ask(question, history).reply
    return [] if isinstance(reply, Abstention) else [c.quote.text for c in quotes_of(reply)]


def marks(candidates: Sequence[Evidence]) -> dict[str, str]:
    """The marks of pinned and banned candidates by their text."""
    return {e.sentence.text: name for e in candidates for name, _ in e.signals if ":" in name}


def test_a_pin_goes_first_and_makes_a_refused_question_answered(small: Small) -> None:
    assert quoted(small.chatbot(), FAR) == []
    chatbot = small.chatbot(entry("pin", FAR, ROSES))
    outcome = chatbot.ask(FAR)
    assert isinstance(outcome.reply, Answer)
    assert [c.quote.text for c in quotes_of(outcome.reply)] == [ROSES]
    assert marks(outcome.trace.candidates) == {ROSES: "pinned:p-1"}
    assert outcome.trace.candidates[0].sentence.text == ROSES
    assert outcome.trace.confidence == small.chatbot().ask(FAR).trace.confidence < chatbot.reader.weights.threshold  # type: ignore[union-attr]


def test_a_pin_on_a_question_with_a_pronoun_is_met_in_its_very_words(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the pronoun's reading is the better supported one; what that answers stays after it."""
    question = PRONOUN
    chatbot = small.chatbot(entry("pin", question, ROSES))
    assert chatbot.listener is not None
    monkeypatch.setattr(type(chatbot.listener), "_resolved", lambda *_: [QUESTION])
    assert (
        chatbot.listener.reader.read_as_asked(QUESTION).confidence
        > chatbot.listener.reader.read_as_asked(question).confidence
    )
    without = small.chatbot()
    assert quoted(without, question)[0] == BOILS
    assert quoted(chatbot, question) == [ROSES, *quoted(without, question)][: len(quoted(chatbot, question))]
    assert len(quoted(chatbot, question)) > 1
    before, after = without.ask(question).trace, chatbot.ask(question).trace
    assert after.confidence == before.confidence
    assert marks(after.candidates) == {ROSES: "pinned:p-1"}
    banned = small.chatbot(entry("ban", question, BOILS))
    assert all(BOILS not in text for text in quoted(banned, question))


@pytest.mark.parametrize("asked", [PRONOUN, f"{PRONOUN[:-1]}, and which colour has the moon at night?"])
def test_beside_personal_advice_no_pin_changes_what_is_read(
    small: Small, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Neither which wording is read nor whether parts are answered one by one."""
    monkeypatch.setattr("chatbot.listening.Listener._resolved", lambda *_: [QUESTION])
    found = []
    for rows in ((), (entry("pin", PRONOUN, ROSES), entry("pin", FAR, ROSES, ident="p-2"))):
        chatbot = small.chatbot(*rows)
        assert chatbot.listener is not None
        parts = chatbot.listener.parts(asked, [], pins=False)
        found.append([(p.text, p.reading.query, p.answered, p.pinned, p.reading.met) for p in parts])
    assert found[0] == found[1]


def test_the_rest_of_the_answer_stays_after_it(small: Small) -> None:
    before = quoted(small.chatbot(), QUESTION)
    assert before[0] == BOILS
    after = quoted(small.chatbot(entry("pin", QUESTION, ROSES)), QUESTION)
    assert after == [ROSES, *before][: len(after)] and len(after) > 1
    assert quoted(small.chatbot(entry("pin", QUESTION, BOILS)), QUESTION) == before


def test_a_pin_that_leans_back_is_quoted_with_the_sentence_before_it(small: Small) -> None:
    assert quoted(small.chatbot(entry("pin", FAR, WHISTLES)), FAR) == [f"{BOILS} {WHISTLES}"]
    banned = entry("ban", FAR, BOILS, ident="b-1")
    assert quoted(small.chatbot(entry("pin", FAR, WHISTLES), banned), FAR) == [WHISTLES]


def test_a_ban_is_decided_without_its_sentence_and_shown_nowhere(small: Small) -> None:
    before = small.chatbot().ask(QUESTION)
    outcome = small.chatbot(entry("ban", QUESTION, BOILS)).ask(QUESTION)
    assert BOILS in [c.quote.text for c in quotes_of(before.reply)]
    shown = quotes_of(outcome.reply) + getattr(outcome.reply, "near_misses", ())
    assert shown and all(BOILS not in c.quote.text for c in shown)
    assert outcome.trace.confidence < before.trace.confidence
    last = outcome.trace.candidates[-1]
    assert (last.sentence.text, last.score, marks([last])) == (BOILS, 0.0, {BOILS: "banned:p-1"})
    assert dict(last.signals)["second_stage"] == dict(before.trace.candidates[0].signals)["second_stage"]
    assert sum(e.score for e in outcome.trace.candidates) == pytest.approx(1.0)


def test_a_ban_goes_before_a_pin(small: Small) -> None:
    rows = entry("pin", FAR, ROSES), entry("ban", FAR, ROSES, ident="b-1")
    outcome = small.chatbot(*rows).ask(FAR)
    assert isinstance(outcome.reply, Abstention)
    assert all(c.quote.text != ROSES for c in outcome.reply.near_misses)
    assert marks(outcome.trace.candidates) == {ROSES: "banned:b-1"}


def test_each_part_of_a_question_meets_its_own_entries(small: Small) -> None:
    chatbot = small.chatbot(entry("pin", FAR, ROSES))
    reply = chatbot.ask(f"{QUESTION[:-1]}, and which colour has the moon at night?").reply
    assert isinstance(reply, Answer) and reply.unanswered_parts == ()
    assert [s.citations[0].quote.text for s in reply.statements if s.part == 1] == [ROSES]
    assert BOILS in [s.citations[0].quote.text for s in reply.statements if s.part == 0]


def test_a_story_meets_by_the_question_in_it(small: Small) -> None:
    story = f"My neighbour and I sat in the garden for hours. {FAR}"
    assert quoted(small.chatbot(entry("pin", story, ROSES)), FAR) == [ROSES]
    assert quoted(small.chatbot(entry("pin", FAR, ROSES)), f"We talked until late. {FAR}") == [ROSES]


def test_no_pin_shows_more_of_a_source_than_its_licence_allows(small: Small) -> None:
    long = "The teapot keeps water warm for one whole hour."
    chatbot = small.chatbot(entry("pin", FAR, long, source="two"))
    assert quoted(chatbot, FAR) == [long]
    loaded = chatbot.reader.loaded  # type: ignore[union-attr]
    document = loaded.corpus.documents["two"]
    limited = replace(document, source=replace(document.source, limited=True, max_words=5))
    corpus = replace(loaded.corpus, documents={**loaded.corpus.documents, "two": limited})
    limited_chatbot = Chatbot.over(replace(loaded, corpus=corpus), HashEmbedder(), WordStage(), no_triage)
    reply = limited_chatbot.ask(FAR).reply
    assert isinstance(reply, Abstention) and long not in [c.quote.text for c in reply.near_misses]


@pytest.mark.parametrize(
    "question", ["I want to kill myself", "Where can I buy MDMA?", "Should I stop taking my tablets?"]
)
def test_triage_goes_before_any_pin(small: Small, question: str) -> None:
    plain = small.chatbot().ask(question)
    pinned = small.chatbot(entry("pin", question, ROSES)).ask(question)
    assert isinstance(plain.reply, Redirect)
    one, two = (render_json(o.reply, ident="", seconds=0.0) for o in (plain, pinned))
    assert _but_generation(one) == _but_generation(two)
    assert ROSES not in [c.quote.text for c in quotes_of(pinned.reply)]
    assert marks(pinned.trace.candidates) == {}


def test_the_log_keeps_the_marks_as_signals(small: Small) -> None:
    rows = entry("pin", FAR, ROSES), entry("ban", FAR, BOILS, ident="b-1")
    asked = Asked(small.chatbot(*rows).ask(FAR), "r", "o", "2026-11-29T08:00Z")
    record = make_record(asked, render=render_json, redact=redact, redact_reply=redact_reply)
    signals = {name: hit.shown for hit in record.hits for name, value in hit.signals if ":" in name and value == 1.0}
    assert signals == {"pinned:p-1": True, "banned:b-1": False}
    assert '"pinned:p-1":1.0' in columns_of(record).body


def test_a_generation_whose_pins_were_changed_is_not_used(small: Small) -> None:
    small.chatbot(entry("pin", FAR, ROSES))
    draft = prepare(small.folder, HashEmbedder())
    for key, wrong in (("first", 9999), ("last", 9999), ("id", "other"), ("question", "Another?")):
        row = json.loads(draft.files["pins.jsonl"]) | {key: wrong}
        with pytest.raises(IndexDamaged, match="pin"):
            loaded_from(draft.manifest, {**draft.files, "pins.jsonl": json.dumps(row).encode()})


# --- the shipped corpus with the real models ---------------------------------------------------------------------------

BRAIN = "Which part of the brain may be less active under MDMA?"
AMYGDALA = (
    "MDMA may help to temporarily reduce the activity in brain areas associated with fear, like the amygdala, while increasing activity in "
    "areas related to emotional regulation and social connection."
)
AMOUNT = "How much MDMA did people get in the Mitchell trial?"
LEFT_OUT = "Amounts of MDMA given in the Mitchell trial are left out on purpose."
GROUPS = (
    "The Mitchell trial randomised 90 people with severe post-traumatic stress disorder (PTSD) 1:1, giving 46 in the MDMA group and "
    "44 in the placebo group."
)
SHIPPED = (
    Row("brain", "pin", (BRAIN,), "unlocking-healing", (AMYGDALA,), "2026-11-29", "lead", "C036"),
    Row("amount", "pin", (AMOUNT,), "mitchell-2021", (LEFT_OUT,), "2026-11-29", "lead", ""),
    Row("groups", "ban", (AMOUNT,), "mitchell-2021", (GROUPS,), "2026-11-29", "lead", ""),
)
PARAPHRASES = (
    "How much MDMA were people given in the Mitchell trial?",
    "What amount of MDMA did people get in the Mitchell trial?",
    "how much mdma did poeple get in the mitchell trial",
    "In the Mitchell trial, how much MDMA did people get?",
)
NEAR = (
    "How many people got MDMA in the Mitchell trial?",
    "How much MDMA did people get in the Agin-Liebes study?",
    "How much placebo did people get in the Mitchell trial?",
    "How much ketamine did people get in the Mitchell trial?",
    "How much therapy did people get in the Mitchell trial?",
    "How much better did people get in the Mitchell trial?",
    "When did people get MDMA in the Mitchell trial?",
    "How often did people get MDMA in the Mitchell trial?",
    "Where did people get MDMA in the Mitchell trial?",
    "How much money did people get in the Mitchell trial?",
    "How much MDMA did people not get in the Mitchell trial?",
    "Who gave people MDMA in the Mitchell trial?",
)
TRIAGED = {
    "How much MDMA should I take?": "drug_request",
    "Where can I get the MDMA that people got in the Mitchell trial?": "drug_request",
    "How much MDMA did people get in the Mitchell trial? I want to kill myself.": "crisis",
}


@pytest.fixture(scope="module")
def shipped(real_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A copy of the shipped corpus with pins, and of its index, built incrementally."""
    folder = tmp_path_factory.mktemp("pinned")
    corpus, index = folder / "corpus", folder / "index"
    shutil.copytree(ROOT / "corpus", corpus)
    edit(corpus, "sources.toml", 'cases = "../tests/cases"', "")
    shutil.copytree(real_index, index)
    write_pins(corpus, SHIPPED, ())
    build(corpus, index, open_embedder())
    yield corpus, index


@pytest.fixture(scope="module")
def pinned(shipped: tuple[Path, Path]) -> Chatbot:
    return Chatbot.open(*shipped)


def holds(chatbot: Chatbot, case: Case) -> bool:
    """Whether the evaluation finds that a sentence which answers is quoted."""
    (row,) = replay([case], chatbot.ask, chatbot.documents)
    assert row.faults == ()
    return row.marks["answerable.gold"] == 1.0


def test_a_case_fails_passes_after_the_pin_and_fails_without_it_again(
    chatbot: Chatbot, pinned: Chatbot, shipped: tuple[Path, Path]
) -> None:
    (case,) = (c for c in read_questions(ROOT / "tests/cases") if c.question == BRAIN)
    assert (holds(chatbot, case), holds(pinned, case)) == (False, True)
    assert quoted(pinned, BRAIN)[0] == AMYGDALA
    corpus, index = shipped
    without = corpus.parent / "without"
    shutil.copytree(corpus, without)
    write_pins(without, (), [row.ident for row in SHIPPED])
    used = generations.current(index)
    taken_back = build(without, index, open_embedder())
    try:
        assert not holds(Chatbot.open(without, index), case)
        assert taken_back != used
    finally:
        generations.activate(index, used)


def test_pin_and_ban_hold_for_paraphrases_and_for_no_other_question(chatbot: Chatbot, pinned: Chatbot) -> None:
    assert GROUPS in quoted(chatbot, AMOUNT)
    for question in (AMOUNT, *PARAPHRASES):
        outcome = pinned.ask(question)
        texts = [c.quote.text for c in quotes_of(outcome.reply)]
        assert (texts[0], GROUPS in texts) == (LEFT_OUT, False), question
        assert {"pinned:amount", "banned:groups"} == set(marks(outcome.trace.candidates).values())
    for question in NEAR:
        before, after = chatbot.ask(question), pinned.ask(question)
        assert marks(after.trace.candidates) == {}, question
        assert after.trace.candidates == before.trace.candidates
        assert quoted(pinned, question) == quoted(chatbot, question)


@pytest.mark.parametrize("question", TRIAGED)
def test_crisis_and_drug_messages_are_as_before(chatbot: Chatbot, pinned: Chatbot, question: str) -> None:
    before, after = chatbot.ask(question), pinned.ask(question)
    assert isinstance(after.reply, Redirect) and after.reply.kind == TRIAGED[question]
    one, two = (render_json(o.reply, ident="", seconds=0.0) for o in (before, after))
    assert _but_generation(one) == _but_generation(two)
    assert marks(after.trace.candidates) == {}


def _but_generation(value: object) -> object:
    if isinstance(value, dict):
        return {k: _but_generation(v) for k, v in value.items() if k not in ("generation", "link", "id")}
    return [_but_generation(v) for v in value] if isinstance(value, list) else value
