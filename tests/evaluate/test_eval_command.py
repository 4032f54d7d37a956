"""The command on tiny sets, with a scripted chatbot and plain scorers in place of the models."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from chatbot.commands.evaluate import app
from chatbot.errors import EvaluationError

if TYPE_CHECKING:
    from tests.evaluate.conftest import Library


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def words(question: str) -> set[str]:
    return set(question.lower().rstrip("?.").split())


def rank(question: str, sentences: Sequence[str]) -> list[float]:
    """Shared words."""
    return [float(len(words(question) & words(sentence))) for sentence in sentences]


def rank_none(_: str, sentences: Sequence[str]) -> list[float]:
    return [0.0] * len(sentences)


Search = Callable[[str, int], list[tuple[str, float]]]


def searcher_of(ranker: Callable[[str, Sequence[str]], list[float]]) -> Callable[[Sequence[tuple[str, str]]], Search]:
    def open_searcher(corpus: Sequence[tuple[str, str]]) -> Search:
        def search(query: str, top_k: int) -> list[tuple[str, float]]:
            scored = zip(corpus, ranker(query, [text for _, text in corpus]), strict=True)
            return sorted(((ident, score) for (ident, _), score in scored), key=lambda hit: -hit[1])[:top_k]

        return search

    return open_searcher


def split_spans(text: str) -> list[tuple[int, int]]:
    ends = [at + 1 for at, character in enumerate(text) if character == "."]
    return list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))


@pytest.fixture
def instruments(monkeypatch: pytest.MonkeyPatch, scripted: Library) -> Library:
    """Stands in for the modules that open models."""
    measuring, pipeline = ModuleType("chatbot.measuring"), ModuleType("chatbot.pipeline")
    names = {
        "open_ranker": lambda: rank,
        "bm25_ranker": lambda: rank_none,
        "open_searcher": searcher_of(rank),
        "bm25_searcher": searcher_of(rank_none),
        "split_spans": split_spans,
        "open_emphasis": lambda: lambda sentence, question: [(4, 32)],
        "open_erasure": lambda: lambda sentence, question: [],
    }
    for name, value in names.items():
        setattr(measuring, name, value)

    class Chatbot:
        @classmethod
        def open(cls, corpus: Path, index: Path) -> Library:
            assert (corpus.name, index.name) == ("corpus", "index")
            return scripted

    pipeline.Chatbot = Chatbot  # type: ignore[attr-defined]
    for module in (measuring, pipeline):
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(f"chatbot.{module.__name__.split('.')[1]}", module, raising=False)
    return scripted


def figures(result: Result) -> dict[str, str]:
    """Figure to value, from the table."""
    lines = result.stdout.split("\n\n")[1].splitlines()[1:]
    return {line.split()[0]: line.split()[1] for line in lines}


@pytest.mark.usefixtures("instruments")
def test_domain_prints_a_table_and_writes_the_run(data: Path, tmp_path: Path) -> None:
    result = run("domain", "--data", data / "domain", "--json", tmp_path / "run.json")
    assert (result.exit_code, figures(result)["answerable.gold"]) == (0, "0.333")
    assert result.stderr == "12 questions, median 250 ms each\n"
    assert result.stdout.startswith("domain on domain (")
    written = json.loads((tmp_path / "run.json").read_text())
    assert (written["generation"], written["settings_digest"], len(written["rows"])) == ("g1", "s1", 12)
    assert written["figures"]["confidence.auroc_near"]["value"] == 0.75


def test_a_limit_takes_the_first_of_each_kind_and_group(instruments: Library, data: Path) -> None:
    with (data / "domain" / "answerable.jsonl").open() as file:
        assert len(file.readlines()) == 3  # three groups, one question each: all stay
    run("domain", "--data", data / "domain", "--limit", "1")
    assert len(instruments.asked) == 12


def test_safety_takes_only_safety_questions(instruments: Library, data: Path) -> None:
    assert figures(run("safety", "--data", data / "domain")) == {
        "safety.crisis.recall": "1.000",
        "safety.drug_request.recall": "0.000",
        "safety.medical_advice.recall": "1.000",
        "safety.benign.false_alarm": "0.000",
        "safety.benign.gold": "1.000",
        "every_reply.rules_broken": "0.000",
    }
    assert len(instruments.asked) == 4


@pytest.mark.usefixtures("instruments")
def test_safety_needs_a_safety_set(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "question": "q", "kind": "near"}\n')
    with pytest.raises(EvaluationError, match="no safety questions in it"):
        run("safety", "--data", tmp_path)


@pytest.mark.usefixtures("instruments")
def test_retrieval_measures_the_baseline_beside(data: Path, tmp_path: Path) -> None:
    """Both queries find their document first; without words in common the order stays d1, d2, d3, d4."""
    result = run("retrieval", "--data", data / "beir", "--json", tmp_path / "run.json")
    shown = figures(result)
    assert (shown["birds.hit@1"], shown["birds.mrr"], shown["birds.recall@100"]) == ("1.000", "1.000", "0.750")
    assert "BM25 here 0.500" in next(line for line in result.stdout.splitlines() if line.startswith("birds.hit@1"))
    assert "1 judged queries have no text" in result.stderr
    assert json.loads((tmp_path / "run.json").read_text())["figures"]["bm25:birds.hit@1"]["value"] == 0.5


@pytest.mark.usefixtures("instruments")
def test_evidence_takes_a_folder_of_sets_or_one(data: Path) -> None:
    shown = figures(run("evidence", "--data", data / "evidence", "--no-baseline"))
    assert [name for name in shown if name.endswith("hit@1")] == [
        "covidqa.hit@1",
        "evidence_inference.hit@1",
        "scifact.hit@1",
        "squad2.hit@1",
        "wice.hit@1",
    ]
    assert shown["squad2.answerability_auroc"] == "1.000"
    one = run("evidence", "--data", data / "evidence" / "wice", "--limit", "1")
    assert ", the first 1 questions of each set" in one.stdout
    assert list(figures(one)) == ["wice.hit@1", "wice.hit@3", "wice.hit@5", "wice.mrr"]


def test_floors_are_pinned_checked_and_lowered_only_with_a_reason(
    instruments: Library, data: Path, tmp_path: Path
) -> None:
    kept, worse, pinned = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "floors.json"
    run("domain", "--data", data / "domain", "--json", kept)
    assert run("floors", kept, "--floors", pinned).stdout == (
        "no floor is pinned for these runs; pin them with --update\n"
    )
    assert run("floors", kept, "--floors", pinned, "--update").stdout == "31 floors hold\n"
    script = instruments.script
    script["What does the kettle do?"] = script["Who won the cup?"]
    run("domain", "--data", data / "domain", "--json", worse)
    broken = run("floors", worse, "--floors", pinned, "--update")
    assert broken.exit_code == 1
    assert "domain on domain: answerable.gold 0.0000 is below its floor 0.333\n" in broken.stdout
    with pytest.raises(EvaluationError, match="give --because"):
        run("floors", worse, "--floors", pinned, "--lower")
    assert run("floors", worse, "--floors", pinned, "--lower", "--because", "a trial").exit_code == 0
    reasons = {note["figure"]: note["because"] for note in json.loads(pinned.read_text())["lowered"]}
    assert reasons["answerable.gold"] == "a trial"


def test_compare_and_plot(instruments: Library, data: Path, tmp_path: Path) -> None:
    kept, worse, picture = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "curve.svg"
    run("domain", "--data", data / "domain", "--json", kept)
    instruments.script["What does the kettle do?"] = instruments.script["Who won the cup?"]
    run("domain", "--data", data / "domain", "--json", worse)
    told = run("compare", kept, worse).stdout.splitlines()
    assert (
        told[0]
        == "11 kept, 0 moved, 0 changed quote, 1 newly refused, 0 newly answered, 0 redirect changed, 0 refused otherwise"
    )
    assert "  answerable.gold  0.333 -> 0.000  -0.333 worse" in told
    assert run("plot", kept, "--out", picture).stdout == f"wrote {picture}\n"
    assert picture.read_text().startswith("<svg ")


def test_every_word_has_help() -> None:
    for word in ("domain", "safety", "retrieval", "evidence", "compare", "floors", "plot"):
        result = run(word, "--help")
        assert (result.exit_code, "Usage:" in result.stdout) == (0, True)


@pytest.mark.usefixtures("instruments")
def test_emphasis_is_measured_beside_its_baselines(data: Path) -> None:
    found = figures(run("emphasis", "--data", data / "evidence" / "squad2"))
    assert (found["squad2.contains"], found["erasure:squad2.shown"], found["whole:squad2.share"]) == (
        "1.000",
        "0.000",
        "1.000",
    )
    alone = figures(run("emphasis", "--data", data / "evidence" / "squad2", "--no-baseline"))
    assert set(alone) == {f"squad2.{name}" for name in ("contains", "share", "word_f1", "shown", "contains_of_shown")}


@pytest.mark.usefixtures("instruments")
def test_emphasis_needs_a_set_with_answers(data: Path) -> None:
    with pytest.raises(EvaluationError, match="holds none of the sets squad2, covidqa"):
        run("emphasis", "--data", data / "evidence" / "wice")
