"""What every page of the desk has around it: head, name, pages, who is signed in, and what was just done. And the pieces of its forms.

All addresses of a page are written from the root, to which its <base> leads, as on the readers' pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chatbot.review.values import Account
from chatbot.web import shell, theme
from chatbot.web.desk.sessions import Session
from chatbot.web.desk.visits import Visit
from chatbot.web.markup import text
from chatbot.web.theme import StaticFile

FOLDER = Path(__file__).resolve().parent
PAGES = (
    ("review/", "Queue"),
    ("review/cases", "Cases"),
    ("review/pins", "Pins"),
    ("review/gaps", "Gaps"),
    ("review/dashboard", "Dashboard"),
)
FOR_LEADS = (("review/accounts", "Accounts"),)
NAME = "Moderators’ desk"


@dataclass(frozen=True, slots=True)
class Look:
    """The style sheets and the script."""

    page_css: StaticFile
    css: StaticFile
    js: StaticFile


@cache
def look() -> Look:
    """The files, read once."""
    page_css, _ = theme.static_files()
    return Look(page_css, theme.style("desk.css", FOLDER / "look"), theme.script("desk.js", FOLDER / "script"))


def document(
    heading: str, main: str, *, at: str, up: str, above: str = "", classes: str = "", keys: bool = False
) -> str:
    """A whole page. `at` is its address from the root and `up` what leads there, which after a form that was not taken is another
    way; `heading` is text; `main` and `above`, which stands beside the name, are markup; with `keys` the script takes single keys."""
    files = look()
    more = f'<meta name="robots" content="noindex"><link rel="stylesheet" href="{files.page_css.address}">'
    script = f'<script defer src="{files.js.address}"></script>'
    top = shell.head(f"{heading} · {NAME}", f"{NAME} of Chapter and Verse", up, files.css, more + script, "same-origin")
    return (
        f'{top}<body class="desk {classes}" data-keys="{"on" if keys else "off"}">'
        f'<a id="skip" href="{text(at)}#main">Skip to the content</a>'
        f'<header class="masthead"><p class="brand"><a href="./">Chapter <span>and</span> Verse</a> '
        f'<span class="room">{NAME}</span></p>{above}</header>'
        f'<main id="main" tabindex="-1"><h1 class="heading">{text(heading)}</h1>{main}</main>'
        f'<p id="announce" class="hidden" role="status"></p></body></html>'
    )


def page(visit: Visit, heading: str, main: str, *, at: str, classes: str = "", wrong: str = "") -> str:
    """A page for somebody who is signed in. `wrong` says what kept a form from being taken."""
    session = visit.session
    said = session.take_said()
    notes = f'<p class="done" role="status">{text(said)}</p>' if said else ""
    notes += f'<p class="wrong" role="alert"><strong>Not saved.</strong> {text(wrong)}</p>' if wrong else ""
    above, main = _navigation(session, at), notes + main + keys_dialog()
    return document(heading, main, at=at, up=visit.up, above=above, classes=classes, keys=session.keys)


def _navigation(session: Session, at: str) -> str:
    """The pages, and who is signed in."""
    links = shell.links(PAGES + (FOR_LEADS if is_lead(session.who) else ()), at)
    signed = f'<span class="whoami">{text(session.who.name)} <span class="role">{text(session.who.role)}</span></span>'
    out = form(session, "review/sign-out", '<button class="link">Sign out</button>', "out")
    return (
        f'<nav class="pages" aria-label="Desk">{links}</nav>'
        f'<div class="account">{signed}<a class="help" href="review/help">Keys</a>{out}</div>'
    )


def form(session: Session, action: str, inner: str, classes: str = "", ident: str = "") -> str:
    """A form that is sent by POST and proves that it is ours."""
    named = f' id="{ident}"' if ident else ""
    return (
        f'<form method="post" action="{text(action)}" class="{classes}" accept-charset="utf-8"{named}>'
        f'<input type="hidden" name="csrf" value="{text(session.csrf)}">{inner}</form>'
    )


def hidden(name: str, value: str) -> str:
    """A field that is not seen."""
    return f'<input type="hidden" name="{text(name)}" value="{text(value)}">'


def select(ident: str, name: str, label: str, options: Iterable[tuple[str, str]], value: str) -> str:
    """A labelled list to choose from; `options` are (value, words)."""
    inner = "".join(
        f'<option value="{text(v)}"{" selected" if v == value else ""}>{text(words)}</option>' for v, words in options
    )
    return _labelled(ident, label, f'<select id="{ident}" name="{name}">{inner}</select>')


def radio(
    ident: str, name: str, value: str, words: str, *, on: bool = False, off: bool = False, form: str = "", key: str = ""
) -> str:
    """A radio button with its words; `off` cannot be chosen, `form` is the form that it belongs to, `key` the key that chooses it."""
    owner = f' form="{form}"' if form else ""
    hint = f' <kbd aria-hidden="true">{key}</kbd>' if key else ""
    keyed = f' data-key="{key}"' if key else ""
    return (
        f'<label class="choice" for="{text(ident)}"><input type="radio" id="{text(ident)}" name="{text(name)}" value="{text(value)}"'
        f"{' checked' if on else ''}{' disabled' if off else ''}{owner}{keyed}><span>{text(words)}{hint}</span></label>"
    )


def field(
    ident: str, name: str, label: str, value: str = "", *, kind: str = "text", limit: int = 200, hint: str = ""
) -> str:
    """A labelled line to type in."""
    about, said = _hint(ident, hint)
    named = f'type="{kind}" id="{ident}" name="{name}" value="{text(value)}"'
    return _labelled(ident, label, f'<input {named} maxlength="{limit}" autocomplete="off"{about}>') + said


def area(
    ident: str, name: str, label: str, value: str = "", *, limit: int = 2000, rows: int = 3, hint: str = ""
) -> str:
    """A labelled box to type in. A line feed at the start of a text would be dropped by the browser, hence the one before it."""
    about, said = _hint(ident, hint)
    named = f'id="{ident}" name="{name}" rows="{rows}" dir="auto" maxlength="{limit}"'
    return _labelled(ident, label, f"<textarea {named}{about}>\n{text(value)}</textarea>") + said


def _labelled(ident: str, label: str, control: str) -> str:
    """A control under its label."""
    return f'<label class="field" for="{ident}"><span>{label}</span>{control}</label>'


def _hint(ident: str, hint: str) -> tuple[str, str]:
    """The attribute by which a control points to its hint, and the hint, which stands below; two empty ones for none."""
    return (f' aria-describedby="{ident}-hint"', f'<small id="{ident}-hint">{hint}</small>') if hint else ("", "")


def typed(value: str, classes: str = "") -> str:
    """Words of a reader or a moderator, in the direction in which they are written."""
    return f'<span class="typed {classes}" dir="auto">{text(value)}</span>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], classes: str = "") -> str:
    """A table of markup; the first cell of a row is its head."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(
        "<tr>" + f'<th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{text(caption)}" tabindex="0"><table class="{classes}">'
        f'<caption class="hidden">{text(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


KEYS = (
    (
        "In the queue",
        (("j k", "next and previous row"), ("Enter", "open it"), ("t", "take the next one"), ("/", "search")),
    ),
    (
        "In a record",
        (
            (
                "1–5",
                "verdict on the reply: good, should have refused, should have answered, wrong triage (then arrows), unsafe",
            ),
            ("j k", "next and previous quote"),
            ("a p d m", "the quote answers, partly, does not, is misleading"),
            ("n", "write the note"),
            ("s", "save"),
            ("Shift s", "save and take the next one"),
            ("u", "give it back"),
            ("c", "make a test case"),
            ("b", "pin, or never show"),
            ("g", "needs a source"),
        ),
    ),
    ("Anywhere", (("?", "this list"), ("Esc", "close it, or leave a field"))),
)


def keys_list() -> str:
    """The keys with what they do."""
    return "".join(
        f"<h2>{where}</h2><dl class='keylist'>"
        + "".join(f"<dt>{''.join(f'<kbd>{k}</kbd> ' for k in keys.split())}</dt><dd>{does}</dd>" for keys, does in rows)
        + "</dl>"
        for where, rows in KEYS
    )


def keys_dialog() -> str:
    """The same, which the script opens."""
    return (
        f'<dialog id="keys" aria-labelledby="keys-title"><div class="bar"><p id="keys-title">Keys</p>'
        f'<button type="button" id="keys-close">Close</button></div>{keys_list()}'
        '<p class="soft">They can be switched off on the page <a href="review/help">Keys</a>.</p></dialog>'
    )


def is_lead(who: Account) -> bool:
    """Whether somebody decides on proposals, closes gaps, exports."""
    return who.role == "lead"
