"""A generation is whole or refused, by the name of the file that is wrong."""

from __future__ import annotations

import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import HashEmbedder

from chatbot import building
from chatbot.errors import IndexDamaged, IndexMissing, IndexStale, IndexUnusable
from chatbot.index import generations


def folder_of(index: Path) -> Path:
    return index / generations.current(index)


def load(corpus: Path, index: Path) -> building.Loaded:
    """The generation in use, refused when the corpus is another one by now."""
    building.check_fresh(building.read_corpus(corpus), index, HashEmbedder())
    return building.load(index, generations.current(index), HashEmbedder())


def test_what_is_built_is_what_is_loaded(corpus_copy: Path, small_index: Path) -> None:
    loaded = load(corpus_copy, small_index)
    sentences, passages = building.cut(building.read_corpus(corpus_copy))
    assert loaded.sentences == sentences
    assert loaded.passages == passages
    assert loaded.passage_vectors.shape == (len(passages), HashEmbedder.dimension)


def test_the_same_corpus_gives_the_same_bytes(corpus_copy: Path, small_index: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    building.build(corpus_copy, other, HashEmbedder())
    one, two = folder_of(small_index), folder_of(other)
    assert one.name == two.name
    names = sorted(str(p.relative_to(one)) for p in one.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(two)) for p in two.rglob("*") if p.is_file())
    assert all((one / n).read_bytes() == (two / n).read_bytes() for n in names)


def test_every_file_damaged_by_one_flipped_byte_is_refused_by_name(corpus_copy: Path, small_index: Path) -> None:
    rng = random.Random(7)
    files = sorted(p for p in folder_of(small_index).rglob("*") if p.is_file())
    assert len(files) == 30
    for path in files:
        whole = path.read_bytes()
        if not whole:
            continue
        at = rng.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :])
        with pytest.raises(IndexDamaged, match=path.name.replace(".", r"\.")):
            load(corpus_copy, small_index)
        path.write_bytes(whole)
    load(corpus_copy, small_index)


def test_every_file_truncated_or_missing_is_refused_by_name(corpus_copy: Path, small_index: Path) -> None:
    for path in sorted(p for p in folder_of(small_index).rglob("*") if p.is_file()):
        whole = path.read_bytes()
        if whole:
            path.write_bytes(whole[: len(whole) // 2])
            with pytest.raises(IndexDamaged, match=path.name.replace(".", r"\.")):
                load(corpus_copy, small_index)
        path.unlink()
        with pytest.raises(IndexDamaged, match=path.name.replace(".", r"\.")):
            load(corpus_copy, small_index)
        path.write_bytes(whole)


def test_a_stale_index_says_what_changed(corpus_copy: Path, small_index: Path) -> None:
    (corpus_copy / "synonyms.toml").write_text('[synonyms]\nshrink = ["therapist"]\n')
    with pytest.raises(IndexStale, match=r"the corpus .* changed since it was built; run `chatbot index build`"):
        load(corpus_copy, small_index)


def test_another_models_index_is_refused(corpus_copy: Path, small_index: Path) -> None:
    other = HashEmbedder()
    other.sha256 = "1" * 64
    with pytest.raises(IndexStale, match="the embedding model's weights changed"):
        building.check_fresh(building.read_corpus(corpus_copy), small_index, other)
    with pytest.raises(IndexStale, match="was built with the embedding model 'hash'"):
        building.load(small_index, generations.current(small_index), other)


def test_a_swapped_manifest_is_refused(corpus_copy: Path, small_index: Path, tmp_path: Path) -> None:
    (corpus_copy / "synonyms.toml").write_text('[synonyms]\nshrink = ["therapist"]\n')
    other = tmp_path / "other"
    building.build(corpus_copy, other, HashEmbedder())
    for name in (generations.MANIFEST, generations.MANIFEST_HASH):
        (folder_of(small_index) / name).write_bytes((folder_of(other) / name).read_bytes())
    with pytest.raises(IndexDamaged, match=r"manifest\.json: is of generation"):
        generations.read(small_index, generations.current(small_index))


def test_no_index_says_what_to_run(corpus_copy: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="no index was built yet; run `chatbot index build`"):
        load(corpus_copy, tmp_path / "none")


def test_a_pointer_that_is_no_id_is_refused(corpus_copy: Path, small_index: Path) -> None:
    (small_index / generations.POINTER).write_text("../../etc\n")
    with pytest.raises(IndexDamaged, match=r"'../../etc' is no generation's id on a line"):
        load(corpus_copy, small_index)


def test_a_damaged_generation_is_built_again_and_kept_aside(corpus_copy: Path, small_index: Path) -> None:
    path = folder_of(small_index) / "sentences.jsonl"
    path.write_bytes(b"{}\n")
    building.build(corpus_copy, small_index, HashEmbedder())
    load(corpus_copy, small_index)
    assert len(list(small_index.glob(".damaged-*"))) == 1


def test_a_second_builder_is_told_who_holds_the_lock(small_index: Path) -> None:
    def other() -> None:
        with generations.lock(small_index):
            raise AssertionError("two hold the lock")

    with (
        ThreadPoolExecutor(1) as pool,
        generations.lock(small_index),
        generations.lock(small_index),
        pytest.raises(
            IndexUnusable, match=rf"process {os.getpid()} \(since .*Z\) is at work here; wait until it has ended"
        ),
    ):
        pool.submit(other).result()
    with ThreadPoolExecutor(1) as pool, pytest.raises(AssertionError):
        pool.submit(other).result()


def test_the_readable_twin_is_row_for_row(small_index: Path) -> None:
    generation = generations.read(small_index, generations.current(small_index))
    rows = generations.from_lines(generation.files["passages.jsonl"])
    assert [r["row"] for r in rows] == list(range(generation.manifest["counts"]["passages"]))
    assert rows[0]["passage_id"] == f"{rows[0]['doc_id']}:{rows[0]['start']}-{rows[0]['end']}"
    assert json.loads((generation.folder / "manifest.json").read_text())["format"] == 2
