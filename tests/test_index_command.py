"""`chatbot index` as a maintainer or cron calls it: what is printed, what is written, which exit code."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main
from click.testing import Result
from fakes import HashEmbedder, WordStage, no_triage
from typer.testing import CliRunner

from chatbot import __main__, releasing
from chatbot.commands import build as building_command
from chatbot.errors import IndexUnusable, LogError
from chatbot.index import activations, generations
from chatbot.log.database import Database
from chatbot.log.records import Record, hour_now
from chatbot.rehearsing import path_of
from chatbot.settings import ROOT

GOLD = "MDMA is short for 3,4-methylenedioxymethamphetamine."
CASE = {"id": "1", "question": "What is MDMA short for?", "gold": [GOLD], "difficulty": "plain"}
FAR = {"id": "2", "question": "Who won the football cup in 1954?", "kind": "far"}


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
        places = ["--index", str(self.index)]
        if words[0] in ("build", "diff"):
            places += ["--corpus", str(self.corpus)]
        if words[0] in ("diff", "prune") and "--answers" not in words:
            places += ["--answers", str(self.log)]
        found = CliRunner().invoke(__main__.app, ["index", *words, *places])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces words of a file of the corpus, with its hash."""
        path, manifest = self.corpus / name, self.corpus / "sources.toml"
        was = path.read_bytes()
        now = was.replace(old.encode(), new.encode())
        assert was != now
        path.write_bytes(now)
        if path != manifest:
            text = manifest.read_text(encoding="utf-8")
            manifest.write_text(
                text.replace(*(hashlib.sha256(raw).hexdigest() for raw in (was, now))), encoding="utf-8"
            )

    def harmless(self, note: str = "looked through") -> str:
        """Builds after an edit that changes no reply; the new id."""
        self.edit("messages.toml", "[crisis]", f"# {note}\n[crisis]")
        self.run("build")
        return generations.current(self.index)

    def breaking(self) -> str:
        """Builds after an edit that the gate keeps back; the new id."""
        self.edit("digests/agin-liebes-2025.md", GOLD, "MDMA stands for a long chemical name.")
        self.run("build", code=3)
        return generations.list_ids(self.index)[-1]

    def logged(self, *generations_of: str, asked_at: str = "") -> None:
        """Puts one logged answer for each generation into the log."""
        database = Database.open(self.log, create=True)
        database.append(
            [
                Record(f"r{n}", "owner", asked_at or hour_now(), "answer", f"What is the drug MDMA short for, {n}?", {"kind": "answer"},
                       (), "s", generation, 0.9, 0.1)
                for n, generation in enumerate(generations_of)
            ]
        )  # fmt: skip
        database.close()


@pytest.fixture
def bench(corpus_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    embedder = HashEmbedder()
    tools = releasing.Tools(embedder, WordStage(), no_triage, lambda _: embedder)
    monkeypatch.setattr(releasing, "shipped_tools", lambda model="": tools)
    folder = corpus_copy.parent / "cases"
    folder.mkdir()
    (folder / "cases.jsonl").write_text(json.dumps(CASE) + "\n" + json.dumps(FAR) + "\n", encoding="utf-8")
    found = Bench(corpus_copy.parent)
    found.edit("sources.toml", "\ncovered = [", '\ncases = "../cases"\ncovered = [')
    return found


# --- build ------------------------------------------------------------------------------------------------------------


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


# --- list, activate, rollback -----------------------------------------------------------------------------------------


def test_list_tells_what_changed_and_how_the_cases_fared(bench: Bench) -> None:
    bench.run("build")
    bench.harmless()
    broken = bench.breaking()
    text = bench.run("list").stdout
    rows = json.loads(bench.run("list", "--json").stdout)
    assert [r["in_use"] for r in rows] == [False, True, False]
    assert rows[1]["changed"] == ["corpus/messages.toml edited"]
    assert rows[2]["changed"] == ["corpus/digests/agin-liebes-2025.md edited", "corpus/sources.toml edited"]
    assert [r["evaluation"].split(" (")[0] for r in rows] == ["2 of 2 hold", "2 of 2 hold", "1 of 2 hold"]
    assert [len(r["activations"]) for r in rows] == [1, 1, 0]
    assert f"  {broken}  " in text
    assert "changed: corpus/messages.toml edited" in text
    assert "in use, by build" in text


def test_list_names_a_damaged_one_and_an_empty_index(bench: Bench) -> None:
    assert "nothing built yet" in bench.run("list").stderr
    bench.run("build")
    used = generations.current(bench.index)
    (bench.index / used / "passages.jsonl").write_bytes(b"{}\n")
    assert "passages.jsonl: is not what the manifest says" in bench.run("list").stdout


def test_overriding_the_gate_takes_a_reason_that_is_kept(bench: Bench) -> None:
    bench.run("build")
    kept_back = bench.breaking()
    with pytest.raises(IndexUnusable, match="was never in use: the gate kept it back"):
        bench.run("activate", kept_back)
    bench.run("activate", kept_back, "--because", "the case quotes words that we took out")
    assert generations.current(bench.index) == kept_back
    last = json.loads((bench.index / activations.FILE).read_text(encoding="utf-8").splitlines()[-1])
    assert (last["by"], last["overridden"], last["because"]) == (
        "activate",
        True,
        "the case quotes words that we took out",
    )
    assert re.fullmatch(r"2 cases: 1 kept, 1 (changed quote|newly refused); 1 broke", last["summary"])
    assert "against the gate: the case quotes" in bench.run("list").stdout


def test_rolling_back_and_forth(bench: Bench) -> None:
    bench.run("build")
    first = generations.current(bench.index)
    second = bench.harmless()
    assert "in use again" in bench.run("rollback", "--because", "wrong tone").stdout
    assert generations.current(bench.index) == first
    bench.run("activate", second)  # it was in use before, so it needs no reason
    assert generations.current(bench.index) == second
    assert [a.because for a in generations.history(bench.index)] == ["", "", "wrong tone", ""]
    assert not any(a.overridden for a in generations.history(bench.index))


# --- diff -------------------------------------------------------------------------------------------------------------


def test_diff_shows_both_texts_as_table_json_and_page(bench: Bench) -> None:
    bench.run("build")
    first = generations.current(bench.index)
    second = bench.breaking()
    page = bench.folder / "sign-off.html"
    text = bench.run("diff", "--page", str(page)).stdout
    for wanted in (
        f"From {first} to {second}",
        "cases:1: What is MDMA short for?",
        f"- answer: “{GOLD}”",
        "Gate: 1 case of 2 that held broke",
        "answerable.gold",
    ):
        assert wanted in " ".join(text.split()), wanted
    html = page.read_text(encoding="utf-8")
    assert GOLD in html
    assert "no longer quotes a sentence that answers" in html
    found = json.loads(bench.run("diff", first, second, "--json").stdout)
    assert found["format"] == 1
    assert len(found["gate"]) == 2
    assert [(p["doc_id"], p["change"]) for p in found["passages"]] == [("agin-liebes-2025", "changed")]
    figures = {f["name"]: (f["before"], f["after"]) for f in found["figures"]}
    assert figures["answerable.gold"] == (1.0, 0.0)


def test_diff_asks_logged_questions_under_audit_and_keeps_their_words_out(bench: Bench) -> None:
    bench.run("build")
    first = generations.current(bench.index)
    bench.breaking()
    bench.logged(first, first)
    page = bench.folder / "page.html"
    found = bench.run("diff", "--json", "--page", str(page))
    shown = json.loads(found.stdout)
    assert {q["ident"] for q in shown["questions"] if q["kind"] == "logged"} <= {"log:r0", "log:r1"}
    assert sum(shown["counts"]["logged"].values()) == 2
    assert "the drug MDMA" not in found.stdout + found.stderr + page.read_text(encoding="utf-8")
    log = Database.open(bench.log)
    assert [(e.subject, e.label) for e in log.events("read")] == [("a sample of 100", "index diff")]
    log.close()
    assert "logged" not in bench.run("diff", "--no-log").stdout


def test_which_two_are_compared(bench: Bench) -> None:
    from chatbot.commands.diff import pair

    bench.run("build")
    first = generations.current(bench.index)
    with pytest.raises(IndexUnusable, match="there is no second generation to compare"):
        pair(bench.index, "", "")
    second = bench.harmless()
    assert pair(bench.index, "", "") == (first, second)
    third = bench.breaking()
    assert pair(bench.index, "", "") == (second, third)
    assert pair(bench.index, first, "") == (first, second)
    assert pair(bench.index, third, first) == (third, first)


# --- prune, verify ----------------------------------------------------------------------------------------------------


def test_prune_keeps_what_logged_answers_need(bench: Bench) -> None:
    bench.run("build")
    ids = [generations.current(bench.index)] + [bench.harmless(f"edit {n}") for n in range(4)]
    bench.logged(ids[0])
    found = bench.run("prune", "--keep", "1")
    assert generations.list_ids(bench.index) == [ids[0], ids[3], ids[4]]
    assert ids[0] in found.stderr
    assert not path_of(bench.index, ids[1]).exists()
    assert path_of(bench.index, ids[4]).exists()
    bench.run("prune", "--keep", "1", "--force")
    assert generations.list_ids(bench.index) == [ids[3], ids[4]]
    assert bench.run("rollback").stdout.strip().endswith("in use again")


def test_an_answer_past_retention_needs_nothing(bench: Bench) -> None:
    bench.run("build")
    ids = [generations.current(bench.index)] + [bench.harmless(f"edit {n}") for n in range(2)]
    bench.logged(ids[0], asked_at="2020-01-01T00:00Z")
    bench.run("prune", "--keep", "1")
    assert generations.list_ids(bench.index) == ids[1:]


def test_a_log_that_cannot_be_read_stops_pruning(bench: Bench) -> None:
    bench.run("build")
    bench.log.write_bytes(b"no database" * 100)
    with pytest.raises(LogError):
        bench.run("prune", "--keep", "1")


def test_verify_proves_every_generation_and_the_record(bench: Bench) -> None:
    bench.run("build")
    bench.harmless()
    fine = bench.run("verify").stdout
    assert len(re.findall(r"\d+ files and \d+ spans intact", fine)) == 2
    record = bench.index / activations.FILE
    record.write_bytes(record.read_bytes().replace(b'"by": "build"', b'"by": "BUILD"', 1))
    assert "activations.jsonl:1: is not what was written" in bench.run("verify", code=1).stdout
    used = generations.current(bench.index)
    (bench.index / used / "sentences.jsonl").unlink()
    assert "sentences.jsonl: cannot be read" in bench.run("verify", code=1).stdout


# --- README -----------------------------------------------------------------------------------------------------------


def options() -> list[str]:
    """Every command of the group with each of its options, the two places left out."""
    group = typer.main.get_command(__main__.app).commands["index"]  # type: ignore[attr-defined]
    return [
        f"{name} {option}"
        for name, command in group.commands.items()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--") and option not in ("--corpus", "--index", "--help")
    ]


@pytest.mark.parametrize("line", options())
def test_the_readme_names_every_option_of_every_command(line: str) -> None:
    name, option = line.split()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    chapter = text.partition("## For maintainers")[2].partition("\n## ")[0]
    assert f"chatbot index {name}" in chapter
    assert re.search(rf"{re.escape(option)}(?![\w-])", chapter), line


def test_the_readmes_walk_is_what_the_script_recorded() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    walk = text.partition("<!-- walk -->")[2].partition("<!-- end of walk -->")[0]
    for wanted in (
        "$ chatbot index build",
        "$ chatbot index diff",
        "$ chatbot index activate",
        "$ chatbot index rollback",
    ):
        assert wanted in walk, wanted
    assert "/tmp" not in walk
    assert "kept back" in walk
