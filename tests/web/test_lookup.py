"""Sources and passages: a span named by a quote gives that quote again, from its own generation or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatbot.datatypes import Status
from chatbot.web.limits import Buckets
from chatbot.web.lookup import Found, look_up, quoted, source_json, sources_text

HERE = "/api/passages/"
OLD = "fedcba9876543210"


@pytest.fixture
def client(bot: Any) -> Iterator[Any]:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    with TestClient(create(bot, render_json, buckets=Buckets(0.001, 5)).asgi) as made:
        yield made


def test_every_quote_of_a_reply_is_found_again_by_its_name(client: Any, bot: Any) -> None:
    reply = client.post("/api/ask", json={"question": "x"}).json()
    assert len(reply["quotes"]) == 2
    for quote in reply["quotes"]:
        name = f"{quote['doc_id']}:{quote['start']}-{quote['end']}"
        found = client.get(HERE + name).json()
        assert client.get(f"{HERE}{reply['generation']}/{name}").json() == found
        assert {k: v for k, v in found.items() if k in quote} == quote | {"number": 1, "section": found["section"]}
        assert found["format"] == 1
        assert found["generation"] == reply["generation"] == bot.generation
        assert found["disclaimer"] == reply["disclaimer"]
        around = found["paragraph"]
        text = bot.corpus.documents[quote["doc_id"]].text
        assert around["start"] <= quote["start"] < quote["end"] <= around["end"]
        assert "\n\n" not in text[around["start"] : around["end"]]
        assert " › ".join(found["heading_path"]) == found["section"]


def test_text_that_looks_like_markup_is_given_as_it_is(client: Any, bot: Any) -> None:
    text = bot.corpus_of(bot.generation).documents["tricky"].text
    assert client.get(f"{HERE}tricky:0-{len(text)}").json()["text"] == text


@pytest.mark.parametrize(
    ("name", "status", "code", "words"),
    [
        ("nothing:0-5", 404, "not_found", "There is no document 'nothing' with a text. Those there are: "),
        ("mitchell-2021:5-5", 422, "malformed", "mitchell-2021 has no text at 5-5; it has "),
        ("mitchell-2021:0-999999999", 422, "malformed", "mitchell-2021 has no text at 0-999999999; it has "),
    ],
)
def test_what_may_not_be_shown_is_an_error_that_says_why(
    client: Any, name: str, status: int, code: str, words: str
) -> None:
    response = client.get(HERE + name)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"].startswith(words)


def test_a_generation_that_is_gone_is_said_to_be_gone(client: Any) -> None:
    response = client.get(f"{HERE}{OLD}/unlocking-healing:0-10")
    assert response.status_code == 404
    assert response.json() == {
        "error": {
            "code": "gone",
            "message": f"Generation {OLD} is no longer kept here, so that nothing is quoted from it.",
        }
    }


def test_without_an_index_nothing_is_quoted(client: Any, bot: Any) -> None:
    bot.generation = ""
    response = client.get(f"{HERE}unlocking-healing:0-10")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")


def test_looking_into_named_generations_costs_what_questions_cost(client: Any, bot: Any) -> None:
    name = f"{bot.generation}/unlocking-healing:0-10"
    assert [client.get(HERE + name).status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get(f"{HERE}unlocking-healing:0-10").status_code == 200
    assert client.post("/api/ask", json={"question": "x"}).status_code == 429


def test_a_span_over_two_paragraphs_has_both_around_it(bot: Any) -> None:
    document = bot.corpus.documents["mitchell-2021"]
    first, second = [b for b in document.blocks if b.role == "body"][:2]
    found = look_up(bot, "mitchell-2021", first.end - 5, second.start + 5)
    assert isinstance(found, Found)
    assert found.paragraph == (first.start, second.end)
    assert found.citation.quote.text == document.text[first.end - 5 : second.start + 5]


def test_a_passage_as_text_ends_with_the_disclaimer(bot: Any) -> None:
    document = bot.corpus.documents["mitchell-2021"]
    body = next(b for b in document.blocks if b.role == "body")
    found = look_up(bot, "mitchell-2021", body.start, body.end)
    assert isinstance(found, Found)
    said = " ".join(found.as_text().split())
    assert document.text[body.start : body.end] in said
    assert said.endswith(f"{bot.disclaimer.quote.text} (United States; as of 2026-11-23)")


def test_sources_say_all_that_an_assistant_needs(client: Any, bot: Any) -> None:
    article, mitchell = client.get("/api/sources").json()["sources"][:2]
    assert (article["kind"], article["quoted"], article["authors"]) == ("article", "its full text", [])
    assert mitchell["kind"] == "journal-article"
    assert mitchell["authors"][0] == {"family": "Mitchell", "given": "Jennifer M."}
    assert mitchell["licence"] == "unknown"
    assert mitchell["quoted"] == "a note about it, written by this project"
    assert (mitchell["alert"], mitchell["status"]["relies_on"]) == ("", [])


def test_a_source_that_was_retracted_or_is_limited_says_so(bot: Any) -> None:
    source = bot.sources[1]
    status = Status("retracted", "2026-11-24", "a test", ("Smith (2001)",))
    row = source_json(replace(source, status=status))
    assert row["status"]["relies_on"] == ["Smith (2001)"]
    assert row["alert"].startswith("This work is RETRACTED, checked 2026-11-24. This work cites a work that was")
    assert quoted(replace(source, text_kind="full", limited=True, max_words=120)) == (
        "its full text, at most 120 words at once"
    )
    bot.sources = (replace(source, status=status),)
    assert "    WARNING: This work is RETRACTED, checked 2026-11-24." in sources_text(bot)
