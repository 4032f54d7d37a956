"""The reader's page as Gradio Blocks: the conversation, the question box, suggestions, Stop, Retry and Clear.

The conversation is a row of slots, each filled once by the server with escaped HTML, so that a reply is sent once and not
with every later one. The only thing remembered between questions, the earlier questions, stays in the browser's memory and
comes back with each question; the server keeps nothing. What goes wrong is said in the turn; what the guard refuses, Gradio's
client shows in a small notice with the guard's words, and the question stays in its box. Left out: the words around the
conversation (`shell`) and the look (page.css).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import gradio as gr

from chatbot.errors import Busy, ChapterError, QuestionError, TooSlow
from chatbot.replies import Abstention
from chatbot.settings import MAX_QUESTION_CHARACTERS
from chatbot.web import html, markup
from chatbot.web.asking import Desk, unavailable

logger = logging.getLogger(__name__)

MAX_TURNS = 20  # slots; the twenty-first question begins a new page of conversation
MAX_BUTTONS = 4  # suggestions at once
CONCURRENT = 16  # questions that may be under way at once; the desk decides how many are answered
MAX_QUEUE = 64  # events that wait in Gradio's queue, all readers together
MAX_SESSIONS = 1000  # of Gradio's per-session records, which hold which buttons are shown and nothing typed

Changes = dict[Any, Any]


def earlier(asked: object) -> list[str]:
    """The earlier questions as the browser sent them back, which is not to be trusted: strings only, the last few."""
    if not isinstance(asked, list):
        return []
    return [a[:MAX_QUESTION_CHARACTERS] for a in asked if isinstance(a, str)][-MAX_TURNS:]


class Reader:
    """Builds the Blocks and answers its events."""

    def __init__(self, desk: Desk, *, recording: bool) -> None:
        self._desk = desk
        self._examples = desk.bot.examples[:MAX_BUTTONS]
        with gr.Blocks(title="Chapter and Verse", analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out(recording)
            self._wire()
        self.blocks.queue(max_size=MAX_QUEUE, default_concurrency_limit=CONCURRENT, api_open=False)
        self.blocks.state_session_capacity = MAX_SESSIONS

    def renew(self) -> None:
        """Puts the examples of the generation in use on the buttons of pages that are opened from now on."""
        self._examples = self._desk.bot.examples[:MAX_BUTTONS]
        self.suggestions.visible = bool(self._examples)
        for button, label in zip(self.buttons, [*self._examples, *[""] * MAX_BUTTONS], strict=False):
            button.value, button.visible = label or " ", bool(label)
        self.blocks.config = self.blocks.get_config_file()

    def _lay_out(self, recording: bool) -> None:
        """The components, from top to bottom."""
        with gr.Column(elem_id="conversation"):
            self.slots = [
                gr.Markdown("", latex_delimiters=[], container=False, elem_classes="slot") for _ in range(MAX_TURNS)
            ]
        with gr.Column(elem_id="suggestions", visible=bool(self._examples)) as self.suggestions:
            self.heading = gr.Markdown(self._heading("For example"), latex_delimiters=[], container=False)
            with gr.Row(elem_classes="buttons"):
                padded = [*self._examples, *[""] * (MAX_BUTTONS - len(self._examples))]
                self.buttons = [gr.Button(b or " ", visible=bool(b), elem_classes="suggestion") for b in padded]
        with gr.Column(elem_id="composer"):
            self.box = gr.Textbox(
                label="Your question",
                placeholder="In your own words",
                max_lines=6,
                max_length=MAX_QUESTION_CHARACTERS,
                submit_btn="Ask",
                stop_btn=False,
                elem_id="question",
            )
            with gr.Row(elem_id="controls"):
                self.unlogged = gr.Checkbox(
                    False, label="Do not log my questions", visible=recording, elem_id="unlogged"
                )
                gr.Markdown(html.export(), latex_delimiters=[], container=False, elem_id="export")
                self.as_typed = gr.Button(
                    "Ask exactly as typed", elem_id="as-typed", elem_classes="offstage", size="sm"
                )
                self.retry = gr.Button("Retry", elem_id="retry", size="sm", interactive=False)
                self.clear = gr.Button("Clear", elem_id="clear", size="sm", interactive=False)
        self.asked = gr.JSON([], visible=False)

    def _wire(self) -> None:
        """Which event does what. No event is part of an API."""
        outputs = [
            *self.slots,
            self.suggestions,
            self.heading,
            *self.buttons,
            self.box,
            self.retry,
            self.clear,
            self.asked,
        ]
        common: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking = {"outputs": outputs, "concurrency_id": "ask", "concurrency_limit": CONCURRENT, **common}
        running = [self.box.submit(self.ask, [self.box, self.asked, self.unlogged], **asking)]
        running += [b.click(self.ask, [b, self.asked, self.unlogged], **asking) for b in self.buttons]
        running += [self.retry.click(self.ask_again, [self.asked, self.unlogged], **asking)]
        running += [self.as_typed.click(self.ask_as_typed, [self.asked, self.unlogged], **asking)]
        self.box.stop(self.stop, [self.asked], outputs, cancels=running, **common)
        self.clear.click(self.start_over, None, outputs, cancels=running, **common)

    async def ask(self, question: str, asked: object, unlogged: object) -> AsyncIterator[Changes]:
        """Shows the question at once, then its reply."""
        before = earlier(asked)
        if not isinstance(question, str) or not question.strip():
            yield {self.box: gr.update()}
            return
        wiped: Changes = {}
        if len(before) >= MAX_TURNS:
            wiped = dict.fromkeys(self.slots[1:], "")
        place = 0 if wiped else len(before)
        history, kept = before, [] if wiped else before
        async for change in self._one_turn(question, history, kept, place, bool(unlogged)):
            yield wiped | change
            wiped = {}

    async def ask_as_typed(self, asked: object, unlogged: object) -> AsyncIterator[Changes]:
        """The last question once more, read exactly as it was typed."""
        async for change in self.ask_again(asked, unlogged, as_typed=True):
            yield change

    async def ask_again(self, asked: object, unlogged: object, *, as_typed: bool = False) -> AsyncIterator[Changes]:
        """The last question once more, in its place."""
        before = earlier(asked)
        if not before:
            yield {self.retry: gr.update(interactive=False)}
            return
        *kept, question = before
        history = [] if as_typed else kept
        turn = self._one_turn(question, history, kept, len(kept), bool(unlogged), again=True, as_typed=as_typed)
        async for change in turn:
            yield change

    async def _one_turn(
        self,
        question: str,
        history: Sequence[str],
        kept: list[str],
        place: int,
        unlogged: bool,
        *,
        again: bool = False,
        as_typed: bool = False,
    ) -> AsyncIterator[Changes]:
        """Question shown, then reply shown, in slot `place`. The asking begins while Gradio still sends the first, and ends with the turn."""
        slot = self.slots[place]
        asking = asyncio.ensure_future(self._reply(str(place), question, history, unlogged, as_typed))
        try:
            yield {
                slot: html.waiting(str(place), question),
                self.suggestions: gr.update(visible=False),
                self.box: gr.update(value="", submit_btn=False, stop_btn="Stop") if not again else gr.update(),
                self.retry: gr.update(interactive=False),
                self.clear: gr.update(interactive=True),
                self.asked: [*kept, question],
            }
            piece, offered = await asking
        finally:
            asking.cancel()
        piece += html.full(MAX_TURNS) if place == MAX_TURNS - 1 else ""
        yield {slot: piece, **self._at_rest(), **self._offer("The sources can answer these questions", offered)}

    async def _reply(
        self, place: str, question: str, history: Sequence[str], unlogged: bool, as_typed: bool
    ) -> tuple[str, tuple[str, ...]]:
        """The finished turn and the questions to suggest after it. Never raises."""
        try:
            told = await self._desk.ask(question, history, logged=not unlogged, as_typed=as_typed)
            reply = told.outcome.reply
            offered = reply.suggestions if isinstance(reply, Abstention) else ()
            return html.reply(f"{place}-{told.ident}", question, reply, told.receipt), offered
        except (QuestionError, Busy, TooSlow) as error:
            return html.problem(place, question, str(error)), ()
        except ChapterError as error:
            return html.problem(place, question, unavailable(error)), ()
        except Exception as error:
            logger.error("a question could not be answered (%s)", type(error).__name__)
            message = "Something went wrong here and the question was not answered. Please press “Retry”."
            return html.problem(place, question, message), ()

    def stop(self, asked: object) -> Changes:
        """Gives up the question under way."""
        before = earlier(asked)
        change: Changes = self._at_rest()
        if before:
            place = len(before) - 1
            change[self.slots[place]] = html.problem(str(place), before[-1], "Stopped. The question was not answered.")
        return change

    def start_over(self) -> Changes:
        """An empty conversation with the examples."""
        empty: Changes = dict.fromkeys(self.slots, "")
        rest = self._at_rest() | {self.retry: gr.update(interactive=False), self.clear: gr.update(interactive=False)}
        return {**empty, **rest, **self._offer("For example", self._examples), self.asked: []}

    def _at_rest(self) -> Changes:
        """The controls when nothing is under way."""
        return {
            self.box: gr.update(submit_btn="Ask", stop_btn=False),
            self.retry: gr.update(interactive=True),
            self.clear: gr.update(interactive=True),
        }

    def _offer(self, words: str, questions: Sequence[str]) -> Changes:
        """Suggestion buttons under a heading; hidden for no questions."""
        shown = list(questions[:MAX_BUTTONS])
        change: Changes = {self.suggestions: gr.update(visible=bool(shown))}
        if shown:
            change[self.heading] = self._heading(words)
            for button, label in zip(self.buttons, [*shown, *[""] * (MAX_BUTTONS - len(shown))], strict=True):
                change[button] = gr.update(value=label or " ", visible=bool(label))
        return change

    @staticmethod
    def _heading(words: str) -> str:
        return f'<h2 class="offer">{markup.text(words)}</h2>'
