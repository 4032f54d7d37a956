"""Which generation is in use, and what became of the others: activation, rollback, the record, pruning."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import HashEmbedder, write_corpus
from hypothesis import given
from hypothesis import strategies as st

from chatbot import building
from chatbot.errors import IndexDamaged, IndexMissing, IndexStale, IndexUnusable
from chatbot.index import activations, generations
from chatbot.index.activations import Activation

Build = Callable[[str], str]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def make(tmp_path: Path, index: Path) -> Build:
    """Builds and activates a generation of an article that says the text; its id."""

    def build(text: str) -> str:
        return building.build(write_corpus(tmp_path / "corpus", {"article": [text]}), index, HashEmbedder())

    return build


def uses(index: Path) -> list[tuple[str, str, str, str]]:
    return [(a.generation, a.before, a.by, a.because) for a in generations.history(index)]


def test_every_activation_is_recorded_and_rollback_goes_back_in_time(index: Path, make: Build) -> None:
    a, b, c = (make(f"It was {word}.") for word in ("cold", "warm", "hot"))
    generations.activate(index, a, "the others are wrong", by="activate", overridden=True, summary="2 broke")
    assert generations.rollback(index, "no, they are not") == c
    assert generations.rollback(index) == b
    assert uses(index) == [
        (a, "", "build", ""),
        (b, a, "build", ""),
        (c, b, "build", ""),
        (a, c, "activate", "the others are wrong"),
        (c, a, "rollback", "no, they are not"),
        (b, c, "rollback", ""),
    ]
    fourth = generations.history(index)[3]
    assert (fourth.overridden, fourth.summary) == (True, "2 broke")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", fourth.when)
    assert generations.rollback(index) == a
    with pytest.raises(IndexMissing, match=rf"nothing was in use before {a}; `chatbot index list` shows"):
        generations.rollback(index)


def test_the_record_is_json_lines_with_the_documented_keys(index: Path, make: Build) -> None:
    found = make("It was cold.")
    (row,) = [json.loads(line) for line in (index / "activations.jsonl").read_text().splitlines()]
    assert set(row) == {"when", "generation", "from", "by", "because", "overridden", "summary", "sha256"}
    assert (row["generation"], row["from"], row["by"]) == (found, "", "build")


def test_what_is_in_use_already_is_not_activated_again(index: Path, make: Build) -> None:
    found = make("It was cold.")
    generations.activate(index, found)
    assert make("It was cold.") == found
    assert len(generations.history(index)) == 1


def test_an_activation_that_was_never_finished_does_not_count(index: Path, make: Build) -> None:
    a, b = make("It was cold."), make("It was warm.")
    generations.files.replace(
        index / generations.POINTER, f"{a}\n".encode()
    )  # as if killed before the pointer moved to b
    assert uses(index) == [(a, "", "build", "")]
    c = make("It was hot.")
    assert uses(index) == [(a, "", "build", ""), (c, a, "build", "")]
    assert generations.rollback(index) == a
    assert b in generations.list_ids(index)


def test_a_damaged_line_is_told_and_the_rest_is_read(index: Path, make: Build) -> None:
    a, b = make("It was cold."), make("It was warm.")
    path = index / "activations.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"build"', b'"built"', 1))
    assert activations.damaged_lines(path.read_bytes()) == (1,)
    assert [u[0] for u in uses(index)] == [b]
    with pytest.raises(IndexMissing):
        generations.rollback(index)
    generations.activate(index, a)
    assert activations.damaged_lines(path.read_bytes()) == (1,)


def test_a_pointer_that_cannot_be_read_is_mended_by_a_build_and_nothing_is_pruned(index: Path, make: Build) -> None:
    a, b = make("It was cold."), make("It was warm.")
    (index / generations.POINTER).write_bytes(b"\x00\xff")
    with pytest.raises(IndexDamaged, match=r"current: .* is no generation's id on a line"):
        generations.prune(index, 0)
    assert generations.list_ids(index) == [a, b]
    assert make("It was hot.") == generations.current(index)
    assert [u[1] for u in uses(index)] == ["", a, "?"]
    assert generations.rollback(index) == b


def test_only_whole_generations_are_activated(index: Path, make: Build) -> None:
    a, b = make("It was cold."), make("It was warm.")
    path = index / a / "corpus" / "article.txt"
    path.write_bytes(path.read_bytes() + b" ")
    for act in (lambda: generations.activate(index, a), lambda: generations.rollback(index)):
        with pytest.raises(IndexDamaged, match=r"corpus/article\.txt: is not what the manifest says"):
            act()
    with pytest.raises(IndexMissing, match="no such generation"):
        generations.activate(index, "../../etc")
    assert generations.current(index) == b
    assert len(generations.history(index)) == 2


def test_prune_keeps_the_newest_the_ones_in_use_and_the_needed(index: Path, make: Build) -> None:
    ids = [make(f"It was {word}.") for word in ("cold", "cool", "warm", "hot", "gone")]
    generations.activate(index, ids[1])
    (index / ".new-dead-1").mkdir()
    assert generations.prune(index, 1, needed=[ids[2]]) == (ids[0], ids[3])
    assert generations.list_ids(index) == [ids[1], ids[2], ids[4]]
    assert not generations.files.leftovers(index)
    assert generations.rollback(index) == ids[4]
    assert generations.prune(index, 0) == (ids[1], ids[2])
    assert generations.list_ids(index) == [ids[4]]
    with pytest.raises(IndexMissing, match=f"{ids[3]}: no such generation; `chatbot index list` shows what there is"):
        generations.rollback(index)


def test_an_edited_or_lost_corpus_touches_no_generation(index: Path, make: Build, tmp_path: Path) -> None:
    found = make("It was cold.")
    before = building.load(index, found, HashEmbedder())
    shutil.rmtree(tmp_path / "corpus")
    after = building.load(index, found, HashEmbedder())
    assert after.corpus.documents == before.corpus.documents
    assert (after.sentences, after.made_of, after.decision) == (before.sentences, before.made_of, before.decision)


def test_a_generation_of_the_earlier_form_is_stale_and_still_proves_answers(index: Path, make: Build) -> None:
    found = make("It was cold.")
    folder = index / found
    manifest = json.loads((folder / "manifest.json").read_text()) | {"format": 1}
    raw = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(raw)
    (folder / "manifest.json.sha256").write_text(f"{generations.sha256(raw)}\n")
    with pytest.raises(
        IndexStale, match=r"built by an earlier version of this program \(format 1\); run `chatbot index build`"
    ):
        building.load(index, found, HashEmbedder())
    assert generations.read(index, found).files["documents/article.txt"].startswith(b"About article")


def test_a_lock_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with (
        pytest.raises(
            IndexUnusable, match=r"index: cannot be written \(File exists\); the generation in use is unchanged; free"
        ),
        generations.lock(tmp_path / "index"),
    ):
        pass


steps = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=12)


@given(steps)
def test_rollbacks_walk_the_uses_backwards(sequence: list[tuple[str, bool]]) -> None:
    """Against the slow way: a list of uses from which a rollback takes the last."""
    rows: list[Activation] = []
    slow: list[str] = []
    for name, back in sequence:
        pointer = slow[-1] if slow else ""
        if back and len(slow) > 1:
            assert activations.used_before(rows) == slow[-2]
            slow.pop()
            rows.append(Activation("", slow[-1], pointer, "rollback"))
        elif name != pointer:
            slow.append(name)
            rows.append(Activation("", name, pointer, "build"))
    raw = b"".join(map(activations.to_line, rows))
    assert activations.finished(raw, slow[-1] if slow else "") == tuple(rows)
    assert activations.used_before(rows) == (slow[-2] if len(slow) > 1 else "")


@given(steps, st.integers(0, 10**6), st.integers(0, 7))
def test_any_flipped_bit_of_the_record_is_seen(sequence: list[tuple[str, bool]], at: int, bit: int) -> None:
    raw = b"".join(
        activations.to_line(Activation("", name, "", "build", f"because {back} é")) for name, back in sequence
    )
    if not raw:
        return
    damaged = bytearray(raw)
    damaged[at % len(raw)] ^= 1 << bit
    lines = [activations.from_line(line) for line in bytes(damaged).split(b"\n") if line]
    assert None in lines or len(lines) != len(sequence)
