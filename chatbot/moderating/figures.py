"""The figures of a number of days, as series that a plot and a table can be made of.

Counts come from the log, shares get Wilson's interval. Nobody's dashboard counts a verdict that they may not see yet. A moderator's has no
figures of single reviewers and none of agreement; a lead's has both. Over more than MAX_DAILY days, accuracy is told by week, because days have too few verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from chatbot.log.counting import Backlog, Counts
from chatbot.moderating.room import Room
from chatbot.moderating.values import Dashboard, Series, Topic
from chatbot.review import sampling, statistics, verdicts
from chatbot.review.agreement import Agreement, agreement
from chatbot.review.statistics import Share
from chatbot.review.values import REDIRECTS, Account

MAX_DAYS = 366  # more than the log keeps
MAX_DAILY = 31  # days up to which accuracy is told by day
REFUSED = "abstention"
N_TOPICS = 10


def dashboard(room: Room, who: Account, days: int) -> Dashboard:
    """The figures of the last `days` days, today included."""
    days = max(1, min(days, MAX_DAYS))
    today = room.clock().date()
    calendar = [(today - timedelta(days=back)).isoformat() for back in range(days - 1, -1, -1)]
    counts = room.log.counts(calendar[0], calendar[-1], good=statistics.GOOD, topics=N_TOPICS, viewer=who.name)
    backlog = room.log.backlog(viewer=who.name)
    corpus = room.texts.now()
    titles = {d: document.source.title for d, document in corpus.documents.items()} if corpus else {}
    series = [*_asked(counts, calendar), *_judged(counts, calendar), _coverage(counts, titles)]
    figures = [*_totals(counts), *_waiting(backlog, today)]
    if who.role == "lead":
        series.append(_plain("Verdicts by reviewer", "verdicts", sorted(room.log.tally(verdicts.KIND, calendar[0]))))
        figures.append(("Agreement of blind second verdicts", in_words(agree(room))))
    room.audit(who.name, "dashboard")
    topics = tuple(Topic(t.question, t.n, t.record_ids) for t in counts.topics)
    return Dashboard(days, tuple(figures), tuple(s for s in series if s.points), topics)


def agree(room: Room) -> Agreement:
    """How far first and blind second verdicts agree, of all the log; also where their records were removed."""
    found = room.log.events(verdicts.KIND, beside=f":{verdicts.BLIND}")
    given = [verdicts.verdict_of(line, words=False) for line in found]
    return agreement([(first.label, second.label) for first, second in sampling.pairs(given)])


def in_words(found: Agreement) -> str:
    """Kappa with its interval, or why there is none."""
    if found.kappa is None or found.low is None or found.high is None:
        return f"none: {found.why}" + (f" ({found.agreed} of {found.n} agree)" if found.n else "")
    interval = f"95 % interval {found.low:.2f} to {found.high:.2f}"
    return f"kappa {found.kappa:.2f} ({interval}; {found.agreed} of {found.n} agree)"


def _asked(counts: Counts, calendar: Sequence[str]) -> list[Series]:
    """Questions a day in all and by what became of them, and thumbs."""
    n = Counter({(day, kind): count for day, kind, count in counts.per_day})
    thumbs = Counter({(day, which): count for day, which, count in counts.thumbs})
    kinds = sorted({kind for _, kind, _ in counts.per_day})
    rows = [("Questions", [sum(n[day, kind] for kind in kinds) for day in calendar])]
    names = (("Answered", ("answer",)), ("Refused", (REFUSED,)), ("Redirected", REDIRECTS))
    rows += [(name, [sum(n[day, kind] for kind in of) for day in calendar]) for name, of in names]
    rows += [(f"Thumbs {which}", [thumbs[day, which] for day in calendar]) for which in ("up", "down")]
    return [_plain(name, "a day", zip(calendar, values, strict=True)) for name, values in rows]


def _judged(counts: Counts, calendar: Sequence[str]) -> list[Series]:
    """Last verdicts by label, and the share of good ones over time and by generation."""
    weekly = len(calendar) > MAX_DAILY
    sums: dict[str, list[int]] = {}
    for day, n, good in counts.judged:
        row = sums.setdefault(statistics.week_of(day) if weekly else day, [0, 0])
        row[0] += good
        row[1] += n
    over = [statistics.wilson(name, good, n) for name, (good, n) in sorted(sums.items()) if n]
    per = [statistics.wilson(g.generation, g.n_good, g.n_judged) for g in counts.generations if g.n_judged]
    return [
        _plain("Verdicts", "records by last verdict", counts.labels),
        _shares("Accuracy by week" if weekly else "Accuracy by day", over),
        _shares("Accuracy by index", per),
    ]


def _coverage(counts: Counts, titles: Mapping[str, str]) -> Series:
    """How many records quote each source, also those that none does."""
    known = dict(counts.documents)
    rows = [*known.items(), *((doc_id, 0) for doc_id in sorted(titles) if doc_id not in known)]
    return _plain("Sources", "records that quote them", ((titles.get(d, d), n) for d, n in rows))


def _plain(name: str, unit: str, rows: Iterable[tuple[str, int]]) -> Series:
    """Counts, which have no interval."""
    kept = list(rows)
    return Series(
        name, unit, tuple((label, float(n), float(n), float(n)) for label, n in kept), tuple(n for _, n in kept)
    )


def _shares(name: str, rows: Sequence[Share]) -> Series:
    points = tuple((share.name, share.value, share.low, share.high) for share in rows)
    return Series(name, "share of judged replies that are good", points, tuple(share.n for share in rows))


def _totals(counts: Counts) -> list[tuple[str, str]]:
    """The period in a few numbers."""
    kinds: Counter[str] = Counter()
    for _, kind, n in counts.per_day:
        kinds[kind] += n
    total = sum(kinds.values())
    redirected = sum(kinds[kind] for kind in REDIRECTS)
    judged, good = sum(n for _, n, _ in counts.judged), sum(n for _, _, n in counts.judged)
    thumbs: Counter[str] = Counter()
    for _, which, n in counts.thumbs:
        thumbs[which] += n
    return [
        ("Questions", str(total)),
        ("Answered", _part(kinds["answer"], total)),
        ("Refused", _part(kinds[REFUSED], total)),
        ("Redirected", _part(redirected, total)),
        ("Thumbs", f"{thumbs['up']} up, {thumbs['down']} down"),
        ("Judged", _part(judged, total)),
        ("Good among the judged", _interval(good, judged)),
    ]


def _part(n: int, of: int) -> str:
    return f"{n} ({100 * n / of:.0f} %)" if of else str(n)


def _interval(good: int, judged: int) -> str:
    if not judged:
        return "no verdict yet"
    share = statistics.wilson("", good, judged)
    return f"{100 * share.value:.0f} % (95 % interval {100 * share.low:.0f} % to {100 * share.high:.0f} %; {good} of {judged})"


def _waiting(backlog: Backlog, today: date) -> list[tuple[str, str]]:
    """What has no verdict, of all the log."""
    out = [("To judge", str(backlog.n_open))]
    for name, at in (("Oldest of them", backlog.oldest), ("Half of them older than", backlog.median)):
        if at:
            days = (today - date.fromisoformat(at[:10])).days
            out.append((name, f"{days} day{'' if days == 1 else 's'}"))
    return out
