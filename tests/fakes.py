"""Light, deterministic stand-ins for the models: what is tested with them is everything else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from chatbot.datatypes import Vectors

DIMENSION = 64


class HashEmbedder:
    """Bag of hashed words as unit vectors: texts that share words are near each other."""

    name = "hash"
    sha256 = "0" * 64
    dimension = DIMENSION
    max_pieces = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.1
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.md5(word.encode()).hexdigest(), 16) % DIMENSION] += 1.0
            row /= np.linalg.norm(row)
        return rows

    def count_pieces(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text)) + 2


class WordStage:
    """A second stage that counts words: the more of the question's longer words a text has, the more it answers."""

    name = "words"
    sha256 = "0" * 64

    def score(self, question: str, texts: Sequence[str]) -> np.ndarray:
        wanted = {w for w in re.findall(r"\w+", question.lower()) if len(w) > 3}
        shares = [len(wanted & set(re.findall(r"\w+", t.lower()))) / max(len(wanted), 1) for t in texts]
        return np.array([16.0 * share - 8.0 for share in shares], dtype=np.float32)


def no_triage(texts: Sequence[str]) -> list[dict[str, float]]:
    """A classifier to whom everything is an ordinary question; the rules still see what they see."""
    return [{} for _ in texts]


def write_corpus(
    folder: Path, documents: Mapping[str, Sequence[str]], bank: Sequence[tuple[str, Sequence[str]]] = ()
) -> Path:
    """A whole corpus folder: the first document is the article, each is paragraphs of text; `bank` are (question, golds)."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    disclaimer = (
        "Disclaimer: This is not approved by anybody and is meant for tests only, as everyone should know by now."
    )
    article = next(iter(documents))
    sources = []
    for doc_id, paragraphs in documents.items():
        lines = [f"About {doc_id}", *paragraphs, *([disclaimer] if doc_id == article else ())]
        raw = ("\n\n".join(lines) + "\n").encode()
        (folder / f"{doc_id}.txt").write_bytes(raw)
        sources.append(
            f'[[source]]\nid = "{doc_id}"\nkind = "{"article" if doc_id == article else "web-page"}"\ntitle = "About {doc_id}"\nauthors = []\nyear = "2026"\nurl = ""\n'
            f'file = "{doc_id}.txt"\nsha256 = "{hashlib.sha256(raw).hexdigest()}"\ntext = "full"\nreference = ""\n'
            'status = { state = "clear", checked = "2026-01-01", basis = "a test" }\n'
        )
    head = (
        f'format = 1\n\n[corpus]\narticle = "{article}"\nsubject = "tests"\ndisclaimer = "{disclaimer}"\n'
        'jurisdiction = "nowhere"\nas_of = "2026-01-01"\ncovered = ["tests"]\nexamples = ["What is it?"]\n\n'
    )
    (folder / "sources.toml").write_text(head + "\n".join(sources), encoding="utf-8")
    shutil.copy(Path(__file__).parent.parent / "corpus" / "messages.toml", folder)
    rows = [
        json.dumps({"question": q, "gold": list(gold), "difficulty": "plain"}, ensure_ascii=False) for q, gold in bank
    ]
    if rows:
        (folder / "questions.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
