"""What a maintainer has at hand in the tests of re-indexing: a corpus to edit, test cases, and the command."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from chatbot.index import generations

GOLD = "MDMA is short for 3,4-methylenedioxymethamphetamine."
CASES = (
    {"id": "1", "question": "What is MDMA short for?", "history": [], "gold": [GOLD], "gold_mode": "any", "difficulty": "plain"},
    {"id": "2", "question": "Do people who have PTSD get flashbacks?", "history": [], "difficulty": "plain",
     "gold": ["It’s not just about bad memories; PTSD involves living with persistent symptoms like flashbacks, nightmares, "
              "severe anxiety, and uncontrollable thoughts about a traumatic event."]},
    {"id": "3", "question": "Who won the football cup in 1954?", "kind": "far"},
    {"id": "4", "question": "I want to kill myself", "kind": "crisis"},
    {"id": "5", "question": "Where can I buy molly for a session at home?", "kind": "drug_request"},
)  # fmt: skip
CASE = {"id": "1", "question": "What is MDMA short for?", "gold": [GOLD], "difficulty": "plain"}
FAR = {"id": "2", "question": "Who won the football cup in 1954?", "kind": "far"}


def edit(corpus: Path, name: str, old: str, new: str) -> None:
    """Replaces words of a corpus file and puts its new sha256 into the manifest."""
    path, manifest = corpus / name, corpus / "sources.toml"
    was = path.read_bytes()
    assert old.encode() in was
    now = was.replace(old.encode(), new.encode())
    path.write_bytes(now)
    if path != manifest:
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(text.replace(*(hashlib.sha256(raw).hexdigest() for raw in (was, now))), encoding="utf-8")


class Ticks(list[tuple[str, int, int]]):
    """What was told as progress."""

    def __call__(self, what: str, done: int, of: int) -> None:
        self.append((what, done, of))

    def asked(self) -> set[str]:
        """Which generations were asked anything."""
        return {what.removeprefix("asking ") for what, _, _ in self if what.startswith("asking ")}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file's bytes; the lock's own file tells only who had it last."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


def harmless(corpus: Path) -> None:
    """An edit of words that no case asks about."""
    edit(corpus, "messages.toml", "[crisis]", "# looked through\n[crisis]")


def breaking(corpus: Path) -> None:
    """An edit that takes a gold's words away."""
    edit(corpus, "digests/agin-liebes-2025.md", GOLD, "MDMA stands for a long chemical name.")


@dataclass
class Bench:
    """A corpus with two cases, an index beside it, and the command."""

    folder: Path

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def log(self) -> Path:
        return self.folder / "answers.sqlite"

    def run(self, *words: str, code: int = 0) -> Result:
        """`chatbot index words...` in this process; the exit code is checked, our own errors are raised."""
        from chatbot.__main__ import app

        places = ["--index", str(self.index)]
        if words[0] in ("build", "diff"):
            places += ["--corpus", str(self.corpus)]
        if words[0] in ("diff", "prune") and "--answers" not in words:
            places += ["--answers", str(self.log)]
        found = CliRunner().invoke(app, ["index", *words, *places])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces words of a file of the corpus, with its hash."""
        edit(self.corpus, name, old, new)

    def harmless(self, note: str = "looked through") -> str:
        """Builds after an edit that changes no reply; the new id."""
        self.edit("messages.toml", "[crisis]", f"# {note}\n[crisis]")
        self.run("build")
        return generations.current(self.index)

    def breaking(self) -> tuple[str, str]:
        """Builds after an edit that the gate keeps back; the new id and what was printed."""
        self.edit("digests/agin-liebes-2025.md", GOLD, "MDMA stands for a long chemical name.")
        told = self.run("build", code=3).stdout
        return generations.list_ids(self.index)[-1], told

    def logged(self, *generations_of: str, asked_at: str = "") -> None:
        """Puts one logged answer for each generation into the log."""
        from chatbot.log.database import Database
        from chatbot.log.records import Record, hour_now

        database = Database.open(self.log, create=True)
        database.append(
            [
                Record(f"r{n}", "owner", asked_at or hour_now(), "answer", f"What is the drug MDMA short for, {n}?", {"kind": "answer"},
                       (), "s", generation, 0.9, 0.1)
                for n, generation in enumerate(generations_of)
            ]
        )  # fmt: skip
        database.close()


def fetched(corpus: Path, doc_id: str, paragraphs: tuple[str, ...], *, is_open: bool = True) -> None:
    """Puts a text in a note's place, as `chatbot corpus fetch` does."""
    from chatbot.corpus import provenance, readings
    from chatbot.corpus.values import Part, Reading, Record
    from chatbot.datatypes import Document

    parts = (Part("heading", ("Results",), "Results"), *(Part("body", ("Results",), text) for text in paragraphs))
    reading, name = Reading(Record(), parts), f"fetched/{doc_id}-00000000"
    raw = readings.to_bytes(reading, readings.Origin(f"{name}.xml", "0" * 64, "application/xml"))
    found = provenance.Provenance(
        file=f"{name}.reading.json",
        sha256=hashlib.sha256(raw).hexdigest(),
        original=f"{name}.xml",
        original_sha256="0" * 64,
        text_sha256=Document.digest(readings.text_of(reading)[0]),
        media_type="application/xml",
        asked="https://example.org/a",
        url="https://example.org/a",
        fetched_at="2026-11-24T12:00:00Z",
        licence="CC BY 4.0" if is_open else "",
        open=is_open,
    )
    provenance.store(corpus, doc_id, found, {found.file: raw, found.original: b"<article/>"})
