"""The public forms of a reply, held by golden files: JSON of format 1 and plain text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answer.quoting import cite
from chatbot.answer.rendering import WIDTH, kind_of, near_misses_of, quotes_of, render_json, render_text
from chatbot.datatypes import Document
from chatbot.replies import Answer, Statement

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["answer", "abstention", "nothing_close", "crisis", "drug_request", "medical_advice"]


@pytest.mark.parametrize("name", NAMES)
def test_the_json_form_is_the_golden_one(world: Any, name: str) -> None:
    made = render_json(world.replies()[name], ident="case-7", seconds=0.123456)
    assert json.dumps(made, ensure_ascii=False, indent=2) + "\n" == (GOLDEN / f"{name}.json").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_text_form_is_the_golden_one(world: Any, name: str) -> None:
    assert render_text(world.replies()[name]) + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_quote_proves_itself_and_every_reply_ends_with_the_disclaimer(world: Any, name: str) -> None:
    form = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    documents = {d.doc_id: d for d in (world.article, world.note)}
    defined = [d for d in form["glossary"] if d["source"]]
    for quote in (*form["quotes"], *form["near_misses"], *form.get("keep_in_mind", ()), *defined, form["disclaimer"]):
        document = documents[quote["doc_id"]]
        assert document.text[quote["start"] : quote["end"]] == quote["text"]
        assert Document.digest(document.text) == quote["sha256"]
    assert form["format"] == 1
    last = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()[-2:]
    assert last == [
        "Note: Nothing here is advice, and the well-being of a reader is a reader’s own.",
        "(Nowhere; as of 2026-01-02)",
    ]


def test_kinds_and_what_is_quoted(world: Any) -> None:
    replies = world.replies()
    assert {name: kind_of(reply) for name, reply in replies.items()} == {
        "answer": "answer",
        "abstention": "abstention",
        "nothing_close": "abstention",
        "crisis": "redirect",
        "drug_request": "redirect",
        "medical_advice": "redirect",
    }
    assert [c.number for c in quotes_of(replies["answer"])] == [1, 2, 3]
    assert quotes_of(replies["abstention"]) == ()
    assert [c.number for c in near_misses_of(replies["abstention"])] == [1, 2]
    assert near_misses_of(replies["answer"]) == ()
    assert quotes_of(replies["crisis"]) == ()


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=60)
hyphened = st.lists(
    st.sampled_from(["MDMA", "assisted", "self", "report", "https://e.org/a"]), min_size=1, max_size=6
).map("-".join)


@given(st.lists(st.one_of(words, hyphened), min_size=1, max_size=60).map(" ".join))
def test_the_words_of_a_quote_are_whole_in_the_text_form(world: Any, text: str) -> None:
    document = Document(world.article.source, text, Document.digest(text))
    cited = cite(document, 0, len(text), number=1, generation="g1", section="", lead_ins={"full": "From the article:"})
    given_reply = world.replies()["answer"]
    reply = Answer(
        given_reply.question, given_reply.understood, given_reply.disclaimer, "g1", (Statement((cited,)),), 0.9
    )
    shown = render_text(reply)
    assert f"“{text}”".split() == shown[shown.index("“") : shown.index("\n    — ")].split()
    for line in shown.splitlines():
        assert len(line) <= WIDTH or " " not in line.strip() or line.startswith(("    — ", "    http"))
    assert shown.endswith("a reader’s own.\n(Nowhere; as of 2026-01-02)")
    assert render_json(reply, ident="", seconds=0.0)["quotes"][0]["text"] == text


def test_markup_in_a_question_is_data(world: Any) -> None:
    form = render_json(world.replies()["abstention"], ident="x", seconds=0.0)
    assert form["question"] == "Is *it* <b>safe</b>?"
    assert json.loads(json.dumps(form)) == form


def test_no_golden_file_is_left_over() -> None:
    assert sorted(p.name for p in GOLDEN.iterdir()) == sorted(
        f"{name}.{kind}" for name in NAMES for kind in ("json", "txt")
    )
    assert all(
        re.search(r'"seconds": 0\.1235\b', (GOLDEN / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES
    )
