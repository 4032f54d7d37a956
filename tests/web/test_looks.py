"""The page as it looks and as it is read aloud: every state at three widths in both schemes, axe-core, the keyboard, zoom, right to left.

Pictures are written to the folder that CHAPTER_PICTURES names, for people to look at; without it they are taken and thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SIZES = ((390, 844), (820, 1180), (1440, 900))
STATES = ("first visit", "answer", "explained", "abstention", "crisis", "source panel", "error")
PAGES = ("sources", "about", "read/0123456789abcdef/mitchell-2021", "read/0123456789abcdef/unlocking-healing/1875-2145")
AXE = "() => axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"


@pytest.fixture(scope="module")
def running(start: Any) -> Any:
    return start(recording=True)


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids=str)
def page(request: Any, browser: Any, running: Any) -> Iterator[Any]:
    """A page of that size and scheme whose policy lets axe-core in; nothing else of it differs."""
    (width, height), scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    made = context.new_page()
    made.outside = []
    made.on("request", lambda r: r.url.startswith((running.url, "data:", "blob:")) or made.outside.append(r.url))
    made.goto(running.url)
    made.get_by_label("Your question").wait_for()
    made.label = f"{width}-{scheme}"
    yield made
    assert made.outside == []
    context.close()


def ask(page: Any, question: str) -> Any:
    before = page.locator("article.turn").count()
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    turn = page.locator("article.turn").nth(before)
    turn.locator(".reply, .message").first.wait_for()
    return turn


def reach(page: Any, state: str) -> None:
    """Brings the page, which is in the state before it, into this one."""
    if state == "answer":
        ask(page, "Does it last?")
    elif state == "explained":
        turn = ask(page, "Explain the trial")
        turn.get_by_text("Words explained").click()
        turn.get_by_role("button", name="No", exact=True).click()
        turn.locator(".term").focus()
    elif state == "abstention":
        ask(page, "What about the weather?")
    elif state == "crisis":
        ask(page, "I feel hopeless")
    elif state == "source panel":
        page.locator("a.place").first.click()
        page.locator("#panel mark").wait_for()
    elif state == "error":
        page.keyboard.press("Escape")
        ask(page, "This fails")


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("CHAPTER_PICTURES")
    taken = page.screenshot(animations="disabled")
    if folder:
        target = Path(folder) / f"{name.replace('/', '-').replace(' ', '-')}-{page.label}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(taken)


def violations(page: Any) -> list[str]:
    found = page.evaluate(AXE)["violations"]
    return [f"{v['id']} ({v['impact']}): {node['html'][:160]}" for v in found for node in v["nodes"]]


def wide(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_every_state_is_accessible_fits_and_asks_nobody_else(page: Any) -> None:
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    for state in STATES:
        reach(page, state)
        picture(page, state)
        page.evaluate(axe)
        assert violations(page) == [], f"{state} at {page.label}"
        assert wide(page) <= 0, f"{state} at {page.label} scrolls sideways"
    for address in PAGES:
        page.goto(page.evaluate("location.origin") + "/" + address)
        picture(page, address)
        page.evaluate(axe)
        assert violations(page) == [], f"{address} at {page.label}"
        assert wide(page) <= 0, f"{address} at {page.label} scrolls sideways"


@pytest.fixture
def plain(browser: Any, running: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages with the policy as served."""
    opened = []

    def open_page(**options: Any) -> Any:
        context = browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.goto(running.url)
        page.get_by_label("Your question").wait_for()
        return page

    yield open_page
    for context in opened:
        context.close()


def test_at_twice_the_size_everything_is_still_there(plain: Any) -> None:
    page = plain(viewport={"width": 640, "height": 400})  # 1280 by 800 at 200 %
    turn = ask(page, "Does it last?")
    assert wide(page) <= 0
    for name in ("copy (quote 1)", "Yes"):
        button = turn.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        assert button.is_visible()
    page.locator("a.place").first.click()
    page.locator("#panel mark").wait_for()
    assert page.get_by_role("button", name="Close").is_visible()
    assert wide(page) <= 0


def test_what_is_typed_from_right_to_left_is_shown_so(plain: Any) -> None:
    page = plain()
    typed = "ما هو التعاطف مع الذات؟"
    box = page.get_by_label("Your question")
    box.fill(typed)
    assert box.evaluate("e => getComputedStyle(e).direction") == "rtl"
    turn = ask(page, typed)
    shown = turn.locator(".typed")
    assert shown.text_content() == typed
    assert shown.evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert turn.locator("blockquote").first.evaluate("e => getComputedStyle(e).direction") == "ltr"


def read_aloud(page: Any, selector: str) -> list[str]:
    """What a screen reader gets for each element: the text of its accessibility tree, in order."""
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
    out = []
    for node in found:
        backend = session.send("DOM.describeNode", {"nodeId": node})["node"]["backendNodeId"]
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        known = {n["nodeId"]: n for n in nodes}
        top = next(n for n in nodes if n.get("backendDOMNodeId") == backend)
        out.append("".join(spoken(top, known)))
    return out


def spoken(node: Any, known: dict[str, Any]) -> Iterator[str]:
    if node["role"]["value"] == "StaticText":
        yield node["name"]["value"]
        return
    for child in node.get("childIds", []):
        if child in known:
            yield from spoken(known[child], known)


def test_a_screen_reader_gets_each_quote_as_the_slice(plain: Any, running: Any) -> None:
    page = plain()
    for question in ("Does it last?", "Explain the trial"):
        ask(page, question)
    cited = [
        c
        for q in ("Does it last?", "Explain the trial")
        for s in running.bot.reply(q, ()).statements
        for c in s.citations
    ]
    slices = [running.bot.corpus.documents[c.quote.doc_id].text[c.quote.start : c.quote.end] for c in cited]
    assert read_aloud(page, "#conversation blockquote") == slices


def focused(page: Any) -> str:
    return str(page.evaluate("(document.activeElement.textContent || '').trim() || document.activeElement.tagName"))


def test_the_keyboard_reaches_everything_in_the_order_in_which_it_is_read(plain: Any) -> None:
    page = plain(viewport={"width": 1440, "height": 900})
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the question box"
    page.keyboard.press("Enter")
    page.keyboard.type("Explain the trial")
    page.keyboard.press("Enter")
    page.locator("article.turn .reply").wait_for()
    page.get_by_label("Your question").press("Shift+Tab")
    page.locator("article.turn").evaluate("e => { e.tabIndex = -1; e.focus(); }")
    met = []
    for _ in range(16):
        page.keyboard.press("Tab")
        met.append(focused(page))
        if met[-1] == "TEXTAREA":
            break
    order = [
        "CAPS-5",
        "Note on Mitchell et al. (2021)",
        "open the source",
        "copy",
        "Words explained",
        "https://doi.org",
        "Keep or share",
        "Yes",
        "No",
        "What is kept of this",
        "TEXTAREA",
    ]
    at = 0
    for wanted in order:
        at = next((i for i in range(at, len(met)) if met[i].startswith(wanted)), len(met))
    assert at < len(met), met
    page.locator("a.place").first.focus()
    page.keyboard.press("Enter")
    page.locator("#panel-title:focus").wait_for()
    page.keyboard.press("Tab")
    assert focused(page) == "Close"
    page.keyboard.press("Enter")
    assert focused(page).startswith("Note on Mitchell et al. (2021)")


def test_words_are_there_before_the_question_box_and_nothing_is_asked_of_others(browser: Any, running: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.goto(running.url)
    page.get_by_label("Your question").wait_for()
    ready = page.evaluate("performance.now()")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ask(page, "Does it last?")
    page.locator("a.place").first.click()
    page.locator("#panel mark").wait_for()
    assert len(requests) > 10
    assert [url for url in requests if not url.startswith((running.url, "data:"))] == []
    assert painted < ready
    context.close()
