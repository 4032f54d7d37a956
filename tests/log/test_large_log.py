"""A log of 100,000 records: whatever the desk asks of it is answered within a second, on SQLite and PostgreSQL."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from large_log import DOCUMENTS, GENERATIONS, WORDS, fill

from chatbot.log.database import Database
from chatbot.log.finding import UNJUDGED, Filters, Worth

COUNT = 100_000
REDIRECTS = (("crisis", 0.5), ("drug_request", 0.5), ("medical_advice", 0.5))
WORTH = Worth(0.5, 1.0, 1.0, REDIRECTS, GENERATIONS[-1], 0.1, 0.05)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    postgresql = request.param == "postgresql"
    where = request.getfixturevalue("new_url")() if postgresql else tmp_path_factory.mktemp("large") / "answers.sqlite"
    with closing(Database.open(where, create=True)) as log:
        fill(log, COUNT)
        yield log


def best_of_three(what: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        what()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.slow
def test_the_desk_is_answered_within_a_second(large: Database) -> None:
    some = large.find(Filters(kind="answer", verdict=UNJUDGED), worth=WORTH).rows[0].record_id
    common = WORDS[0]
    asked: dict[str, Callable[[], object]] = {
        "queue": lambda: large.find(Filters(verdict=UNJUDGED), worth=WORTH),
        "queue in groups": lambda: large.find(Filters(verdict=UNJUDGED), worth=WORTH, grouped=True),
        "everything in groups": lambda: large.find(Filters(), worth=WORTH, grouped=True),
        "a later page": lambda: large.find(Filters(), worth=WORTH, at=1000),
        "newest": lambda: large.find(Filters(), order="newest"),
        "a common word": lambda: large.find(Filters(text=common), worth=WORTH),
        "half of all words": lambda: large.find(Filters(text=common[:2]), worth=WORTH),
        "two words": lambda: large.find(Filters(text=f"{WORDS[3]} {WORDS[5]}"), worth=WORTH),
        "a document": lambda: large.find(Filters(source=DOCUMENTS[3]), worth=WORTH),
        "choices": large.choices,
        "counts": large.counts,
        "counts of a week": lambda: large.counts("2026-11-15", "2026-11-21"),
        "backlog": large.backlog,
        "like questions": lambda: large.like(some),
        "one record": lambda: large.find_one(some),
    }
    took = {name: best_of_three(what) for name, what in asked.items()}
    print({name: round(seconds, 3) for name, seconds in took.items()}, file=sys.stderr)
    assert {name: seconds for name, seconds in took.items() if seconds >= 1} == {}


def test_what_is_made_is_plausible(log_path: Path) -> None:
    """A small one: every kind, verdict and thumb occurs, a fifth is asked again, and all can be found."""
    with closing(Database.open(log_path, create=True)) as log:
        fill(log, 2000)
        found, counts, rows = log.choices(), log.counts(), log.find(Filters(), limit=2000).rows
    assert len(found.kinds) == 5
    assert found.documents == tuple(sorted(DOCUMENTS))
    assert [judged.generation for judged in counts.generations] == list(GENERATIONS)
    assert sum(n for _, _, n in counts.per_day) == len(rows) == 2000
    assert sum(row.repeated > 1 for row in rows) > 400
    assert {row.thumb for row in rows} == {"", "up", "down"}
    assert 0.25 < sum(bool(row.label) for row in rows) / 2000 < 0.45
