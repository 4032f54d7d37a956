"""The OpenAPI document: valid, whole, and true of every reply, error and source that the routes send."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chatbot import __version__
from chatbot.answer.rendering import FORMAT
from chatbot.errors import Busy, IndexStale, TooSlow
from chatbot.web import openapi
from chatbot.web.guard import ROUTES
from chatbot.web.limits import Buckets
from chatbot.web.schema_parts import PREFIX
from chatbot.web.schemas import SCHEMAS, alone

JSON = {"content-type": "application/json"}
EXAMPLES = {"passage": "unlocking-healing:0-10", "generation": "0123456789abcdef"}
QUESTIONS = ("x", "weather", "hopeless", "dose", "should I", "tricky", "parts", "compasion", "And then?")


@pytest.fixture
def client(bot: Any) -> Iterator[Any]:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    with TestClient(create(bot, render_json, buckets=Buckets(1000.0, 1000)).asgi) as made:
        yield made


def check(value: Any, schema: Any) -> None:
    """Raises when the value is not of that schema of the document."""
    whole = {**schema, "components": openapi.document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def sent(response: Any, path: str, method: str = "get") -> Any:
    """The body, held against what the document says of that path and status."""
    described = openapi.document()["paths"][path][method]["responses"]
    assert str(response.status_code) in described, f"{path}: {response.status_code} is not described"
    check(response.json(), described[str(response.status_code)]["content"]["application/json"]["schema"])
    return response.json()


def test_the_document_is_valid_and_carries_both_versions(client: Any) -> None:
    document = client.get("/api/openapi.json").json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document == openapi.document()
    assert (document["openapi"], document["info"]["version"]) == ("3.1.0", __version__)
    assert document["components"]["schemas"]["Answer"]["properties"]["format"]["const"] == FORMAT == 1


def filled(path: str) -> str:
    """A documented path with its examples in it."""
    return re.sub(r"\{(\w+)\}", lambda m: EXAMPLES[m[1]], path)


def test_every_api_route_is_in_the_document_and_nothing_else_is() -> None:
    documented = {path: {m.upper() for m in item} for path, item in openapi.document()["paths"].items()}
    served = [(p, set(methods) - {"HEAD"}) for p, methods in ROUTES if p.startswith("/api/") or p == "/healthz"]
    assert len(served) == len(documented)
    for pattern, methods in served:
        matching = [found for path, found in documented.items() if re.fullmatch(pattern, filled(path))]
        assert matching == [methods], pattern


def test_every_object_is_closed_and_every_form_is_used() -> None:
    def objects(schema: Any) -> Iterator[Any]:
        if isinstance(schema, dict):
            if "properties" in schema:
                yield schema
            for value in schema.values():
                yield from objects(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from objects(value)

    found = list(objects(SCHEMAS))
    assert len(found) >= len(SCHEMAS) - 1
    assert [o for o in found if o["additionalProperties"] is not False] == []
    whole = str(openapi.document())
    streamed = {"Received", "Waiting"}
    assert [n for n in SCHEMAS if f"{PREFIX}{n}'" not in whole and n not in streamed] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_kind_of_reply_is_as_described(client: Any, question: str) -> None:
    reply = sent(client.post("/api/ask", json={"question": question, "history": ["before"]}), "/api/ask", "post")
    check(reply, openapi.ref(reply["kind"].capitalize()))
    jsonschema.Draft202012Validator(alone("Reply")).validate(reply)


@pytest.mark.parametrize("changes", [{"new": 1}, {"quotes": [{}]}, {"kind": "poem"}, {"format": 2}])
def test_a_reply_that_is_not_as_described_is_noticed(client: Any, changes: Any) -> None:
    reply = client.post("/api/ask", json={"question": "x"}).json()
    with pytest.raises(jsonschema.ValidationError):
        check(reply | changes, openapi.ref("Reply"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(alone("Reply")).validate(reply | changes)


@pytest.mark.parametrize("name", ["disclaimer", "id", "quotes", "generation"])
def test_a_reply_without_a_field_is_noticed(client: Any, name: str) -> None:
    reply = client.post("/api/ask", json={"question": "x"}).json()
    del reply[name]
    with pytest.raises(jsonschema.ValidationError):
        check(reply, openapi.ref("Reply"))


def test_sources_passages_and_health_are_as_described(client: Any, bot: Any) -> None:
    assert len(sent(client.get("/api/sources"), "/api/sources")["sources"]) == len(bot.sources)
    quotes = client.post("/api/ask", json={"question": "x"}).json()["quotes"]
    for quote in quotes:
        name = f"{quote['doc_id']}:{quote['start']}-{quote['end']}"
        sent(client.get(f"/api/passages/{name}"), "/api/passages/{passage}")
        sent(client.get(f"/api/passages/{bot.generation}/{name}"), "/api/passages/{generation}/{passage}")
    sent(client.get("/healthz"), "/healthz")
    sent(client.get("/api/openapi.json"), "/api/openapi.json")
    bot.generation = ""
    sent(client.get("/healthz"), "/healthz")
    sent(client.get("/api/sources"), "/api/sources")


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[]", 422), (b'{"question":""}', 422), (b" " * 70_000, 413), (b'{"question":"x fails"}', 500)],
)
def test_errors_of_bodies_are_as_described(client: Any, content: bytes, status: int) -> None:
    response = client.post("/api/ask", content=content, headers=JSON)
    assert response.status_code == status
    sent(response, "/api/ask", "post")


@pytest.mark.parametrize(
    ("raised", "status"),
    [(Busy("x"), 503), (TooSlow("x"), 504), (IndexStale("x"), 503), (RuntimeError("x"), 500)],
)
def test_errors_of_the_chatbot_are_as_described(client: Any, bot: Any, raised: Exception, status: int) -> None:
    bot.outside = raised
    response = client.post("/api/ask", json={"question": "x"})
    assert response.status_code == status
    sent(response, "/api/ask", "post")


def test_other_errors_are_as_described(client: Any, bot: Any) -> None:
    assert sent(client.post("/api/ask", content=b"x"), "/api/ask", "post")["error"]["code"] == "content_type"
    assert sent(client.get("/api/ask"), "/api/ask", "post")["error"]["code"] == "method"
    wrong = ("nothing:0-1", 404), ("mitchell-2021:9-9", 422)
    for (name, status), before in itertools.product(wrong, ("", f"{bot.generation}/")):
        response = client.get(f"/api/passages/{before}{name}")
        assert response.status_code == status
        sent(response, "/api/passages/{generation}/{passage}" if before else "/api/passages/{passage}")
    gone = client.get("/api/passages/fedcba9876543210/x:0-1")
    assert sent(gone, "/api/passages/{generation}/{passage}")["error"]["code"] == "gone"
    bot.generation = ""
    response = client.get("/api/passages/x:0-1")
    assert sent(response, "/api/passages/{passage}")["error"]["code"] == "unavailable"


def test_a_refusal_for_haste_is_as_described(bot: Any) -> None:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    with TestClient(create(bot, render_json, buckets=Buckets(0.001, 1)).asgi) as client:
        client.post("/api/ask", json={"question": "x"})
        assert sent(client.post("/api/ask", json={"question": "x"}), "/api/ask", "post")["error"]["code"] == "rate"


def test_events_are_as_described(client: Any) -> None:
    body = client.post("/api/ask", json={"question": "a moment"}, headers={"accept": "text/event-stream"}).text
    forms = {"received": "Received", "waiting": "Waiting", "reply": "Reply"}
    names = []
    for piece in body.strip().split("\n\n"):
        name, data = piece.split("\n")
        names.append(name.removeprefix("event: "))
        check(json.loads(data.removeprefix("data: ")), openapi.ref(forms[names[-1]]))
    assert (names[0], names[-1]) == ("received", "reply")


def test_what_may_be_asked_is_what_the_route_takes(client: Any) -> None:
    from chatbot.web.api import FIELDS

    assert set(SCHEMAS["Question"]["properties"]) == FIELDS
    check({"question": "x", "history": ["y"], "log": False, "as_typed": True}, openapi.ref("Question"))
