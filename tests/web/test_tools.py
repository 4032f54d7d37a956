"""The tools as an assistant calls them: alone, over standard input and output, and over HTTP with the library's own client."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chatbot.errors import IndexStale
from chatbot.web.asking import Desk
from chatbot.web.calls import read_call
from chatbot.web.joins import Refused
from chatbot.web.limits import Buckets
from chatbot.web.tools import CHECKS, TOOLS, Opening, Tools

ROOT = Path(__file__).resolve().parents[2]
TRIAL = "The Mitchell trial had 15 sites: 11 in the United States, 2 in Canada and 2 in Israel."

# A process that serves the tools of a scripted chatbot, and prints where it should not.
SCRIPT = """
import asyncio, importlib.util, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parents[1]))  # what the tests share
spec = importlib.util.spec_from_file_location("scripted", sys.argv[1])
scripted = importlib.util.module_from_spec(spec)
sys.modules["scripted"] = scripted
spec.loader.exec_module(scripted)
from chatbot.gathering import read_corpus
from chatbot.web.asking import Desk
from chatbot.web.assistants import serve_standard
from chatbot.web.tools import Tools
bot = scripted.ScriptedBot(read_corpus(scripted.CORPUS))
class Noisy(Tools):
    async def call(self, name, arguments):
        print("stray words on standard output")
        return await super().call(name, arguments)
asyncio.run(serve_standard(lambda: Noisy(Desk(bot))))
"""


def call(bot: Any, name: str, **arguments: Any) -> Any:
    """One call, without a protocol."""
    return asyncio.run(Tools(Desk(bot)).call(name, arguments))


@pytest.mark.parametrize("question", ["x", "weather", "hopeless", "dose", "tricky", "parts"])
def test_asking_gives_the_public_form_and_text_that_ends_with_the_disclaimer(bot: Any, question: str) -> None:
    from chatbot.answer.rendering import render_text

    result = call(bot, "ask", question=question, history=["before"])
    jsonschema.Draft202012Validator(TOOLS[0].gives).validate(result.structured)
    assert result.text == render_text(bot.reply(question, ("before",)))
    assert " ".join(result.text.split()).endswith(f"{bot.disclaimer.quote.text} (United States; as of 2026-11-23)")
    assert bot.asked == [(question, ("before",))]


def test_sources_and_passages_have_their_public_forms(bot: Any) -> None:
    sources = call(bot, "sources")
    jsonschema.Draft202012Validator(TOOLS[1].gives).validate(sources.structured)
    assert sources.text.startswith("unlocking-healing: Unlocking healing: How self-love")
    start = bot.corpus.documents["mitchell-2021"].text.index(TRIAL)
    place = {"doc_id": "mitchell-2021", "start": start, "end": start + len(TRIAL)}
    passage = call(bot, "passage", **place)
    jsonschema.Draft202012Validator(TOOLS[2].gives).validate(passage.structured)
    assert passage.structured["text"] == TRIAL
    assert passage == call(bot, "passage", generation=bot.generation, **place)
    assert bot.disclaimer.quote.text in " ".join(passage.text.split())


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("ask", {}, "ask needs 'question': a string."),
        ("ask", {"question": 1}, "ask takes 'question' as a string."),
        ("ask", {"question": "x", "history": "y"}, "ask takes 'history' as a list of strings."),
        ("ask", {"question": "x", "log": True}, "ask takes no 'log'; it takes question, history."),
        ("ask", {"question": " "}, "The question is empty; type one."),
        ("sources", {"x": 1}, "sources takes no 'x'; it takes nothing."),
        ("passage", {"doc_id": "x", "start": 0}, "passage needs 'end': a whole number."),
        ("passage", {"doc_id": "x", "start": True, "end": 5}, "passage takes 'start' as a whole number."),
        ("passage", {"doc_id": "x", "start": 0, "end": 10**12}, "passage takes 'end' as a whole number."),
    ],
)
def test_wrong_arguments_are_told_with_what_is_taken(bot: Any, name: str, arguments: Any, words: str) -> None:
    result = call(bot, name, **arguments)
    assert (result.text, result.structured) == (words, None)


def test_failures_are_words_without_structure(bot: Any) -> None:
    assert call(bot, "passage", doc_id="x", start=0, end=1).text.startswith("There is no document 'x' with a text.")
    gone = call(bot, "passage", doc_id="x", start=0, end=1, generation="fedcba9876543210")
    assert gone.text.startswith("Generation fedcba9876543210 is no longer kept here")
    failed = call(bot, "ask", question="canary fails")
    assert (failed.structured, "canary" in failed.text) == (None, False)
    assert call(bot, "nothing") is None


def test_what_a_tool_says_it_takes_is_what_it_takes() -> None:
    assert {t.name: set(t.takes["properties"]) for t in TOOLS} == {name: set(c) for name, c in CHECKS.items()}
    for tool in TOOLS:
        jsonschema.Draft202012Validator.check_schema(tool.takes)
        jsonschema.Draft202012Validator.check_schema(tool.gives)
        assert tool.gives["type"] == "object"
    ask = TOOLS[0].description
    for words in ("exact quotes", "unchanged and with its citation", "it is not an answer"):
        assert words in ask


def test_nothing_that_is_asked_over_tools_is_recorded(bot: Any) -> None:
    recorded: list[str] = []
    desk = Desk(bot, lambda outcome, ident: recorded.append(ident))
    assert asyncio.run(Tools(desk).call("ask", {"question": "x"})) is not None
    assert recorded == []


def talk(server: Any, walk: Callable[[Any], Awaitable[Any]], mode: str) -> Any:
    """A conversation with the library's own client."""
    from mcp import Client

    async def whole() -> Any:
        async with Client(server, mode=mode) as client:
            return await walk(client)

    return asyncio.run(asyncio.wait_for(whole(), 60))


async def walk(client: Any) -> tuple[list[str], Any, Any, Any, Any]:
    """Lists the tools and calls each, one of them wrongly."""
    listed = await client.list_tools()
    answer = await client.call_tool("ask", {"question": "tricky"})
    refused = await client.call_tool("ask", {"question": "weather", "history": ["x"]})
    quote = answer.structured_content["quotes"][0]
    place = {name: quote[name] for name in ("doc_id", "start", "end")}
    passage = await client.call_tool("passage", place | {"generation": answer.structured_content["generation"]})
    wrong = await client.call_tool("passage", {"doc_id": "x", "start": 0, "end": 1})
    return [t.name for t in listed.tools], answer, refused, passage, wrong


def judge(found: tuple[list[str], Any, Any, Any, Any], bot: Any) -> None:
    """What every way of calling must give. The client itself has held each result against the tool's own schema."""
    names, answer, refused, passage, wrong = found
    text = bot.corpus_of(bot.generation).documents["tricky"].text
    assert names == ["ask", "sources", "passage"]
    assert answer.structured_content["quotes"][0]["text"] == passage.structured_content["text"] == text
    assert answer.is_error is refused.is_error is False
    assert refused.structured_content["kind"] == "abstention"
    for result in (answer, refused, passage):
        assert bot.disclaimer.quote.text in " ".join(result.content[0].text.split())
    assert wrong.is_error
    assert wrong.content[0].text.startswith("There is no document 'x' with a text.")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http_with_the_librarys_own_client(start: Any, mode: str) -> None:
    running = start(mcp=True, recording=True)
    judge(talk(f"{running.url}mcp", walk, mode), running.bot)
    assert running.recorded == []


CHILD = ["-c", SCRIPT, str(Path(__file__).with_name("conftest.py"))]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_standard_input_and_output_with_the_librarys_own_client(bot: Any, mode: str) -> None:
    from mcp import StdioServerParameters

    env = {"PYTHONPATH": str(ROOT)}
    judge(talk(StdioServerParameters(command=sys.executable, args=CHILD, cwd=ROOT, env=env), walk, mode), bot)


def test_the_command_without_an_index_answers_somebody_in_danger(tmp_path: Path) -> None:
    from mcp import StdioServerParameters

    async def walk(client: Any) -> tuple[Any, Any]:
        return await client.call_tool("ask", {"question": "canary-8d"}), await client.call_tool(
            "ask", {"question": "I want to kill myself"}
        )

    words = ["-m", "chatbot", "mcp", "--index", str(tmp_path / "none")]
    env = {"PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(command=sys.executable, args=words, cwd=ROOT, env=env)
    unanswered, crisis = talk(server, walk, "auto")
    assert unanswered.is_error
    assert unanswered.content[0].text.startswith("The chatbot cannot answer at the moment.")
    assert crisis.structured_content["redirect"] == "crisis"


def test_who_calls_while_the_tools_are_being_opened_waits(bot: Any) -> None:
    def late() -> Tools:
        time.sleep(0.2)
        return Tools(Desk(bot))

    async def walk() -> list[Any]:
        opening = Opening(late)
        return await asyncio.gather(*(opening.call(name, {}) for name in ("sources", "sources", "nothing")))

    first, second, third = asyncio.run(walk())
    assert first == second == call(bot, "sources")
    assert third is None


def test_tools_that_cannot_be_opened_say_so_at_every_call(caplog: pytest.LogCaptureFixture) -> None:
    def never() -> Tools:
        raise IndexStale("index/ is stale; run `chatbot index build`")

    async def walk() -> list[Any]:
        opening = Opening(never)
        return [await opening.call("ask", {"question": "canary-8d"}) for _ in range(2)]

    for result in asyncio.run(walk()):
        assert result.structured is None
        assert result.text.startswith("The chatbot cannot answer at the moment.")
    assert caplog.messages == ["IndexStale: index/ is stale; run `chatbot index build`"] * 2


def test_on_standard_output_is_nothing_but_messages_and_the_end_of_input_is_the_end() -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    child = subprocess.Popen(
        [sys.executable, *CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdin and child.stdout

    def say(message: Any) -> None:
        assert child.stdin
        child.stdin.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
        child.stdin.flush()

    say({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
    assert json.loads(child.stdout.readline())["id"] == 0
    say({"jsonrpc": "2.0", "method": "notifications/initialized"})
    say('{"canary-8d": ')
    say({**ASK, "params": {"name": "ask", "arguments": {"question": "canary-8d fails"}}})
    found = [json.loads(child.stdout.readline())]
    out, err = child.communicate(timeout=20)
    found += [json.loads(line) for line in out.splitlines()]
    (answer,) = [f for f in found if f.get("id") == 2]
    assert answer["result"]["isError"] is True
    assert child.returncode == 0
    assert err == "stray words on standard output\nthe question was not answered (RuntimeError)\n"


# --- over HTTP, without the library's client -----------------------------------------------------------------------

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ASK = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": "canary-8d"}},
}
JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


@pytest.fixture
def client(bot: Any) -> Any:
    from starlette.testclient import TestClient

    from chatbot.answer.rendering import render_json
    from chatbot.web.application import create

    with TestClient(create(bot, render_json, buckets=Buckets(0.001, 2), mcp=True).asgi) as made:
        yield made


def test_a_call_costs_a_question_and_listing_is_free(client: Any) -> None:
    assert [client.post("/mcp", json=LIST, headers=JSON).status_code for _ in range(5)] == [200] * 5
    answers = [client.post("/mcp", json=ASK, headers=JSON) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[0].json()["result"]["structuredContent"]["question"] == "canary-8d"
    assert answers[2].json()["error"]["code"] == "rate"
    assert "retry-after" in answers[2].headers
    assert client.post("/api/ask", json={"question": "x"}).status_code == 429


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver", "http://127.0.0.1:7860", ""])
def test_no_web_page_may_call_whatever_origin_it_names(client: Any, bot: Any, origin: str) -> None:
    response = client.post("/mcp", json=ASK, headers=JSON | {"origin": origin})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "origin")
    assert bot.asked == []


def test_no_session_is_kept_and_every_call_stands_by_itself(client: Any) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
    }
    response = client.post("/mcp", json=hello, headers=JSON)
    assert response.json()["result"]["serverInfo"]["name"] == "chapter-and-verse"
    assert "exact" in response.json()["result"]["instructions"]
    assert "mcp-session-id" not in response.headers
    assert "set-cookie" not in response.headers
    assert response.headers["content-type"] == "application/json"
    assert client.post("/mcp", json=ASK, headers=JSON).status_code == 200


def test_only_posts_within_the_limits_are_taken(client: Any) -> None:
    for method in ("GET", "DELETE", "PUT", "OPTIONS", "HEAD"):
        assert client.request(method, "/mcp", headers=JSON).status_code == 405
    assert client.post("/mcp", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert client.post("/mcp", content=b" " * 70_000, headers=JSON).status_code == 413
    for path in ("/mcp/", "/mcp/x", "/MCP"):
        assert client.post(path, json=ASK, headers=JSON).status_code == 404


def test_every_answer_has_the_security_headers(client: Any) -> None:
    headers = client.post("/mcp", json=LIST, headers=JSON).headers
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"1",
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"jsonrpc":"2.0"}',
        b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
        b'{"jsonrpc":"2.0","id":1,"method":"nothing/here"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"canary-8d"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"canary-8d"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":["canary-8d"]}}',
        b'{"jsonrpc":"2.0","id":{"a":1},"method":"tools/call","params":{"name":"ask","arguments":{"question":"canary-8d"}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask","arguments":{"question":"a\\ud800b"}}}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
        b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"canary-8d"}}',
    ],
)
@pytest.mark.parametrize("version", ["", "2025-06-18", "2026-07-28", "canary-8d"])
def test_no_message_is_a_fault_and_none_is_written_down(
    client: Any, body: bytes, version: str, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    with caplog.at_level(logging.INFO):
        headers = JSON | ({"mcp-protocol-version": version} if version else {})
        response = client.post("/mcp", content=body, headers=headers)
    assert response.status_code in (200, 202, 400, 404, 429)
    assert "canary" not in caplog.text
    assert "canary" not in "".join(capfd.readouterr())


def test_a_body_is_read_once_and_written_anew() -> None:
    assert read_call(b'{"method":"tools/call","method":"ping"}') == (False, b'{"method": "ping"}')
    assert read_call(b'{"method":"notifications/initialized"}')[0] is False
    assert read_call(b'{"method":["ping"]}')[0] is True
    assert read_call(b'{"result":{}}')[0] is True
    cost, body = read_call('{"q":"a\\ud800b\\ud83d\\ude00é\u202e\\u0000"}'.encode())
    assert (cost, json.loads(body)) == (True, {"q": "a\ufffdb\U0001f600é\u202e\x00"})
    with pytest.raises(Refused):
        read_call(b"[1]")


def test_it_is_off_unless_it_was_asked_for(start: Any) -> None:
    port = int(start().url.rstrip("/").rsplit(":", 1)[1])
    made = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    made.request("POST", "/mcp", json.dumps(LIST), JSON)
    assert made.getresponse().status == 404
    made.close()


def test_the_page_does_not_load_the_library() -> None:
    code = (
        "import sys, chatbot, chatbot.__main__, chatbot.web.api, chatbot.web.application, chatbot.web.tools, chatbot.commands.mcp\n"
        "print('mcp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"
