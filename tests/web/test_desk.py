"""The moderators' desk in a browser, over a real answer log: a day's work by keyboard, a case, a pin, and how it all looks.

Pictures are written to the folder that CHAPTER_PICTURES names, for people to look at; without it none are taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import desk_memory
import pytest
from argon2 import PasswordHasher

from chatbot import settings
from chatbot.log import open_log
from chatbot.log.notebook import Notebook
from chatbot.log.thumbs import Thumb, event_of
from chatbot.moderating.desk import Moderation
from chatbot.review.access import Access
from chatbot.review.values import Account

pytestmark = pytest.mark.browser

SIZES = ((390, 844), (820, 1180), (1440, 900))
WHOLE = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']"
COLOURS = "{type: 'rule', values: ['color-contrast']}"  # all that a scheme changes
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "\"><svg onload=alert(3)> ' onfocus=alert(4) autofocus x='",
    "</textarea></title><iframe srcdoc='<script>parent.alert(5)</script>'></iframe>",
    "[a](javascript:alert(6)) javascript:alert(7)",
)
MO, LENA = Account("mo", "moderator"), Account("lena", "lead")


@dataclass
class Texts:
    """The scripted chatbot's documents."""

    bot: Any

    def corpus_of(self, generation: str) -> Any:
        return self.bot.corpus_of(generation)

    def now(self) -> Any:
        return self.bot.corpus_of(self.bot.generation)

    def current(self) -> str:
        return str(self.bot.generation)

    def threshold_of(self, generation: str) -> float | None:
        return 0.5


@dataclass
class Room:
    """A server with a desk, and the desk itself."""

    url: str
    desk: Moderation


@pytest.fixture(scope="module")
def room(start: Any, new_bot: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Ten replies and four hostile ones, two accounts, one thumb down; no reply is judged twice."""
    bot, cheap = new_bot(), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    hours = [f"2026-11-{20 + n // 4:02}T{8 + n % 4:02}:00Z" for n in range(14)]
    asked = (*desk_memory.ASKED, *HOSTILE)
    records = [
        desk_memory.record_of(bot, f"r{n:02}", q, at) for n, (q, at) in enumerate(zip(asked, hours, strict=True))
    ]
    share, settings.BLIND_SHARE = settings.BLIND_SHARE, 0.0
    with closing(open_log(tmp_path_factory.mktemp("log") / "answers.sqlite", create=True)) as log:
        log.append(records)
        log.attach([event_of("r04", Thumb("down", "wrong_passage", "It says 24.4, of how many?"), hours[-1])])
        access = Access(Notebook(log), hasher=cheap)
        for account in (MO, LENA):
            access.add(account.name, account.role, desk_memory.PASSWORD)
        desk = Moderation(log, Texts(bot), hasher=cheap)
        yield Room(start(moderating=desk).url, desk)
    settings.BLIND_SHARE = share


@pytest.fixture
def sit(browser: Any, room: Room) -> Iterator[Callable[..., Any]]:
    """Opens the sign-in page in a browser of its own; at the end nothing was asked of others, no script of a reader ran."""
    opened: list[tuple[Any, list[str]]] = []

    def sit_down(**options: Any) -> Any:
        context = browser.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"} | options
        )
        page, wrong = context.new_page(), []
        opened.append((context, wrong))
        page.on("request", lambda r: r.url.startswith((room.url, "data:")) or wrong.append(f"asked {r.url}"))
        page.on("console", lambda m: m.type == "error" and wrong.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
        page.on("dialog", lambda d: (wrong.append(f"dialog: {d.message}"), d.dismiss()))
        page.goto(room.url + "review")
        return page

    yield sit_down
    for context, wrong in opened:
        context.close()
        assert wrong == []


def sign_in(page: Any, name: str) -> Any:
    """By keyboard: the name has the focus already."""
    page.locator("#name:focus").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(desk_memory.PASSWORD)
    page.keyboard.press("Enter")
    page.locator("ol.rows, p.empty").first.wait_for()
    return page


def work(page: Any) -> str:
    """Judges the record that is open, by keys alone; its id."""
    ident = str(page.url).rsplit("/", 1)[1]
    for _ in range(page.locator("[data-quote]").count()):
        page.keyboard.press("j")
        page.keyboard.press("a")
    page.keyboard.press("n")
    page.keyboard.type("By keys; s and 1 are letters here.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    with page.expect_navigation():
        page.keyboard.press("Shift+S")
    return ident


def test_ten_replies_are_judged_by_keyboard_alone(sit: Any, room: Room) -> None:
    page = sign_in(sit(), "mo")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("a.question").nth(1)
    assert second.evaluate("e => e === document.activeElement")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("t")
    done = [work(page) for _ in range(10)]
    assert len(set(done)) == 10
    views = [room.desk.view(LENA, ident) for ident in done]
    assert all((v.history[-1].label, v.history[-1].reviewer) == ("good", "mo") for v in views)
    assert all("s and 1 are letters" in v.history[-1].note for v in views)
    judged = [len(v.history[-1].quotes) for v in views]
    assert judged == [len(v.record.reply.get("quotes") or ()) for v in views]
    assert sum(judged) > 8
    with page.expect_navigation():
        page.keyboard.press("u")
    assert "4 replies" in page.locator(".summary").inner_text()


def test_keys_that_are_switched_off_do_nothing(sit: Any, room: Room) -> None:
    page = sign_in(sit(), "mo")
    page.goto(room.url + "review/help")
    page.get_by_role("button", name="Switch them off").click()
    page.goto(room.url + "review/record/r00")
    page.keyboard.press("5")
    page.keyboard.press("c")
    assert page.locator("#label-unsafe:checked, #do-case[open]").count() == 0
    page.goto(room.url + "review/help")
    page.get_by_role("button", name="Switch them on").click()
    page.goto(room.url + "review/record/r00")
    page.keyboard.press("5")
    page.keyboard.press("c")
    assert page.locator("#label-unsafe:checked").count() == 1
    assert page.locator("#do-case[open]").count() == 1


def test_a_marked_word_becomes_a_case_with_its_whole_sentence(sit: Any, room: Room) -> None:
    page = sign_in(sit(), "mo")
    page.goto(room.url + "review/record/r04")
    page.locator(".quotes a.place").nth(1).click()  # another document, opened in its place
    page.locator("#document[data-doc=mitchell-2021] #here").wait_for()
    page.locator("#here").dblclick()
    page.locator("#marked").wait_for()
    assert len(page.locator("#marked .words").inner_text().split()) == 1
    page.get_by_role("button", name="Gold for a test case").click()
    page.locator("#case-question").fill("How much did the scores fall?")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the test case").click()
    quote = room.desk.view(LENA, "r04").record.reply["quotes"][1]["text"]
    made = room.desk.cases(LENA)[-1]
    assert (made.question, made.expectation, made.gold) == ("How much did the scores fall?", "answer", (quote,))


def test_a_moderator_proposes_a_pin_and_a_lead_approves_it(sit: Any, room: Room) -> None:
    page = sign_in(sit(), "mo")
    page.goto(room.url + "review/record/r01")
    page.locator("#here").dblclick()
    page.locator("#marked").wait_for()
    page.get_by_role("button", name="Pin", exact=True).click()
    assert page.locator("#action-pin:checked").count() == 1
    with page.expect_navigation():
        page.get_by_role("button", name="Propose it").click()
    proposed = room.desk.proposals(LENA)[-1]
    near = room.desk.view(LENA, "r01").record.reply["near_misses"][0]
    assert (proposed.action, proposed.text, proposed.question) == ("pin", near["text"], desk_memory.ASKED[1])
    lead = sign_in(sit(), "lena")
    lead.get_by_role("link", name="Pins").click()
    with lead.expect_navigation():
        lead.get_by_role("button", name="Approve").click()
    assert room.desk.proposals(LENA)[-1].state == "approved"
    assert lead.get_by_role("heading", name="Approved").count() == 1


def test_everything_works_without_script(sit: Any, room: Room) -> None:
    page = sit(java_script_enabled=False)
    page.get_by_label("Name").fill("mo")
    page.get_by_label("Password").fill(desk_memory.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(room.url + "review/record/r06")
    page.get_by_label("Unsafe").check()
    page.locator(".triage").get_by_label("As a crisis").check()
    page.get_by_label("Does not").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    given = room.desk.view(LENA, "r06").history[-1]
    assert (given.label, given.triage, given.quotes[0].label) == ("unsafe", "crisis", "does_not")
    page.get_by_text("Make this a test case").click()
    page.locator("#do-case").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make the test case").click()
    assert page.locator("p.done").inner_text() == "Made: a test case with 1 sentence of gold."


def hostile(room: Room) -> list[str]:
    """The addresses of the records with hostile questions."""
    return [f"review/record/r{10 + n}" for n in range(len(HOSTILE))]


def test_hostile_questions_stay_text(sit: Any, room: Room) -> None:
    page = sign_in(sit(), "lena")
    with page.expect_navigation():
        page.get_by_text("Clear", exact=True).click()
    shown = page.locator("a.question").all_inner_texts()
    assert set(HOSTILE) <= set(shown)
    for address, typed in zip(hostile(room), HOSTILE, strict=True):
        page.goto(room.url + address)
        assert page.locator(".asked").inner_text() == typed
        assert page.locator("#case-question").input_value() == typed
        assert page.locator("main script, main iframe, main img").count() == 0


def picture(page: Any, name: str) -> None:
    """For people to look at."""
    folder = os.environ.get("CHAPTER_PICTURES")
    if folder:
        target = Path(folder) / f"desk-{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.screenshot(animations="disabled"))


def look_at(page: Any, name: str) -> None:
    """At three widths axe finds nothing and nothing scrolls sideways; in the dark scheme all colours are far enough apart."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (
            f"{name} at {width} is too wide"
        )
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            picture(page, f"{name}-{width}-{scheme}")
            if scheme == "light" or width == 1440:
                assert violations(page, WHOLE if scheme == "light" else COLOURS) == [], f"{name} at {width} {scheme}"


def violations(page: Any, chosen: str) -> list[str]:
    """What axe finds, by the rules that are chosen."""
    found = page.evaluate(f"() => axe.run(document, {{resultTypes: ['violations'], runOnly: {chosen}}})")["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def test_every_page_is_accessible_and_fits(sit: Any, room: Room) -> None:
    room.desk.report_gap(MO, "r01", "What the weather has to do with it")
    page = sit(bypass_csp=True)
    look_at(page, "sign-in")
    sign_in(page, "lena")
    with page.expect_navigation():
        page.get_by_text("Clear", exact=True).click()
    page.get_by_text("Filters").click()
    look_at(page, "queue")
    for address in (
        "record/r04",
        "record/r01",
        "record/r09",
        "cases",
        "pins",
        "gaps",
        "dashboard",
        "accounts",
        "help",
    ):
        page.goto(f"{room.url}review/{address}")
        page.evaluate("document.querySelectorAll('main details').forEach((e) => (e.open = true))")
        look_at(page, address.replace("/", "-"))
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").wait_for()
