"""Asks a generation what readers may ask, and keeps what it replied.

The questions are the cases that the corpus names (`[corpus] cases` in sources.toml, a folder in the form of `chatbot eval domain`);
a corpus that names none is asked its example questions. The replies, a Run, are kept in `index/evaluations/<id>.json`, so that a
generation is asked once and not again when the next one is compared with it. Questions from the answer log can be asked too;
of those nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from chatbot import settings
from chatbot.answer.rendering import quotes_of
from chatbot.building import set_aside
from chatbot.errors import CorpusError, EvaluationError
from chatbot.evaluate import questions, runs
from chatbot.evaluate.floors import Floors, load_floors
from chatbot.evaluate.lines import fingerprint
from chatbot.evaluate.replay import replay, replay_figures
from chatbot.evaluate.values import Case, Quoted, Row, Run
from chatbot.gathering import Corpus
from chatbot.log.records import Record
from chatbot.pipeline import Chatbot
from chatbot.release.comparing import LOGGED
from chatbot.replies import Outcome

TASK = "domain"
FOLDER = "evaluations"
PROGRAM = (
    "answer",
    "corpus",
    "index",
    "models",
    "replies.py",
    "gathering.py",
    "pinboard.py",
    "loading.py",
    "building.py",
    "reading.py",
    "opening.py",
    "listening.py",
    "pipeline.py",
)  # what a reply is made by; the threshold that `calibrating` chooses stands in the generation

Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of every generation. `name` and `sha256` say which questions these are; `floors` are pinned for them.

    `n_aside` cases are not asked: only sentences of a note answer them, and a fetched text stands in the note's place.
    """

    name: str
    sha256: str
    cases: tuple[Case, ...]
    floors: Floors | None = None
    n_aside: int = 0


def questions_of(corpus: Corpus) -> Questions:
    """The cases that a corpus names, or its examples. Floors are read from floors.json beside the folder of cases.

    Raises CorpusError for a folder that is not there, EvaluationError for a line that cannot be read.
    """
    if not corpus.manifest.cases:
        examples = corpus.manifest.examples
        cases = tuple(Case(f"examples:{n}", q, "answerable", "example") for n, q in enumerate(examples, 1))
        return Questions("examples", hashlib.sha256(json.dumps(examples).encode()).hexdigest(), cases)
    folder = corpus.folder / corpus.manifest.cases
    if not folder.is_dir():
        raise CorpusError(
            f"{corpus.folder / 'sources.toml'}: cases = {corpus.manifest.cases!r}: {folder} is no folder; "
            "name the folder of the test cases, relative to the corpus, or remove the key"
        )
    sha256 = fingerprint(folder, questions.question_files(folder))
    name, cases = folder.resolve().name, questions.read_questions(folder)
    gone = set_aside(corpus)
    asked = tuple(case for case in cases if not (case.gold and gone.issuperset(case.gold)))
    if len(asked) < len(cases):  # floors are pinned for all of them
        left = hashlib.sha256("\0".join((sha256, *(case.ident for case in asked))).encode()).hexdigest()
        return Questions(name, left, asked, n_aside=len(cases) - len(asked))
    return Questions(name, sha256, cases, load_floors(folder.parent / "floors.json"))


@cache
def program_digest() -> str:
    """What a reply depends on besides the generation: settings, the triage model, and the program's own lines."""
    state = hashlib.sha256(json.dumps([settings.answer_settings(), settings.TRIAGE_SHA256], sort_keys=True).encode())
    package = Path(__file__).parent.parent
    for name in PROGRAM:
        path = package / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            state.update(file.read_bytes())
    return state.hexdigest()[:16]


def rehearse(chatbot: Chatbot, asked: Questions, tick: Tick = lambda *_: None) -> Run:
    """The replies of a generation to all cases, with their figures."""
    rows = ask_all(chatbot, asked.cases, lambda done, of: tick(f"asking {chatbot.generation[:8]}", done, of))
    figures = replay_figures(rows) if rows else {}
    today = datetime.now(UTC).date().isoformat()
    return Run(TASK, asked.name, asked.sha256, 0, chatbot.generation, program_digest(), today, figures, rows)


def ask_all(chatbot: Chatbot, cases: Sequence[Case], tick: Callable[[int, int], None]) -> tuple[Row, ...]:
    """One row a case. Unlike the evaluation's rows, those of redirects have the quotes that are shown with them."""
    shown: list[tuple[Quoted, ...]] = []

    def ask(question: str, history: Sequence[str]) -> Outcome:
        outcome = chatbot.ask(question, history)
        quotes = (c.quote for c in quotes_of(outcome.reply))
        shown.append(tuple(Quoted(q.doc_id, q.start, q.end, q.text) for q in quotes))
        return outcome

    out = []
    for done, row in enumerate(replay(cases, ask, chatbot.documents), 1):
        out.append(row if row.outcome == "rejected" else replace(row, quotes=shown[-1]))
        tick(done, len(cases))
    return tuple(out)


def logged_cases(records: Iterable[Record], limit: int) -> tuple[Case, ...]:
    """At most `limit` logged questions, chosen by a hash of the record's id, no question twice.

    A question that leaned on the conversation is asked as it was understood, because the conversation is not logged; of a crisis
    there is no text.
    """
    found: dict[str, Case] = {}
    for record in sorted(records, key=lambda r: hashlib.sha256(r.record_id.encode()).digest()):
        question = str(record.reply["understood"]) if record.reply.get("carried") else record.question
        if question.strip() and len(found) < limit:
            found.setdefault(question, Case(f"log:{record.record_id}", question, "watch", "log"))
    return tuple(found.values())


def ask_logged(chatbot: Chatbot, cases: Sequence[Case], tick: Tick = lambda *_: None) -> tuple[Row, ...]:
    """The replies to logged questions. They are kept nowhere."""
    rows = ask_all(chatbot, cases, lambda done, of: tick("logged", done, of))
    return tuple(replace(row, kind=LOGGED, marks={}) for row in rows)


def path_of(index: Path, generation: str) -> Path:
    """Where a generation's replies are kept."""
    return index / FOLDER / f"{generation}.json"


def keep(index: Path, run: Run) -> None:
    """Keeps the replies of a generation. Raises EvaluationError when they cannot be written."""
    path = path_of(index, run.generation)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(f"{path.parent}: cannot be made ({error}); see that the index can be written") from error
    runs.save(run, path)


def kept(index: Path, generation: str, asked: Questions) -> Run | None:
    """The replies kept of a generation to these very questions; None where there are none or the file is damaged."""
    path = path_of(index, generation)
    try:
        run = runs.load(path) if path.exists() else None
    except EvaluationError:
        return None
    same = run is not None and (run.data_sha256, run.generation) == (asked.sha256, generation)
    return run if same else None
