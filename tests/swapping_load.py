"""A server that answers while the pointer moves: no question lost, each reply of one generation, each quote its words."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

from fakes import HashEmbedder, WordStage, no_triage, write_corpus
from injections import Tally

from chatbot import building
from chatbot.index import generations

ASKERS = 4
QUESTIONS = ("How many people tried the tea?", "Was it cold then?", "Kettles boil what quickly?")


def swaps(base: Path, count: int) -> Tally:
    """`count` moves of the pointer, among three generations, under questions by HTTP from several threads."""
    from chatbot.answer.rendering import render_json
    from chatbot.pipeline import Chatbot
    from chatbot.web import server
    from chatbot.web.application import create
    from chatbot.web.limits import Buckets
    from chatbot.web.swapping import Switch

    logging.getLogger("chatbot").setLevel(logging.ERROR)
    index, texts, ids = base / "index", dict[str, dict[str, str]](), list[str]()
    for number in range(3):
        paragraphs = [
            f"Kettles number {number} boil water quickly.",
            f"{90 + number} people tried the tea.",
            "It was cold then.",
        ]
        write_corpus(
            base / "corpus", {"article": paragraphs[number:] + paragraphs[:number], "note": [f"Note {number} says no."]}
        )
        ids.append(building.build(base / "corpus", index, HashEmbedder()))
        documents = building.load(index, ids[-1], HashEmbedder()).corpus.documents
        texts[ids[-1]] = {doc_id: d.text for doc_id, d in documents.items()}

    def open_bot(generation: str) -> Chatbot:
        loaded = building.load(index, generation, HashEmbedder())
        return Chatbot.over(loaded, HashEmbedder(), WordStage(), no_triage)

    switch = Switch(open_bot(ids[-1]), lambda: generations.current(index), open_bot)
    application = create(switch, render_json, buckets=Buckets(1e6, 10**6), trouble=lambda: switch.trouble)
    running = server.server_for(application)
    sock = server.listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    serving = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[sock])), daemon=True)
    serving.start()
    while not running.started:
        time.sleep(0.02)
    switch.watch(0.02)
    ended, lost, seen = threading.Event(), list[str](), list[str]()
    askers = [threading.Thread(target=ask_on, args=(port, texts, ended, lost, seen)) for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    tally = Tally("swap under load")
    for number in range(count):
        wanted, before = ids[number % len(ids)], len(seen)
        generations.activate(index, wanted, by="activate", because="a test")
        deadline = time.monotonic() + 30
        while (switch.generation != wanted or len(seen) < before + ASKERS) and time.monotonic() < deadline:
            time.sleep(0.005)
        tally.take(
            f"move {number}", [] if switch.generation == wanted else [f"{switch.generation} stayed: {switch.trouble}"]
        )
    ended.set()
    for asker in askers:
        asker.join(30)
    switch.end()
    running.should_exit = True
    serving.join(15)
    tally.tried += len(seen)
    tally.lost += lost
    tally.note = (
        f"{count} moves under {len(seen)} questions, replies of {len(set(seen))} generations; {len(lost)} wrong or lost"
    )
    return tally


def ask_on(
    port: int, texts: dict[str, dict[str, str]], ended: threading.Event, lost: list[str], seen: list[str]
) -> None:
    """Asks one question after the other until the end, and looks at each reply."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    number = 0
    while not ended.is_set():
        number += 1
        body = json.dumps({"question": QUESTIONS[number % len(QUESTIONS)]})
        try:
            connection.request("POST", "/api/ask", body, {"content-type": "application/json"})
            response = connection.getresponse()
            reply = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            lost.append(f"{type(error).__name__}: {error}")
            connection.close()
            continue
        lost += [f"{response.status}: {reply}"] if response.status != 200 else wrong(reply, texts)
        seen.append(reply.get("generation", ""))
    connection.close()


def wrong(reply: dict[str, Any], texts: dict[str, dict[str, str]]) -> list[str]:
    """What of a reply is not of its one generation."""
    documents = texts.get(reply["generation"])
    if documents is None:
        return [f"is of generation {reply['generation']}"]
    quotes = [*reply["quotes"], *reply["near_misses"], reply["disclaimer"]]
    out = []
    for quote in quotes:
        text = documents.get(quote["doc_id"], "")
        if text[quote["start"] : quote["end"]] != quote["text"] or generations.sha256(text.encode()) != quote["sha256"]:
            out.append(f"{reply['generation']} does not hold {quote['text'][:60]!r}")
    return out
