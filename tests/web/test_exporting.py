"""POST /api/export: from the guard to the file, and what is refused on the way."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from taken_along import GENERATION, STUDIES, TRIAL

from chatbot.errors import CorpusError
from chatbot.web.exporting import MAX_WAITING, Exporter
from chatbot.web.guard import MAX_EXPORT

CANARY = "canary-4711@example.org"


@pytest.fixture(scope="module")
def client(new_bot: Any) -> Any:
    """A client of the application around a scripted chatbot."""
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create
    from chatbot.web.limits import Buckets

    application = create(new_bot(), render_json, buckets=Buckets(1000.0, 1000))
    application.asgi.exports = Buckets(1000.0, 1000)
    with TestClient(application.asgi, raise_server_exceptions=True) as client:
        yield client


@pytest.fixture(scope="module")
def place(corpus: Any) -> Any:
    """The place of words, as it is sent."""

    def find(doc_id: str, words: str, generation: str = GENERATION) -> str:
        start = corpus.documents[doc_id].text.index(words)
        return f"{generation}/{doc_id}/{start}-{start + len(words)}"

    return find


@pytest.fixture(scope="module")
def turn(place: Any) -> dict[str, Any]:
    """An answer as a page sends it."""
    quotes = [place("unlocking-healing", STUDIES), place("mitchell-2021", TRIAL)]
    return {"question": f"Does it help? {CANARY}", "kind": "answer", "quotes": quotes}


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(
    ("form", "media_type", "name", "begins"),
    [
        ("html", "text/html; charset=utf-8", "answer", b"<!doctype html>"),
        ("pdf", "application/pdf", "answer", b"%PDF-1."),
        ("markdown", "text/markdown; charset=utf-8", "answer", b"# An answer\n"),
        ("bibtex", "application/x-bibtex; charset=utf-8", "works", b"@misc{unlockinghealinghownd,"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "works", b"TY  - ELEC\r\n"),
        ("csl-json", "application/vnd.citationstyles.csl+json", "works", b"[\n {\n"),
    ],
)
def test_each_form_is_a_file_to_keep(
    client: Any, turn: Any, form: str, media_type: str, name: str, begins: bytes, caplog: Any
) -> None:
    response = client.post("/api/export", json={"as": form, "turns": [turn]})
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    ending = {"markdown": "md", "bibtex": "bib", "csl-json": "json"}.get(form, form)
    day = response.headers["content-disposition"].removeprefix(f'attachment; filename="{name}-')[:10]
    assert response.headers["content-disposition"] == f'attachment; filename="{name}-{day}.{ending}"'
    assert day.startswith("20") and [len(part) for part in day.split("-")] == [4, 2, 2]
    assert response.headers["cache-control"] == "no-store"
    assert response.content.startswith(begins)
    assert "canary" not in caplog.text


def test_a_page_cannot_put_words_into_a_file(client: Any, turn: Any, place: Any) -> None:
    for name, value in (("text", "It cures."), ("message", "It cures."), ("disclaimer", ""), ("label", "Nature")):
        assert code(client.post("/api/export", json={"as": "html", "turns": [{**turn, name: value}]})) == (
            422,
            "malformed",
        )
    turned = {**turn, "unanswered": ["It cures everyone."]}
    response = client.post("/api/export", json={"as": "html", "turns": [turned]})
    assert b"cures" not in response.content
    quotes = [q.text_content() for q in html.document_fromstring(response.text).iter("blockquote")]
    assert quotes == [STUDIES, TRIAL]


def test_what_api_ask_says_can_be_taken_along(client: Any, corpus: Any) -> None:
    for question, kind in (
        ("How is it given?", "answer"),
        ("What is the weather?", "abstention"),
        ("hopeless", "crisis"),
        ("should I", "medical_advice"),
    ):
        said = client.post("/api/ask", json={"question": question}).json()
        shown = said["quotes"] or said["near_misses"]
        places = [f"{said['generation']}/{q['doc_id']}/{q['start']}-{q['end']}" for q in shown]
        turn = {"question": said["question"], "kind": kind, "quotes": places, "generation": said["generation"]}
        page = html.document_fromstring(client.post("/api/export", json={"as": "html", "turns": [turn]}).text)
        assert [q.text_content() for q in page.iter("blockquote")] == [q["text"] for q in shown]
        assert said["disclaimer"]["text"] in page.text_content()
        assert " ".join(said["message"].split()) in " ".join(page.text_content().split())


def test_a_generation_that_is_gone_is_said_to_be_gone(client: Any, turn: Any, place: Any) -> None:
    response = client.post(
        "/api/export", json={"as": "pdf", "turns": [{**turn, "quotes": [place("mitchell-2021", TRIAL, "f" * 16)]}]}
    )
    assert code(response) == (409, "gone")
    assert "Ask the question again" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"as": "html"},
        {"as": "docx", "turns": [{"question": "Why?", "kind": "crisis"}]},
        {"as": ["html"], "turns": [{"question": "Why?", "kind": "crisis"}]},
        {"as": "html", "turns": []},
        {"as": "html", "turns": {}},
        {"as": "html", "turns": [{"question": "Why?", "kind": "crisis"}] * 21},
        {"as": "html", "turns": ["Why?"]},
        {"as": "html", "turns": [{"question": 1, "kind": "crisis"}]},
        {"as": "html", "turns": [{"question": "Why?", "kind": "advice"}]},
        {"as": "html", "turns": [{"question": "Why?", "kind": ["crisis"]}]},
        {"as": "html", "turns": [{"question": "Why?", "kind": "answer", "quotes": "g/d/1-2"}]},
        {"as": "html", "turns": [{"question": "Why?", "kind": "answer", "quotes": [{"doc_id": "d"}]}]},
        {"as": "html", "turns": [{"question": "Why?", "kind": "answer", "quotes": ["../../etc/passwd"]}]},
        {
            "as": "html",
            "turns": [{"question": "Why?", "kind": "answer", "quotes": [f"{GENERATION}/mitchell-2021/0-40"]}],
        },
        {
            "as": "html",
            "turns": [{"question": "Why?", "kind": "answer", "quotes": [f"{GENERATION}/mitchell-2021/1500-1600"] * 13}],
        },
        {
            "as": "html",
            "turns": [{"question": "Why?", "kind": "abstention", "generation": GENERATION, "reason": "because"}],
        },
        {"as": "html", "turns": [{"question": "Why?", "kind": "abstention", "generation": 7}]},
        {
            "as": "html",
            "turns": [{"question": "Why?", "kind": "abstention", "generation": GENERATION, "false_premise": 1}],
        },
        {
            "as": "html",
            "turns": [{"question": "Why?", "kind": "abstention", "generation": GENERATION, "unanswered": [[]]}],
        },
        {"as": "ris", "turns": [{"question": "Why?", "kind": "crisis", "generation": GENERATION}]},
        {"as": "html", "turns": [], "log": False},
    ],
)
def test_what_is_not_of_the_form_is_refused(client: Any, body: Any) -> None:
    assert code(client.post("/api/export", json=body)) == (422, "malformed")


@pytest.mark.parametrize("question", ["", " \n", "a" * 2001])
def test_a_question_that_nobody_could_ask_is_refused(client: Any, question: str) -> None:
    body = {"as": "html", "turns": [{"question": question, "kind": "crisis", "generation": GENERATION}]}
    assert code(client.post("/api/export", json=body)) == (422, "question")


def test_lone_surrogates_and_nuls_are_replaced(client: Any) -> None:
    content = (
        b'{"as": "html", "turns": [{"question": "a\\ud800b\\u0000c", "kind": "crisis", "generation": "'
        + GENERATION.encode()
        + b'"}]}'
    )
    response = client.post("/api/export", content=content, headers={"content-type": "application/json"})
    assert html.document_fromstring(response.text).find(".//h2").text_content() == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"{", "application/json", (400, "not_json")),
        (b"[" * 5000, "application/json", (400, "not_json")),
        (b"\xff", "application/json", (400, "not_json")),
        (b"{}", "text/plain", (415, "content_type")),
        (b" " * (MAX_EXPORT + 1), "application/json", (413, "too_large")),
    ],
)
def test_what_is_no_body_is_refused(client: Any, content: bytes, kind: str, expected: Any) -> None:
    assert code(client.post("/api/export", content=content, headers={"content-type": kind})) == expected


def test_twenty_of_the_longest_questions_fit(client: Any, turn: Any) -> None:
    long = {**turn, "question": "\U0001f600" * 2000, "quotes": turn["quotes"] * 6}
    content = json.dumps({"as": "markdown", "turns": [long] * 20}, ensure_ascii=False).encode()
    assert 64 * 1024 < len(content) <= MAX_EXPORT
    response = client.post("/api/export", content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.text.count(TRIAL), response.text.count("\U0001f600")) == (200, 120, 40_000)


def test_a_corpus_that_cannot_be_read_is_no_file_and_no_word_of_why(new_bot: Any, turn: Any, monkeypatch: Any) -> None:
    bot = new_bot()
    for raised, expected in (
        (CorpusError("/secret/folder"), (503, "unavailable")),
        (RuntimeError(CANARY), (500, "internal")),
    ):

        def broken(_: str, raised: Exception = raised) -> Any:
            raise raised

        monkeypatch.setattr(bot, "corpus_of", broken)
        response = asyncio.run(Exporter(bot).tell({"as": "html", "turns": [turn]}))
        said = json.loads(bytes(response.body))["error"]
        assert (response.status_code, said["code"]) == expected
        assert "secret" not in said["message"] and "canary" not in said["message"]


def test_one_file_is_made_at_a_time_and_a_full_line_is_told_at_once(new_bot: Any, turn: Any, monkeypatch: Any) -> None:
    bot, gate, inside, most = new_bot(), threading.Event(), [], []
    real = bot.corpus_of

    def slowly(generation: str) -> Any:
        inside.append(1)
        most.append(len(inside))
        gate.wait(10)
        inside.pop()
        return real(generation)

    monkeypatch.setattr(bot, "corpus_of", slowly)

    async def many() -> list[int]:
        exporter = Exporter(bot)
        tasks = [asyncio.create_task(exporter.tell({"as": "html", "turns": [turn]})) for _ in range(MAX_WAITING + 3)]
        done, _ = await asyncio.wait(tasks[-2:], timeout=5)
        assert [t.result().status_code for t in done] == [503, 503]
        gate.set()
        return [r.status_code for r in await asyncio.gather(*tasks)]

    assert asyncio.run(many()) == [200] * (MAX_WAITING + 1) + [503, 503]
    assert max(most) == 1


def test_nothing_that_was_asked_is_left_behind(client: Any, turn: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for form in ("html", "pdf", "markdown"):
        assert client.post("/api/export", json={"as": form, "turns": [turn]}).status_code == 200
    assert list(tmp_path.iterdir()) == []
