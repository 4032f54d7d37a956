"""The `chatbot` command as a person or a script calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatbot.settings import ROOT


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`chatbot words...` in a process of its own."""
    command = [sys.executable, "-m", "chatbot", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=ROOT, check=False)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, chatbot, chatbot.__main__\n"
        "heavy = {'torch', 'sentence_transformers', 'faiss', 'tiktoken', 'gradio', 'sqlalchemy', 'onnxruntime', 'transformers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [(), ("corpus",), ("index",), ("eval",), ("log",), ("review",)])
def test_every_group_has_help(words: tuple[str, ...]) -> None:
    out = run(*words, "--help")
    assert out.returncode == 0
    assert "Usage" in out.stdout


def test_one_question_or_a_file_is_wrong_usage_otherwise() -> None:
    out = run("ask")
    assert out.returncode == 2
    assert "give one question, or --jsonl FILE" in out.stderr


def test_a_missing_index_says_what_to_run(tmp_path: Path) -> None:
    out = run("ask", "What is PTSD?", "--index", str(tmp_path / "none"))
    assert (out.returncode, out.stdout) == (1, "")
    assert "run `chatbot index build`" in out.stderr


@pytest.mark.slow
def test_exit_codes_and_json(real_index: Path) -> None:
    index = str(real_index)
    answered = run(
        "ask", "What are the three parts of self-compassion according to Kristin Neff?", "--index", index, "--json"
    )
    assert answered.returncode == 0, answered.stderr
    reply = json.loads(answered.stdout)
    assert (reply["format"], reply["kind"]) == (1, "answer")
    assert answered.stderr == ""
    refused = run("ask", "What is the capital of Mongolia?", "--index", index)
    assert refused.returncode == 3
    assert "of this writing." in refused.stdout
    redirected = run("ask", "I want to kill myself", "--index", index)
    assert redirected.returncode == 4


@pytest.mark.slow
def test_a_batch_keeps_order_ids_and_unreadable_questions(real_index: Path) -> None:
    rows = [
        {"id": "a", "question": "What is self-compassion?"},
        {"id": "b", "question": "x" * 3000},
        {"id": "c", "question": "And the second?", "history": ["What are the three parts of self-compassion?"]},
    ]
    out = run("ask", "--jsonl", "-", "--index", str(real_index), stdin="".join(json.dumps(r) + "\n" for r in rows))
    replies = [json.loads(line) for line in out.stdout.splitlines()]
    assert out.returncode == 0
    assert [r["id"] for r in replies] == ["a", "b", "c"]
    assert "at most 2000 are read" in replies[1]["error"]


def test_a_line_that_is_not_json_is_named(real_index: Path) -> None:
    out = run("ask", "--jsonl", "-", "--index", str(real_index), stdin="nonsense\n")
    assert out.returncode == 1
    assert "-:1: not" in out.stderr


@pytest.mark.slow
def test_build_list_verify(tmp_path: Path, corpus_copy: Path) -> None:
    index = tmp_path / "index"
    built = run("index", "build", "--corpus", str(corpus_copy), "--index", str(index))
    assert built.returncode == 0, built.stderr
    listed = json.loads(run("index", "list", "--index", str(index), "--json").stdout)
    assert [(r["in_use"], r["state"]) for r in listed] == [(True, "intact")]
    assert run("index", "verify", "--index", str(index)).returncode == 0
    sentences = index / listed[0]["generation"] / "sentences.jsonl"
    sentences.write_bytes(sentences.read_bytes().replace(b"MDMA", b"MDMB", 1))
    verified = run("index", "verify", "--index", str(index))
    assert verified.returncode == 1
    assert "sentences.jsonl: is not what the manifest says" in verified.stdout


def test_corpus_check_in_a_shell() -> None:
    out = run("corpus", "check")
    assert out.returncode == 0
    assert "0 errors" in out.stderr


def test_records_are_printed_for_reference_managers() -> None:
    from typer.testing import CliRunner

    from chatbot.__main__ import app

    shown = CliRunner().invoke(app, ["corpus", "cite", "agin-liebes-2025", "--as", "apa"])
    assert shown.stdout == (
        "Agin-Liebes, G., Zeifman, R. J., & Mitchell, J. M. (2025). Self-compassion mediates treatment effects in MDMA-assisted therapy "
        "for posttraumatic stress disorder. European Journal of Psychotraumatology, 16(1), Article 2485513. "
        "https://doi.org/10.1080/20008066.2025.2485513\n"
    )
    every = CliRunner().invoke(app, ["corpus", "cite", "--as", "bibtex"])
    assert [line.split("{")[0] for line in every.stdout.splitlines() if line.startswith("@")] == [
        "@misc", "@article", "@article", "@misc", "@misc"
    ]  # fmt: skip
    wrong = CliRunner().invoke(app, ["corpus", "cite", "nobody"])
    assert "'nobody' is no source" in str(wrong.exception)


def test_what_may_not_be_passed_on_is_not_found_in_earlier_generations_either(shipped_corpus: Path) -> None:
    from dataclasses import replace

    from chatbot.commands.serve import permitted
    from chatbot.gathering import read_corpus

    sources = read_corpus(shipped_corpus).manifest.sources
    limited = (*sources[1:], replace(sources[0], limited=True))
    assert permitted(sources, "0.0.0.0", assistants=True)
    assert permitted(limited, "127.0.0.1")
    assert not permitted(limited, "0.0.0.0")
    assert not permitted(limited, "127.0.0.1", assistants=True)
