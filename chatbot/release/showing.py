"""A comparison as JSON (format 1), as plain text for mail, and as a page that a lead can print and sign.

The page is one HTML file without script: everything that a person wrote is escaped, its policy lets a browser load nothing. What
a reader asked stands in the answer log and nowhere else, so in all three a logged question goes by its record's id. The terminal's
table is in `commands.differences`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from html import escape
from itertools import groupby
from string import Template

from chatbot.datatypes import Json
from chatbot.evaluate.changes import CHANGES, SAME, direction
from chatbot.evaluate.values import Row
from chatbot.release.comparing import LOGGED, Comparison, QuestionChange
from chatbot.release.editions import Detail

FORMAT = 1
MAX_LISTED = 20  # broken cases named in a mail; the page and the JSON have all

STYLE = """
:root { color-scheme: light; }
body { font: 11pt/1.5 Georgia, "Times New Roman", serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #999; }
h3 { font-size: 1rem; margin-bottom: .3rem; } p.lead { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; } th { text-align: left; }
th, td { border-top: 1px solid #ccc; padding: .3rem .5rem; vertical-align: top; overflow-wrap: anywhere; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.two td { width: 50%; } .worse, .broke { color: #8c1c13; font-weight: bold; } .better { color: #14532d; font-weight: bold; }
.meta { color: #555; font-size: .9rem; } del { background: #f8dcd9; } ins { background: #d9efdd; text-decoration: none; }
.sign td { height: 3rem; width: 33%; } blockquote { margin: .2rem 0; white-space: pre-wrap; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr, blockquote { break-inside: avoid; } }
"""
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>$title</title><style>$style</style></head>
<body>
<h1>$title</h1>
$body
<h2>Signed off</h2>
<table class="sign"><tr><th>Name</th><th>Date</th><th>Decision</th></tr><tr><td></td><td></td><td></td></tr></table>
</body></html>
""")


def as_json(found: Comparison) -> Json:
    """The comparison as JSON values. Kept questions are counted only."""

    def reply(row: Row) -> Json:
        return {"outcome": row.outcome, "quotes": [asdict(q) for q in row.quotes], "faults": list(row.faults)}

    return {
        "format": FORMAT,
        "before": found.before,
        "after": found.after,
        "summary": found.summary(),
        **{k: [asdict(x) for x in getattr(found, k)] for k in ("made_of", "wording", "sources", "passages")},
        "n_passages": list(found.n_passages),
        "n_moved": found.n_moved,
        "bank": dict(zip(("added", "removed"), found.bank, strict=True)),
        "counts": {"cases": found.counts(), "logged": found.counts(logged=True)},
        "questions": [
            {
                "ident": q.after.ident,
                "kind": q.after.kind,
                "question": "" if q.after.kind == LOGGED else q.after.question,
                "change": q.change,
                "broke": q.broke,
                "before": reply(q.before),
                "after": reply(q.after),
            }
            for q in found.questions
            if q.change != "kept" or q.broke
        ],
        "figures": [{"name": n, "before": b and b.value, "after": a and a.value} for n, b, a in found.figures],
        "floors_broken": list(found.floors),
        "notes": list(found.notes),
    }


def asked(question: QuestionChange) -> str:
    """How a question is named outside the answer log: by its words, or by its record."""
    row = question.after
    return f"a reader's question, record {row.ident.partition(':')[2]}" if row.kind == LOGGED else row.question


def as_text(found: Comparison) -> str:
    """The comparison in lines for a mail: what differs, what broke, which figures moved."""
    lines = [found.summary(), *found.notes]
    lines += [
        f"{s.change}: source {s.doc_id} ({', '.join(d.name for d in s.details) or s.label})" for s in found.sources
    ]
    lines += [f"changed: {d.name}" for d in (*found.made_of, *found.wording)]
    if found.broken:
        lines += ["", "Broke:"]
        for question in found.broken[:MAX_LISTED]:
            lines += [f"  {question.after.ident}: {asked(question)}", f"      {question.broke}"]
        more = len(found.broken) - MAX_LISTED
        lines += [f"  and {more} more"] if more > 0 else []
    moved = [(name, b, a) for name, b, a in found.figures if b and a and b.value != a.value]
    if moved:
        lines += ["", "Figures that moved:"]
        lines += [f"  {n}  {b.value:.3f} -> {a.value:.3f}  {direction(n, b, a)}" for n, b, a in moved]
    lines += ["", "Floors broken:", *(f"  {text}" for text in found.floors)] if found.floors else []
    return "\n".join(lines)


def page(found: Comparison, *, verdict: Sequence[str] = (), made_on: str = "") -> str:
    """The comparison as an HTML page. `verdict` are the gate's reasons against the later generation; none: it may be used."""
    decision = (
        ["The gate keeps the later generation back:", *verdict]
        if verdict
        else ["The gate raises nothing against the later generation."]
    )
    body = [
        f'<p class="meta">{escape(made_on)}</p>' if made_on else "",
        f'<p class="lead">{escape(found.summary())}.</p>',
        "".join(f'<p class="{"broke" if verdict else "better"}">{escape(line)}</p>' for line in decision),
        "".join(f"<p>{escape(note)}</p>" for note in found.notes),
        _figures(found),
        _questions("Cases that broke", found.broken),
        *(
            _questions(change.capitalize(), [q for q in found.questions if q.change == change and not q.broke])
            for change in CHANGES[len(SAME) :]
        ),
        _moved([q for q in found.questions if q.change == "moved"]),
        _sources(found),
        _passages(found),
        _details("Wording, model and settings", (*found.made_of, *found.wording)),
    ]
    title = f"From generation {found.before} to {found.after}"
    return PAGE.substitute(title=escape(title), style=STYLE, body="\n".join(part for part in body if part))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], style: str = "") -> str:
    """Cells are HTML already; one that starts with a tag of its own is taken as the whole cell."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ("".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row) for row in rows)
    return f'<table class="{style}"><tr>{top}</tr>{"".join(f"<tr>{line}</tr>" for line in lines)}</table>'


def _figures(found: Comparison) -> str:
    """Every figure before and after, then the floors that are broken."""
    if not found.figures:
        return ""
    rows = []
    for name, before, after in found.figures:
        way = direction(name, before, after)
        cells = (
            f'<td class="n">{f"{f.value:.3f} ({f.low:.3f}–{f.high:.3f})" if f else "–"}</td>' for f in (before, after)
        )
        n = max(f.n for f in (before, after) if f)
        rows.append((escape(name), *cells, f'<td class="{way}">{way}</td>', f'<td class="n">{n}</td>'))
    broken = "".join(f'<p class="broke">{escape(text)}</p>' for text in found.floors)
    return f"<h2>Figures</h2>{_table(('figure', 'before', 'after', '', 'n'), rows)}{broken}"


def _questions(title: str, questions: Sequence[QuestionChange]) -> str:
    """A section with both texts of each question."""
    if not questions:
        return ""
    out = [f"<h2>{escape(title)} ({len(questions)})</h2>"]
    for question in questions:
        out.append(f"<h3>{escape(question.after.ident)}: <bdi>{escape(asked(question))}</bdi></h3>")
        if question.broke:
            out.append(f'<p class="broke">{escape(question.broke)}</p>')
        cells = (_reply(question.before), _reply(question.after))
        out.append(_table((f"before: {question.before.outcome}", f"after: {question.after.outcome}"), [cells], "two"))
    return "".join(out)


def _moved(questions: Sequence[QuestionChange]) -> str:
    """Questions with the same words at other places: the places."""
    if not questions:
        return ""
    rows = [
        (f"{escape(q.after.ident)}: <bdi>{escape(asked(q))}</bdi>", escape(places(q.before)), escape(places(q.after)))
        for q in questions
    ]
    return f"<h2>Moved: the same words ({len(rows)})</h2>{_table(('question', 'before', 'after'), rows)}"


def places(row: Row) -> str:
    """Where a reply's quotes stand."""
    return ", ".join(f"{q.doc_id} {q.start}–{q.end}" for q in row.quotes)


def _reply(row: Row) -> str:
    """The quotes of a reply, each with its place."""
    quotes = (
        f'<blockquote><bdi>{escape(q.text)}</bdi></blockquote><span class="meta">{escape(q.doc_id)} {q.start}–{q.end}</span>'
        for q in row.quotes
    )
    return "".join(quotes) or "<em>no quote</em>"


def _sources(found: Comparison) -> str:
    """Sources that differ, with the fields."""
    if not found.sources:
        return ""
    rows = [
        (escape(s.change), f"{escape(s.doc_id)}<br>{escape(s.label)}", "<br>".join(map(_detail, s.details)))
        for s in found.sources
    ]
    return f"<h2>Sources ({len(rows)})</h2>{_table(('', 'source', 'what'), rows)}"


def _detail(detail: Detail) -> str:
    return f"<strong>{escape(detail.name)}</strong>: {marked(detail.before, detail.after)}"


def _passages(found: Comparison) -> str:
    """Passages that differ, section by section, words taken out and put in marked."""
    if not found.passages:
        return ""
    head = f"<h2>Passages ({found.n_passages[0]} before, {found.n_passages[1]} after, {found.n_moved} moved)</h2>"
    out = [head]
    for (doc_id, section), changes in groupby(found.passages, key=lambda p: (p.doc_id, p.section)):
        out.append(f"<h3>{escape(doc_id)}{': ' if section else ''}{escape(section)}</h3>")
        out.append(_table(("", ""), [(escape(p.change), marked(p.before, p.after)) for p in changes]))
    return "".join(out)


def _details(title: str, details: Sequence[Detail]) -> str:
    if not details:
        return ""
    rows = [(escape(d.name), marked(d.before, d.after)) for d in details]
    return f"<h2>{escape(title)}</h2>{_table(('what', 'change'), rows)}"


def marked(before: str, after: str) -> str:
    """Both texts in one, as HTML: words taken out in <del>, words put in in <ins>.

    >>> marked("a small <b> cat", "a big <b> cat")
    'a <del>small</del> <ins>big</ins> &lt;b&gt; cat'
    """
    one, two = before.split(), after.split()
    out = []
    for what, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        old, new = escape(" ".join(one[a:b])), escape(" ".join(two[c:d]))
        if what == "equal":
            out.append(old)
            continue
        out += [f"<del>{old}</del>"] if old else []
        out += [f"<ins>{new}</ins>"] if new else []
    return " ".join(out)
