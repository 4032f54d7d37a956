"""Speed and quality beside baselines in one run: `make bench` prints the table and writes runs/bench.json.

Three ways to choose sentences for the project's own answerable cases: BM25 alone, cosine of MiniLM alone, and the chatbot's whole
reading. Times are of this machine and are for comparing the rows; no test asserts one.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chatbot import settings
from chatbot.index.lexical import LexicalIndex
from chatbot.pipeline import Chatbot
from chatbot.release.releasing import ensure_index

CASES = Path(__file__).parent / "cases"
Way = Callable[[str, list[str]], list[str]]


def ways(chatbot: Chatbot) -> dict[str, Way]:
    """Each way gives the three best sentences for a question after a history."""
    reader = chatbot.reader
    assert reader is not None
    rows = [s for s in reader.loaded.sentences if s.role in ("body", "disclaimer") and not s.text.endswith("?")]
    texts = [s.text for s in rows]
    lexical, vectors = LexicalIndex(texts), reader.embedder.embed(texts)

    def best(scores: np.ndarray) -> list[str]:
        return [texts[int(i)] for i in np.argsort(-scores, kind="stable")[:3]]

    def whole(question: str, history: list[str]) -> list[str]:
        return [e.sentence.text for e in chatbot.ask(question, history).trace.candidates[:3]]

    return {
        "BM25 alone": lambda q, _: best(lexical.scores(q)),
        "cosine alone": lambda q, _: best(vectors @ reader.embedder.embed([q])[0]),
        "Chapter and Verse": whole,
    }


def main() -> None:
    """Runs the ways over the cases and prints the table."""
    ensure_index(settings.CORPUS, settings.INDEX, lambda text: print(text, file=sys.stderr))
    chatbot = Chatbot.open(settings.CORPUS, settings.INDEX)
    cases = [
        json.loads(line)
        for name in ("answerable", "sources")
        for line in (CASES / f"{name}.jsonl").read_text().splitlines()
    ]
    table = {}
    for name, way in ways(chatbot).items():
        for case in cases[:5]:
            way(case["question"], case["history"])
        seconds, first, third = [], [], []
        for case in cases:
            began = time.perf_counter()
            found = way(case["question"], case["history"])
            seconds.append(time.perf_counter() - began)
            first.append(any(f in case["gold"] for f in found[:1]))  # a fixed message has no candidates
            third.append(any(f in case["gold"] for f in found))
        table[name] = {
            "hit@1": round(statistics.mean(first), 3),
            "hit@3": round(statistics.mean(third), 3),
            "median_ms": round(1000 * statistics.median(seconds), 1),
            "p95_ms": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
        }
    slowest = table["cosine alone"]["median_ms"]
    print(f"{len(cases)} answerable cases of tests/cases, {platform.machine()}, Python {platform.python_version()}")
    print(f"{'way':<20}{'hit@1':>8}{'hit@3':>8}{'median ms':>12}{'p95 ms':>10}{'x cosine':>10}")
    for name, row in table.items():
        row["times_cosine"] = round(row["median_ms"] / slowest, 1)
        print(
            f"{name:<20}{row['hit@1']:>8.3f}{row['hit@3']:>8.3f}{row['median_ms']:>12.1f}{row['p95_ms']:>10.1f}{row['times_cosine']:>10.1f}"
        )
    out = settings.ROOT / "runs" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"cases": len(cases), "generation": chatbot.generation, "ways": table}, indent=1) + "\n")
    print(f"written to {out.relative_to(settings.ROOT)}")


if __name__ == "__main__":
    main()
