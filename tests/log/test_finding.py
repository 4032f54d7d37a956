"""Finding, held against a slow and obvious search over the records and events themselves; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.log.database import Database
from chatbot.log.database.searching import match
from chatbot.log.facets import Mark, words_in
from chatbot.log.finding import JUDGED, UNJUDGED, Filters, Found, Order, Worth
from chatbot.log.records import Event, Record

KINDS = ("answer", "abstention", "crisis", "drug_request")
GENERATIONS = ("g1", "g2")
DOCUMENTS = ("d1", "d2", "d3")
WORDS = ("trial", "Trials", "naïve", "dose", "do", "élan", "placebo", "42")
LABELS = ("good", "unsafe")
MORE = ("", ":due", ":blind")  # behind a label: a second verdict is due, or is this one
PEOPLE = ("ann", "bob")
TAGS = ("t1", "t2")
DAYS = tuple(f"2026-11-{day:02d}" for day in (1, 2, 3))
ORDERS: tuple[Order, ...] = get_args(Order)
NOW = "2026-11-05T12"
WORTH = Worth(0.6, thumb_down=1.0, near=1.0, kinds=(("crisis", 0.5), ("drug_request", 0.4)), generation="g2", newest=0.1, repeated=0.05, max_repeated=4)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A log's making: records, the marks of some, and events, in order."""

    records: tuple[Record, ...]
    marks: dict[str, Mark]
    events: tuple[Event, ...]


def make_record(number: int, pick: Callable[[Sequence[object]], object]) -> Record:
    kind = str(pick(KINDS))
    question = "" if kind == "crisis" else " ".join(str(pick(WORDS)) for _ in range(int(str(pick((1, 2, 3))))))
    documents = [str(pick(DOCUMENTS)) for _ in range(int(str(pick((0, 1, 2)))))]
    quotes = [{"doc_id": d, "start": 0, "end": 1, "text": f"{pick(WORDS)}.", "sha256": ""} for d in documents]
    asked_at = f"{pick(DAYS)}T0{pick((0, 9))}:00Z"
    confidence = float(str(pick((0.0, 0.3, 0.59, 0.6, 0.7, 0.9, 1.0))))
    reply = {"kind": kind, "question": question, "quotes": quotes}
    return Record(f"r{number}", "o", asked_at, kind, question, reply, (), "s", str(pick(GENERATIONS)), confidence, 0.1)


def make_event(number: int, n_records: int, pick: Callable[[Sequence[object]], object]) -> Event:
    subject = f"r{pick(range(n_records + 1))}"  # one of them is not there
    at, kind = f"2026-11-05T{number:04d}", pick(("thumb", "verdict", "verdict", "claim", "release", "read"))
    if kind == "thumb":
        return Event(at, "thumb", subject, label=str(pick(("up", "down", "down:unclear"))))
    if kind == "verdict":
        note = json.dumps({"tags": [pick(TAGS)] if pick((True, False)) else []})
        return Event(at, "verdict", subject, str(pick(PEOPLE)), f"{pick(LABELS)}{pick(MORE)}", note)
    label = f"2026-11-05T{pick((11, 13))}" if kind == "claim" else ""
    return Event(at, str(kind), subject, str(pick(PEOPLE)), label)


def make_case(pick: Callable[[Sequence[object]], object], n_records: int, n_events: int) -> Case:
    records = tuple(make_record(n, pick) for n in range(n_records))
    likes = {
        r.record_id: f"r{pick(range(n))}" for n, r in enumerate(records) if n and r.question and pick((0, 1, 2)) == 0
    }
    marks = {record_id: Mark(like=like) for record_id, like in likes.items()}
    return Case(records, marks, tuple(make_event(n, n_records, pick) for n in range(n_events)))


def fill(log: Database, case: Case) -> None:
    log.append(case.records[: len(case.records) // 2], case.marks)
    log.append(case.records[len(case.records) // 2 :], case.marks)
    log.note(case.events)


@dataclass
class Known:
    """One record as the slow search knows it."""

    seq: int
    record: Record
    group: int
    thumb: str = ""
    verdict: Event | None = None
    claim: Event | None = None


def known_of(case: Case) -> list[Known]:
    """Everything that is known, by going through records and events one by one."""
    out: list[Known] = []
    for seq, record in enumerate(case.records, start=1):
        same = [k.group for k in out if record.question and words_in(k.record.question) == words_in(record.question)]
        like = case.marks[record.record_id].like if record.record_id in case.marks else ""
        liked = [k.group for k in out if k.record.record_id == like]
        out.append(Known(seq, record, [*same, *liked, seq][0]))
    for event in case.events:
        for known in out:
            if known.record.record_id == event.subject:
                if event.kind == "thumb":
                    known.thumb = event.label.partition(":")[0]
                elif event.kind == "verdict":
                    known.verdict = event
                elif event.kind == "claim":
                    known.claim = event
                elif event.kind == "release":
                    known.claim = None
    return out


def says(known: Known, text: str) -> bool:
    """Whether all words of a text stand in the question or in quotes, the last one as a beginning."""
    quotes = " ".join(str(q["text"]) for q in known.record.reply["quotes"])
    there, wanted = words_in(f"{known.record.question} {quotes}"), words_in(text)
    if not wanted:
        return False
    begins = len(wanted[-1]) >= 2
    last = any(word.startswith(wanted[-1]) if begins else word == wanted[-1] for word in there)
    return last and all(word in there for word in wanted[:-1])


def verdict_for(known: Known, viewer: str) -> Event | None:
    """The last verdict, unless somebody is to judge the record without knowing it."""
    hidden = known.verdict and known.verdict.label.endswith(":due") and viewer not in ("", known.verdict.who)
    return None if hidden else known.verdict


def lets_through(known: Known, filters: Filters, viewer: str = "") -> bool:
    record, verdict = known.record, verdict_for(known, viewer)
    label = verdict.label.partition(":")[0] if verdict else ""
    day = record.asked_at[:10]
    holder = known.claim.who if known.claim and known.claim.label > NOW else ""
    return (
        (not filters.text.strip() or says(known, filters.text))
        and filters.kind in ("", record.kind)
        and (not filters.source or filters.source in [q["doc_id"] for q in record.reply["quotes"]])
        and filters.generation in ("", record.generation)
        and filters.verdict in ("", label, JUDGED if label else UNJUDGED)
        and filters.reviewer in ("", verdict.who if verdict else "")
        and (not filters.tag or (verdict is not None and filters.tag in json.loads(verdict.note)["tags"]))
        and (not filters.since or filters.since <= day)
        and (not filters.until or day <= filters.until)
        and filters.thumb in ("", known.thumb)
        and filters.assigned_to in ("", holder)
        and filters.group in (0, known.group)
    )


def worth_of(known: Known, size: int) -> float:
    near = 1.0 - min(1.0, abs(known.record.confidence - WORTH.threshold))
    kind = WORTH.near * near if known.record.kind in ("answer", "abstention") else dict(WORTH.kinds)[known.record.kind]
    thumb = WORTH.thumb_down if known.thumb == "down" else 0.0
    newest = WORTH.newest if known.record.generation == WORTH.generation else 0.0
    return kind + thumb + newest + WORTH.repeated * (min(size, WORTH.max_repeated) - 1)


def slow_find(
    known: list[Known], filters: Filters, order: Order, grouped: bool, viewer: str = ""
) -> list[tuple[str, int, float]]:
    """(record id, how often it was asked, worth) of all that is found, in order."""
    sizes = Counter(k.group for k in known)
    found = [k for k in known if lets_through(k, filters, viewer)]
    found.sort(key=lambda k: (k.record.asked_at, k.seq), reverse=order != "oldest")
    if order == "worth":
        found.sort(key=lambda k: worth_of(k, sizes[k.group]), reverse=True)
        found.sort(key=lambda k: verdict_for(k, viewer) is not None)
    if grouped:
        found = [k for n, k in enumerate(found) if k.group not in [earlier.group for earlier in found[:n]]]
    worth = (lambda k: worth_of(k, sizes[k.group])) if order == "worth" else (lambda _: 0.0)
    return [(k.record.record_id, sizes[k.group], worth(k)) for k in found]


def shown(found: Found) -> list[tuple[str, int, float]]:
    return [(row.record_id, row.repeated, row.worth) for row in found.rows]


def any_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", *values))


FILTERS = st.builds(
    Filters,
    text=any_of("trial", "naive", "dos", "d", "placebo trial", "ELAN", "4", "none", " ", "?!"),
    kind=any_of(*KINDS),
    source=any_of(*DOCUMENTS),
    generation=any_of(*GENERATIONS),
    verdict=any_of(*LABELS, JUDGED, UNJUDGED),
    reviewer=any_of(*PEOPLE),
    tag=any_of(*TAGS),
    since=any_of(*DAYS),
    until=any_of(*DAYS),
    thumb=any_of("up", "down"),
    assigned_to=any_of(*PEOPLE),
    group=st.sampled_from((0, 0, 0, 1, 2)),
)
FEW = st.fixed_dictionaries(
    {}, optional={"text": any_of("trial", "dos"), "verdict": any_of(UNJUDGED), "kind": any_of("answer")}
)


@dataclass(frozen=True)
class Crowd:
    """A log and what is known of it."""

    log: Database
    known: list[Known] = field(repr=False)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A log of 120 records, and what is known of it."""
    postgresql = request.param == "postgresql"
    where = request.getfixturevalue("new_url")() if postgresql else tmp_path_factory.mktemp("crowd") / "answers.sqlite"
    case = make_case(random.Random(3).choice, 120, 150)
    with closing(Database.open(where, create=True)) as log:
        fill(log, case)
        yield Crowd(log, known_of(case))


@given(
    filters=st.one_of(FILTERS, FEW.map(lambda some: Filters(**some))),
    order=st.sampled_from(ORDERS),
    grouped=st.booleans(),
    viewer=any_of(*PEOPLE, "lea"),
)
def test_what_is_found_in_a_crowd(crowd: Crowd, filters: Filters, order: Order, grouped: bool, viewer: str) -> None:
    log, known = crowd.log, crowd.known
    expected = slow_find(known, filters, order, grouped, viewer)
    found = log.find(filters, order=order, worth=WORTH, limit=1000, grouped=grouped, now=NOW, viewer=viewer)
    assert (shown(found), found.total) == (expected, len(expected))
    seen = {k.record.record_id: verdict_for(k, viewer) for k in known}
    for row in found.rows:
        verdict = seen[row.record_id]
        told = (verdict.label.partition(":")[0], verdict.who, verdict.at) if verdict else ("", "", "")
        assert ((row.label, row.reviewer, row.judged_at), row.n_verdicts > 0) == (told, verdict is not None)
    page = log.find(filters, order=order, worth=WORTH, at=3, limit=4, grouped=grouped, now=NOW, viewer=viewer)
    assert (shown(page), page.total) == (expected[3:7], len(expected))


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty log to copy."""
    path = tmp_path_factory.mktemp("pattern") / "answers.sqlite"
    Database.open(path, create=True).close()
    return path


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_found_in_any_log(pattern: Path, tmp_path: Path, data: st.DataObject) -> None:
    case = make_case(
        lambda some: data.draw(st.sampled_from(list(some))), data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))
    )
    filters = data.draw(st.one_of(st.just(Filters()), FILTERS))
    order, grouped = data.draw(st.sampled_from(ORDERS)), data.draw(st.booleans())
    shutil.copy(pattern, tmp_path / "one.sqlite")
    with closing(Database.open(tmp_path / "one.sqlite")) as log:
        fill(log, case)
        found = log.find(filters, order=order, worth=WORTH, grouped=grouped, now=NOW)
    expected = slow_find(known_of(case), filters, order, grouped)
    assert (shown(found), found.total) == (expected, len(expected))


TYPED = st.one_of(
    st.text(),
    st.text(alphabet=st.sampled_from("\"'*()^:+-&|!<>,{}\\ \x00\ud800%_éaOR")),
    st.lists(
        st.sampled_from(["AND", "OR", "NOT", "NEAR(", '"', "*", "trial", "words:", ":*", "\\", "'", "--", ";"])
    ).map(" ".join),
)


@given(text=TYPED)
def test_whatever_is_typed_is_looked_for_and_never_an_error(crowd: Crowd, text: str) -> None:
    log, known = crowd.log, crowd.known
    found = log.find(Filters(text=text), limit=1000)
    assert sorted(row.seq for row in found.rows) == [k.seq for k in known if lets_through(k, Filters(text=text))]


@given(
    st.builds(Filters, **{f.name: st.text() for f in fields(Filters) if f.name != "group"}, group=st.integers()),
    st.integers(),
)
def test_no_filter_whatever_is_an_error(crowd: Crowd, filters: Filters, at: int) -> None:
    found = crowd.log.find(filters, at=at, limit=1000)
    assert all(lets_through(crowd.known[row.seq - 1], replace(filters, assigned_to="")) for row in found.rows)


@pytest.mark.parametrize("name", ["", "r\x00", "\ud800", "'; --", "r" * 100_000])
def test_an_id_of_no_record(crowd: Crowd, name: str) -> None:
    log = crowd.log
    assert (log.find_one(name), log.like(name)) == (None, ())
    assert not log.claim(name, "ann", "1", "2")
    assert not log.release(name, "ann", "1")


@pytest.mark.parametrize("text", ["a" * 1_000_000, "trial " * 200_000, '"' * 100_000, "( " * 50_000])
def test_a_pasted_page_is_no_error(crowd: Crowd, text: str) -> None:
    log, known = crowd.log, crowd.known
    assert log.find(Filters(text=text)).total == (
        len([k for k in known if says(k, "trial trial")]) if "trial" in text else 0
    )


def test_of_a_long_search_the_first_words_count() -> None:
    assert match(" ".join(f"w{n}" for n in range(50)), sqlite=True).split() == [f'"w{n}"' for n in range(19)] + [
        '"w19"*'
    ]
    assert match("a", sqlite=False) == "'a'"
    assert match("", sqlite=True) == ""


def test_words_are_found_with_accents_and_case_folded(either: Database) -> None:
    quote = {"doc_id": "d", "start": 0, "end": 1, "text": "Ein Café in der STRASSE", "sha256": ""}
    record = Record("r", "o", DAYS[0], "answer", "What's naïve?", {"quotes": [quote]}, (), "s", "g", 0.5, 0.1)
    either.append([record])
    found = [
        t
        for t in ("NAIVE", "naïve caf", "straße", "cafe\u0301", "aive", "caf what", "naïve OR zebra")
        if either.find(Filters(text=t)).total
    ]
    assert found == ["NAIVE", "naïve caf", "straße", "cafe\u0301"]


@pytest.mark.parametrize("viewer", ["", *PEOPLE, "lea"])
def test_what_a_second_reviewer_may_not_know(crowd: Crowd, viewer: str) -> None:
    log, known = crowd.log, crowd.known
    given = {k.record.record_id: verdict_for(k, viewer) for k in known}
    open_ = sorted(k.record.asked_at for k in known if given[k.record.record_id] is None)
    backlog = log.backlog(viewer=viewer)
    assert (backlog.n_open, backlog.oldest, backlog.median) == (len(open_), open_[0], open_[(len(open_) - 1) // 2])
    told = [verdict for verdict in given.values() if verdict]
    found = log.choices(viewer=viewer)
    assert found.reviewers == tuple(sorted({verdict.who for verdict in told}))
    assert found.tags == tuple(sorted({tag for verdict in told for tag in json.loads(verdict.note)["tags"]}))
    for k in known[:40]:
        row = log.find_one(k.record.record_id, viewer=viewer)
        verdict = given[k.record.record_id]
        assert row is not None
        assert (row.label != "") == (verdict is not None)
        like = log.like(k.record.record_id, 1000, viewer=viewer)
        same = words_in(k.record.question)
        expected = {o.record.record_id for o in known if same and words_in(o.record.question) == same and o is not k}
        assert {found.row.record_id for found in like} == {i for i in expected if given[i]}
    assert any(verdict_for(k, "lea") is not k.verdict for k in known)


def test_choices(crowd: Crowd, database: Database) -> None:
    found = crowd.log.choices()
    assert found.kinds == tuple(sorted(KINDS))
    assert found.generations == GENERATIONS
    assert found.documents == DOCUMENTS
    assert found.reviewers == PEOPLE
    assert found.tags == TAGS
    assert database.choices().kinds == ()
    assert database.find(Filters()) == Found((), 0)


def test_a_removed_record_is_not_found(either: Database) -> None:
    case = make_case(random.Random(5).choice, 30, 40)
    records = tuple(replace(r, owner="gone" if n % 3 == 0 else "kept") for n, r in enumerate(case.records))
    fill(either, replace(case, records=records))
    before = either.find(Filters(), order="oldest", limit=100).rows
    either.remove("receipt", owners=["gone"])
    after = either.find(Filters(), order="oldest", limit=100).rows
    assert [r.record_id for r in after] == [r.record_id for r in before if int(r.record_id[1:]) % 3]
    sizes = Counter(row.group for row in after)
    assert [row.repeated for row in after] == [sizes[row.group] for row in after]
    assert either.find(Filters(source="d1")).total == sum(
        "d1" in [q["doc_id"] for q in r.reply["quotes"]] for r in records if r.owner == "kept"
    )
