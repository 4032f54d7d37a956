"""Verdicts out of the log and into it: CSV for people, JSONL exact, and back from JSONL; and as test cases into an evaluation folder.

An export holds every verdict, also those that later ones replaced and those that a blind second reviewer may not see: whoever took one out
gives no blind verdict on what was judged before. The filters name records by their last verdict; verdicts on removed records come out
only without filters. An import takes lines as the export writes them, all or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot.errors import ReviewError
from chatbot.log.export import csv_line
from chatbot.log.finding import JUDGED, Filters
from chatbot.log.records import Record
from chatbot.moderating import acting
from chatbot.moderating.room import Room, need_lead, plain
from chatbot.review import cases, importing, making, verdicts
from chatbot.review.importing import Imported
from chatbot.review.values import Account, Verdict

MAX_LINES = 100_000  # of a file; as many records as the log is measured with
PAGE = 5000  # records looked up at a time


def export(room: Room, who: Account, form: str, filters: Filters) -> Iterator[str]:
    """Every verdict on the records that the filters let through, in order, line by line with its end."""
    need_lead(who, "export verdicts")
    if form not in ("csv", "jsonl"):
        raise ReviewError(f"{form!r} is no form; choose csv or jsonl")
    room.audit(who.name, f"export {form}", acting.EXPORTS)
    questions = _questions(room, filters)
    everything = filters == Filters()
    given = [v for v in verdicts.verdicts(room.book) if everything or v.record_id in questions]
    return _lines(given, questions, form)


def _lines(given: Iterable[Verdict], questions: dict[str, str], form: str) -> Iterator[str]:
    if form == "csv":
        yield csv_line(importing.COLUMNS)
    for verdict in given:
        question = questions.get(verdict.record_id)
        if form == "csv":
            yield csv_line(importing.cells_of(verdict, question))
        else:
            yield json.dumps(importing.row_of(verdict, question), ensure_ascii=False) + "\n"


def _questions(room: Room, filters: Filters) -> dict[str, str]:
    """The questions of the judged records that the filters let through, by record id."""
    out: dict[str, str] = {}
    wanted = filters if filters.verdict else replace(filters, verdict=JUDGED)
    while True:
        found = room.log.find(wanted, order="oldest", at=len(out), limit=PAGE)
        out |= {row.record_id: row.question for row in found.rows}
        if not found.rows or len(out) >= found.total:
            return out


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an evaluation folder: lines by file, cases written, verdicts they come from, and in words what makes no case and
    which cases contradict each other."""

    files: Mapping[str, int]
    n_cases: int
    n_verdicts: int
    left_out: tuple[str, ...]
    contradictions: tuple[str, ...] = ()


def write_cases(room: Room, who: Account, folder: Path) -> Written:
    """Writes every case made at the desk, and for each other judged record the one that its last verdict makes."""
    need_lead(who, "write cases")
    given = verdicts.latest(verdicts.verdicts(room.book))
    judged = [(given[r.record_id], r) for r in _records(room, given)]
    found, left_out = cases.all_cases(making.made_cases(room.book), judged)
    files = cases.write_cases(found, folder)
    room.audit(who.name, "write cases")
    return Written(files, len(found), len(given), tuple(left_out), tuple(cases.contradictions(found)))


def _records(room: Room, wanted: Iterable[str]) -> Iterator[Record]:
    """Those of the records that are still there."""
    for record_id in wanted:
        yield from room.log.records(record_id=record_id)


def bring_in(room: Room, who: Account, lines: Iterable[str], skip_bad: bool) -> Imported:
    """Writes down the verdicts of a file that are not there yet; nothing at all where a line is wrong, unless `skip_bad`.

    Lines are written in the order of their moments. One that is older than a verdict here is wrong, because of two verdicts on a record
    the one that was written last counts.
    """
    need_lead(who, "import verdicts")
    known = verdicts.verdicts(room.book)
    found = importing.look_at(map(plain, _limited(lines)), known, lambda verdict: _check(room, verdict))
    wrong = any(line.what == "wrong" for line in found)
    write = not wrong or skip_bad
    taken = [line.verdict for line in found if line.what == "taken" and line.verdict]
    if write:
        _write(room, sorted(taken, key=lambda verdict: verdict.judged_at))
    room.audit(who.name, f"import {len(taken) if write else 0} verdicts")
    return Imported(tuple(found), write)


def _limited(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number > MAX_LINES:
            raise ReviewError(f"the file has more than {MAX_LINES} lines; divide it")
        yield line


def _check(room: Room, verdict: Verdict) -> None:
    record = room.record(verdict.record_id)
    verdicts.check(verdict, record, lambda text: acting.is_quotable(room, record, text))
    later = [v for v in room.given(verdict.record_id) if v.judged_at > verdict.judged_at]
    if later:
        raise ReviewError(
            f"{verdict.record_id} was judged after {verdict.judged_at} here; an older verdict would replace that one"
        )


def _write(room: Room, taken: Iterable[Verdict]) -> None:
    for verdict in taken:
        record = room.record(verdict.record_id)
        verdicts.judge(room.book, verdict, record, lambda _: True)  # checked before
