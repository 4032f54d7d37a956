"""What becomes of the forms below a record: a test case, a proposal, a gap.

Places come as `doc_id:start-end` or as words to look up. Whatever was marked becomes whole sentences here; words that a browser sent are
never taken over. A form that is not taken comes back as it was typed. Left out: the forms (`effects`).
"""

from __future__ import annotations

from functools import cache, partial
from typing import cast

from chatbot.datatypes import Document
from chatbot.errors import ReviewError
from chatbot.index.sentences import split_sentences
from chatbot.marked import Place
from chatbot.moderating.values import Action
from chatbot.review.values import Expectation
from chatbot.web.desk import forms, record, words
from chatbot.web.desk.visits import Answer, Visit, see

ONLY_ANSWERS = "only a question that is to be answered has gold; choose “Answer it”, or take the sentences out"
ACROSS = "the marked words run over several paragraphs; what is pinned or banned stands in one, so mark fewer of them"
SEVERAL = "what is pinned or banned is one place; paste sentences that follow each other as one line, and propose any others by themselves"
NO_PLACE = "choose a sentence, mark one in the document, or paste its exact words"


def make_case(visit: Visit) -> Answer:
    """Makes a test case of the sentences that were chosen, marked or pasted."""
    form, who, record_id = visit.form, visit.who, visit.named["record_id"]
    try:
        expectation = forms.chosen(form.one("expectation"), forms.EXPECTATIONS, "what the chatbot should do")
        marked, pasted = _wanted(visit, "gold")
        wanted = [*marked, *pasted]
        if wanted and expectation != "answer":
            raise ReviewError(ONLY_ANSWERS)
        documents = cache(partial(visit.desk.document, who, record_id))
        golds = [s for place in wanted for s in forms.touched(place, _sentences(documents(place.doc_id)))]
        golds = list(dict.fromkeys(golds))
        made = visit.desk.make_case(who, record_id, form.one("question").strip(), cast(Expectation, expectation), golds)
    except ReviewError as error:
        return record.again(visit, error, "case")
    gold = f" with {words.counted(len(made.gold), 'sentence')} of gold" if made.gold else ""
    visit.session.said = f"Made: a test case{gold}."
    return see(visit.record)


def propose(visit: Visit) -> Answer:
    """Proposes a pin or a ban of the sentences that were pasted, else of those that were chosen or marked."""
    form, who, record_id = visit.form, visit.who, visit.named["record_id"]
    try:
        action = forms.chosen(form.one("action"), forms.ACTIONS, "whether to pin it or never to show it")
        marked, pasted = _wanted(visit, "place")
        wanted = pasted or marked[-1:]
        if not wanted:
            raise ReviewError(NO_PLACE)
        document = cache(partial(visit.desk.document, who, record_id))
        place, *others = {forms.spanned(each, _sentences(document(each.doc_id))) for each in wanted}
        if others:
            raise ReviewError(SEVERAL)
        if not any(block.start <= place.start and place.end <= block.end for block in document(place.doc_id).blocks):
            raise ReviewError(ACROSS)
        made = visit.desk.propose(
            who, record_id, cast(Action, action), form.one("question").strip(), place, form.one("note").strip()
        )
    except ReviewError as error:
        return record.again(visit, error, "proposal")
    visit.session.said = f"Proposed: {words.ACTIONS[made.action].lower()}. It waits for a lead on the page Pins."
    return see(visit.record)


def report_gap(visit: Visit) -> Answer:
    """Puts what no source tells on the list."""
    try:
        visit.desk.report_gap(visit.who, visit.named["record_id"], visit.form.one("words").strip())
    except ReviewError as error:
        return record.again(visit, error, "gap")
    visit.session.said = "Put on the list of gaps."
    return see(visit.record)


def _wanted(visit: Visit, name: str) -> tuple[list[Place], list[Place]]:
    """The places that were chosen or marked under a name, and those of the lines that were pasted. Raises ReviewError."""
    marked = [forms.place_of(value) for value in forms.few(visit.form.many(name))]
    lines = forms.lines_of(visit.form.one("words"))
    if not lines:
        return marked, []
    return marked, forms.pasted(lines, visit.desk.documents(visit.who, visit.named["record_id"]))


def _sentences(document: Document) -> tuple[Place, ...]:
    """The sentences of a document."""
    return tuple(Place(s.doc_id, s.start, s.end) for s in split_sentences(document))
