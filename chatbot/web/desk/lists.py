"""What was made at the desk, as lists: cases, pins and bans with their decisions, gaps; accounts, keys, and the files to take away."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice

from chatbot.errors import Forbidden
from chatbot.log.finding import UNJUDGED
from chatbot.moderating.values import Gap, MadeCase, Proposal
from chatbot.web.desk import forms, frame, words
from chatbot.web.desk.visits import Answer, Visit, see
from chatbot.web.markup import text

ADD = "An account is added or given a new password with <code>chatbot review add-user NAME</code>."
EFFECT = "What is approved takes effect when the maintainer runs <code>chatbot review pins --into corpus</code> and builds an index."
GONE = "(no longer among the sources)"
WRITTEN = (
    "They are written into an evaluation folder with <code>chatbot review cases --into DIR</code>. "
    "Of several made of one reply the last counts."
)
REPLACED = ' <span class="state withdrawn">A later one counts</span>'
NOT_SAID = "what a source would have to tell was not said"
DELETED = "deleted with its reply"
FILES = (
    "Every verdict on what the queue’s filters let through, with its question. Cells are safe to open in a spreadsheet."
)
MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


def _from(record_id: str, by: str, at: str, question: str) -> str:
    """Who made it, when, of which record; no link to one that was deleted, which takes the question with it."""
    link = f' · <a href="review/record/{text(record_id)}">the reply</a>' if question else ""
    return f'<span class="soft">{text(by)}, <time datetime="{text(at)}">{text(words.moment(at))}</time>{link}</span>'


def _asked(question: str) -> str:
    """The question that something was made for, or that it went with its record."""
    return frame.typed(question) if question else f'<span class="untold">{DELETED}</span>'


def _empty(said: str) -> str:
    return f'<p class="empty">{said}</p>'


def cases(visit: Visit) -> Answer:
    """The test cases made at the desk."""
    found = visit.desk.cases(visit.who)
    last = {case.record_id: case for case in found}
    items = "".join(_case(case, counts=last[case.record_id] is case) for case in found)
    hint = f'<p class="soft">{WRITTEN}</p>'
    shown = (
        f'{hint}<ol class="cards">{items}</ol>'
        if items
        else _empty("No test case yet. Make one on the page of a reply.")
    )
    return Answer(frame.page(visit, "Test cases", shown, at="review/cases", classes="lists"))


def _case(case: MadeCase, *, counts: bool) -> str:
    gold = "".join(f"<li><blockquote>{text(sentence)}</blockquote></li>" for sentence in case.gold)
    return (
        f'<li><p class="for">{_asked(case.question)}{"" if counts else REPLACED}</p><p>{text(words.EXPECTATIONS.get(case.expectation, case.expectation).split(",")[0])}</p>'
        + (f'<ul class="gold">{gold}</ul>' if gold else "")
        + f"<p>{_from(case.record_id, case.by, case.at, case.question)}</p></li>"
    )


def pins(visit: Visit, wrong: str = "") -> Answer:
    """Pins and bans, those that wait first."""
    found = visit.desk.proposals(visit.who)
    parts = []
    for state, heading in words.STATES.items():
        of_state = [p for p in found if p.state == state]
        if of_state:
            items = "".join(_proposal(visit, p) for p in of_state)
            parts.append(
                f'<section><h2>{heading} <span class="count">{len(of_state)}</span></h2><ol class="cards">{items}</ol></section>'
            )
    shown = f'<p class="soft">{EFFECT}</p>' + (
        "".join(parts) or _empty("No proposal yet. Make one on the page of a reply.")
    )
    return Answer(frame.page(visit, "Pins and bans", shown, at="review/pins", classes="lists", wrong=wrong))


def _proposal(visit: Visit, made: Proposal) -> str:
    """One proposal with what can be done about it."""
    corpus = visit.texts.corpus_of(visit.texts.generation)
    document = corpus.documents.get(made.place.doc_id) if corpus else None
    title = document.source.title if document else f"{made.place.doc_id} {GONE}".strip()
    said = f'<blockquote>{text(made.text)}</blockquote><p class="where">{text(title)}</p>' if made.text else ""
    note = f'<p class="note">{frame.typed(made.note)}</p>' if made.note else ""
    said_of_it = f": {frame.typed(made.decision)}" if made.decision else ""
    decided = (
        f'<p class="soft">{text(words.STATES[made.state])} by {text(made.decided_by)}{said_of_it}</p>'
        if made.decided_by
        else ""
    )
    return (
        f'<li class="proposal {text(made.action)}"><p class="for"><b class="action">{words.ACTIONS[made.action]}</b> for questions like {_asked(made.question)}</p>'
        f"{said}{note}{decided}<p>{_from(made.record_id, made.by, made.at, made.question)}</p>"
        f"{_decisions(visit, made)}</li>"
    )


def _decisions(visit: Visit, made: Proposal) -> str:
    """The buttons that fit the proposal's state and the moderator's role."""
    lead, own = frame.is_lead(visit.who), made.by == visit.who.name
    buttons = ""
    if made.state == "proposed" and lead:
        buttons += '<button class="primary" name="state" value="approved">Approve</button><button name="state" value="rejected">Reject</button>'
    if (made.state == "proposed" and (lead or own)) or (made.state == "approved" and lead):
        buttons += '<button class="link" name="state" value="withdrawn">Withdraw</button>'
    if not buttons:
        return ""
    note = frame.field(f"note-{text(made.proposal_id)}", "note", "Note on the decision", limit=500)
    inner = frame.hidden("proposal", made.proposal_id) + note + f'<div class="buttons">{buttons}</div>'
    return frame.form(visit.session, "review/pins", inner, "decision")


def decide(visit: Visit) -> Answer:
    """Approves, rejects or withdraws."""
    state = forms.chosen(visit.form.one("state"), forms.STATES, "what to do with the proposal")
    ident, note = visit.form.one("proposal"), visit.form.one("note").strip()
    if state == "withdrawn":
        visit.desk.withdraw(visit.who, ident, note)
    else:
        visit.desk.decide(visit.who, ident, state, note)
    visit.session.said = f"{words.STATES[state]}."
    return see("review/pins")


def gaps(visit: Visit) -> Answer:
    """What no source tells, open ones first."""
    found = sorted(visit.desk.gaps(visit.who, closed=True), key=lambda gap: bool(gap.closed_by))
    items = "".join(_gap(visit, gap) for gap in found)
    shown = (
        f'<ol class="cards">{items}</ol>'
        if items
        else _empty("No gap is known. Note one on the page of a reply that had to refuse.")
    )
    return Answer(frame.page(visit, "Gaps in the sources", shown, at="review/gaps", classes="lists"))


def _wanted(gap: Gap) -> str:
    """What a source would have to tell; whoever reported the gap need not have said."""
    return f'<span class="untold">{NOT_SAID}</span>' if gap.question and not gap.words else _asked(gap.words)


def _gap(visit: Visit, gap: Gap) -> str:
    state = f'<span class="state withdrawn">Closed by {text(gap.closed_by)}</span>' if gap.closed_by else ""
    close = ""
    if frame.is_lead(visit.who):
        button = (
            '<button name="state" value="open">Open it again</button>' if gap.closed_by else "<button>Close it</button>"
        )
        close = frame.form(visit.session, "review/gaps", frame.hidden("gap", gap.gap_id) + button, "decision")
    asked = f'<p class="soft">Asked: {frame.typed(gap.question)}</p>' if gap.question else ""
    return f'<li><p class="for">{_wanted(gap)} {state}</p>{asked}<p>{_from(gap.record_id, gap.by, gap.at, gap.question)}</p>{close}</li>'


def close_gap(visit: Visit) -> Answer:
    """Closes a gap, or opens it again."""
    again = visit.form.one("state") == "open"
    (visit.desk.reopen_gap if again else visit.desk.close_gap)(visit.who, visit.form.one("gap"))
    visit.session.said = "Open again." if again else "Closed."
    return see("review/gaps")


def accounts(visit: Visit) -> Answer:
    """Who may sign in; and the files, which are leads' alike."""
    rows = [(text(account.name), text(account.role)) for account in visit.desk.accounts(visit.who)]
    shown = f'<p class="soft">{ADD}</p>{frame.table("Accounts", ("Name", "Role"), rows)}<h2>Take the verdicts away</h2><p class="soft">{FILES}</p>'
    for form in MEDIA:
        shown += frame.form(visit.session, f"review/export.{form}", f"<button>Export {form.upper()}</button>", "inline")
    return Answer(frame.page(visit, "Accounts and export", shown, at="review/accounts", classes="lists"))


def keys(visit: Visit) -> Answer:
    """The keys, and the switch for them."""
    on = visit.session.keys
    told = "Single keys are on. They work while no field has the focus." if on else "Single keys are off."
    button = f'<button name="keys" value="{"off" if on else "on"}">Switch them {"off" if on else "on"}</button>'
    switch = frame.form(visit.session, "review/keys", button, "inline")
    shown = f"<p>{told}</p>{switch}{frame.keys_list()}"
    return Answer(frame.page(visit, "Keys", shown, at="review/help", classes="lists"))


def set_keys(visit: Visit) -> Answer:
    """Switches single keys on or off, for this session."""
    visit.session.keys = visit.form.one("keys") == "on"
    return see("review/help")


def export_csv(visit: Visit) -> Answer:
    """The verdicts as CSV."""
    return _export(visit, "csv")


def export_jsonl(visit: Visit) -> Answer:
    """The verdicts as lines of JSON."""
    return _export(visit, "jsonl")


def _export(visit: Visit, form: str) -> Answer:
    """A file. Its first line is made before anything is sent, so that a refusal is a page."""
    if not frame.is_lead(visit.who):
        raise Forbidden("Only a lead may take verdicts away.")
    now = visit.session.filters
    if now.verdict == UNJUDGED:  # which a session begins with, and which would leave no verdict
        now = replace(now, verdict="")
    lines = visit.desk.export(visit.who, form, now)
    first = list(islice(lines, 1))
    return Answer(lines=chain(first, lines), name=f"verdicts.{form}", media=MEDIA[form])
