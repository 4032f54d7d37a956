"""The other words of `chatbot index`: list, activate, rollback, diff, prune, verify; and what the README says of them."""

from __future__ import annotations

import json
import re

import pytest
import typer.main
from maintainer import GOLD, Bench

from chatbot import __main__
from chatbot.errors import IndexUnusable, LogError
from chatbot.index import activations, generations
from chatbot.log.database import Database
from chatbot.release.rehearsing import path_of
from chatbot.settings import ROOT

# --- list, activate, rollback -----------------------------------------------------------------------------------------


def test_list_tells_what_changed_and_how_the_cases_fared(bench: Bench) -> None:
    bench.run("build")
    bench.harmless()
    broken, _ = bench.breaking()
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
    kept_back, told = bench.breaking()
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
    assert re.fullmatch(r"2 cases: 1 kept, 1 [a-z ]+; 1 broke", last["summary"])
    assert last["summary"] in told  # what the build said is what the record says
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
    second, _ = bench.breaking()
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
    assert [(e.subject, e.label) for e in log.events("audit")] == [("a sample of 100", "index diff")]
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
    third, _ = bench.breaking()
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
