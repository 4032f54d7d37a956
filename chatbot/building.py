"""The maintainer's walk: corpus folder -> Documents -> sentences -> passages -> vectors -> a generation.

    prepare        a corpus as a Draft in memory; vectors of texts that an earlier generation holds are taken from there
    publish        the draft on disk, not in use yet
    build          prepare, publish and activate, with neither calibration nor gate (`releasing` has both)
    check_fresh    whether the generation in use is still the one that this corpus, these models and settings make

A generation carries byte-exact copies of its corpus, so that it answers, and is proved, from itself alone: what becomes of the
corpus folder afterwards touches no reader. Vectors are addressed by content: `key_of` names a text and the model, and each text is
embedded by itself, so that what else is built cannot change a vector and a build from old parts equals one from none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from chatbot import settings
from chatbot.answer import decision
from chatbot.answer.question import content_words
from chatbot.corpus import calibration
from chatbot.corpus.bank import read_bank
from chatbot.datatypes import Embedder, Json, Passage, Sentence, Vectors
from chatbot.errors import IndexStale, IndexUnusable, ModelError
from chatbot.gathering import Corpus as Corpus
from chatbot.gathering import corpus_files as corpus_files
from chatbot.gathering import read_corpus as read_corpus
from chatbot.gathering import readable, unedited_copies
from chatbot.index import generations
from chatbot.index.passages import embedded_text, pack_passages
from chatbot.index.sentences import split_sentences
from chatbot.loading import (
    COPY,
    DECISION,
    PINS,
    QUOTABLE,
    key_of,
    prove_spans,
    vectors_in,
    vectors_of,
)
from chatbot.loading import Loaded as Loaded
from chatbot.loading import load as load
from chatbot.loading import loaded_from as loaded_from
from chatbot.pinboard import pin_lines, pin_questions

Progress = Callable[[str, int, int], None]  # what is done, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Reuse:
    """Vectors that are at hand, by `key_of` their text."""

    vectors: Mapping[str, Vectors] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A generation that is not on disk. `files` are all of it but its manifest; `reused` and `embedded` count different texts."""

    generation_id: str
    made_of: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, bytes]
    reused: int
    embedded: int
    corpus: Corpus

    @property
    def manifest(self) -> Json:
        """What its manifest will say of it, as far as `loaded_from` needs it."""
        return {
            "format": generations.FORMAT,
            "generation": self.generation_id,
            "made_of": dict(self.made_of),
            "counts": dict(self.counts),
        }


def made_of(corpus: Corpus, model_name: str, model_sha256: str) -> dict[str, str]:
    """What names a generation. The numbers by which a question meets a pin count only where there are pins."""
    pins = settings.pin_settings() if corpus.pins.entries else {}
    return {
        "corpus_sha256": corpus.sha256,
        "settings_digest": settings.digest(settings.index_settings()),
        "model": model_name,
        "model_sha256": model_sha256,
        "second_stage_sha256": second_stage_sha256(),
        "weights_sha256": hashlib.sha256(decision.raw_weights(settings.WEIGHTS / DECISION)).hexdigest(),
        "answer_digest": settings.digest(settings.answer_settings() | pins),
    }


def second_stage_sha256(folder: str = settings.SECOND_STAGE_MODEL) -> str:
    """The hash by which the second stage knows itself, without opening it."""
    if folder == "packaged":
        return settings.SECOND_STAGE_SHA256
    try:
        parts = [(Path(folder) / name).read_bytes() for name in ("model.onnx", "tokenizer.json")]
    except OSError as error:
        raise ModelError(f"{folder}: {error.filename} cannot be read ({error.strerror}); restore it") from error
    return hashlib.sha256(b"".join(parts)).hexdigest()


def cut(corpus: Corpus) -> tuple[tuple[Sentence, ...], tuple[Passage, ...]]:
    """Sentences and passages of all documents, in the manifest's order, each span proved."""
    from chatbot.index.tokens import token_counter

    sentences = tuple(s for d in corpus.documents.values() for s in split_sentences(d))
    passages = pack_passages(
        sentences,
        lambda doc_id, start, end: corpus.documents[doc_id].text[start:end],
        token_counter(),
        max_tokens=settings.MAX_PASSAGE_TOKENS,
        overlap=settings.OVERLAP_SENTENCES,
    )
    prove_spans(corpus, (*sentences, *passages), "this is a defect, report it")
    return sentences, passages


def window(sentences: Sequence[Sentence], row: int) -> str:
    """A sentence with its headings and the sentence before it in the same block."""
    sentence = sentences[row]
    before = sentences[row - 1].text if sentence.position else ""
    return embedded_text(sentence.heading_path, f"{before} {sentence.text}".strip())


def embed_all(
    embedder: Embedder, keys: Mapping[str, str], reuse: Reuse, progress: Progress
) -> tuple[dict[str, Vectors], int]:
    """The vector of each text by its key, and how many of them had to be embedded. `keys` maps a key to its text."""
    missing = [key for key in keys if key not in reuse.vectors]
    vectors = {key: reuse.vectors[key] for key in keys if key in reuse.vectors}
    for done, key in enumerate(missing, 1):
        vectors[key] = embedder.embed([keys[key]])[0]
        progress("embedding", done, len(missing))
    return vectors, len(missing)


def prepare(
    corpus_folder: Path, embedder: Embedder, reuse: Reuse | None = None, progress: Progress = lambda *_: None
) -> Draft:
    """A generation of the corpus, in memory. `reuse` gives vectors that are at hand; the result is the same without.

    Its decision.json takes over the shipped threshold; `calibrating.calibrate` puts the corpus's own in its place.
    """
    corpus = read_corpus(corpus_folder)
    sentences, passages = cut(corpus)
    passage_texts = [embedded_text(p.heading_path, p.text) for p in passages]
    _check_lengths(embedder, passages, passage_texts)
    with readable(corpus_folder):
        bank = read_bank(corpus_folder, rows_by_text(sentences), set_aside(corpus))
        n_cases = len(calibration.read_calibration(corpus_folder))
    texts = {
        "sentences": [s.text for s in sentences],
        "windows": [window(sentences, row) for row in range(len(sentences))],
        "passages": passage_texts,
        "bank": [b.question for b in bank],
        "vocabulary": vocabulary_of(sentences),
    }
    pins = pin_questions(corpus, sentences)
    texts |= {PINS: [p.question for p in pins]} if pins else {}
    keys = {name: [key_of(embedder.name, embedder.sha256, t) for t in found] for name, found in texts.items()}
    named = {key: text for name in texts for key, text in zip(keys[name], texts[name], strict=True)}
    vectors, embedded = embed_all(embedder, named, reuse or Reuse(), progress)
    made = made_of(corpus, embedder.name, embedder.sha256)
    taken = decision.taken_over(settings.WEIGHTS / DECISION, made, bank=bool(bank), cases=n_cases)
    files = _vector_files(keys, vectors, embedder.dimension) | {
        "sentences.jsonl": generations.to_lines([asdict(s) for s in sentences]),
        "passages.jsonl": generations.to_lines(
            [{"row": i, "passage_id": p.passage_id, **asdict(p)} for i, p in enumerate(passages)]
        ),
        "bank.jsonl": generations.to_lines(
            [
                {"question": b.question, "answers": list(b.answers), "plain": b.plain, "corrects": list(b.corrects)}
                for b in bank
            ]
        ),
        **({"pins.jsonl": pin_lines(pins)} if pins else {}),
        "vocabulary.txt": "".join(f"{word}\n" for word in texts["vocabulary"]).encode(),
        DECISION: decision_bytes(taken),
        **{f"documents/{d.doc_id}.txt": d.text.encode() for d in corpus.documents.values()},
        **{f"{COPY}{name}": raw for name, raw in unedited_copies(corpus).items()},
    }
    counts = {k: len(v) for k, v in texts.items()}
    counts |= {"dimension": embedder.dimension, "documents": len(corpus.documents)}
    return Draft(generations.generation_id(made), made, counts, files, len(named) - embedded, embedded, corpus)


def decision_bytes(found: Json) -> bytes:
    """decision.json as it stands in a generation."""
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def vocabulary_of(sentences: Sequence[Sentence]) -> list[str]:
    """The content words of all that may be quoted, sorted: what `reading` measures unknown words against."""
    quotable = (s for s in sentences if s.role in QUOTABLE and not s.text.endswith("?"))
    return sorted({word for s in quotable for word in content_words(s.text)})


def _check_lengths(embedder: Embedder, passages: Sequence[Passage], texts: Sequence[str]) -> None:
    """Raises ModelError for a passage of which the model would not read the end."""
    limit = getattr(embedder, "max_pieces", 0)
    for passage, text in zip(passages, texts, strict=True):
        pieces = embedder.count_pieces(text)
        if limit and pieces > limit:
            raise ModelError(
                f"passage {passage.passage_id}: {pieces} word pieces, the model reads {limit}; lower MAX_PASSAGE_TOKENS "
                "in chatbot/settings.py or shorten the sentence"
            )


def _vector_files(keys: Mapping[str, list[str]], vectors: Mapping[str, Vectors], dimension: int) -> dict[str, bytes]:
    """The .npy files, and beside each the keys of its rows."""
    from chatbot.index.vectors import to_bytes

    out = {}
    for name, of_rows in keys.items():
        rows = [vectors[key] for key in of_rows]
        out[f"vectors/{name}.npy"] = to_bytes(np.stack(rows) if rows else np.zeros((0, dimension), dtype=np.float32))
        out[f"vectors/{name}.keys"] = "".join(f"{key}\n" for key in of_rows).encode()
    return out


def reuse_from(index: Path, embedder: Embedder) -> Reuse:
    """The vectors of all generations on disk that are whole and of this model."""
    out: dict[str, Vectors] = {}
    for found in reversed(generations.list_ids(index)):
        try:
            manifest = generations.read_manifest(index, found)
            made = manifest["made_of"]
            if (made.get("model"), made.get("model_sha256")) != (embedder.name, embedder.sha256):
                continue
            generation = generations.read(index, found)
            for name in vectors_in(manifest["counts"]) if manifest["format"] == generations.FORMAT else ():
                rows = vectors_of(manifest, generation.files, name)
                for key, row in zip(generation.files[f"vectors/{name}.keys"].decode().split(), rows, strict=True):
                    out.setdefault(key, row)
        except (IndexUnusable, ValueError, KeyError):
            continue  # `index verify` says what is wrong with it; here it is merely of no use
    return Reuse(out)


def build(corpus_folder: Path, index: Path, embedder: Embedder, progress: Progress = lambda *_: None) -> str:
    """Builds and activates a generation of the corpus, uncalibrated and ungated; its id. One builder at a time."""
    with generations.lock(index):
        draft = prepare(corpus_folder, embedder, reuse_from(index, embedder), progress)
        found = publish(index, draft)
        generations.activate(index, found)
        return found


def publish(index: Path, draft: Draft) -> str:
    """Writes a draft to disk, not in use yet; its id."""
    return generations.publish(index, draft.made_of, draft.counts, date.today().isoformat(), draft.files)


def set_aside(corpus: Corpus) -> frozenset[str]:
    """The sentences of the notes in whose place a fetched text stands."""
    return frozenset(s.text for document in corpus.replaced for s in split_sentences(document))


def rows_by_text(sentences: Sequence[Sentence]) -> dict[str, list[int]]:
    """Row numbers of each sentence text (a text may stand twice)."""
    out: dict[str, list[int]] = {}
    for row, sentence in enumerate(sentences):
        out.setdefault(sentence.text, []).append(row)
    return out


WHAT = {
    "corpus_sha256": "the corpus {folder}",
    "settings_digest": "chatbot/settings.py",
    "model": "the embedding model",
    "model_sha256": "the embedding model's weights",
    "second_stage_sha256": "the second stage",
    "weights_sha256": "chatbot/models/weights/decision.json",
    "answer_digest": "chatbot/settings.py (how replies are made)",
}


def check_fresh(corpus: Corpus, index: Path, embedder: Embedder) -> None:
    """Raises IndexStale naming what changed since the generation in use was built."""
    manifest = generations.read_manifest(index, generations.current(index))
    now, then = made_of(corpus, embedder.name, embedder.sha256), manifest["made_of"]
    for key, what in WHAT.items():
        if now[key] != then.get(key):
            raise IndexStale(
                f"index generation {manifest['generation']}: {what.format(folder=corpus.folder)} changed since it was built; "
                "run `chatbot index build`"
            )
