"""From a verdict to a better answer, in a browser: a case made at the desk fails; a pin is proposed, approved, written and built; it passes.

The models are light stand-ins; the log, the desk, the commands' work, the build with its gate and the evaluation are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from desk_memory import PASSWORD
from fakes import HashEmbedder, WordStage, no_triage

from chatbot.answer.rendering import render_json
from chatbot.evaluate import questions
from chatbot.evaluate.replay import replay
from chatbot.log import open_log
from chatbot.log.database import Database
from chatbot.log.notebook import Notebook
from chatbot.log.privacy import redact, redact_reply
from chatbot.log.records import Asked, make_record
from chatbot.moderating.desk import Moderation
from chatbot.moderating.texts import Shelved
from chatbot.release.contrasting import Tools
from chatbot.release.releasing import release
from chatbot.review.access import Access
from chatbot.review.values import Account

pytestmark = pytest.mark.browser

QUESTION = "How should I talk to myself after a bad day?"
GOLD = "Self-kindness is about treating ourselves with the same care and understanding that we would offer a good friend who is struggling."
LENA = Account("lena", "lead")


@dataclass
class Workshop:
    """A corpus, its index, a log with one reply to QUESTION, and a desk over all that."""

    corpus: Path
    index: Path
    tools: Tools
    log: Database

    def build(self) -> str:
        """A new generation through the gate; its id."""
        found = release(self.corpus, self.index, self.tools)
        assert found.result == "activated", found
        return str(found.generation)

    def bot(self, generation: str) -> Any:
        return self.tools.bot(self.tools.load(self.index, generation))

    def passed(self, generation: str, cases: Path) -> dict[str, bool]:
        """By question, whether the gold was quoted, as `chatbot eval domain` judges it."""
        bot = self.bot(generation)
        rows = replay(questions.read_questions(cases), lambda q, h: bot.ask(q, h), bot.documents)
        return {row.question: row.marks["answerable.gold"] == 1.0 for row in rows}


@pytest.fixture
def workshop(corpus_copy: Path, tmp_path: Path) -> Iterator[Workshop]:
    embedder = HashEmbedder()
    tools = Tools(embedder, WordStage(), no_triage, lambda _: embedder)
    with closing(open_log(tmp_path / "answers.sqlite", create=True)) as log:
        yield Workshop(corpus_copy, tmp_path / "index", tools, log)


def record(shop: Workshop, bot: Any) -> str:
    """Asks the question and logs the reply, as the writer's thread does; the record's id."""
    asked = Asked(bot.ask(QUESTION), "r01", "owner", "2026-11-24T08:00Z")
    shop.log.append([make_record(asked, render=render_json, redact=redact, redact_reply=redact_reply)])
    return "r01"


def mark(page: Any, words: str) -> None:
    """Opens the article beside the record and selects a word in it, with a double click on the first of `words`."""
    page.get_by_text("All documents of this index").click()
    page.locator(".others a", has_text="Unlocking Healing").click()
    page.locator("#document[data-doc=unlocking-healing]").wait_for()
    where = page.evaluate(
        """(words) => {
            const texts = document.createTreeWalker(document.querySelector("#beside-body"), NodeFilter.SHOW_TEXT);
            for (let node = texts.nextNode(); node; node = texts.nextNode()) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + words.split(" ")[0].length);
                node.parentElement.scrollIntoView({ block: "center" });
                const box = range.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }
        }""",
        words,
    )
    page.mouse.dblclick(*where)
    page.locator("#marked").wait_for()


def sign_in(browser: Any, url: str, name: str) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url + "review/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("ol.rows").wait_for()
    return page


def press(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_case_fails_a_pin_is_made_and_the_case_passes(
    browser: Any, serve: Callable[..., str], workshop: Workshop, tmp_path: Path
) -> None:
    first = workshop.build()
    bot = workshop.bot(first)
    ident, cases = record(workshop, bot), tmp_path / "cases"
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    access = Access(Notebook(workshop.log), hasher=cheap)
    access.add("mo", "moderator", PASSWORD)
    access.add("lena", "lead", PASSWORD)
    desk = Moderation(workshop.log, Shelved(workshop.index, workshop.corpus), hasher=cheap)
    url = serve(bot, moderating=desk)

    page = sign_in(browser, url, "mo")
    page.goto(f"{url}review/record/{ident}")
    mark(page, "care and understanding")
    page.get_by_role("button", name="Gold for a test case").click()
    press(page, "Make the test case")
    desk.write_cases(LENA, cases)
    assert workshop.passed(first, cases) == {QUESTION: False}

    mark(page, "care and understanding")
    page.get_by_role("button", name="Pin", exact=True).click()
    press(page, "Propose it")
    lead = sign_in(browser, url, "lena")
    lead.goto(url + "review/pins")
    assert lead.locator("li.proposal blockquote").inner_text() == GOLD
    press(lead, "Approve")

    desk.write_pins(LENA, workshop.corpus)
    second = workshop.build()
    assert second != first
    assert workshop.passed(second, cases) == {QUESTION: True}
    assert workshop.passed(first, cases) == {QUESTION: False}  # the earlier generation is as it was
    for opened in (page, lead):
        opened.context.close()
