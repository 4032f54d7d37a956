"""An incremental build is a full build: byte for byte, whatever was edited, in whatever order."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from fakes import HashEmbedder, write_corpus
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from chatbot import building
from chatbot.datatypes import Vectors
from chatbot.index import generations

WORDS = (
    "Kettles boil water quickly. The trial had ninety people in it! Is it loud? Nobody knows why (Neff, n.d.).It is so. "
    "Café visits helped 5,000 people – mostly. Tea follows; then rest… “Quoted words” stay. Naïve readers agree."
).split()
UNICODE = (
    lambda s: unicodedata.normalize("NFD", s),
    lambda s: unicodedata.normalize("NFC", s),
    lambda s: s.replace("'", "’").replace('"', "“"),
    lambda s: s.replace(" ", "\u00a0", 1),
    lambda s: s.replace(" ", " \u200b", 1),
    lambda s: s + " \U0001f600.",
    lambda s: s.replace("a", "а"),  # Cyrillic
    lambda s: s.replace(". ", ".\u2028", 1),
    lambda s: s.upper(),
)


class CrowdEmbedder(HashEmbedder):
    """A model whose vectors depend on how many texts are embedded at once, as a real one's do in the last bits."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed(texts)
        rows[:, 1] += 1e-3 * (len(texts) - 1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass
class Edited:
    """A corpus that is edited step by step. `made` counts names, so that none comes again by chance."""

    documents: dict[str, list[str]]
    bank: list[tuple[str, list[str]]] = field(default_factory=list)
    made: int = 0

    def step(self, kind: str, a: int, b: int, text: str) -> None:
        """One edit; `a` and `b` choose where."""
        names = list(self.documents)
        one, two = names[a % len(names)], names[b % len(names)]
        paragraphs = self.documents[one]
        at = b % len(paragraphs)
        if kind == "add":
            self.made += 1
            self.documents[f"doc-{self.made}"] = [text]
        elif kind == "edit":
            paragraphs[at] = f"{paragraphs[at][: len(paragraphs[at]) // 2]} {text}"
        elif kind == "insert":
            paragraphs.insert(at, text)
        elif kind == "move":
            paragraphs.insert(a % len(paragraphs), paragraphs.pop(at))
        elif kind == "rename":
            self.made += 1
            self.documents = {(f"doc-{self.made}" if n == one else n): p for n, p in self.documents.items()}
        elif kind == "reorder":
            self.documents = {names[0]: self.documents[names[0]]} | {n: self.documents[n] for n in reversed(names[1:])}
        elif kind == "delete" and len(names) > 1 and a % len(names):
            del self.documents[one]
        elif kind == "cut" and len(paragraphs) > 1:
            del paragraphs[at]
        elif kind == "duplicate":
            self.documents[two].append(paragraphs[at])
        elif kind == "unicode":
            paragraphs[at] = UNICODE[a % len(UNICODE)](paragraphs[at])
        elif kind == "ask":
            self.bank.append((f"{text}?", []))
        elif kind == "unask" and self.bank:
            self.bank.pop(a % len(self.bank))


KINDS = "add edit insert move rename reorder delete cut duplicate unicode ask unask".split()
texts = st.lists(st.sampled_from(WORDS), min_size=3, max_size=25).map(" ".join)
edits = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 50), st.integers(0, 50), texts), min_size=1, max_size=5
)


def texts_of(loaded: building.Loaded) -> dict[str, list[str]]:
    """What each row of vectors is of, by the slow and obvious way."""
    return {
        "sentences": [s.text for s in loaded.sentences],
        "windows": [building.window(loaded.sentences, row) for row in range(len(loaded.sentences))],
        "passages": [building.embedded_text(p.heading_path, p.text) for p in loaded.passages],
        "bank": [b.question for b in loaded.bank],
        "vocabulary": building.vocabulary_of(loaded.sentences),
    }


@example_settings(max_examples=80)
@given(start=st.lists(texts, min_size=1, max_size=4), sequence=edits)
def test_every_edit_gives_the_bytes_of_a_full_build(
    start: list[str], sequence: list[tuple[str, int, int, str]]
) -> None:
    embedder = CrowdEmbedder()
    state = Edited({"article": [f"{start[0]} It stands."], "note": start})
    seen: set[str] = set()
    with (
        tempfile.TemporaryDirectory() as name,
        patch("os.fsync"),
    ):  # what survives a power cut is tests/faults.py's to show
        folder, index = Path(name) / "corpus", Path(name) / "index"
        for kind, a, b, text in [("none", 0, 0, ""), *sequence]:
            state.step(kind, a, b, text)
            write_corpus(folder, state.documents, state.bank)
            full = building.prepare(folder, embedder)
            draft = building.prepare(folder, embedder, building.reuse_from(index, embedder))
            assert draft.files == full.files
            assert (draft.made_of, draft.counts) == (full.made_of, full.counts)
            loaded = building.loaded_from(draft.manifest, draft.files)
            now = texts_of(loaded)
            different = {t for ts in now.values() for t in ts}
            assert (draft.embedded, draft.reused) == (len(different - seen), len(different & seen))
            assert (full.embedded, full.reused) == (len(different), 0)
            seen |= different
            for vectors, of in zip(
                (loaded.sentence_vectors, loaded.window_vectors, loaded.passage_vectors, loaded.bank_vectors,
                 loaded.vocabulary_vectors), now.values(),
                strict=True,
            ):  # fmt: skip
                assert all(np.array_equal(row, embedder.embed([t])[0]) for row, t in zip(vectors, of, strict=True))
            found = building.publish(index, draft)
            generations.activate(index, found)
            assert building.load(index, found, embedder).sentences == loaded.sentences


def test_a_text_that_came_back_is_taken_from_an_older_generation(tmp_path: Path) -> None:
    folder, index, embedder = tmp_path / "corpus", tmp_path / "index", HashEmbedder()
    write_corpus(folder, {"article": ["One stands here. Two stands there."]})
    first = building.build(folder, index, embedder)
    write_corpus(folder, {"article": ["Three is new here."]})
    building.build(folder, index, embedder)
    write_corpus(folder, {"article": ["One stands here. Two stands there."]})
    draft = building.prepare(folder, embedder, building.reuse_from(index, embedder))
    assert (draft.generation_id, draft.embedded) == (first, 0)


def test_a_damaged_or_foreign_generation_gives_no_vector(tmp_path: Path) -> None:
    folder, index, embedder = tmp_path / "corpus", tmp_path / "index", HashEmbedder()
    write_corpus(folder, {"article": ["One stands here. Two stands there."]})
    found = building.build(folder, index, embedder)
    other = HashEmbedder()
    other.sha256 = "1" * 64
    assert not building.reuse_from(index, other).vectors
    assert len(building.reuse_from(index, embedder).vectors) == 14
    path = index / found / "vectors" / "windows.npy"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    assert not building.reuse_from(index, embedder).vectors


def test_a_corpus_edited_while_it_is_read_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatbot.errors import CorpusError

    folder = write_corpus(tmp_path / "corpus", {"article": ["One stands here."]})
    cut = building.cut

    def cut_and_edit(corpus: building.Corpus) -> object:
        (folder / "synonyms.toml").write_text('[synonyms]\none = ["two"]\n')
        return cut(corpus)

    monkeypatch.setattr(building, "cut", cut_and_edit)
    with pytest.raises(
        CorpusError, match="was edited while it was being read; save everything and run the command again"
    ):
        building.prepare(folder, HashEmbedder())


@pytest.mark.slow
def test_the_packaged_model_gives_the_bytes_of_a_full_build_too(tmp_path: Path) -> None:
    from chatbot.index.embedding import open_embedder

    embedder = open_embedder()
    folder, index = tmp_path / "corpus", tmp_path / "index"
    state = Edited(
        {"article": ["Kettles boil water. The trial had ninety people.", "Tea follows."], "note": ["Tea follows."]}
    )
    steps = (
        ("none", 0, 0, ""), ("duplicate", 0, 1, ""), ("edit", 0, 0, "Nobody knows why."), ("add", 0, 0, "A third source speaks."),
        ("unicode", 0, 0, ""), ("move", 1, 0, ""), ("ask", 0, 0, "Why tea"), ("rename", 1, 0, ""), ("delete", 1, 0, ""),
    )  # fmt: skip
    reused = 0
    for kind, a, b, text in steps:
        state.step(kind, a, b, text)
        write_corpus(folder, state.documents, state.bank)
        draft = building.prepare(folder, embedder, building.reuse_from(index, embedder))
        assert draft.files == building.prepare(folder, embedder).files
        building.publish(index, draft)
        reused += draft.reused
    assert reused > 50
