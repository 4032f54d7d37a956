"""A server process: how it starts, what it writes, how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatbot.errors import ChapterError
from chatbot.log import open_log
from chatbot.web import server

SCRIPT = """
import importlib.util, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parents[1]))  # what the tests share
spec = importlib.util.spec_from_file_location("scripted", sys.argv[1])
scripted = importlib.util.module_from_spec(spec)
sys.modules["scripted"] = scripted
spec.loader.exec_module(scripted)
from chatbot.answer.rendering import render_json
from chatbot.building import read_corpus
from chatbot.web import server
from chatbot.log import open_reader_log
from chatbot.web.application import create

with open_reader_log(sys.argv[2], render_json) as log:
    application = create(scripted.ScriptedBot(read_corpus(scripted.CORPUS)), render_json, log=log)
    sock = server.listen("127.0.0.1", 0)
    print(server.address_of(sock), flush=True)
    server.run(application, sock)
"""


class Process:
    """A server process and a way to ask it."""

    def __init__(self, log: Path) -> None:
        self.log = log
        conftest = Path(__file__).with_name("conftest.py")
        root = conftest.parents[2]
        self.running = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(conftest), str(log)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.running.stdout
        self.port = int(self.running.stdout.readline().rstrip("/\n").rsplit(":", 1)[1])
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        made = self.connection()
        made.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        answer = made.getresponse()
        found = answer.status, json.loads(answer.read())
        made.close()
        return found

    def end(self, sig: int = signal.SIGTERM) -> tuple[float, int, str, str]:
        """Seconds until it ended, exit code, standard output and error."""
        began = time.monotonic()
        self.running.send_signal(sig)
        out, err = self.running.communicate(timeout=30)
        return time.monotonic() - began, self.running.returncode, out, err


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "answers.sqlite")
    yield made
    made.running.kill()
    made.running.communicate()


def test_it_ends_within_ten_seconds_with_a_stream_open_and_an_answer_that_hangs(process: Process) -> None:
    event = {"fn_index": 0, "session_hash": "tab", "data": ["slow canary-3b0e", [], False]}
    status, _ = process.post("/gradio_api/queue/join", event)
    assert status == 200
    stream = process.connection()
    stream.request("GET", "/gradio_api/queue/data?session_hash=tab")
    assert stream.getresponse().read(20).startswith(b"data: ")
    events = process.connection()
    kinds = {"content-type": "application/json", "accept": "text/event-stream"}
    events.request("POST", "/api/ask", '{"question": "slow canary-3b0e"}', kinds)
    assert events.getresponse().readline() == b"event: received\n"
    seconds, code, out, err = process.end()
    stream.close()
    events.close()
    assert seconds < 10
    assert code == 0
    assert "canary" not in out + err


def test_an_answer_under_way_is_finished_and_recorded(process: Process) -> None:
    got: list[tuple[int, Any]] = []
    asking = threading.Thread(target=lambda: got.append(process.post("/api/ask", {"question": "a moment, please"})))
    asking.start()
    time.sleep(0.4)
    seconds, code, out, _ = process.end()
    asking.join()
    assert (got[0][0], got[0][1]["kind"]) == (200, "answer")
    assert (code, out) == (0, "")
    with closing(open_log(process.log)) as log:
        assert [(r.record_id, r.question) for r in log.records()] == [(got[0][1]["id"], "a moment, please")]
    assert seconds < 10


def test_a_thumb_that_was_taken_is_on_disk_when_the_server_has_ended(process: Process) -> None:
    _, reply = process.post("/api/ask", {"question": "What helps?"})
    status, told = process.post("/api/feedback", {"id": reply["id"], "thumb": "down", "comment": "canary-6d20, no"})
    assert (status, told) == (202, {"taken": True})
    _, code, out, err = process.end()
    assert (code, out, err) == (0, "", "")
    with closing(open_log(process.log)) as log:
        assert [(e.subject, e.label, e.note) for e in log.events("thumb")] == [(reply["id"], "down", "canary-6d20, no")]


def test_no_question_and_no_address_is_written(process: Process) -> None:
    for question in ("canary-77aa", "canary-77aa fails", "canary-77aa weather", "canary-77aa hopeless"):
        process.post("/api/ask", {"question": question})
    process.post("/gradio_api/queue/join", {"fn_index": 0, "session_hash": "x", "data": ["canary-77aa"]})
    process.post(
        "/gradio_api/queue/join", {"fn_index": 0, "session_hash": "x", "data": ["canary-77aa fails", [], False]}
    )
    raw = socket.create_connection(("127.0.0.1", process.port))
    raw.sendall(b"GET /canary-77aa HTTP/9 \x00\r\n\r\n")
    raw.close()
    time.sleep(0.5)
    _, code, out, err = process.end(signal.SIGINT)
    assert code == 0
    assert "canary" not in out + err
    assert "127.0.0.1" not in err
    assert "RuntimeError" in err


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with server.listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ChapterError, match=rf"^cannot listen at 127\.0\.0\.1 port {port}: .*--port or --host$"):
            server.listen("127.0.0.1", port)
    with pytest.raises(ChapterError, match=r"^cannot listen at 203\.0\.113\.1 port 0: "):
        server.listen("203.0.113.1", 0)


def test_the_address_is_one_a_browser_opens() -> None:
    with server.listen("127.0.0.1", 0) as sock:
        assert server.address_of(sock) == f"http://127.0.0.1:{sock.getsockname()[1]}/"


def test_a_request_head_that_drips_is_cut_off(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    port = int(start().url.rstrip("/").rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 200 OK")
        raw.sendall(b"GET /healthz HTTP/1.1\r\n")
        began = time.monotonic()
        while raw.recv(4096):
            pass
        assert time.monotonic() - began < 3
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        began = time.monotonic()
        assert raw.recv(4096) == b""
        assert 0.2 < time.monotonic() - began < 3
