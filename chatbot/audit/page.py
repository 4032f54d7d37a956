"""A claim audit as JSON (format 1), as lines for the terminal or mail, and as a page that a moderator reads, prints and signs by.

The page is one HTML file without script; all words of the corpus and of people are escaped, and its policy lets a browser load nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from string import Template

from chatbot.audit.audited import NOTE, Audit, Claim, Compared, Match, Signed
from chatbot.audit.claims import Look
from chatbot.corpus.signoffs import JUDGEMENTS, SignOff
from chatbot.datatypes import Json
from chatbot.release.showing import STYLE

FORMAT = 1
MORE_STYLE = """
.claim { margin-top: 1.6rem; } .pair td { width: 50%; } .looks li { margin: .15rem 0; } .looks blockquote { color: #444; font-size: .92rem; }
.state { font-weight: bold; } .signed { border-left: 3px solid #999; padding-left: .6rem; } code { font-size: .85rem; overflow-wrap: anywhere; }
@media print { .claim { break-inside: avoid; } h3 { break-after: avoid; } }
"""
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>$title</title><style>$style</style></head>
<body>
<h1>$title</h1>
$body
</body></html>
""")
HOW_TO_READ = (
    "Left, a sentence of the article; right, the closest words of the source that it leans on, found by machine. Close words are not yet "
    "support, and words that were not found may be there in another wording: read both, then sign. “Look here” marks come from rules "
    "about words and know nothing of the subject."
)
UNCITED = (
    "These sentences name no source, but hold a number, a word of research, a comparison or an effect. Beside each stand the closest words of "
    "any source of the corpus."
)


def counts(audit: Audit) -> dict[str, int]:
    """How many sentences there are, lean on a source, do not, are signed, have a stale signature, are open."""
    cited = sum(claim.cited for claim in audit.claims)
    return {
        "sentences": len(audit.claims),
        "cited": cited,
        "uncited": len(audit.claims) - cited,
        "signed": sum(not claim.open for claim in audit.claims),
        "stale": sum(claim.open and claim.signed is not None for claim in audit.claims),
        "open": sum(claim.open for claim in audit.claims),
    }


def summary(audit: Audit) -> str:
    """One line."""
    n = counts(audit)
    stale = f", {n['stale']} of them signed before a change" if n["stale"] else ""
    return f"{n['sentences']} sentences: {n['cited']} lean on a source, {n['uncited']} have no citation; {n['signed']} signed, {n['open']} open{stale}"


def as_json(audit: Audit) -> Json:
    """The audit as JSON values; offsets are half-open, in code points of the documents."""

    def place(look: Look) -> Json:
        seen = [{"doc_id": s.doc_id, "start": s.start, "end": s.end, "text": s.text} for s in look.seen]
        return {"kind": look.kind, "note": look.note, "seen": seen}

    def compared(found: Compared) -> Json:
        return {
            **{k: getattr(found, k) for k in ("doc_id", "label", "how", "state", "about")},
            "matches": [asdict(m) | {"score": round(m.score, 4)} for m in found.matches],
            "looks": [place(look) for look in found.looks],
        }

    keys = ("ident", "start", "end", "line", "section", "text", "evidence_sha256")
    rows = [
        {
            **{k: getattr(claim, k) for k in keys},
            "citations": list(claim.citations),
            "why": list(claim.why),
            "looks": [place(look) for look in claim.looks],
            "compared": [compared(c) for c in claim.compared],
            "signed": asdict(claim.signed.row) | {"stale": claim.signed.stale} if claim.signed else None,
        }
        for claim in audit.claims
    ]
    return {
        "format": FORMAT,
        "generation": audit.generation,
        "article": audit.article.doc_id,
        "counts": counts(audit),
        "claims": rows,
        "gone": [asdict(row) for row in audit.gone],
        "local_only": list(audit.local),
    }


def as_lines(audit: Audit) -> str:
    """The audit in lines: every sentence that leans on a source with its marks, the others by their first words."""
    lines = [summary(audit)]
    for claim in (c for c in audit.claims if c.cited):
        lines += ["", f"line {claim.line}  {claim.short}  {_standing(claim.signed)}", f"  {claim.text}"]
        lines += [f"    look here: {_line(look)}" for look in claim.looks]
        for found in claim.compared:
            lines += [f"  {found.label} ({found.how}): {found.state}{f' ({found.about})' if found.about else ''}"]
            lines += [f"    “{m.text}”{f' [{NOTE}]' if m.text_kind == 'digest' else ''}" for m in found.matches]
            lines += [f"    look here: {_line(look)}" for look in found.looks]
    rest = [c for c in audit.claims if not c.cited]
    lines += ["", "Without a citation:"] if rest else []
    lines += [f"  line {c.line}  {c.short}  {_standing(c.signed)}  {c.text}" for c in rest]
    lines += ["", "Signed, and no longer in the article:"] if audit.gone else []
    lines += [f"  {_signature(row)}: {row.sentence}" for row in audit.gone]
    return "\n".join(lines)


def _line(look: Look) -> str:
    """A mark in one line; where it announces sentences (it ends with a colon), with them."""
    return " ".join([look.note, *(f"“{s.text}”" for s in look.seen if look.note.endswith(":"))])


def _standing(signed: Signed | None) -> str:
    if signed is None:
        return "open"
    return f"open ({signed.stale}; before: {_signature(signed.row)})" if signed.stale else _signature(signed.row)


def _signature(row: SignOff) -> str:
    note = f", “{row.note}”" if row.note else ""
    return f"{row.verdict}, {row.reviewer}, {row.date}{note}"


def as_page(audit: Audit, made_on: str = "") -> str:
    """The audit as an HTML page."""
    leaning, rest = [c for c in audit.claims if c.cited], [c for c in audit.claims if not c.cited]
    local = (
        f"Quoted here for use on this machine only, by their licence: {', '.join(audit.local)}." if audit.local else ""
    )
    body = [
        f'<p class="meta">Generation {escape(audit.generation)}{escape(f", {made_on}" if made_on else "")}</p>',
        f'<p class="lead">{escape(summary(audit))}.</p>',
        f"<p>{escape(HOW_TO_READ)}</p>",
        f'<p class="worse">{escape(local)}</p>' if local else "",
        f"<h2>Sentences that lean on a source ({len(leaning)})</h2>",
        *map(_claim, leaning),
        f"<h2>Sentences without a citation ({len(rest)})</h2><p>{escape(UNCITED)}</p>" if rest else "",
        *map(_claim, rest),
        _gone(audit.gone),
    ]
    title = f"Claims of “{audit.article.title}” beside their sources"
    return PAGE.substitute(title=escape(title), style=STYLE + MORE_STYLE, body="\n".join(part for part in body if part))


def _claim(claim: Claim) -> str:
    """One sentence with what stands beside it."""
    section = f", {claim.section}" if claim.section else ""
    cites = f'<p class="meta">cites {escape("; ".join(claim.citations))}</p>' if claim.citations else ""
    why = f'<p class="meta">no citation; it holds {escape(", ".join(claim.why))}</p>' if claim.why else ""
    left = f"<blockquote><bdi>{escape(claim.text)}</bdi></blockquote>{cites}{why}"
    right = "".join(_compared(found) for found in claim.compared)
    lists = [("the citation", claim.looks), *((found.label, found.looks) for found in claim.compared)]
    looks = "".join(_looks(where, found) for where, found in lists)
    return (
        f'<div class="claim" id="s-{claim.short}"><h3>Line {claim.line}{escape(section)} <code>{claim.short}</code></h3>'
        f'<table class="pair"><tr><th>article</th><th>source</th></tr><tr><td>{left}</td><td>{right}</td></tr></table>'
        f"{looks}{_sign(claim)}</div>"
    )


def _compared(found: Compared) -> str:
    about = f'<p class="meta">{escape(found.about)}</p>' if found.about else ""
    head = f'<p>{escape(found.label)} <span class="meta">({escape(found.how)})</span>: <span class="state">{escape(found.state)}</span></p>'
    return head + about + "".join(map(_match, found.matches))


def _match(match: Match) -> str:
    """A sentence of a source with its place; a note's says so."""
    note = f"; {NOTE}" if match.text_kind == "digest" else ""
    place = f"{match.label}{f', {match.section}' if match.section else ''}, {match.start}–{match.end}{note}"
    return f'<blockquote><bdi>{escape(match.text)}</bdi></blockquote><p class="meta">{escape(place)}</p>'


def _looks(where: str, looks: Iterable[Look]) -> str:
    """What to look at in the citation or in one source, each with the sentences that say it."""
    lines = [
        f"<li>{escape(look.note)}{''.join(f'<blockquote><bdi>{escape(s.text)}</bdi></blockquote>' for s in look.seen)}</li>"
        for look in looks
    ]
    return f'<p class="state">Look here: {escape(where)}</p><ul class="looks">{"".join(lines)}</ul>' if lines else ""


def _sign(claim: Claim) -> str:
    """Who signed it, or how to."""
    command = f"chatbot corpus audit --sign {claim.short} --verdict VERDICT --reviewer NAME"
    if not claim.open and claim.signed:
        return f'<p class="signed better">Signed: {escape(_signature(claim.signed.row))}</p>'
    before = f"Stale: {escape(_signature(claim.signed.row))}; {escape(claim.signed.stale)}. " if claim.signed else ""
    verdicts = escape(", ".join(JUDGEMENTS))
    return f'<p class="signed">{before}Open. <code>{escape(command)}</code> <span class="meta">VERDICT: {verdicts}</span></p>'


def _gone(rows: Sequence[SignOff]) -> str:
    """Signatures under sentences that the article no longer has."""
    if not rows:
        return ""
    lines = "".join(f"<li><bdi>{escape(row.sentence)}</bdi> {escape(_signature(row))}</li>" for row in rows)
    return f"<h2>Signed, and no longer in the article ({len(rows)})</h2><ul>{lines}</ul>"
