"""A Reply as HTML: one `<article class="turn">` for each question, everything that is not markup escaped (`markup`).

A citation links to its place on this server (`read`), which page.js opens beside the conversation, and to the publisher's page.
Buttons are here, what they do is in page.js. Left out: styling (page.css).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chatbot.datatypes import Citation
from chatbot.replies import Abstention, Answer, Definition, Disclaimer, Redirect, Reply, Statement, Understood
from chatbot.web.markup import address_of, anchor, contact, marked, text

CLOSEST = "These are the closest passages; they do not answer the question"
NO_TERMS: Mapping[str, int] = {}
DOT = ' <span class="dot">·</span> '


def reference(printed: str, link: str) -> str:
    """An APA reference as printed, its own address made a link where it stands in the string."""
    shown = text(printed)
    if link and text(link) in shown:
        return shown.replace(text(link), anchor(link, text(link)), 1)
    return f"{shown} {anchor(link, 'open')}" if link.startswith("http") else shown


def source_line(citation: Citation) -> str:
    """Label and section, which lead to the place of the quote; standing, and the publisher's page."""
    whole = citation.text_kind == "full"
    words = "read it in the source" if whole else "open the source that this note is about"
    hidden = f'<span class="hidden"> (quote {citation.number})</span>'
    section = f'{DOT}<span class="section">{text(citation.section)}</span>' if citation.section else ""
    place, label = address_of(citation.quote), f"<cite>{text(citation.label)}</cite>{section}"
    opens = f'<span class="hidden"> (quote {citation.number} in its place)</span>'
    linked = f'<a class="place" href="{place}" target="_blank">{label}{opens}</a>' if place else label
    copy = f'<button type="button" class="act copy">copy{hidden}</button>'
    check = [text(citation.status), anchor(citation.link, words + hidden) if citation.link else "", copy]
    second = DOT.join(piece for piece in check if piece)
    return f'<p class="source"><span class="line">{linked}</span><span class="line">{second}</span></p>'


def relies(citation: Citation) -> str:
    """The works that the quoted sentence itself cites, or nothing."""
    if not citation.relies_on:
        return ""
    who = "article" if citation.text_kind == "full" else "note"
    works = "; ".join(anchor(link, text(label)) for label, _, link in citation.relies_on)
    return f'<p class="relies">The {who} relies here on: {works}</p>'


def quote(citation: Citation, numbers: Mapping[str, int] = NO_TERMS) -> str:
    """One numbered quote with all a reader needs to check it. `numbers` are those of the terms in the glossary."""
    banner = f'<p class="alert"><strong>Warning:</strong> {text(citation.alert)}</p>' if citation.alert else ""
    terms = [(start, end, f"term-{numbers[name]}") for start, end, name in citation.terms if name in numbers]
    return (
        f'<li value="{citation.number}">{banner}<p class="lead">{text(citation.lead_in)}</p>'
        f'<blockquote cite="{text(citation.link)}">{marked(citation.quote.text, citation.emphasis, terms)}</blockquote>'
        f"{source_line(citation)}{relies(citation)}</li>"
    )


def quotes(citations: Iterable[Citation], numbers: Mapping[str, int], kind: str = "") -> str:
    """A list of quotes; nothing for none."""
    items = "".join(quote(c, numbers) for c in citations)
    return f'<ol class="quotes {kind}">{items}</ol>' if items else ""


def references(citations: Sequence[Citation]) -> str:
    """What was quoted and what the quoted sentences rely on, in APA form, each work once, by alphabet."""
    quoted = [(c.reference or c.label, c.link.split("#:~:text=")[0]) for c in citations]
    relied = [(printed or label, link) for c in citations for label, printed, link in c.relies_on]
    works: dict[str, tuple[str, str]] = {}
    for printed, link in [*quoted, *relied]:
        works.setdefault(link or printed, (printed, link))
    if not works:
        return ""
    items = "".join(f"<li>{reference(*w)}</li>" for w in sorted(works.values(), key=lambda w: w[0].casefold()))
    return f'<section class="references"><h3>References</h3><ul>{items}</ul></section>'


def disclaimer(value: Disclaimer) -> str:
    """The article's own sentence, where it applies and how old the sources are, as far as the corpus says."""
    where = f" Jurisdiction: {text(value.jurisdiction)}." if value.jurisdiction else ""
    when = f" Sources as of {text(value.as_of)}." if value.as_of else ""
    return (
        f'<footer class="disclaimer"><p class="verbatim">{text(value.quote.text)}</p>'
        f'<p class="scope">The article’s own words.{where}{when}</p></footer>'
    )


def understood(question: str, value: Understood) -> str:
    """What was searched, where spelling or the conversation changed the question, and the way back to what was typed."""
    carried = text(" ".join(value.carried))
    if not carried and (not value.changes or value.text == question):
        return ""
    added = f' — taken to be about “<span class="carried">{carried}</span>”' if carried else ""
    undo = '<button type="button" class="act as-typed">Ask exactly as typed</button>'
    return f'<p class="understood">Understood as: {text(value.text)}{added} {undo}</p>'


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "quote"), counted(1200, "reply")
    ('1 quote', '1,200 replies')
    """
    many = thing[:-1] + "ies" if thing.endswith("y") else thing + "s"
    return f"{count:,} {thing if count == 1 else many}"


def statements(value: Answer, numbers: Mapping[str, int]) -> str:
    """The quotes of an answer, under the part of the question that each answers where there are several."""
    parts = value.understood.parts
    if len(parts) < 2:
        return quotes((c for s in value.statements for c in s.citations), numbers)
    out = []
    for index, part in enumerate(parts):
        found: list[Statement] = [s for s in value.statements if s.part == index]
        if found:
            out.append(f'<h3 class="part">{text(part)}</h3>' + quotes((c for s in found for c in s.citations), numbers))
    return "".join(out)


def explained(ident: str, glossary: Sequence[Definition]) -> str:
    """The terms of the quotes with what they mean and whose words that are, folded; page.js shows each at its term, too."""
    if not glossary:
        return ""
    rows = []
    for number, found in enumerate(glossary):
        whose = found.citation.label if found.citation else "explained by this project"
        said = f'<span class="meaning">{text(found.text)}</span> <span class="whose">{text(whose)}</span>'
        rows.append(f'<dt>{text(found.term)}</dt><dd id="word-{text(ident)}-{number}">{said}</dd>')
    return f'<details class="words"><summary>Words explained</summary><dl>{"".join(rows)}</dl></details>'


def keep_in_mind(citations: Sequence[Citation], numbers: Mapping[str, int]) -> str:
    """Quotes of limits and risks, under their heading."""
    if not citations:
        return ""
    return f'<section class="keep"><h3>Keep in mind</h3>{quotes(citations, numbers, "small")}</section>'


def answer(value: Answer, numbers: Mapping[str, int]) -> str:
    """Quotes, what stays unanswered, what to keep in mind."""
    told = counted(sum(len(s.citations) for s in value.statements), "quote")
    open_parts = "; ".join(f'“<span class="open">{text(p)}</span>”' for p in value.unanswered_parts)
    grade = f'<p class="grade">Reading level of the quotes: about school grade {value.reading_grade}</p>'
    return (
        (f'<p class="message premise">{text(value.message)}</p>' if value.message else "")
        + f'<p class="kind">In the sources’ own words<span class="hidden summary">Answered with {told}.</span></p>'
        + statements(value, numbers)
        + (f'<p class="partial">The sources do not answer this part: {open_parts}</p>' if open_parts else "")
        + keep_in_mind(value.keep_in_mind, numbers)
        + (grade if value.reading_grade is not None else "")
    )


def abstention(value: Abstention, numbers: Mapping[str, int]) -> str:
    """What is missing, the closest passages under words that say what they are, and what the sources do cover."""
    unknown = ", ".join(f"“{text(t)}”" for t in value.unknown_terms)
    topics = "".join(f"<li>{text(t)}</li>" for t in value.covered)
    return (
        f'<p class="kind">No answer in these sources</p><p class="message summary">{text(value.message)}</p>'
        + (f'<p class="missing">Words that the sources never use: {unknown}</p>' if unknown else "")
        + (
            f'<section class="near"><h3>{CLOSEST}</h3>{quotes(value.near_misses, numbers, "small")}</section>'
            if value.near_misses
            else ""
        )
        + (f'<section class="covered"><h3>What the sources speak of</h3><ul>{topics}</ul></section>' if topics else "")
    )


def redirect(value: Redirect, numbers: Mapping[str, int]) -> str:
    """The fixed message first, then the lines to call, then general information where there is any."""
    lines = "".join(
        f'<li><span class="where">{text(where)}</span> <span class="who">{text(name)}</span> {contact(number)}</li>'
        for where, name, number in value.help_lines
    )
    paragraphs = "".join(f"<p>{text(p)}</p>" for p in value.message.split("\n\n") if p.strip())
    return (
        f'<div class="message summary">{paragraphs}</div>'
        + (f'<ul class="lines">{lines}</ul>' if lines else "")
        + quotes(value.citations, numbers, "small")
        + keep_in_mind(value.keep_in_mind, numbers)
    )


def body_of(ident: str, value: Reply) -> str:
    """Everything between the question and the disclaimer."""
    numbers = {found.term: number for number, found in enumerate(value.glossary)}
    words = explained(ident, value.glossary)
    if isinstance(value, Answer):
        shown = [c for s in value.statements for c in s.citations]
        return answer(value, numbers) + words + references([*shown, *value.keep_in_mind])
    if isinstance(value, Abstention):
        return abstention(value, numbers) + words
    return redirect(value, numbers) + words + references([*value.citations, *value.keep_in_mind])


def actions(value: Reply, receipt: str) -> str:
    """What can be done with a reply: kept, shared, judged, deleted from the log. page.js does it."""
    save = "".join(
        f'<button type="button" class="act save {form}">{words}</button>'
        for form, words in (
            ("html", "Web page"),
            ("pdf", "PDF"),
            ("markdown", "Markdown"),
            ("print", "Print"),
        )
    )
    judge = '<button type="button" class="act thumb up">Yes</button><button type="button" class="act thumb down">No</button>'
    wording = "Did this answer your question?" if isinstance(value, Answer) else "Was this the right reply?"
    kept = (
        f'<span class="judge"><span class="ask">{wording}</span>{judge}</span>'
        f'<details class="logged"><summary>What is kept of this</summary><p>Your question and this reply are in the answer log, with '
        f'personal details removed as far as rules can. Receipt: <code class="receipt">{text(receipt)}</code></p>'
        f'<button type="button" class="act forget">Delete it from the log</button></details>'
        if receipt
        else ""
    )
    return f'<div class="actions"><details class="take"><summary>Keep or share</summary>{save}</details>{kept}</div>'


def export() -> str:
    """The buttons that keep a whole conversation."""
    forms = (("html", "Web page"), ("pdf", "PDF"), ("markdown", "Markdown"), ("bibtex", "BibTeX"), ("ris", "RIS"),
             ("csl-json", "CSL-JSON"))  # fmt: skip
    buttons = "".join(f'<button type="button" class="{form}">{words}</button>' for form, words in forms)
    return f'<details class="take"><summary>Keep the conversation</summary>{buttons}</details>'


def turn(ident: str, question: str, classes: str, body: str) -> str:
    """A question and what came of it."""
    typed = f'<span class="typed" dir="auto">{text(question)}</span>'
    asked = f'<h2 class="asked"><span class="hidden">You asked: </span>{typed}</h2>'
    return f'<article class="turn {classes}" id="turn-{text(ident)}">{asked}{body}</article>'


def reply(ident: str, question: str, value: Reply, receipt: str = "") -> str:
    """A finished turn. `question` is as the reader typed it, `receipt` the code of its row in the answer log, "" for none."""
    if isinstance(value, Redirect):
        kind = f"redirect {value.kind.replace('_', '-')}"
    else:
        kind = "answer" if isinstance(value, Answer) else "abstention"
    kind += f" gen-{value.generation}" if value.generation else ""
    kind += f" why-{value.reason}" if isinstance(value, Abstention) else ""
    crisis = isinstance(value, Redirect) and value.kind == "crisis"
    read_as = "" if crisis else understood(question, value.understood)
    after = "" if crisis else actions(value, receipt)
    body = body_of(ident, value) + disclaimer(value.disclaimer)
    return turn(ident, question, kind, f'{read_as}<div class="reply">{body}</div>{after}')


def waiting(ident: str, question: str) -> str:
    """A turn before its reply."""
    return turn(ident, question, "pending", '<p class="working" role="status">Looking in the sources…</p>')


def full(count: int) -> str:
    """What is said under the last turn that the page has room for."""
    return f'<p class="full" role="note">This page holds {count} questions. The next one begins an empty page: keep the conversation first, if you want it.</p>'


def problem(ident: str, question: str, message: str) -> str:
    """A turn that came to nothing, with what to do about it."""
    return turn(ident, question, "problem", f'<p class="message summary">{text(message)}</p>')
