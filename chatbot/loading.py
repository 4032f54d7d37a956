"""The files of a generation as values: `loaded_from` for any, drafts too, `load` for one on disk, checked byte by byte.

What the hashes cannot show is proved again: that the corpus copy is the one it was made of, that every span is its text, that
vectors have the right shape and length, that row numbers lie within.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chatbot.datatypes import BankQuestion, Embedder, Json, Passage, PinQuestion, Sentence, Vectors
from chatbot.errors import CorpusError, IndexDamaged, IndexStale
from chatbot.gathering import Corpus, read_corpus
from chatbot.index import generations

VECTORS = ("sentences", "windows", "passages", "bank", "vocabulary")
PINS = "pins"  # vectors and pins.jsonl of a generation whose corpus has some; one without is as if there were no such thing
QUOTABLE = ("body", "caption", "disclaimer")  # roles of sentences that may be quoted as an answer
COPY = "corpus/"  # where a generation keeps its corpus
DECISION = "decision.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation in memory. Row i of `sentence_vectors` and of `window_vectors` is sentence i.

    A window is a sentence with its headings and the sentence before it. `bank_vectors` row i is bank question i,
    `vocabulary_vectors` row i is word i of what may be quoted, `pin_vectors` row i is the question of pin i; all are (n, dimension) float32 with unit rows. `decision` is decision.json:
    the threshold from which this generation answers, its curve, and how it was chosen.
    """

    generation: str
    corpus: Corpus
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    bank: tuple[BankQuestion, ...]
    sentence_vectors: Vectors
    window_vectors: Vectors
    passage_vectors: Vectors
    bank_vectors: Vectors
    vocabulary: tuple[str, ...]
    vocabulary_vectors: Vectors
    made_of: Mapping[str, str]
    decision: Json
    pins: tuple[PinQuestion, ...] = ()
    pin_vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    @property
    def rows(self) -> list[int]:
        """The rows of the sentences that may be quoted as an answer."""
        return answering(self.sentences)


def answering(sentences: Sequence[Sentence]) -> list[int]:
    """The rows of those that may be quoted as an answer."""
    return [i for i, s in enumerate(sentences) if s.role in QUOTABLE and not s.text.endswith("?")]


def vectors_in(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The names of the vectors of a generation that counts so much."""
    return (*VECTORS, PINS) if counts.get(PINS) else VECTORS


def load(index: Path, generation: str, embedder: Embedder) -> Loaded:
    """A generation on disk, every byte checked. Raises IndexStale when it is of another embedding model."""
    found = generations.read(index, generation)
    made = found.manifest["made_of"]
    if (made["model"], made["model_sha256"]) != (embedder.name, embedder.sha256):
        raise IndexStale(
            f"index generation {generation}: was built with the embedding model {made['model']!r} ({made['model_sha256'][:12]}), "
            f"this is {embedder.name!r} ({embedder.sha256[:12]}); {generations.REBUILD}"
        )
    if found.manifest["format"] != generations.FORMAT:
        raise _outdated(found.manifest)
    try:
        corpus = read_corpus(found.folder / COPY)
    except CorpusError as error:
        raise IndexDamaged(f"{found.folder / COPY}: is no corpus ({error}); {generations.REBUILD}") from error
    return loaded_from(found.manifest, found.files, corpus)


def loaded_from(manifest: Json, files: Mapping[str, bytes], corpus: Corpus | None = None) -> Loaded:
    """A generation as values. `manifest` is a generation's or a draft's; `corpus` is what its copies hold, if that was read already.

    Raises IndexDamaged, or IndexStale for a generation of an earlier version's form.
    """
    if manifest["format"] != generations.FORMAT:
        raise _outdated(manifest)
    ident = str(manifest["generation"])
    try:
        corpus = corpus or _corpus_of(files)
        loaded = Loaded(
            ident,
            corpus,
            sentences=tuple(_sentence(row) for row in generations.from_lines(files["sentences.jsonl"])),
            passages=tuple(_passage(row) for row in generations.from_lines(files["passages.jsonl"])),
            bank=tuple(_bank_question(row) for row in generations.from_lines(files["bank.jsonl"])),
            sentence_vectors=vectors_of(manifest, files, "sentences"),
            window_vectors=vectors_of(manifest, files, "windows"),
            passage_vectors=vectors_of(manifest, files, "passages"),
            bank_vectors=vectors_of(manifest, files, "bank"),
            vocabulary=tuple(files["vocabulary.txt"].decode().split("\n")[:-1]),
            vocabulary_vectors=vectors_of(manifest, files, "vocabulary"),
            made_of=dict(manifest["made_of"]),
            decision=json.loads(files[DECISION]),
            **_pins_of(manifest, files),
        )
        _prove(loaded, manifest, files)
    except (KeyError, TypeError, ValueError, CorpusError) as error:
        raise IndexDamaged(f"index generation {ident}: cannot be used ({error}); {generations.REBUILD}") from error
    return loaded


def _prove(loaded: Loaded, manifest: Json, files: Mapping[str, bytes]) -> None:
    """Raises ValueError, KeyError or IndexDamaged for what the hashes cannot show."""
    if loaded.corpus.sha256 != loaded.made_of["corpus_sha256"]:
        raise ValueError("its corpus is not the one it was made of")
    if any(files[f"documents/{d.doc_id}.txt"] != d.text.encode() for d in loaded.corpus.documents.values()):
        raise ValueError("its documents are not those of its corpus")
    prove_spans(loaded.corpus, (*loaded.sentences, *loaded.passages), generations.REBUILD)
    rows = [row for p in loaded.passages for row in (p.first, p.last)] + [r for b in loaded.bank for r in b.answers]
    if not set(loaded.rows).issuperset(row for p in loaded.pins for row in (p.first, *range(p.first, p.last + 1))):
        raise ValueError("a pinned row is no sentence that may be quoted")
    if {p.ident for p in loaded.pins} != {p.ident for p in loaded.corpus.pins.entries}:
        raise ValueError("its pins are not those of its corpus")
    if not all(0 <= row < len(loaded.sentences) for row in rows):
        raise ValueError("a row number lies outside its sentences")
    threshold = loaded.decision["threshold"]
    if not (isinstance(threshold, float) and math.isfinite(threshold)):
        raise ValueError(f"its threshold is {threshold!r}")
    for name in ("sentences", "passages", "bank", "vocabulary", PINS):
        n_rows = len(getattr(loaded, name))
        if manifest["counts"].get(name, 0) != n_rows:
            raise ValueError(f"{name}: {n_rows} rows, the manifest counts {manifest['counts'][name]}")
    texts = {
        "sentences": [s.text for s in loaded.sentences],
        "bank": [b.question for b in loaded.bank],
        "vocabulary": list(loaded.vocabulary),
        PINS: [p.question for p in loaded.pins],
    }
    _check_keys(manifest, files, texts)


def vectors_of(manifest: Json, files: Mapping[str, bytes], name: str) -> Vectors:
    """The vectors of that name. Raises IndexDamaged unless they have the shape that the manifest counts and length 1."""
    from chatbot.index.vectors import from_bytes

    counts = manifest["counts"]
    where = Path(manifest["generation"]) / f"vectors/{name}.npy"
    return from_bytes(files[f"vectors/{name}.npy"], rows=counts[name], dimension=counts["dimension"], where=where)


def key_of(model: str, model_sha256: str, text: str) -> str:
    """The address of a text's vector: a hash of the model and the text."""
    return hashlib.sha256(f"{model}\0{model_sha256}\0{text}".encode()).hexdigest()


def _check_keys(manifest: Json, files: Mapping[str, bytes], texts: Mapping[str, list[str]]) -> None:
    """Raises ValueError unless there is a key for each row, and those of texts that stand in the generation are theirs. How windows and
    passages are put together for the model may have been another way when it was built."""
    made = manifest["made_of"]
    for name in vectors_in(manifest["counts"]):
        keys = files[f"vectors/{name}.keys"].decode("ascii").splitlines()
        if len(keys) != manifest["counts"][name]:
            raise ValueError(f"vectors/{name}.keys: {len(keys)} rows, the manifest counts {manifest['counts'][name]}")
        if name in texts and keys != [key_of(made["model"], made["model_sha256"], text) for text in texts[name]]:
            raise ValueError(f"vectors/{name}.keys: are not those of its texts")


def prove_spans(corpus: Corpus, spans: Sequence[Sentence | Passage], otherwise: str) -> None:
    """Raises IndexDamaged, with what to do, unless each span is a slice of its document."""
    for span in spans:
        document = corpus.documents.get(span.doc_id)
        if document is None or not span.text or document.text[span.start : span.end] != span.text:
            raise IndexDamaged(f"{span.doc_id}: {span.start}-{span.end} is not its own text; {otherwise}")


def _corpus_of(files: Mapping[str, bytes]) -> Corpus:
    """The corpus of a generation that is in memory only."""
    with tempfile.TemporaryDirectory(prefix="chapter-corpus-") as name:
        for path, raw in files.items():
            if path.startswith(COPY):
                target = Path(name) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(raw)
        return read_corpus(Path(name) / COPY)


def _outdated(manifest: Json) -> IndexStale:
    return IndexStale(
        f"index generation {manifest['generation']}: was built by an earlier version of this program (format "
        f"{manifest['format']}); {generations.REBUILD}"
    )


def _sentence(row: Json) -> Sentence:
    """A Sentence from its JSON row."""
    return Sentence(**{**row, "heading_path": tuple(row["heading_path"])})


def _bank_question(row: Json) -> BankQuestion:
    """A BankQuestion from its JSON row."""
    return BankQuestion(row["question"], tuple(row["answers"]), row["plain"], tuple(row.get("corrects", ())))


def _pins_of(manifest: Json, files: Mapping[str, bytes]) -> Json:
    """The pins of a generation and their vectors, by field; none of one whose corpus has none."""
    if not manifest["counts"].get(PINS):
        return {}
    rows = generations.from_lines(files["pins.jsonl"])
    pins = tuple(PinQuestion(r["id"], r["action"], r["first"], r["last"], r["question"]) for r in rows)
    return {"pins": pins, "pin_vectors": vectors_of(manifest, files, PINS)}


def _passage(row: Json) -> Passage:
    """A Passage from its JSON row; row number and id are for the human reader."""
    values: Json = {key: value for key, value in row.items() if key not in ("row", "passage_id")}
    return Passage(**{**values, "heading_path": tuple(values["heading_path"])})
