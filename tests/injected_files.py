"""Files damaged on purpose: of a corpus after indexing, of an index at rest. Each must be seen, or touch no reader."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from fakes import HashEmbedder, WordStage, no_triage, write_corpus
from injections import Place, Tally, digest_of

from chatbot import building
from chatbot.errors import ChapterError, IndexDamaged, IndexMissing
from chatbot.index import activations, generations

DOCUMENTS = {
    "article": ["Kettles boil water quickly. Tea follows.", "Ninety people tried the tea."],
    "note": ["It was warm."],
}


# --- the corpus -------------------------------------------------------------------------------------------------------


def edits(base: Path) -> Tally:
    """Every file of the corpus edited, cut, emptied, replaced and lost: the generation answers as before and is told to be stale."""
    from chatbot.pipeline import Chatbot

    corpus, index = write_corpus(base / "corpus", DOCUMENTS, [("Was it warm?", ["It was warm."])]), base / "index"
    found = building.build(corpus, index, HashEmbedder())
    kept = {p: p.read_bytes() for p in corpus.rglob("*") if p.is_file()}

    def replies() -> list[str]:
        bot = Chatbot.over(building.load(index, found, HashEmbedder()), HashEmbedder(), WordStage(), no_triage)
        return [str(bot.ask(q).reply) for q in ("How many people tried the tea?", "Was it warm?", "Who won?")]

    before = replies()
    ways: dict[str, Callable[[Path, bytes], object]] = {
        "edited": lambda p, raw: p.write_bytes(raw.replace(b"a", b"o", 3)),
        "cut": lambda p, raw: p.write_bytes(raw[: len(raw) // 2]),
        "emptied": lambda p, _: p.write_bytes(b""),
        "no UTF-8": lambda p, _: p.write_bytes(b"\xff\xfe\x00"),
        "lost": lambda p, _: p.unlink(),
        "a folder": lambda p, _: (p.unlink(), p.mkdir()),
    }
    tally = Tally("corpus edited after indexing")
    for path, raw in kept.items():
        for name, way in ways.items():
            way(path, raw)
            problems = [] if replies() == before else ["the replies changed"]
            try:
                building.check_fresh(building.read_corpus(corpus), index, HashEmbedder())
                problems.append("not seen")
            except ChapterError as error:
                problems += [] if "; " in str(error) else [f"no next step: {error}"]
            shutil.rmtree(corpus)
            for one, content in kept.items():
                one.parent.mkdir(parents=True, exist_ok=True)
                one.write_bytes(content)
            tally.take(f"{path.name} {name}", problems)
    return tally


# --- the index --------------------------------------------------------------------------------------------------------


def corruptions(base: Path, count: int, rng: random.Random) -> Iterator[Tally]:
    """`count` damages to files, then each way of making a wrong manifest right by its hashes."""
    place = Place(base)
    shutil.rmtree(place.index)
    shutil.copytree(place.kept, place.index)
    yield damages(place, count, rng)
    yield forgeries(place)


def damages(place: Place, count: int, rng: random.Random) -> Tally:
    """One file of the generation in use, or the pointer, or the record, damaged at a random place."""
    tally = Tally("damaged files")
    folder = place.index / place.old
    targets = [p for p in folder.rglob("*") if p.is_file() and p.stat().st_size]
    targets += [place.index / generations.POINTER, place.index / activations.FILE]
    kinds: dict[str, int] = {}
    for number in range(count):
        path, way = rng.choice(targets), rng.choice(("bit", "bit", "bits", "cut", "zeros", "more", "lost", "swapped"))
        whole = path.read_bytes()
        other = rng.choice([p for p in targets if p != path and p.read_bytes() != whole])
        second = other.read_bytes()
        damage(path, whole, way, second, rng)
        if way == "swapped":
            other.write_bytes(whole)
        changed = not path.exists() or path.read_bytes() != whole
        kinds[way] = kinds.get(way, 0) + 1
        tally.take(
            f"{number}: {path.name} {way}",
            unseen(place, way == "swapped" and activations.FILE in (path.name, other.name), path) if changed else [],
        )
        path.write_bytes(whole)
        other.write_bytes(second)
    assert digest_of(folder) == place.bytes[place.old]
    tally.note = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    return tally


def damage(path: Path, whole: bytes, way: str, second: bytes, rng: random.Random) -> None:
    """Damages one file in one way."""
    at = rng.randrange(len(whole))
    raw = bytearray(whole)
    if way in ("bit", "bits"):
        for _ in range(1 if way == "bit" else rng.randrange(2, 9)):
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif way == "cut":
        del raw[at:]
    elif way == "zeros":
        raw[at : at + 64] = bytes(len(raw[at : at + 64]))
    elif way == "more":
        raw[at:at] = rng.randbytes(rng.randrange(1, 40))
    elif way == "swapped":
        raw = bytearray(second)
    if way == "lost":
        path.unlink()
    else:
        path.write_bytes(raw)


def unseen(place: Place, both: bool, path: Path) -> list[str]:
    """What is wrong with how the damage is met; nothing when it is refused by name, or seen in the record."""
    try:
        generations.history(place.index)
        lines = (place.index / activations.FILE).read_bytes() if (place.index / activations.FILE).exists() else b""
    except ChapterError as error:
        return [] if "; " in str(error) else [f"no next step: {error}"]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    if path.name == activations.FILE and not both:
        gone = len([line for line in lines.split(b"\n") if activations.from_line(line)]) < 2
        return [] if activations.damaged_lines(lines) or gone else ["the record's damage is not seen"]
    try:
        building.load(place.index, generations.current(place.index), HashEmbedder())
    except (IndexDamaged, IndexMissing) as error:
        return [] if "chatbot index" in str(error) else [f"no next step: {error}"]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return [] if both else ["not seen"]


Forge = Callable[[dict[str, bytes], dict[str, object]], object]


def vectors(raw: bytes) -> np.ndarray:
    return np.load(io.BytesIO(raw))


def saved(array: np.ndarray, **more: bool) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **more)
    return out.getvalue()


def lines_with(raw: bytes, key: str, change: Callable[[object], object], row: int = 0) -> bytes:
    """JSON lines with one value of one row changed."""
    rows = generations.from_lines(raw)
    rows[row][key] = change(rows[row][key])
    return generations.to_lines(rows)


def set_count(manifest: dict[str, object], name: str, value: object) -> None:
    manifest["counts"] = {**manifest["counts"], name: value}  # type: ignore[dict-item]


def forgeries(place: Place) -> Tally:
    """Wrong content under right hashes: what only the meaning of the files can show."""
    tally = Tally("wrong content, right hashes")
    folder = place.index / place.old
    kept = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    good = generations.read(place.index, place.old)
    npy, keys = [n for n in good.files if n.endswith(".npy")], [n for n in good.files if n.endswith(".keys")]
    ways: list[tuple[str, Forge]] = []
    for name in npy:
        ways += [
            (f"{name} NaN", lambda f, _, n=name: f.update({n: saved(np.where(np.arange(64) == 3, np.nan, vectors(f[n])).astype(np.float32))})),
            (f"{name} infinite", lambda f, _, n=name: f.update({n: saved(np.where(np.arange(64) == 3, np.inf, vectors(f[n])).astype(np.float32))})),
            (f"{name} zero", lambda f, _, n=name: f.update({n: saved(vectors(f[n]) * np.float32(0))})),
            (f"{name} long", lambda f, _, n=name: f.update({n: saved(vectors(f[n]) * np.float32(1.5))})),
            (f"{name} of half the dimension", lambda f, _, n=name: f.update({n: saved(np.ascontiguousarray(vectors(f[n])[:, :32]))})),
            (f"{name} a row short", lambda f, _, n=name: f.update({n: saved(vectors(f[n])[1:])})),
            (f"{name} of float64", lambda f, _, n=name: f.update({n: saved(vectors(f[n]).astype(np.float64))})),
            (f"{name} pickled", lambda f, _, n=name: f.update({n: saved(np.array([{"a": 1}], dtype=object), allow_pickle=True)})),
            (f"{name} gone", lambda f, _, n=name: f.pop(n)),
            (f"{name} another's", lambda f, _, n=name: f.update({n: f[next(o for o in npy if len(f[o]) != len(f[n]))]})),
        ]  # fmt: skip
    for name in keys:
        ways += [
            (f"{name} a row short", lambda f, _, n=name: f.update({n: f[n][65:]})),
            (f"{name} gone", lambda f, _, n=name: f.pop(n)),
        ]
    for name in ("vectors/sentences.keys", "vectors/bank.keys", "vectors/vocabulary.keys"):
        ways += [(f"{name} of other texts", lambda f, _, n=name: f.update({n: b"0" * 64 + f[n][64:]}))]
    for name in ("sentences.jsonl", "passages.jsonl"):
        ways += [
            (f"{name} start", lambda f, _, n=name: f.update({n: lines_with(f[n], "start", lambda v: v + 1)})),  # type: ignore[operator]
            (f"{name} end", lambda f, _, n=name: f.update({n: lines_with(f[n], "end", lambda _: 10**9)})),
            (f"{name} text", lambda f, _, n=name: f.update({n: lines_with(f[n], "text", lambda v: f"{v}!")})),
            (f"{name} no text", lambda f, _, n=name: f.update({n: lines_with(f[n], "text", lambda _: "")})),
            (f"{name} document", lambda f, _, n=name: f.update({n: lines_with(f[n], "doc_id", lambda _: "nobody")})),
            (f"{name} row short", lambda f, _, n=name: f.update({n: f[n].split(b"\n", 1)[1]})),
            (f"{name} no JSON", lambda f, _, n=name: f.update({n: b"{" + f[n]})),
            (f"{name} more keys", lambda f, _, n=name: f.update({n: f[n].replace(b'{"', b'{"x": 1, "', 1)})),
            (f"{name} gone", lambda f, _, n=name: f.pop(n)),
        ]
    ways += [
        ("passages.jsonl last", lambda f, _: f.update({"passages.jsonl": lines_with(f["passages.jsonl"], "last", lambda _: 999)})),
        ("bank.jsonl answers", lambda f, _: f.update({"bank.jsonl": lines_with(f["bank.jsonl"], "answers", lambda _: [-1])})),
        ("bank.jsonl question", lambda f, _: f.update({"bank.jsonl": lines_with(f["bank.jsonl"], "question", lambda _: "Other?")})),
        ("decision.json NaN", lambda f, _: f.update({"decision.json": b'{"threshold": NaN}'})),
        ("decision.json text", lambda f, _: f.update({"decision.json": b'{"threshold": "0.5"}'})),
        ("decision.json list", lambda f, _: f.update({"decision.json": b"[]"})),
        ("decision.json gone", lambda f, _: f.pop("decision.json")),
        ("vocabulary.txt a word", lambda f, _: f.update({"vocabulary.txt": b"x" + f["vocabulary.txt"]})),
        ("vocabulary.txt a word short", lambda f, _: f.update({"vocabulary.txt": f["vocabulary.txt"].split(b"\n", 1)[1]})),
        ("vocabulary.txt gone", lambda f, _: f.pop("vocabulary.txt")),
        ("documents changed", lambda f, _: f.update({"documents/note.txt": f["documents/note.txt"] + b"."})),
        ("documents gone", lambda f, _: f.pop("documents/note.txt")),
        ("a dimension", lambda _, m: set_count(m, "dimension", 128)),
        ("a count", lambda _, m: set_count(m, "sentences", 1)),
        ("no counts", lambda _, m: m.pop("counts")),
        ("a count that is text", lambda _, m: set_count(m, "bank", "all")),
        ("another format", lambda _, m: m.update(format=3)),
        ("another generation", lambda _, m: m.update(generation=place.older)),
        ("other parts", lambda _, m: m.update(made_of={**m["made_of"], "corpus_sha256": "0" * 64})),  # type: ignore[dict-item]
        ("no list of files", lambda _, m: m.update(files=None)),
        ("a file outside", lambda _, m: m.update(files={**m["files"], "../current": "0" * 64})),  # type: ignore[dict-item]
    ]  # fmt: skip
    for name in (n for n in good.files if n.startswith("corpus/")):
        ways += [
            (f"{name} changed", lambda f, _, n=name: f.update({n: f[n].replace(b"It was", b"It is ", 1) + b"\n"})),
            (f"{name} gone", lambda f, _, n=name: f.pop(n)),
        ]
    for name, forge in ways:
        content, manifest = dict(good.files), dict(good.manifest)
        forge(content, manifest)
        rewrite(folder, content, manifest)
        tally.take(name, unseen(place, False, folder))
        shutil.rmtree(folder)
        for path, raw in kept.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    copied = place.index / place.old
    for name in (generations.MANIFEST, generations.MANIFEST_HASH):
        (copied / name).write_bytes((place.index / place.older / name).read_bytes())
    tally.take("another generation's manifest", unseen(place, False, folder))
    return tally


def rewrite(folder: Path, content: dict[str, bytes], manifest: dict[str, object]) -> None:
    """The generation with that content and a manifest that fits it."""
    if isinstance(manifest["files"], dict) and "../current" not in manifest["files"]:
        manifest["files"] = {name: generations.sha256(raw) for name, raw in content.items()}
    shutil.rmtree(folder)
    raw = json.dumps(manifest).encode()
    whole = {**content, generations.MANIFEST: raw, generations.MANIFEST_HASH: f"{generations.sha256(raw)}\n".encode()}
    for name, held in whole.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(held)
