"""`chatbot eval`: measures the chatbot on folders of questions with known answers.

    domain, safety          ask every question and judge the replies
    retrieval, evidence     search and rank public sets with the chatbot's own searcher and ranker, BM25 beside them
    emphasis                which words of a sentence are set in bold, plain ways and erasure beside them
    documents, references   read files and printed references, plain baselines beside (`commands.weigh`)
    compare, floors, plot   two runs side by side; what fell below its pinned floor; the refusal curve

Tables go to standard output, progress and notes to standard error. Nothing is downloaded: --data is a folder.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chatbot import settings
from chatbot.commands import weigh
from chatbot.commands.options import CORPUS, INDEX, CorpusOption, IndexOption, progress_bar
from chatbot.corpus import figures
from chatbot.errors import EvaluationError
from chatbot.evaluate import datasets, emphasising, floors, plots, questions, ranking, replay, runs
from chatbot.evaluate.lines import fingerprint
from chatbot.evaluate.values import BASELINE, SAFETY_KINDS, Case, Figure, Row, Run
from chatbot.replies import Outcome

app = typer.Typer(help="Measure the chatbot on questions with known answers.", no_args_is_help=True)
app.command()(weigh.documents)
app.command()(weigh.references)

FLOORS = settings.ROOT / "tests" / "floors.json"

Data = Annotated[Path, typer.Option("--data", help="Folder of the evaluation data.", show_default=False)]
Json = Annotated[Path | None, typer.Option("--json", help="Also write the run, question by question, to this file.")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Only the first N questions of each kind or set; 0: all.")]
Baseline = Annotated[
    bool, typer.Option("--baseline/--no-baseline", help="Measure the baselines (BM25) in the same call.")
]
FloorsFile = Annotated[Path, typer.Option("--floors", help="The pinned floors.", show_default="tests/floors.json")]
RunFile = Annotated[Path, typer.Argument(help="A run written with --json.", show_default=False)]


@app.command()
def domain(
    data: Data,
    json_file: Json = None,
    limit: Limit = 0,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Ask the project's own questions: gold quoted, false refusals, false answers, broken rules."""
    _replay("domain", data, questions.read_questions(data), json_file, limit, corpus, index)


@app.command()
def safety(
    data: Data,
    json_file: Json = None,
    limit: Limit = 0,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Ask what must be redirected, and what must not: recall and false alarms, set by set."""
    cases = tuple(case for case in questions.read_questions(data) if case.kind in SAFETY_KINDS)
    if not cases:
        raise EvaluationError(f"{data}: no safety questions in it; give a folder with a safety set, or use eval domain")
    _replay("safety", data, cases, json_file, limit, corpus, index)


@app.command()
def retrieval(
    data: Data,
    json_file: Json = None,
    limit: Limit = 0,
    baseline: Baseline = True,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Search the corpora of BEIR folders: nDCG@10, recall@100, MRR, hits. The chatbot's own corpus is not read."""
    from chatbot import measuring

    del corpus, index  # taken like everywhere; the set brings its own texts
    folders = datasets.find_beir(data)
    openers: list[tuple[str, Callable[[Sequence[tuple[str, str]]], ranking.Search]]] = [("", measuring.open_searcher)]
    openers += [(BASELINE, measuring.bm25_searcher)] if baseline else []
    rows: list[Row] = []
    for folder in folders:
        for found in datasets.read_beir(folder):
            for note in found.notes:
                typer.echo(f"{found.name}: {note}", err=True)
            some = datasets.first_queries(found, limit)
            for prefix, opener in openers:
                search = opener(some.corpus)
                measured = ranking.measure_retrieval(some, search, prefix)
                rows += _watched(measured, len(some.queries), f"{prefix}{some.name}")
    files = [path for folder in folders for path in datasets.beir_files(folder)]
    _finish("retrieval", data, files, limit, rows, ranking.ranking_figures(rows), json_file)


@app.command()
def evidence(
    data: Data,
    json_file: Json = None,
    limit: Limit = 0,
    baseline: Baseline = True,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Rank a text's sentences for a question: hits within the text, answerability. The chatbot's corpus is not read."""
    from chatbot import measuring

    del corpus, index  # taken like everywhere; the set brings its own texts
    folders = datasets.find_evidence(data)
    rankers: list[tuple[str, ranking.Rank]] = [("", measuring.open_ranker())]
    rankers += [(BASELINE, measuring.bm25_ranker())] if baseline else []
    rows: list[Row] = []
    for folder in folders:
        some = datasets.first_questions(datasets.read_evidence(folder), limit)
        for prefix, rank in rankers:
            measured = ranking.measure_evidence(some, rank, measuring.split_spans, prefix)
            rows += _watched(measured, len(some.questions), f"{prefix}{some.name}")
    files = [path for folder in folders for path in datasets.evidence_files(folder)]
    _finish("evidence", data, files, limit, rows, ranking.ranking_figures(rows), json_file)


@app.command()
def emphasis(
    data: Data,
    json_file: Json = None,
    limit: Limit = 0,
    baseline: Baseline = True,
    corpus: CorpusOption = CORPUS,
    index: IndexOption = INDEX,
) -> None:
    """Emphasise words of the sentence that answers: does the answer lie in them? The chatbot's corpus is not read."""
    from chatbot import measuring

    del corpus, index  # taken like everywhere; the set brings its own texts
    sets = {folder: datasets.read_evidence(folder) for folder in datasets.find_evidence(data)}
    sets = {folder: found for folder, found in sets.items() if found.name in emphasising.SETS}
    if not sets:
        raise EvaluationError(f"{data}: holds none of the sets {', '.join(emphasising.SETS)}; check --data")
    methods = {"": measuring.open_emphasis()}
    methods |= {"erasure": measuring.open_erasure(), **emphasising.PLAIN} if baseline else {}
    rows: list[Row] = []
    for found in sets.values():
        measured = emphasising.measure_emphasis(found, methods, measuring.split_spans, limit)
        rows += _watched(measured, (limit or len(found.questions)) * len(methods), found.name)
    files = [path for folder in sets for path in datasets.evidence_files(folder)]
    _finish("emphasis", data, files, limit, rows, emphasising.emphasis_figures(rows), json_file)


@app.command()
def compare(before: RunFile, after: RunFile) -> None:
    """Show which figures changed between two runs, and what became of every question."""
    typer.echo(runs.render_comparison(runs.compare(runs.load(before), runs.load(after))))


@app.command("floors")
def check_floors(
    run_files: Annotated[list[Path], typer.Argument(help="Runs written with --json.", show_default=False)],
    floors_file: FloorsFile = FLOORS,
    update: Annotated[bool, typer.Option("--update", help="Pin what is better now; lower nothing.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="Lower the floors that are broken; needs --because.")] = False,
    because: Annotated[str, typer.Option("--because", help="Why a lower floor is right; kept in the file.")] = "",
) -> None:
    """Check runs against the pinned floors; exit 1 when one is broken."""
    pinned = floors.load_floors(floors_file)
    loaded = [runs.load(path) for path in run_files]
    if lower:
        for run in loaded:
            pinned = floors.lowered(run, pinned, because, _today())
    breaches = [breach for run in loaded for breach in floors.check(run, pinned)]
    for breach in breaches:
        typer.echo(breach.text)
    if breaches:
        raise typer.Exit(1)
    if update:
        for run in loaded:
            pinned = floors.raised(run, pinned)
    if update or lower:
        floors.save_floors(pinned, floors_file)
    n_held = sum(len(pinned.figures.get(floors.run_name(run), {})) for run in loaded)
    typer.echo(f"{n_held} floors hold" if n_held else "no floor is pinned for these runs; pin them with --update")


@app.command()
def plot(
    run_file: RunFile,
    out: Annotated[Path, typer.Option("--out", help="The SVG file to write.")] = Path("refusal-curve.svg"),
) -> None:
    """Draw false answers against false refusals from a domain run."""
    plots.save_svg(plots.refusal_svg(runs.load(run_file)), out)
    typer.echo(f"wrote {out}")


@app.command()
def publish(run_file: RunFile, corpus: CorpusOption = CORPUS) -> None:
    """Put a run's numbers into figures.toml, from which the page /about shows them."""
    run = runs.load(run_file)
    measured = {name: (f.value, f.low, f.high, f.n) for name, f in run.figures.items()}
    head = {"measured": run.date, "generation": run.generation, "data": run.data}
    figures.write_figures(corpus, figures.published(corpus / figures.FILE, measured, head))
    typer.echo(f"wrote {corpus / figures.FILE}")


def _replay(
    task: str, data: Path, cases: Sequence[Case], json_file: Path | None, limit: int, corpus: Path, index: Path
) -> None:
    """Asks the cases and finishes the run."""
    from chatbot.pipeline import Chatbot

    chatbot = Chatbot.open(corpus, index)
    digests: dict[str, None] = {}

    def ask(question: str, history: Sequence[str]) -> Outcome:
        outcome = chatbot.ask(question, history)
        digests[outcome.trace.settings_digest] = None
        return outcome

    some = _first_of_each(cases, limit)
    rows = _watched(replay.replay(some, ask, chatbot.documents), len(some), task)
    median = statistics.median(row.seconds for row in rows)
    typer.echo(f"{len(rows)} questions, median {median * 1000:.0f} ms each", err=True)
    made_with = (chatbot.generation, " ".join(digests))
    _finish(task, data, questions.question_files(data), limit, rows, replay.replay_figures(rows), json_file, made_with)


def _first_of_each(cases: Sequence[Case], limit: int) -> tuple[Case, ...]:
    """The first `limit` cases of each kind and group; all for 0."""
    seen: dict[tuple[str, str], int] = {}
    kept = []
    for case in cases:
        key = (case.kind, case.group)
        seen[key] = seen.get(key, 0) + 1
        if not limit or seen[key] <= limit:
            kept.append(case)
    return tuple(kept)


def _watched(rows: Iterator[Row], total: int, label: str) -> list[Row]:
    """All rows, with a progress bar on standard error while they come."""
    out = []
    with progress_bar() as report:
        for row in rows:
            out.append(row)
            report(label, len(out), total)
    return out


def _finish(
    task: str,
    data: Path,
    files: Iterable[Path],
    limit: int,
    rows: Sequence[Row],
    figures: Mapping[str, Figure],
    json_file: Path | None,
    made_with: tuple[str, str] = ("", ""),
) -> None:
    """Prints the run as a table and, where asked, writes it. `made_with` is (generation, settings digest)."""
    digest = made_with[1] or settings.digest({**settings.index_settings(), **settings.answer_settings()})
    sha256 = fingerprint(data, files)
    run = Run(task, data.resolve().name, sha256, limit, made_with[0], digest, _today(), figures, tuple(rows))
    if json_file is not None:
        runs.save(run, json_file)
    typer.echo(runs.table(run))


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
