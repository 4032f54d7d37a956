"""The page in headless Chromium against a real server: what a reader sees, hears and can do, and what never happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import lxml.html
import pytest

pytestmark = pytest.mark.browser

ALLOWED = ("http://127.0.0.1:", "data:")


class Watched:
    """A page with everything it said, asked for and popped up."""

    def __init__(self, context: Any, url: str) -> None:
        self.page = context.new_page()
        self.console: list[str] = []
        self.outside: list[str] = []
        self.failed: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.console.append(f"error: {e}"))
        self.page.on("request", lambda r: r.url.startswith(ALLOWED) or self.outside.append(r.url))
        self.page.on("response", lambda r: r.status < 400 or self.failed.append(f"{r.status} {r.url}"))
        self.page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        self.page.goto(url)
        self.box.wait_for()

    @property
    def box(self) -> Any:
        return self.page.get_by_label("Your question")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def turns(self) -> Any:
        return self.page.locator("article.turn")

    def ask(self, question: str) -> Any:
        """Types, presses Ask, waits for the reply; the new turn."""
        before = self.turns().count()
        self.box.fill(question)
        self.button("Ask").click()
        turn = self.turns().nth(before)
        turn.locator(".reply, .message").first.wait_for()
        return turn


def until(watched: Watched, holds: Callable[[], object]) -> None:
    """Waits until it holds, ten seconds at most; the page's policy lets nobody evaluate a condition inside it."""
    for _ in range(200):
        if holds():
            return
        watched.page.wait_for_timeout(50)
    raise AssertionError("did not come to hold within ten seconds")


@pytest.fixture(scope="module")
def running(start: Any) -> Any:
    return start()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(context: Any, running: Any) -> Iterator[Watched]:
    """A page that must stay silent: no console line, no failed or outside request, no dialog."""
    watched = Watched(context, running.url)
    yield watched
    assert watched.console == []
    assert watched.outside == []
    assert watched.failed == []
    assert watched.dialogs == []


def test_first_visit_says_what_the_page_is_and_offers_questions(page: Watched, corpus: Any) -> None:
    shown = page.page.locator("body").inner_text()
    assert corpus.manifest.sources[0].title in shown
    assert "Nothing you type here is kept: questions and replies are not logged." in shown
    for example in corpus.manifest.examples[:4]:
        assert page.button(example).is_visible()
    assert page.page.locator("footer").count() == 0
    assert page.button("Retry").count() == 0


def test_an_answer_shows_each_quote_exactly_and_how_to_check_it(page: Watched, running: Any) -> None:
    turn = page.ask("Does it last?")
    reply = running.bot.reply("Does it last?", ())
    citations = [c for s in reply.statements for c in s.citations]
    assert turn.locator("blockquote").all_text_contents() == [c.quote.text for c in citations]
    assert turn.locator(".lead").all_text_contents() == [
        "From the article:",
        "Note on Mitchell et al. (2021), written by this project:",
    ]
    sources = turn.locator(".source").all_inner_texts()
    assert "A New Approach: MDMA-Assisted Therapy" in sources[0]
    assert "no retraction known, checked 2026-11-23" in sources[0]
    link = turn.get_by_role("link", name="read it in the source (quote 1)")
    assert link.get_attribute("href") == citations[0].link
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert turn.locator(".relies").inner_text() == "The article relies here on: Mitchell et al. (2021); WebMD (n.d.)"
    listed = turn.locator(".references li").all_text_contents()
    assert [words.split(".")[0] for words in listed] == [
        "Mitchell, J",
        "Unlocking healing: How self-love plays a part in MDMA-assisted therapy for trauma",
        "WebMD",
    ]
    assert turn.locator(".disclaimer .verbatim").text_content() == reply.disclaimer.quote.text
    assert turn.locator(".disclaimer").is_visible()
    assert page.page.locator("#announce").text_content() == "Answered with 2 quotes."


def test_text_that_looks_like_markup_reaches_the_reader_as_it_is(page: Watched, running: Any) -> None:
    evil = (
        "tricky <img src=x onerror=alert(1)> *a* $b$ [x](javascript:alert(2)) `c` </article><script>alert(3)</script>"
    )
    turn = page.ask(evil)
    (statement,) = running.bot.reply(evil, ()).statements
    assert turn.locator("blockquote").text_content() == statement.citations[0].quote.text
    assert turn.locator(".asked").text_content() == f"You asked: {evil}"
    assert turn.locator("blockquote *").count() == 0
    assert page.page.locator("#conversation script, #conversation img").count() == 0


def test_an_abstention_looks_different_and_offers_questions_that_can_be_pressed(page: Watched, corpus: Any) -> None:
    page.ask("Does it last?")
    turn = page.ask("What about the weather on Tuesday?")
    assert turn.locator("h3").all_text_contents() == [
        "These are the closest passages; they do not answer the question",
        "What the sources speak of",
    ]
    assert turn.locator(".missing").inner_text() == "Words that the sources never use: “weather”, “Tuesday”"
    assert turn.locator(".covered li").all_text_contents() == list(corpus.manifest.covered)
    assert turn.locator(".disclaimer").is_visible()
    ground = "e => getComputedStyle(e).backgroundColor"
    grounds = [page.turns().nth(i).locator(".reply").evaluate(ground) for i in range(2)]
    assert grounds == ["rgba(0, 0, 0, 0)", "rgb(246, 239, 223)"]
    page.button(corpus.manifest.examples[1]).click()
    page.turns().nth(2).locator("blockquote").first.wait_for()
    assert page.turns().nth(2).locator(".asked").text_content() == f"You asked: {corpus.manifest.examples[1]}"
    assert page.page.locator(".suggestion").count() == 0


def test_a_person_in_danger_reads_the_message_and_the_numbers_first(page: Watched, corpus: Any) -> None:
    turn = page.ask("I feel hopeless")
    assert turn.locator(".reply").inner_text().startswith(corpus.messages.crisis[:40])
    assert turn.locator("blockquote").count() == 0
    numbers = [a.get_attribute("href") for a in turn.locator("a.phone").all()]
    assert numbers == ["tel:988", "tel:988", "tel:988", "tel:116123", "tel:131114", "tel:1737", "tel:1201", "tel:112"]
    assert {a.get_attribute("target") for a in turn.locator("a.phone").all()} == {None}
    assert turn.locator(".disclaimer").is_visible()


def test_spelling_and_earlier_questions_are_told_and_passed_on(page: Watched, running: Any) -> None:
    running.bot.asked.clear()
    first = page.ask("What is self-compasion?")
    assert first.locator(".understood").inner_text() == ("Understood as: What is self-compassion? Ask exactly as typed")
    assert first.get_by_role("button", name="Ask exactly as typed").is_visible()
    second = page.ask("And the second?")
    assert second.locator(".understood").inner_text() == (
        "Understood as: And the second? — taken to be about “self-kindness” Ask exactly as typed"
    )
    assert not first.get_by_role("button", name="Ask exactly as typed").is_visible(), "only the newest can be undone"
    assert running.bot.asked == [
        ("What is self-compasion?", ()),
        ("And the second?", ("What is self-compasion?",)),
    ]


def test_what_was_understood_can_be_undone(page: Watched, running: Any) -> None:
    page.ask("And compasion?")
    running.bot.asked.clear()
    running.bot.typed.clear()
    page.turns().first.get_by_role("button", name="Ask exactly as typed").click()
    until(page, lambda: not page.turns().locator(".understood").count())
    assert page.turns().count() == 1
    assert running.bot.asked == [("And compasion?", ())]
    assert running.bot.typed == ["And compasion?"]


def places(page: Watched) -> Any:
    return page.page.locator("#conversation a.place")


def test_a_citation_opens_its_document_at_the_quoted_words(page: Watched, corpus: Any) -> None:
    page.ask("Does it last?")
    panel = page.page.locator("#panel")
    for number, doc_id in enumerate(("unlocking-healing", "mitchell-2021")):
        link = places(page).nth(number)
        link.click()
        link.and_(page.page.locator("[aria-current]")).wait_for()
        page.page.locator("#panel-title:focus").wait_for()
        quoted = page.turns().first.locator("blockquote").nth(number).text_content()
        assert panel.locator("mark").all_text_contents() == [quoted]
        source = corpus.documents[doc_id].source
        assert source.title in panel.locator("#panel-title").inner_text()
        assert panel.locator("mark").evaluate(VISIBLE), "the place is out of sight"
        shown = panel.locator("p.body").all_text_contents()
        document = corpus.documents[doc_id]
        assert shown == [document.text[b.start : b.end] for b in document.blocks if b.role == "body"]
    assert page.page.evaluate("document.activeElement.id") == "panel-title"
    panel.locator("summary").click()
    panel.get_by_role("link", name="Limits and later discussion").click()
    heading = panel.get_by_role("heading", name="Limits and later discussion")
    until(page, lambda: heading.evaluate(VISIBLE))
    assert "#" not in page.page.url
    page.page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert places(page).nth(1).evaluate("e => e === document.activeElement"), "the keyboard's place is lost"


def test_on_a_phone_what_lies_under_the_panel_is_out_of_reach(browser: Any, running: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    watched = Watched(context, running.url)
    watched.ask("Does it last?")
    places(watched).first.click()
    watched.page.locator("#panel-title:focus").wait_for()
    assert watched.page.get_by_role("dialog").get_attribute("aria-modal") == "true"
    for _ in range(12):
        watched.page.keyboard.press("Tab")
        assert watched.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#panel')"
        )
    watched.page.keyboard.press("Escape")
    assert places(watched).first.evaluate("e => e === document.activeElement")
    watched.page.keyboard.press("Tab")
    assert watched.page.evaluate("!!document.activeElement.closest('article.turn')")
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (720, 450), (360, 225)])
def test_what_has_the_focus_is_not_under_the_question_box(browser: Any, running: Any, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    watched = Watched(context, running.url)
    for question in ("Does it last?", "Does it last long?"):
        watched.ask(question)
    turn = watched.turns().last
    turn.locator(".asked").evaluate("e => { e.tabIndex = -1; e.focus(); }")
    stops = 0
    for _ in range(40):
        watched.page.keyboard.press("Tab")
        watched.page.wait_for_timeout(60)
        if watched.page.evaluate("!document.activeElement.closest('article.turn')"):
            break
        stops += 1
        assert watched.page.evaluate(UNCOVERED), watched.page.evaluate("document.activeElement.outerHTML")
    assert stops > 5
    context.close()


# The first line of the focused element is what is seen at its place.
UNCOVERED = """() => {
  const focused = document.activeElement;
  const line = focused.getClientRects()[0];
  const seen = document.elementFromPoint((line.left + line.right) / 2, (line.top + line.bottom) / 2);
  return !!seen && !seen.closest('#composer') && (seen === focused || focused.contains(seen) || seen.contains(focused));
}"""


VISIBLE = "e => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; }"


def test_a_document_that_cannot_be_had_is_told_in_the_panel(context: Any, running: Any) -> None:
    watched = Watched(context, running.url)
    watched.ask("Does it last?")
    watched.page.route("**/read/**", lambda route: route.abort())
    places(watched).first.click()
    watched.page.locator("#panel .stale").wait_for()
    assert "It is not to be had just now." in watched.page.locator("#panel").inner_text()
    assert watched.outside == []


def test_a_document_that_comes_too_late_is_not_opened(context: Any, running: Any) -> None:
    watched = Watched(context, running.url)
    watched.ask("Does it last?")
    held: list[Any] = []
    watched.page.route("**/read/**", lambda route: held.append(route))
    places(watched).first.click()
    until(watched, lambda: held)
    watched.button("Clear").click()
    watched.turns().first.wait_for(state="detached")
    held[0].continue_()
    watched.page.wait_for_timeout(500)
    assert not watched.page.locator("#panel").is_visible()


def test_a_file_that_cannot_be_made_is_told_where_one_pressed(context: Any, running: Any) -> None:
    watched = Watched(context, running.url)
    turn = watched.ask("Does it last?")
    watched.page.route("**/api/export", lambda route: route.abort())
    turn.get_by_text("Keep or share").click()
    turn.get_by_role("button", name="PDF").click()
    turn.get_by_text("The server cannot be reached just now. Please try again.").wait_for()


def test_a_quote_is_copied_with_its_citation(context: Any, running: Any) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched = Watched(context, running.url)
    turn = watched.ask("Does it last?")
    quote = turn.locator("blockquote").nth(1).text_content()
    turn.get_by_role("button", name="copy (quote 2)").click()
    copied = watched.page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f"“{quote}”\n— Note on Mitchell et al. (2021), written by this project, Results for PTSD symptoms\n"
        "https://doi.org/10.1038/s41591-021-01336-3"
    )
    watched.page.get_by_text("Quote copied with its citation.").wait_for(state="attached")


def test_an_answer_and_a_conversation_are_saved_as_files_with_the_exact_words(page: Watched) -> None:
    turn = page.ask("Does it last?")
    quotes = turn.locator("blockquote").all_text_contents()
    page.ask("What about the weather?")
    turn.get_by_text("Keep or share").click()
    for name, ending in (("Web page", "html"), ("PDF", "pdf"), ("Markdown", "md")):
        with page.page.expect_download() as saved:
            turn.get_by_role("button", name=name).click()
        assert re.fullmatch(rf"answer-\d{{4}}-\d\d-\d\d\.{ending}", saved.value.suggested_filename)
        content = saved.value.path().read_bytes()
        if ending == "html":
            assert [q.text_content() for q in lxml.html.fromstring(content).iter("blockquote")][:2] == quotes
        assert b"weather" not in content
    page.page.get_by_text("Keep the conversation").click()
    for name, ending in (("BibTeX", "bib"), ("RIS", "ris"), ("CSL-JSON", "json"), ("Web page", "html")):
        with page.page.expect_download() as saved:
            page.page.locator("#export").get_by_role("button", name=name).click()
        assert saved.value.suggested_filename.endswith(ending)
    assert b"What about the weather?" in saved.value.path().read_bytes()


def test_the_file_of_a_follow_up_says_what_it_was_taken_to_be_about(page: Watched) -> None:
    page.ask("Does it last?")
    turn = page.ask("And does it last?")
    turn.get_by_text("Keep or share").click()
    with page.page.expect_download() as saved:
        turn.get_by_role("button", name="Web page").click()
    said = lxml.html.fromstring(saved.value.path().read_bytes()).text_content()
    assert "And does it last? (about: self-kindness)" in said


def test_a_reply_is_printed_as_its_card(page: Watched) -> None:
    page.page.evaluate("window.printed = []")
    turn = page.ask("Does it last?")
    turn.get_by_text("Keep or share").click()
    page.page.evaluate(PRINTS)
    turn.get_by_role("button", name="Print").click()
    until(page, lambda: page.page.evaluate("window.printed.length"))
    assert page.page.evaluate("window.printed[0]") == turn.locator("blockquote").all_text_contents()


# What a frame would print is noted instead: headless Chromium has nobody to ask about a printer.
PRINTS = """() => new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const frame of addedNodes) if (frame.tagName === "IFRAME")
    frame.addEventListener("load", () => { const inside = frame.contentWindow;
      inside.print = () => window.printed.push([...inside.document.querySelectorAll("blockquote")].map((q) => q.textContent)); },
      { capture: true });
}).observe(document.body, { childList: true })"""


def test_a_logged_reply_is_judged_and_deleted(context: Any, start: Any) -> None:
    running = start(recording=True)
    watched = Watched(context, running.url)
    turn = watched.ask("Does it last?")
    turn.get_by_role("button", name="No").click()
    assert turn.get_by_label("The wrong passage").evaluate("e => e === document.activeElement")
    turn.get_by_label("Hard to understand").check()
    turn.get_by_label("In your words").fill("too many numbers")
    turn.get_by_role("button", name="Send").click()
    turn.get_by_text("Thank you.").wait_for()
    (ident, thumb) = running.log.thumbs[0]
    assert turn.get_attribute("id").endswith(ident)
    assert (thumb.thumb, thumb.reason, thumb.comment) == ("down", "unclear", "too many numbers")
    turn.get_by_text("What is kept of this").click()
    turn.get_by_role("button", name="Delete it from the log").click()
    turn.get_by_text("It was deleted from the log.").wait_for()
    assert running.log.deleted == ["RECEIPT-1"]
    assert (watched.console, watched.outside, watched.failed) == ([], [], [])


def test_a_comment_of_somebody_in_danger_is_answered_with_help(context: Any, start: Any) -> None:
    running = start(recording=True)
    watched = Watched(context, running.url)
    turn = watched.ask("Does it last?")
    turn.get_by_role("button", name="No").click()
    turn.get_by_label("In your words").fill("I feel hopeless")
    turn.get_by_role("button", name="Send").click()
    turn.get_by_text("Thank you for writing this.").wait_for()
    assert turn.locator('a.phone[href="tel:988"]').first.is_visible()
    assert "hopeless" not in str(running.log.thumbs)


def test_a_term_is_explained_where_it_stands(page: Watched) -> None:
    turn = page.ask("Explain the trial")
    term = turn.locator("blockquote .term")
    tip = page.page.locator("#tip")
    assert not tip.is_visible()
    term.focus()
    assert tip.is_visible()
    assert tip.inner_text().replace("\n", " ") == "A scale of severity. explained by this project"
    assert term.get_attribute("role") == "button"
    assert page.page.locator(f"#{term.get_attribute('aria-describedby')}").text_content() == (
        "A scale of severity. explained by this project"
    )
    page.page.keyboard.press("Escape")
    assert not tip.is_visible()
    assert turn.locator("blockquote mark").all_text_contents() == ["24.4 points"]


def test_the_plain_pages_need_no_script_and_lead_to_each_other(browser: Any, running: Any, corpus: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(running.url)
    page.get_by_role("link", name="Sources", exact=True).click()
    assert page.get_by_role("heading", level=2).all_text_contents() == [s.title for s in corpus.manifest.sources]
    page.get_by_role("link", name="Read what is quoted from").nth(1).click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Note on “MDMA-assisted therapy")
    page.locator("summary").click()
    page.get_by_role("link", name="Results for PTSD symptoms").click()
    assert page.get_by_role("heading", name="Results for PTSD symptoms").evaluate(VISIBLE)
    page.get_by_role("link", name="How it answers").click()
    assert page.get_by_role("heading", level=1).inner_text() == "How it answers"
    page.get_by_role("link", name="Chapter and Verse").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Ask about")
    context.close()


def test_each_part_of_a_question_has_its_heading(page: Watched) -> None:
    turn = page.ask("Several parts")
    assert turn.locator("h3.part").all_text_contents() == ["What is mindfulness?", "What is common humanity?"]
    assert turn.locator(".partial").inner_text() == "The sources do not answer this part: “Who paid?”"


def test_stop_retry_and_clear(page: Watched, running: Any, corpus: Any) -> None:
    running.bot.gate.clear()
    running.bot.asked.clear()
    page.box.fill("A slow question")
    page.button("Ask").click()
    page.page.get_by_text("Looking in the sources…").wait_for()
    page.button("Stop").click()
    stopped = page.turns().first.locator(".message")
    stopped.wait_for()
    assert stopped.inner_text() == "Stopped. The question was not answered."
    running.bot.gate.set()
    page.button("Ask").wait_for()
    page.button("Retry").click()
    page.turns().first.locator("blockquote").first.wait_for()
    assert page.turns().count() == 1
    assert running.bot.asked == [("A slow question", ()), ("A slow question", ())]
    page.button("Clear").click()
    page.button(corpus.manifest.examples[0]).wait_for()
    assert page.turns().count() == 0
    page.ask("Afresh")
    assert running.bot.asked[-1] == ("Afresh", ())


def test_a_fault_is_told_without_its_details(page: Watched, running: Any) -> None:
    turn = page.ask("This fails with a secret")
    assert turn.locator(".message").inner_text() == (
        "Something went wrong here and the question was not answered. Please press “Retry”."
    )
    assert page.button("Ask").is_visible()


def test_a_full_conversation_begins_anew_and_still_knows_what_was_asked(
    context: Any, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.web.reader.MAX_TURNS", 3)
    running = start()
    page = Watched(context, running.url)
    for number in range(3):
        page.ask(f"Number {number}")
    page.box.fill("One more")
    page.button("Ask").click()
    page.page.locator(".asked", has_text="One more").wait_for()
    page.turns().first.locator(".reply").wait_for()
    assert page.turns().count() == 1
    assert running.bot.asked[-1] == ("One more", ("Number 0", "Number 1", "Number 2"))
    page.ask("And after it?")
    assert running.bot.asked[-1] == ("And after it?", ("One more",))


def test_the_keyboard_alone_is_enough(page: Watched) -> None:
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.id") == "skip"
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.page.keyboard.type("Does it last?")
    page.page.keyboard.press("Enter")
    page.turns().first.locator("blockquote").first.wait_for()
    assert page.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    ring = page.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert ring == "3px"


def test_a_question_of_spaces_asks_nothing(page: Watched, running: Any) -> None:
    running.bot.asked.clear()
    page.box.fill("   ")
    page.button("Ask").click()
    page.page.wait_for_timeout(400)
    assert page.turns().count() == 0
    assert running.bot.asked == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_overflows_or_jumps(browser: Any, running: Any, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_init_script(
        "window.moved = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) "
        "if (!e.hadRecentInput) window.moved += e.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    watched = Watched(context, running.url)
    for question in ("Does it last?", "weather", "I feel hopeless", "Several parts"):
        watched.ask(question)
    watched.page.wait_for_timeout(300)
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    moved = watched.page.evaluate("window.moved")
    paper = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    assert wide == width
    assert moved < 0.1, "layout shift score above what counts as good"
    assert paper == {"light": "rgb(250, 248, 244)", "dark": "rgb(20, 24, 26)"}[scheme]


def test_logging_is_told_and_can_be_declined(context: Any, start: Any) -> None:
    running = start(recording=True)
    watched = Watched(context, running.url)
    assert "You can ask without being logged." in watched.page.locator("body").inner_text()
    watched.ask("Logged question")
    watched.page.get_by_label("Do not log my questions").check()
    watched.ask("Unlogged question")
    watched.ask("I feel hopeless")
    watched.page.wait_for_timeout(300)
    assert [re.sub(r"^\S+ ", "", line) for line in running.recorded] == ["Logged question"]


def test_nothing_typed_stays_in_the_browser_or_in_an_address(page: Watched) -> None:
    addresses: list[str] = []
    page.page.on("request", lambda r: addresses.append(r.url))
    page.ask("canary-7d1f question")
    stores = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    assert "canary" not in page.page.evaluate(stores)
    assert [a for a in addresses if "canary" in a] == []


def test_without_scripts_the_page_says_what_to_do(browser: Any, running: Any, corpus: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(running.url)
    shown = page.locator("body").inner_text()
    context.close()
    assert "The question box needs JavaScript" in shown
    assert corpus.manifest.sources[1].label.removeprefix("Note on ") in shown
