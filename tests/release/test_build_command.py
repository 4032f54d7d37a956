"""`chatbot index build` as a maintainer or cron calls it: what is printed, what is written, which exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from maintainer import GOLD, Bench

from chatbot import __main__
from chatbot.commands import build as building_command
from chatbot.errors import IndexUnusable
from chatbot.index import generations


def test_build_says_what_it_did(bench: Bench) -> None:
    first = bench.run("build").stdout
    assert re.search(
        r"generation [0-9a-f]{16}: activated\nin use before: none\n4 documents, \d+ sentences, \d+ passages; \d+ texts",
        first,
    )
    assert "0 re-used" in first
    again = bench.run("build").stdout
    assert ": unchanged" in again
    assert "; 0 texts embedded," in again


def test_the_report_is_a_mail_with_its_subject_first(bench: Bench) -> None:
    report = bench.folder / "report.txt"
    bench.run("build", "--report", str(report))
    assert report.read_text(encoding="utf-8").startswith("chatbot index build: activated (exit code 0)\n\ngeneration ")
    bench.edit("digests/agin-liebes-2025.md", GOLD, "MDMA stands for a long chemical name.")
    bench.run("build", "--report", str(report), code=3)
    text = report.read_text(encoding="utf-8")
    assert text.startswith("chatbot index build: kept back (exit code 3)\n")
    assert "no longer quotes a sentence that answers" in text
    assert "To use it all the same: chatbot index activate" in text
    assert "changed: source agin-liebes-2025 (text)" in text


def test_an_error_is_in_the_report_too(bench: Bench) -> None:
    bench.run("build")
    report = bench.folder / "report.txt"
    (bench.corpus / "digests/agin-liebes-2025.md").write_text("edited, hash forgotten", encoding="utf-8")
    with pytest.raises(Exception, match="sha256 is"):
        bench.run("build", "--report", str(report))
    text = report.read_text(encoding="utf-8")
    assert text.startswith("chatbot index build: failed (exit code 1)\n")
    assert "if the change is meant, put the new one there" in text


def test_a_report_that_cannot_be_written_is_said(bench: Bench) -> None:
    with pytest.raises(IndexUnusable, match="the report cannot be written"):
        bench.run("build", "--report", str(bench.folder / "none" / "report.txt"))


def test_an_error_of_ours_is_exit_code_one_and_one_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["chatbot", "index", "rollback", "--index", str(bench.index)])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"chatbot: {bench.index}: no index was built yet; run `chatbot index build`\n"


def test_build_as_json(bench: Bench) -> None:
    bench.run("build")
    bench.edit("digests/agin-liebes-2025.md", GOLD, "MDMA stands for a long chemical name.")
    found = json.loads(bench.run("build", "--dry-run", "--json", code=3).stdout)
    assert (found["format"], found["result"], found["exit_code"]) == (1, "would be kept back", 3)
    assert found["comparison"]["counts"]["cases"]["kept"] == 1
    assert len(generations.list_ids(bench.index)) == 1


def test_no_replay_names_the_command_that_puts_it_in_use(bench: Bench) -> None:
    found = bench.run("build", "--no-replay").stdout
    new = generations.list_ids(bench.index)[0]
    assert f"`chatbot index activate {new}` puts it in use" in found
    bench.run("activate", new)
    assert generations.current(bench.index) == new


def test_watching_builds_at_the_start_and_after_each_change(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def three_times(_: object) -> Iterator[None]:
        yield
        bench.edit("messages.toml", "[crisis]", "# edited\n[crisis]")
        yield
        bench.edit("messages.toml", "[crisis]", "[crisis")
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(building_command, "changes", three_times)
    found = bench.run("build", "--watch")
    assert found.stdout.count(": activated") == 2
    assert "messages.toml" in found.stderr
    assert found.stderr.endswith("stopped\n")


def test_a_change_is_told_once_and_only_when_the_files_lie_still() -> None:
    a, b, c = ({"f": (n, n)} for n in range(3))
    looks = iter([a, a, a, b, c, c, c, c, a, a, a])
    slept: list[float] = []
    found = building_command.changes(lambda: next(looks), slept.append)
    for _ in range(3):
        next(found)
    with pytest.raises(RuntimeError):  # the script of looks ends
        next(found)
    assert set(slept) == {building_command.POLL_SECONDS}


def test_what_is_watched(bench: Bench) -> None:
    (bench.corpus / ".article.txt.swp").write_text("x")
    (bench.corpus / "article.txt~").write_text("x")
    names = {Path(p).name for p in building_command.stamps(building_command.watched(bench.corpus))}
    assert {"sources.toml", "article.txt", "cases.jsonl", "agin-liebes-2025.md"} <= names
    assert not names & {".article.txt.swp", "article.txt~"}
