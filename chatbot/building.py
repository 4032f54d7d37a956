"""The maintainer's walk: corpus folder -> Documents -> sentences -> passages -> vectors -> a generation on disk.

`build` makes and activates a generation, `load` opens the one in use, `ensure_index` builds only when it must. A generation
carries its documents, so that an old answer can be proved from it alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from chatbot import settings
from chatbot.corpus.bank import read_bank
from chatbot.corpus.manifest import Manifest, read_manifest
from chatbot.corpus.messages import Messages, read_messages, read_synonyms
from chatbot.corpus.text import read_document
from chatbot.datatypes import BankQuestion, Document, Embedder, Json, Passage, Sentence, Vectors
from chatbot.errors import CorpusError, IndexDamaged, IndexStale, IndexUnusable, ModelError
from chatbot.index import generations
from chatbot.index.passages import embedded_text, pack_passages
from chatbot.index.sentences import split_sentences

Progress = Callable[[str, int, int], None]  # what is done, how many are done, of how many
EMBED_AT_A_TIME = 64


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus folder as read. `documents` are those of the sources that have a text."""

    folder: Path
    manifest: Manifest
    messages: Messages
    synonyms: tuple[tuple[str, tuple[str, ...]], ...]
    documents: dict[str, Document]
    sha256: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation in memory. Row i of `sentence_vectors` and of `window_vectors` is sentence i.

    A window is a sentence with its headings and the sentence before it. `bank_vectors` row i is bank question i.
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


def corpus_files(folder: Path, manifest: Manifest) -> list[Path]:
    """Every file that an index depends on, sorted."""
    named = [folder / source.file for source in manifest.sources if source.file]
    fixed = [folder / name for name in ("sources.toml", "messages.toml", "synonyms.toml", "questions.jsonl")]
    return sorted(path for path in [*named, *fixed] if path.exists())


def read_corpus(folder: Path) -> Corpus:
    """The whole corpus folder. Raises CorpusError at the first thing wrong."""
    manifest = read_manifest(folder)
    documents = {}
    for source in manifest.sources:
        if source.file:
            disclaimer = manifest.disclaimer if source.doc_id == manifest.article else ""
            documents[source.doc_id] = read_document(
                folder, source, sha256=manifest.hashes[source.file], disclaimer=disclaimer
            )
    if manifest.article not in documents:
        raise CorpusError(f"{folder / 'sources.toml'}: article {manifest.article!r} has no file; name its text")
    if manifest.disclaimer not in documents[manifest.article].text:
        raise CorpusError(
            f"{folder / 'sources.toml'}: the disclaimer is no slice of {manifest.article!r}; copy it exactly"
        )
    state = hashlib.sha256()
    for path in corpus_files(folder, manifest):
        state.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return Corpus(folder, manifest, read_messages(folder), read_synonyms(folder), documents, state.hexdigest())


def made_of(corpus: Corpus, model_name: str, model_sha256: str) -> dict[str, str]:
    """What names a generation."""
    return {
        "corpus_sha256": corpus.sha256,
        "settings_digest": settings.digest(settings.index_settings()),
        "model": model_name,
        "model_sha256": model_sha256,
    }


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
    spans: list[Sentence | Passage] = [*sentences, *passages]
    for span in spans:
        if corpus.documents[span.doc_id].text[span.start : span.end] != span.text:
            raise IndexDamaged(
                f"{span.doc_id}: {span.start}-{span.end} is not its own text; this is a defect, report it"
            )
    return sentences, passages


def window(sentences: Sequence[Sentence], row: int) -> str:
    """A sentence with its headings and the sentence before it in the same block."""
    sentence = sentences[row]
    before = sentences[row - 1].text if sentence.position else ""
    return embedded_text(sentence.heading_path, f"{before} {sentence.text}".strip())


def embed_all(embedder: Embedder, texts: Sequence[str], name: str, progress: Progress) -> Vectors:
    """Vectors of all texts, told in steps."""
    parts = []
    for start in range(0, len(texts), EMBED_AT_A_TIME):
        parts.append(embedder.embed(texts[start : start + EMBED_AT_A_TIME]))
        progress(name, min(start + EMBED_AT_A_TIME, len(texts)), len(texts))
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimension), dtype=np.float32)


def build(corpus_folder: Path, index: Path, embedder: Embedder, progress: Progress = lambda *_: None) -> str:
    """Builds and activates a generation of the corpus; its id. One builder at a time."""
    from chatbot.index.vectors import to_bytes

    with generations.lock(index):
        corpus = read_corpus(corpus_folder)
        sentences, passages = cut(corpus)
        passage_texts = [embedded_text(p.heading_path, p.text) for p in passages]
        limit = getattr(embedder, "max_pieces", 0)
        for passage, text in zip(passages, passage_texts, strict=True):
            pieces = embedder.count_pieces(text)
            if limit and pieces > limit:
                raise ModelError(
                    f"passage {passage.passage_id}: {pieces} word pieces, the model reads {limit}; lower MAX_PASSAGE_TOKENS "
                    "in chatbot/settings.py or shorten the sentence"
                )
        bank = read_bank(corpus_folder, rows_by_text(sentences))
        texts = {
            "sentences": [s.text for s in sentences],
            "windows": [window(sentences, row) for row in range(len(sentences))],
            "passages": passage_texts,
            "bank": [b.question for b in bank],
        }
        files = {f"vectors/{k}.npy": to_bytes(embed_all(embedder, v, k, progress)) for k, v in texts.items()}
        files |= {
            "sentences.jsonl": generations.to_lines([asdict(s) for s in sentences]),
            "passages.jsonl": generations.to_lines(
                [{"row": i, "passage_id": p.passage_id, **asdict(p)} for i, p in enumerate(passages)]
            ),
            "bank.jsonl": generations.to_lines(
                [{"question": b.question, "answers": list(b.answers), "plain": b.plain} for b in bank]
            ),
            **{f"documents/{d.doc_id}.txt": d.text.encode() for d in corpus.documents.values()},
        }
        for name in ("sources.toml", "messages.toml"):
            files[name] = (corpus_folder / name).read_bytes()
        counts = {k: len(v) for k, v in texts.items()} | {
            "dimension": embedder.dimension,
            "documents": len(corpus.documents),
        }
        made = made_of(corpus, embedder.name, embedder.sha256)
        found = generations.publish(index, made, counts, date.today().isoformat(), files)
        generations.activate(index, found)
        return found


def rows_by_text(sentences: Sequence[Sentence]) -> dict[str, list[int]]:
    """Row numbers of each sentence text (a text may stand twice)."""
    out: dict[str, list[int]] = {}
    for row, sentence in enumerate(sentences):
        out.setdefault(sentence.text, []).append(row)
    return out


def check_fresh(corpus: Corpus, manifest: Json, model_name: str, model_sha256: str) -> None:
    """Raises IndexStale naming what changed since the generation was built."""
    now, then = made_of(corpus, model_name, model_sha256), manifest["made_of"]
    for key, what in (
        ("corpus_sha256", f"the corpus {corpus.folder}"),
        ("settings_digest", "chatbot/settings.py"),
        ("model", "the embedding model"),
        ("model_sha256", "the embedding model's weights"),
    ):
        if now[key] != then.get(key):
            raise IndexStale(
                f"index generation {manifest['generation']}: {what} changed since it was built; run `chatbot index build`"
            )


def load(corpus: Corpus, index: Path, embedder: Embedder) -> Loaded:
    """The generation in use, checked byte by byte and against the corpus."""
    from chatbot.index.vectors import from_bytes

    found = generations.read(index, generations.current(index))
    check_fresh(corpus, found.manifest, embedder.name, embedder.sha256)
    counts = found.manifest["counts"]
    vectors = {
        name: from_bytes(
            found.files[f"vectors/{name}.npy"],
            rows=counts[name],
            dimension=embedder.dimension,
            where=found.folder / f"vectors/{name}.npy",
        )
        for name in ("sentences", "windows", "passages", "bank")
    }
    sentences = tuple(_sentence(row) for row in generations.from_lines(found.files["sentences.jsonl"]))
    passages = tuple(_passage(row) for row in generations.from_lines(found.files["passages.jsonl"]))
    bank = tuple(
        BankQuestion(r["question"], tuple(r["answers"]), r["plain"])
        for r in generations.from_lines(found.files["bank.jsonl"])
    )
    return Loaded(
        found.generation_id,
        corpus,
        sentences,
        passages,
        bank,
        vectors["sentences"],
        vectors["windows"],
        vectors["passages"],
        vectors["bank"],
    )


def ensure_index(corpus_folder: Path, index: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Builds when the index is missing, stale or damaged, and says why; otherwise does nothing."""
    from chatbot.index.embedding import open_embedder

    embedder = open_embedder(settings.EMBEDDING_MODEL)
    corpus = read_corpus(corpus_folder)
    try:
        load(corpus, index, embedder)
    except IndexUnusable as error:
        say(f"{error} — building it now")
        build(corpus_folder, index, embedder)


def _sentence(row: Json) -> Sentence:
    """A Sentence from its JSON row."""
    return Sentence(**{**row, "heading_path": tuple(row["heading_path"])})


def _passage(row: Json) -> Passage:
    """A Passage from its JSON row; row number and id are for the human reader."""
    values: Json = {key: value for key, value in row.items() if key not in ("row", "passage_id")}
    return Passage(**{**values, "heading_path": tuple(values["heading_path"])})
