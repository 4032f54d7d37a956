"""The HTML around everything: the chat page, into which Gradio mounts itself, and the frame of the plain pages.

Gradio's own index page carries inline scripts, which the Content-Security-Policy blocks with an error each, a picture at an
outside address and its maker's name. This one loads the same bundle and nothing else, shows words before any script has run,
and says what to do where scripts are off. The bundle's file names are read from Gradio's index page at start. Left out: what the
plain pages say (`places`, `listing`, `about`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from chatbot.answer.quoting import status_line
from chatbot.datatypes import ARTICLE, Source
from chatbot.errors import ChapterError
from chatbot.web.markup import anchor, text
from chatbot.web.theme import FONTS, ICON, StaticFile

NOT_LOGGED = "Nothing you type here is kept: questions and replies are not logged."
USES = {
    "full": "quoted from its full text",
    "digest": "quoted through a note written by this project",
    "none": "listed and linked, never quoted",
}
PAGES = (("./", "Ask"), ("sources", "Sources"), ("about", "How it answers"))


def bundle(index_page: Path) -> tuple[str, str]:
    """Names of Gradio's script and style sheet, as its own index page loads them."""
    page = index_page.read_text(encoding="utf-8")
    script = re.search(r'<script type="module"[^>]* src="\./(assets/[\w.-]+\.js)"', page)
    style = re.search(r'<link rel="stylesheet"[^>]* href="\./(assets/[\w.-]+\.css)"', page)
    if not script or not style:
        raise ChapterError(
            f"{index_page}: no script or style sheet found; install the gradio version that pyproject.toml names"
        )
    return script[1], style[1]


def notice_lines(lines: Sequence[str], recording: bool) -> list[str]:
    """The notice, true to what happens: where nothing is recorded, the line on logging says so."""
    if recording:
        return list(lines)
    return [NOT_LOGGED if re.search(r"\blogged\b", line) else line for line in lines]


def source_item(source: Source) -> str:
    """A source in the list: what it is, how it is used, how it stands."""
    who = source.label.removeprefix("Note on ")
    name = source.title if not source.authors else who
    return (
        f'<li><span class="name">{anchor(source.link, text(name))}</span>'
        f'<span class="use">{USES[source.text_kind]}</span>'
        f'<span class="standing">{text(status_line(source.status))}</span></li>'
    )


def head(title: str, description: str, up: str, css: StaticFile, more: str = "", referrer: str = "no-referrer") -> str:
    """Everything before the body. `up` leads from the page's address to the root, `more` are further tags, `referrer` is a policy."""
    fonts = "".join(f'<link rel="preload" href="{f}" as="font" type="font/woff2" crossorigin>' for f in FONTS)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><base href="{up}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta name="referrer" content="{referrer}">'
        f'<title>{text(title)}</title><meta name="description" content="{text(description)}">'
        f'<link rel="icon" href="{ICON}">{fonts}{more}<link rel="stylesheet" href="{css.address}"></head>'
    )


def links(pages: Iterable[tuple[str, str]], here: str) -> str:
    """Links to pages, as (address, words), with the one whose address is `here` told apart."""
    return "".join(
        f'<a href="{address}"{" aria-current=page" if address == here else ""}>{words}</a>' for address, words in pages
    )


def masthead(here: str, heading: str, below: str = "") -> str:
    """Name, pages and heading. `here` is the address of this page among PAGES, `heading` and `below` are markup."""
    return (
        '<header class="top"><p class="brand"><a href="./">Chapter <span>and</span> Verse</a></p>'
        f'<nav class="pages" aria-label="Pages">{links(PAGES, here)}</nav><h1>{heading}</h1>{below}</header>'
    )


def body(title: str, article: str, notice: Sequence[str], sources: Sequence[Source]) -> str:
    """The visible page; `article` is the address of the article."""
    lines = "".join(f"<li>{text(line)}</li>" for line in notice)
    listed = "".join(source_item(s) for s in sources)
    promise = '<p class="promise">Every answer is an exact quote, with the place where it stands.</p>'
    return (
        '<body class="chat"><a id="skip" href="#question">Skip to the question box</a>'
        + masthead("./", f"Ask about “{anchor(article, text(title))}”", promise)
        + f'<aside class="notice" aria-labelledby="before"><h2 id="before">Before you ask</h2><ul>{lines}</ul></aside>'
        '<div id="page"><noscript><p class="noscript">The question box needs JavaScript, served from this address only. Without it, '
        "send a question to /api/ask, as the README shows.</p></noscript>"
        '<gradio-app control_page_title="false" embed="false" eager="true"></gradio-app>'
        '<p id="announce" class="hidden" role="status"></p></div>'
        f'<aside class="sources" aria-labelledby="sources"><h2 id="sources">Sources</h2><ul>{listed}</ul></aside>'
        '<div id="panel" role="complementary" aria-labelledby="panel-title" hidden><div class="bar"><h2 id="panel-title" tabindex="-1"></h2>'
        '<button type="button" id="panel-close">Close</button></div><div id="panel-body"></div></div>'
        '<div id="tip" aria-hidden="true" hidden></div></body></html>'
    )


def page(
    index_page: Path,
    title: str,
    notice: Sequence[str],
    sources: Sequence[Source],
    static: tuple[StaticFile, StaticFile],
) -> bytes:
    """The chat page, ready to send."""
    script, style = bundle(index_page)
    css, js = static
    article = next((s.link for s in sources if s.kind == ARTICLE), "")
    loads = (
        f'<link rel="stylesheet" href="{style}"><script type="module" crossorigin src="{script}"></script>'
        f'<script defer src="{js.address}"></script>'
    )
    said = f"Ask about “{title}”. Answers are exact quotes with their sources."
    return (
        head(f"Chapter and Verse: {title}", said, "./", css, loads) + body(title, article, notice, sources)
    ).encode()


def plain_page(heading: str, main: str, css: StaticFile, *, at: str, up: str = "./") -> bytes:
    """A page without a script at the address `at`. `heading` is text, `main` markup; `up` leads to the root."""
    said = f"{heading}, on Chapter and Verse: answers in the sources’ own words."
    top = masthead(at, text(heading))
    whole = f'<body class="plain"><a id="skip" href="{at}#main">Skip to the text</a>{top}<main id="main">{main}</main></body></html>'
    return (head(f"{heading} · Chapter and Verse", said, up, css) + whole).encode()
