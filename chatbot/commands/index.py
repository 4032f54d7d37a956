"""`chatbot index`: builds, compares, puts in use and proves what is searched.

build, diff                  a new generation through the gate; two generations side by side (`commands.build`, `commands.diff`)
list, verify                 what there is; every byte and every span
activate, rollback, prune    what is in use, what is kept
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from chatbot import settings
from chatbot.commands.build import build
from chatbot.commands.diff import diff
from chatbot.commands.log import LOG, opened
from chatbot.commands.options import INDEX, IndexOption
from chatbot.datatypes import Json
from chatbot.errors import EvaluationError, IndexUnusable

app = typer.Typer(help="Builds, compares, puts in use and proves what is searched.", no_args_is_help=True)
app.command("build")(build)
app.command("diff")(diff)

Generation = Annotated[str, typer.Argument(metavar="ID", help="A generation that `chatbot index list` shows.")]
Because = Annotated[str, typer.Option("--because", help="Why; kept in index/activations.jsonl.")]


@app.command("list")
def list_generations(index: IndexOption = INDEX, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Lists the generations on disk, the oldest first, the one in use marked: date, corpus changes, model, counts, evaluation."""
    rows = rows_of(index)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo(f"{index}: nothing built yet; run `chatbot index build`", err=True)
    for row in rows:
        mark = "*" if row["in_use"] else " "
        if row["state"] != "intact":
            typer.echo(f"{mark} {row['generation']}  {row['state']}")
            continue
        counts = ", ".join(f"{row['counts'][name]} {name}" for name in ("documents", "passages", "sentences"))
        typer.echo(
            f"{mark} {row['generation']}  {row['built_on']}  {counts}; {row['model']}, threshold {row['threshold']}"
        )
        typer.echo(f"    changed: {', '.join(row['changed']) or 'nothing'}")
        typer.echo(f"    cases: {row['evaluation']}")
        for note in row["activations"]:
            typer.echo(f"    {note}")


def rows_of(index: Path) -> list[Json]:
    """What `list` tells of each generation, the oldest first. What changed is told against the one before it in the list."""
    from chatbot.index import generations

    try:
        used = generations.current(index)
    except IndexUnusable:
        used = ""
    history = generations.history(index)
    rows: list[Json] = []
    before: Json | None = None
    for found in generations.list_ids(index):
        row: Json = {"generation": found, "in_use": found == used}
        try:
            generation = generations.read(index, found)
        except IndexUnusable as error:
            rows.append(row | {"state": str(error)})
            continue
        manifest = generation.manifest
        decision = json.loads(generation.files.get("decision.json", b"{}"))
        told = [
            f"{a.when}: {'in use again' if a.by == 'rollback' else 'in use'}, by {a.by}"
            + (", against the gate" if a.overridden else "")
            + (f": {a.because}" if a.because else "")
            for a in history
            if a.generation == found
        ]
        rows.append(
            row
            | {
                "state": "intact",
                "built_on": manifest["built_on"],
                "counts": manifest["counts"],
                "model": manifest["made_of"]["model"],
                "threshold": decision.get("threshold", "as shipped"),
                "changed": changed(before, manifest) if before else [],
                "evaluation": evaluation(index, found),
                "activations": told,
            }
        )
        before = manifest
    return rows


def changed(before: Json, after: Json) -> list[str]:
    """The corpus files and the makings in which two manifests differ."""
    out = []
    for name in sorted({*before["files"], *after["files"]}):
        old, new = before["files"].get(name), after["files"].get(name)
        if old != new and name.startswith("corpus/"):
            out.append(f"{name} {'added' if old is None else 'removed' if new is None else 'edited'}")
    named = sorted({*before["made_of"], *after["made_of"]} - {"corpus_sha256"})
    return out + [name for name in named if before["made_of"].get(name) != after["made_of"].get(name)]


def evaluation(index: Path, generation: str) -> str:
    """How many of the test cases hold, as far as they were asked."""
    from chatbot.evaluate import runs
    from chatbot.release.comparing import failings
    from chatbot.release.rehearsing import path_of

    try:
        run = runs.load(path_of(index, generation))
    except EvaluationError:
        return "not asked"
    held = sum(not failings(row) for row in run.rows)
    return f"{held} of {len(run.rows)} hold ({run.data}, asked {run.date})"


@app.command()
def activate(generation: Generation, because: Because = "", index: IndexOption = INDEX) -> None:
    """Puts a generation in use. One that was never in use needs --because: the gate kept it back, or was not asked."""
    from chatbot.index import generations

    with generations.lock(index):
        known = {name for row in generations.history(index) for name in (row.generation, row.before)} - {""}
        overridden = bool(known) and generation not in known
        if overridden and not because.strip():
            raise IndexUnusable(
                f"{generation} was never in use: the gate kept it back or was not asked; see `chatbot index diff`, "
                'then say why with --because "..."'
            )
        summary = difference(index, generation) if overridden else ""
        generations.activate(index, generation, because, by="activate", overridden=overridden, summary=summary)
    typer.echo(f"{index / generation}: in use")


def difference(index: Path, generation: str) -> str:
    """What is known of the replies of a generation against the one in use, in one line, for the record."""
    from chatbot.evaluate import runs
    from chatbot.index import generations
    from chatbot.release.comparing import Side, compare
    from chatbot.release.rehearsing import path_of

    try:
        ids = (generations.current(index), generation)
        one, two = (Side(ident, None, run=runs.load(path_of(index, ident))) for ident in ids)
    except (EvaluationError, IndexUnusable):
        return "it was not compared"
    return compare(one, two).replies()


@app.command()
def rollback(because: Because = "", index: IndexOption = INDEX) -> None:
    """Puts the generation in use that was so before the one of now."""
    from chatbot.index import generations

    typer.echo(f"{index / generations.rollback(index, because)}: in use again")


@app.command()
def prune(
    keep: Annotated[int, typer.Option("--keep", min=1, help="How many of the newest generations to keep.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also remove generations that logged answers are proved from.")
    ] = False,
    log: Annotated[str, typer.Option("--answers", help="The answer log whose generations are kept.")] = LOG,
    index: IndexOption = INDEX,
) -> None:
    """Removes all but the newest generations; never the one in use, the one before it, or one that a logged answer needs."""
    from chatbot.index import generations
    from chatbot.release.rehearsing import path_of

    needed = set() if force else logged_generations(log)
    gone = generations.prune(index, keep, needed)
    for found in gone:
        path_of(index, found).unlink(missing_ok=True)
    left = generations.list_ids(index)
    typer.echo(f"{index}: {len(gone)} removed ({', '.join(gone) or 'none'}), {len(left)} left")
    spared = [found for found in left if found in needed]
    if len(left) > keep and spared:
        typer.echo(f"kept for logged answers within retention: {', '.join(spared)}", err=True)


def logged_generations(log: str) -> set[str]:
    """Generations of logged answers within retention; none where there is no log. Raises LogError for one that cannot be read."""
    from datetime import UTC, datetime

    from chatbot.log.records import hours_ago

    if "://" not in log and not Path(log).exists():
        return set()
    since = hours_ago(datetime.now(UTC), 24 * settings.RETENTION_DAYS)
    with opened(log) as found:
        return {record.generation for record in found.records() if record.asked_at >= since}


@app.command()
def verify(index: IndexOption = INDEX) -> None:
    """Checks every byte and every span of every generation, and the record of activations. Exit code 1 when something is wrong."""
    from chatbot.index import activations, generations

    wrong = 0
    for found in generations.list_ids(index):
        try:
            typer.echo(f"{found}: {proved(index, found)}")
        except IndexUnusable as error:
            wrong += 1
            typer.echo(f"{found}: {error}")
    record = index / activations.FILE
    for number in activations.damaged_lines(record.read_bytes() if record.exists() else b""):
        wrong += 1
        typer.echo(f"{record}:{number}: is not what was written; the order of activations may have a gap")
    used = generations.current(index)
    if used not in generations.list_ids(index):
        wrong += 1
        typer.echo(f"in use: {used}, which is not on disk; run `chatbot index build`")
    else:
        typer.echo(f"in use: {used}")
    raise typer.Exit(1 if wrong else 0)


def proved(index: Path, generation: str) -> str:
    """How much of a generation is intact. Raises IndexUnusable naming what is not."""
    from chatbot.index import generations
    from chatbot.loading import loaded_from

    found = generations.read(index, generation)
    if found.manifest["format"] == generations.FORMAT:
        loaded = loaded_from(found.manifest, found.files)
        return f"{len(found.files)} files and {len(loaded.sentences) + len(loaded.passages)} spans intact"
    spans = 0
    for name in ("sentences.jsonl", "passages.jsonl"):
        for row in generations.from_lines(found.files[name]):
            if found.files[f"documents/{row['doc_id']}.txt"].decode()[row["start"] : row["end"]] != row["text"]:
                raise IndexUnusable(f"{found.folder / name}: {row['doc_id']}:{row['start']} is not its text")
            spans += 1
    return f"{len(found.files)} files and {spans} spans intact (an earlier version's, for proofs only)"
