"""One record: what was asked, what the reader saw, every candidate, the document beside it; and the verdict on it.

A form that is not taken comes back with everything that was typed and words that say what to change. Left out: what a verdict leads to
(`effects`).
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.errors import Forbidden, NoSuch, ReviewError
from chatbot.marked import Place
from chatbot.moderating.values import Change, Like, View
from chatbot.review.values import Verdict
from chatbot.review.verdicts import FITS
from chatbot.web.desk import beside, effects, forms, frame, looked, reply, words
from chatbot.web.desk.forms import NOTHING, Form
from chatbot.web.desk.queue import next_one
from chatbot.web.desk.visits import Answer, Visit, see
from chatbot.web.markup import text

NO_TRIAGE = "choose how it should have been taken, below “Wrong triage”"
GROUND = "You judge this one without seeing what others said of it. That is how agreement is measured."


def show(visit: Visit) -> Answer:
    """The page."""
    return Answer(page(visit))


def page(visit: Visit, typed: Form = NOTHING, wrong: str = "", sent: str = "") -> str:
    """The whole page. `typed` is a form that was not taken, `wrong` why, `sent` which of the forms it was."""
    view = visit.desk.view(visit.who, visit.named["record_id"])
    judged = typed if sent == "verdict" else NOTHING
    left = (
        _head(view)
        + reply.reply(view.record.reply, view.record.generation, _chosen(view, visit, judged))
        + _thumb(view)
        + _verdict(visit, view, judged)
        + effects.section(visit, view, NOTHING if sent == "verdict" else typed, sent)
        + looked.candidates(view)
        + _earlier(view)
        + _changes(view.changes)
    )
    main = (
        f'<div class="claimed">{_claim(visit, view)}<a class="back" href="{_back(visit)}">Back to the queue</a></div>'
        f'<div class="columns"><div class="work">{left}</div>{beside.panel(visit, view)}</div>'
    )
    return frame.page(visit, "Reply", main, at=visit.record, classes="record", wrong=wrong)


def again(visit: Visit, error: ReviewError, sent: str) -> Answer:
    """The page with what was typed; a role that is not enough and a record that is not there have pages of their own."""
    if isinstance(error, (Forbidden, NoSuch)):
        raise error
    return Answer(page(visit, visit.form, str(error), sent), 422)


def _back(visit: Visit) -> str:
    number = visit.session.page
    return f"review/page/{number}" if number > 1 else "review/"


def _head(view: View) -> str:
    """The question, what it was read as, and the facts of the reply."""
    record = view.record
    asked = frame.typed(record.question, "asked") if record.question else f'<span class="untold">{words.NO_TEXT}</span>'
    understood = str(record.reply.get("understood") or "")
    carried = " ".join(str(c) for c in record.reply.get("carried") or ())
    read = ""
    if understood and (understood != record.question or carried):
        added = f", taken to be about “{frame.typed(carried)}”" if carried else ""
        read = f'<p class="understood">Understood as: {frame.typed(understood)}{added}</p>'
    facts = (
        f'<span class="kind kind-{text(record.kind)}">{text(words.KINDS.get(record.kind, record.kind))}</span>'
        f"<span>confidence {words.number(record.confidence)}</span><span>asked {text(words.hour(record.asked_at))}</span>"
        f"<span>index <code>{text(record.generation or 'none')}</code></span><span>{record.seconds:.2f} s</span>"
    )
    stale = (
        '<p class="stale">The index of this reply is no longer kept; documents are shown as they are today.</p>'
        if view.stale
        else ""
    )
    return f'<p class="asked-line"><span class="hidden">Question: </span>{asked}</p>{read}<p class="facts">{facts}</p>{stale}'


def _claim(visit: Visit, view: View) -> str:
    """Who has it, with the button that changes that."""
    at, mine = visit.record, view.assigned_to == visit.who.name
    if mine:
        button = frame.form(visit.session, f"{at}/release", '<button class="link" data-press="u">Give it back</button>')
        return f"<p>On your desk</p>{button}"
    if view.assigned_to:
        return f"<p>On the desk of <b>{text(view.assigned_to)}</b>. You can read it; a verdict has to wait until they have judged it or given it back.</p>"
    button = frame.form(visit.session, f"{at}/claim", '<button class="link" data-press="t">Put it on mine</button>')
    return f"<p>On nobody’s desk</p>{button}"


def _thumb(view: View) -> str:
    """What the reader thought of it."""
    if view.thumb is None:
        return ""
    why = f": {words.THUMBS[view.thumb.reason]}" if view.thumb.thumb == "down" else ""
    comment = (
        f'<blockquote class="comment">{frame.typed(view.thumb.comment)}</blockquote>' if view.thumb.comment else ""
    )
    return f'<div class="thumb {view.thumb.thumb}"><p>The reader’s thumb is <b>{view.thumb.thumb}</b>{why}</p>{comment}</div>'


def _own(view: View, visit: Visit) -> Verdict | None:
    """The moderator's last verdict on it."""
    return next((v for v in reversed(view.history) if v.reviewer == visit.who.name), None)


def _chosen(view: View, visit: Visit, typed: Form) -> dict[str, str]:
    """What is chosen for each quote: as typed, else as last judged."""
    if typed:
        return {name.removeprefix(forms.QUOTE): typed.one(name) for name in typed.names(forms.QUOTE)}
    own = _own(view, visit)
    return {forms.place_name(Place(q.doc_id, q.start, q.end)): q.label for q in own.quotes} if own else {}


def _verdict(visit: Visit, view: View, typed: Form) -> str:
    """The form of the verdict."""
    own = _own(view, visit)
    label = typed.one("label") if typed else own.label if own else ""
    triage = typed.one("triage") if typed else (own.triage or "") if own else ""
    tags = typed.one("tags") if typed else " ".join(own.tags) if own else ""
    note = typed.one("note") if typed else own.note if own else ""
    labels = "".join(
        frame.radio(
            f"label-{name}",
            "label",
            name,
            said,
            on=name == label,
            off=not _fits(name, view.record.kind),
            key=str(number),
        )
        for number, (name, said) in enumerate(words.LABELS.items(), 1)
    )
    ways = "".join(
        frame.radio(f"triage-{name}", "triage", name, said, on=name == triage)
        for name, said in words.TRIAGES.items()
        if name != view.record.kind
    )
    blind = f'<p class="blind">{GROUND}</p>' if view.blind else ""
    before = (
        f'<p class="soft">You judged it on {text(words.moment(own.judged_at))}. What you save now counts instead; nothing is lost.</p>'
        if own
        else ""
    )
    inner = (
        f'<h2 id="verdict-title">Your verdict</h2>{blind}{before}<fieldset class="labels"><legend>The reply was</legend>{labels}</fieldset>'
        f'<fieldset class="triage"><legend>How should it have been taken?</legend>{ways}</fieldset>'
        + frame.area("note", "note", "Note", note, hint="Why, for whoever reads this later. It stays in the log.")
        + frame.field(
            "tags",
            "tags",
            "Tags",
            tags,
            limit=300,
            hint="Words of a to z, 0 to 9 and hyphens, with spaces between them.",
        )
        + '<div class="buttons"><button class="primary" name="then" value="next" data-press="S">Save and next</button>'
        '<button name="then" value="stay" data-press="s">Save</button></div>'
    )
    return frame.form(visit.session, f"{visit.record}/verdict", inner, "verdict-form", reply.VERDICT_FORM)


def _fits(label: str, kind: str) -> bool:
    """Whether a verdict can be true of that kind of reply."""
    return kind in FITS.get(label, (kind,))


def _earlier(view: View) -> str:
    """Earlier verdicts on it, and what was said of questions like it."""
    history = "".join(_judged(v) for v in view.history)
    like = "".join(_like(one) for one in view.like)
    return (f'<section><h2>Verdicts so far</h2><ul class="history">{history}</ul></section>' if history else "") + (
        f'<section><h2>Questions like it</h2><ul class="like">{like}</ul></section>' if like else ""
    )


def _judged(given: Verdict) -> str:
    """One verdict."""
    triage = f" ({text(words.TRIAGES.get(given.triage, given.triage).lower())})" if given.triage else ""
    tags = "".join(f" <span class='tag'>{text(tag)}</span>" for tag in given.tags)
    note = f'<p class="note">{frame.typed(given.note)}</p>' if given.note else ""
    blind = " <span class='tag'>blind</span>" if given.blind else ""
    return (
        f"<li><b>{text(words.LABELS.get(given.label, given.label))}</b>{triage}{tags}{blind} "
        f'<span class="soft">{text(given.reviewer)}, {text(words.moment(given.judged_at))}</span>{note}</li>'
    )


def _like(one: Like) -> str:
    """One question like it."""
    said = (
        f"<b>{text(words.LABELS.get(one.label, one.label))}</b> by {text(one.reviewer)}"
        if one.label
        else "not judged yet"
    )
    return (
        f'<li><a href="review/record/{text(one.record_id)}">{frame.typed(one.question)}</a> <span class="soft">'
        f"{text(words.KINDS.get(one.kind, one.kind))}, likeness {words.number(one.likeness)}, {said}</span></li>"
    )


def _changes(changes: Sequence[Change]) -> str:
    """What was done about it."""
    items = "".join(
        f'<li><time datetime="{text(c.at)}">{text(words.moment(c.at))}</time> <b>{text(c.who)}</b> {_done(c)}</li>'
        for c in changes
    )
    told = f"<summary>{words.counted(len(changes), 'entry')}</summary>"
    folded = f'<details{" open" if len(changes) < 6 else ""}>{told}<ol class="changes">{items}</ol></details>'
    return f"<section><h2>What was done</h2>{folded}</section>" if items else ""


def _done(change: Change) -> str:
    """What somebody did, in words where it has some here."""
    said = text(words.CHANGES.get(change.what, change.what))
    if change.what == "claim" or not change.words:
        return said
    label, comma, more = change.words.partition(", ")
    return f"{said}: {frame.typed(words.told(label) + comma + more)}"


def judge(visit: Visit) -> Answer:
    """Writes the verdict down; then the same record, or the next."""
    record_id = visit.named["record_id"]
    try:
        wanted = forms.judgement_of(visit.form)
        if wanted.label == "wrong_triage" and wanted.triage is None:
            raise ReviewError(NO_TRIAGE)
        given = visit.desk.judge(visit.who, record_id, wanted)
    except ReviewError as error:
        return again(visit, error, "verdict")
    visit.session.said = f"Saved: {words.LABELS[given.label]}."
    return next_one(visit, record_id) if visit.form.one("then") == "next" else see(visit.record)


def claim(visit: Visit) -> Answer:
    """Puts it on this desk, unless it is on another's."""
    has = visit.desk.claim(visit.who, visit.named["record_id"])
    if has != visit.who.name:
        visit.session.said = f"{has} took it just before you."
    return see(visit.record)


def release(visit: Visit) -> Answer:
    """Gives it back."""
    visit.desk.release(visit.who, visit.named["record_id"])
    visit.session.said = "Given back: others can take it."
    return see(_back(visit))
