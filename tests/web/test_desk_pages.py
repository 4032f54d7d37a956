"""What the desk's pages say, what their forms do, and that whatever somebody typed is text and nothing else."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import desk_memory
import lxml.html
import pytest
from desk_client import Browser

from chatbot.log.finding import UNJUDGED, Filters
from chatbot.log.thumbs import Thumb
from chatbot.marked import Place
from chatbot.moderating.values import Judgement, Series
from chatbot.review.values import QuoteVerdict
from chatbot.web.desk import forms, plots

SHARED = Path(os.environ.get("CHAPTER_SHARED", "/work/shared")) / "eval" / "robustness"
OWN = (
    "<script>alert(1)</script>",
    "</textarea><script>alert(2)</script>",
    '" autofocus onfocus="alert(3)',
    "' onmouseover='alert(4)",
    "</title></style><svg onload=alert(5)>",
    "<!--<img src=x onerror=alert(6)>-->",
    "&lt;script&gt;alert(7)&lt;/script&gt; &amp;quot;",
    "\n\n  two line feeds and spaces first \n",
    "tab\there, a carriage return is made a line feed",
    "ما هو التعاطف مع الذات؟ \u202egnal\u202c \u200bzero \U0001f600 e\u0301",
    "${7*7} {{7*7}} %3Cscript%3E #{x} `ticks` %%%LATEX_BLOCK_0%%%",
    "javascript:alert(8)",
    '=HYPERLINK("http://evil.example")',
    "x" * 1990,
)


def payloads() -> list[str]:
    """The shared ones, where they are, and some of our own."""
    files = SHARED / "markdown_xss_payloads.txt", SHARED / "blns.json"
    if not all(file.exists() for file in files):
        return list(OWN)
    lines = files[0].read_text(encoding="utf-8").splitlines()
    return [p[:2000] for p in [*OWN, *lines, *json.loads(files[1].read_text(encoding="utf-8"))] if p.strip()]


@pytest.fixture
def desk(bot: Any) -> desk_memory.Memory:
    return desk_memory.Memory(bot)


@pytest.fixture
def lead(desk: desk_memory.Memory, bot: Any) -> Browser:
    browser = Browser(desk, bot)
    assert browser.sign_in().status_code == 303
    return browser


def words(page: Any, path: str) -> list[str]:
    """The text of what an XPath finds, white space as one space."""
    return [" ".join(found.text_content().split()) for found in page.xpath(path)]


def skeleton(page: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Elements with the names of their attributes: what a page is made of, without what it says."""
    return [(str(e.tag), tuple(sorted(e.attrib))) for e in page.iter()]


# --- whatever was typed is text -----------------------------------------------------------------------------------------


def test_the_shared_payloads_are_there() -> None:
    if not SHARED.exists():
        pytest.skip(f"no shared payloads at {SHARED}; only our own are tried")
    assert len(payloads()) > 500


PAGES = ("/review/", "/review/record/r01", "/review/cases", "/review/pins", "/review/gaps", "/review/dashboard")


def fill(desk: desk_memory.Memory, typed: list[str]) -> None:
    """Typed words wherever somebody can have typed them; the first of them as the question and the comment of the record."""
    base = desk_memory.record_of(desk.bot, "r01", "Does it last?")
    said = {"question": typed[0], "understood": typed[0], "carried": [typed[0]]}
    desk.records = {f"r{n:02}": replace(base, record_id=f"r{n:02}", question=t) for n, t in enumerate(typed, 1)}
    desk.records["r01"] = replace(base, question=typed[0], reply=base.reply | said)
    desk.questions = (typed[0], typed[0])
    desk.thumbs = {"r01": Thumb("down", "other", typed[0])}
    for kept in (desk.verdicts, desk.made, desk.proposed, desk.known_gaps):
        kept.clear()
    quote = base.reply["quotes"][0]
    place = Place(quote["doc_id"], quote["start"], quote["end"])
    for words in typed:
        desk.judge(desk_memory.MODERATOR, "r01", Judgement("good", note=words))
        desk.make_case(desk_memory.LEAD, "r01", words, "answer", [place])
        desk.propose(desk_memory.LEAD, "r01", "ban", words, place, words)
        desk.report_gap(desk_memory.LEAD, "r01", words)


def shown(page: Any) -> list[str]:
    """What stands where typed words stand, but for the one other question of the pages."""
    found = [e.text_content() for e in page.xpath("//*[contains(@class, 'typed')]")]
    return [t for t in found if t]


def test_typed_words_come_back_as_the_very_text_and_bring_no_element(desk: desk_memory.Memory, lead: Browser) -> None:
    lead.post("/review/filter", {"clear": "1"})
    typed = [forms.clean(p).replace("\r\n", "\n").replace("\r", "\n") for p in payloads()]
    fill(desk, [f"plain words {n}" for n in range(len(typed))])
    bare = {path: (skeleton(lead.page(path)), shown(lead.page(path))) for path in PAGES}
    fill(desk, typed)
    for path in PAGES:
        page = lead.page(path)
        assert skeleton(page) == bare[path][0], path
        expected = [re.sub(r"^plain words (\d+)$", lambda m: typed[int(m[1])], t) for t in bare[path][1]]
        assert shown(page) == expected, path


@pytest.mark.parametrize("typed", OWN)
def test_so_they_do_as_the_question_and_the_comment(desk: desk_memory.Memory, lead: Browser, typed: str) -> None:
    fill(desk, ["plain words"])
    bare = skeleton(lead.page("/review/record/r01"))
    fill(desk, [typed])
    page = lead.page("/review/record/r01")
    assert skeleton(page) == bare
    for place in ("//p[@class='asked-line']", "//p[@class='understood']", "//blockquote[@class='comment']"):
        assert page.xpath(f"{place}//*[contains(@class, 'typed')]")[0].text_content() == typed
    assert page.xpath("//textarea[@id='case-question']")[0].text_content().removeprefix("\n") == typed


@pytest.mark.parametrize("typed", OWN)
def test_a_form_that_is_not_taken_keeps_every_character(lead: Browser, typed: str) -> None:
    response = lead.post("/review/record/r01/verdict", {"note": typed, "tags": typed[:300]})  # no verdict chosen
    page = lxml.html.fromstring(response.content)
    assert response.status_code == 422
    assert "Choose a verdict" in words(page, "//p[@class='wrong']")[0].replace("choose", "Choose")
    assert page.xpath("//textarea[@id='note']")[0].text_content().removeprefix("\n") == typed
    assert page.xpath("//input[@id='tags']/@value") == [typed[:300]]
    response = lead.post("/review/record/r01/case", {"question": typed, "expectation": "answer"})
    assert response.status_code == 422
    page = lxml.html.fromstring(response.content)
    assert page.xpath("//textarea[@id='case-question']")[0].text_content().removeprefix("\n") == typed
    assert page.xpath("//details[@id='do-case']/@open")
    assert page.xpath("//base/@href") == ["../../../"]


def test_no_typed_word_is_in_any_address(lead: Browser, desk: desk_memory.Memory) -> None:
    secret = "canary-question"
    desk.records = {"r01": desk_memory.record_of(desk.bot, "r01", secret)}
    answers = [
        lead.post("/review/filter", {"text": secret}),
        lead.post("/review/record/r01/verdict", {"label": "good", "note": secret, "tags": secret, "then": "next"}),
        lead.post("/review/record/r01/gap", {"words": secret}),
        lead.post("/review/record/r01/case", {"question": secret, "expectation": "refuse"}),
    ]
    assert [a.status_code for a in answers] == [303] * 4
    assert not any(secret in str(a.headers) for a in answers)
    for path in ("/review/", "/review/record/r01", "/review/gaps"):
        page = lead.page(path)
        assert secret in page.text_content()
        assert not [v for v in page.xpath("//@href | //@src | //@action | //@id") if secret in v]


# --- the queue ---------------------------------------------------------------------------------------------------------


def test_the_queue_shows_each_reply_with_its_reasons(lead: Browser, desk: desk_memory.Memory) -> None:
    desk.thumbs["r01"] = Thumb("down", "unclear")
    desk.claims["r02"] = "mo"
    page = lead.page("/review/")
    assert words(page, "//ol[@class='rows']/li//a[@class='question']")[:2] == list(desk_memory.ASKED[:2])
    assert words(page, "//ol[@class='rows']/li[1]//ul[@class='reasons']/li") == [
        "the reader's thumb is down",
        "near the threshold",
    ]
    assert words(page, "//ol[@class='rows']/li[1]//button") == ["asked 3 times"]
    assert words(page, "//ol[@class='rows']/li[2]//*[@class='desk-of']") == ["with mo"]
    assert words(page, "//div[@class='summary']/p") == ["10 replies without a verdict"]
    assert "The text of a crisis is not logged" in page.text_content()


def test_filters_and_search_stay_in_the_session_and_can_be_cleared(lead: Browser, desk: desk_memory.Memory) -> None:
    assert desk.asked_for == [] and lead.get("/review/").status_code == 200
    assert desk.asked_for[-1] == Filters(verdict=UNJUDGED)
    chosen = {
        "text": "weather",
        "kind": "abstention",
        "since": "2026-11-01",
        "until": "2026-11-24",
        "thumb": "down",
        "verdict": "",
    }
    assert lead.post("/review/filter", chosen).headers["location"] == "/review/"
    page = lead.page("/review/")
    assert desk.asked_for[-1] == Filters(
        text="weather", kind="abstention", since="2026-11-01", until="2026-11-24", thumb="down"
    )
    assert page.xpath("//input[@id='search']/@value") == ["weather"]
    assert words(page, "//a[@class='question']") == ["What about the weather?", "Is there weather on Tuesday?"]
    lead.post("/review/filter", {"clear": "1"})
    lead.get("/review/")
    assert desk.asked_for[-1] == Filters()
    lead.post("/review/filter", {"group": "7"})
    lead.get("/review/")
    assert desk.asked_for[-1] == Filters(group=7)


def test_a_day_that_is_none_is_said(lead: Browser) -> None:
    response = lead.post("/review/filter", {"since": "yesterday"})
    assert response.status_code == 422
    assert "is no day; write it as 2026-11-24" in response.text


def test_rows_come_in_pages(desk: desk_memory.Memory, lead: Browser) -> None:
    desk.records = {f"r{n}": desk_memory.record_of(desk.bot, f"r{n}", f"Question {n}?") for n in range(60)}
    page = lead.page("/review/page/3")
    assert words(page, "//a[@class='question']") == [f"Question {n}?" for n in range(50, 60)]
    assert words(page, "//nav[@class='turning']") == ["51 to 60 of 60Earlier rows"]
    assert lead.page("/review/record/r51").xpath("//a[@class='back']/@href") == ["review/page/3"]
    beyond = lead.page("/review/page/9999")
    assert beyond.xpath("//nav[@class='turning']/a/@href | //a[@class='question']") == ["review/page/3"]


def test_days_in_the_wrong_order_are_named(lead: Browser) -> None:
    response = lead.post("/review/filter", {"since": "2026-11-30", "until": "2026-11-01"})
    assert (response.status_code, "2026-11-30 is after 2026-11-01" in response.text) == (422, True)
    assert lead.post("/review/filter", {"since": "2026-11-30"}).status_code == 303


def test_a_search_that_finds_nothing_unjudged_leads_to_the_judged(lead: Browser, desk: desk_memory.Memory) -> None:
    desk.judge(desk_memory.MODERATOR, "r02", Judgement("good"))
    lead.post("/review/filter", {"text": "the weather?", "verdict": UNJUDGED})
    (found,) = lead.page("/review/").xpath("//div[@class='empty']/form")
    assert " ".join(found.text_content().split()) == "Look among the judged ones too"
    lead.post("/review/filter", {e.get("name"): e.get("value") for e in found.xpath("input[@name!='csrf']")})
    assert words(lead.page("/review/"), "//a[@class='question']") == ["What about the weather?"]
    lead.post("/review/filter", {"text": "zebra"})
    said = "No reply in the log is let through by these filters. Clear the filters to see every reply."
    assert words(lead.page("/review/"), "//p[@class='empty']") == [said]


def test_a_crisis_says_what_its_reader_was_shown(lead: Browser) -> None:
    said = "The reader was shown the message for a crisis with its help lines. Of this reply the log keeps nothing but that."
    assert words(lead.page("/review/record/r10"), "//div[@class='message']") == [said]


def test_the_log_keeps_the_hour_and_the_pages_claim_no_minute(lead: Browser) -> None:
    assert words(lead.page("/review/"), "//li[1]//time") == ["24 Nov 2026, 08–09 UTC"]
    assert "asked 24 Nov 2026, 08–09 UTC" in words(lead.page("/review/record/r01"), "//p[@class='facts']/span")


def test_the_next_one_is_claimed_and_none_is_given_twice(lead: Browser, desk: desk_memory.Memory) -> None:
    assert lead.post("/review/next").headers["location"] == "/review/record/r01"
    assert desk.claims == {"r01": "lena"}
    done = lead.post("/review/record/r01/verdict", {"label": "good", "then": "next"})
    assert done.headers["location"] == "/review/record/r02"
    for ident in list(desk.records):
        desk.judge(desk_memory.MODERATOR, ident, Judgement("unsafe"))
    assert lead.post("/review/next").headers["location"] == "/review/"
    assert words(lead.page("/review/"), "//p[@class='done']") == ["Nothing waits that these filters let through."]
    assert lead.page("/review/").xpath("//p[@class='done']") == []  # said once


def test_the_next_one_has_no_verdict_whatever_is_looked_at(lead: Browser, desk: desk_memory.Memory) -> None:
    for verdict, wanted in (("good", UNJUDGED), ("", "")):
        lead.post("/review/filter", {"verdict": verdict, "text": "last"})
        lead.post("/review/next")
        assert desk.asked_for[-1] == Filters(text="last", verdict=wanted)


# --- one record ---------------------------------------------------------------------------------------------------------


def test_a_record_shows_the_reply_as_the_reader_saw_it(lead: Browser, desk: desk_memory.Memory) -> None:
    record = desk.records["r01"]
    page = lead.page("/review/record/r01")
    quotes = [q["text"] for q in record.reply["quotes"]]
    assert [b.text_content() for b in page.xpath("//ol[@class='quotes']/li/blockquote")] == quotes
    first = record.reply["quotes"][0]
    address = f"read/{record.generation}/{first['doc_id']}/{first['start']}-{first['end']}"
    assert page.xpath("//ol[@class='quotes']/li[1]//a[@class='place']/@href") == [address]
    assert page.xpath("//*[@id='beside-body']//mark")[0].text_content() == first["text"]
    assert page.xpath("//*[@id='document']/@data-doc") == [first["doc_id"]]
    assert words(page, "//table[@class='candidates']//tr[1]/td[3]//span") == ["Shown as quote 1"]


def test_the_closest_passages_of_a_refusal_are_called_so_and_cannot_be_judged(lead: Browser) -> None:
    page = lead.page("/review/record/r02")
    near = page.xpath("//section[@class='near']")[0]
    assert words(near, "h3") == ["These are the closest passages; they do not answer the question"]
    assert len(near.xpath(".//blockquote")) == 2
    assert page.xpath("//fieldset[@class='judgement']") == []
    assert page.xpath("//input[@id='label-should_have_refused']/@disabled")


def test_of_a_crisis_there_is_nothing_to_read_and_nothing_to_make(lead: Browser) -> None:
    page = lead.page("/review/record/r10")
    assert words(page, "//p[@class='asked-line']") == ["Question: The text of a crisis is not logged"]
    assert page.xpath("//*[@id='effects']") == []
    assert page.xpath("//form[@id='verdict']")


def test_a_verdict_with_all_its_parts(lead: Browser, desk: desk_memory.Memory) -> None:
    first, second = desk.records["r01"].reply["quotes"]
    names = [f"quote:{q['doc_id']}:{q['start']}-{q['end']}" for q in (first, second)]
    fields = {
        "label": "unsafe",
        "triage": "crisis",
        "note": " Two\r\nlines. ",
        "tags": "Unclear, two  unclear",
        names[0]: "partly",
    }
    assert lead.post("/review/record/r01/verdict", fields).headers["location"] == "/review/record/r01"
    given = desk.verdicts[-1]
    assert (given.label, given.triage, given.note, given.tags, given.reviewer) == (
        "unsafe",
        "crisis",
        "Two\nlines.",
        ("unclear", "two"),
        "lena",
    )
    assert given.quotes == (QuoteVerdict(first["doc_id"], first["start"], first["end"], "partly"),)
    page = lead.page("/review/record/r01")
    assert words(page, "//p[@class='done']") == ["Saved: Unsafe."]
    assert page.xpath("//input[@id='label-unsafe']/@checked")
    assert page.xpath("//input[@id='q1-partly']/@checked")
    assert words(page, "//ul[@class='history']/li/b") == ["Unsafe"]


def test_a_triage_is_taken_only_where_it_is_asked_for(lead: Browser, desk: desk_memory.Memory) -> None:
    lead.post("/review/record/r01/verdict", {"label": "good", "triage": "crisis"})
    assert desk.verdicts[-1].triage is None
    response = lead.post("/review/record/r02/verdict", {"label": "wrong_triage"})
    assert (response.status_code, "choose how it should have been taken" in response.text) == (422, True)


def test_claiming_and_giving_back(lead: Browser, desk: desk_memory.Memory) -> None:
    lead.post("/review/record/r03/claim")
    assert desk.claims == {"r03": "lena"}
    assert words(lead.page("/review/record/r03"), "//div[@class='claimed']/p") == ["On your desk"]
    lead.post("/review/record/r03/release")
    assert desk.claims == {}
    desk.claims["r03"] = "mo"
    lead.post("/review/record/r03/claim")
    page = lead.page("/review/record/r03")
    assert words(page, "//p[@class='done']") == ["mo took it just before you."]
    assert "On the desk of mo" in words(page, "//div[@class='claimed']/p")[0]


def test_a_record_that_is_not_there_is_a_page(lead: Browser) -> None:
    for response in (
        lead.get("/review/record/nothing"),
        lead.post("/review/record/nothing/verdict", {"label": "good"}),
    ):
        assert response.status_code == 404
        assert "Back to the queue" in response.text


# --- what lasts -----------------------------------------------------------------------------------------------------------


def test_marked_words_become_whole_sentences(lead: Browser, desk: desk_memory.Memory) -> None:
    document = desk.bot.corpus.documents["mitchell-2021"]
    quote = next(q for q in desk.records["r01"].reply["quotes"] if q["doc_id"] == "mitchell-2021")
    marked = f"mitchell-2021:{quote['start'] + 7}-{quote['start'] + 20}"
    fields = {"question": "How much did it fall?", "expectation": "answer", "gold": marked}
    assert lead.post("/review/record/r01/case", fields).status_code == 303
    assert desk.made[-1].gold == (document.text[quote["start"] : quote["end"]],)
    fields = {"action": "pin", "question": "How much did it fall?", "place": marked, "note": "It says how much."}
    assert lead.post("/review/record/r01/proposal", fields).status_code == 303
    made = desk.proposed["p1"]
    assert (made.place.start, made.place.end, made.action, made.note) == (
        quote["start"],
        quote["end"],
        "pin",
        "It says how much.",
    )


def test_pasted_words_are_looked_up_and_never_taken_over(lead: Browser, desk: desk_memory.Memory) -> None:
    quote = desk.records["r01"].reply["quotes"][1]["text"]
    fields = {"question": "How much?", "expectation": "answer", "words": f"{quote[10:40]}\n\n{quote[40:90]}"}
    assert lead.post("/review/record/r01/case", fields).status_code == 303
    assert desk.made[-1].gold == (quote,)  # both lines stand in one sentence
    response = lead.post("/review/record/r01/case", fields | {"words": "MDMA cures everything."})
    assert response.status_code == 422
    assert "“MDMA cures everything.” stands in no document" in response.text
    assert len(desk.made) == 1


def test_a_whole_text_pasted_is_refused_before_any_line_is_looked_up(lead: Browser, desk: desk_memory.Memory) -> None:
    desk.called.clear()
    places = [f"unlocking-healing:{n}-{n + 1}" for n in range(21)]
    for path, fields in (
        ("case", [("expectation", "answer"), ("words", "a\n\n" * 21)]),
        ("case", [("expectation", "answer"), *(("gold", place) for place in places)]),
        ("proposal", [("action", "pin"), ("words", "a\n" * 21)]),
        ("proposal", [("action", "pin"), *(("place", place) for place in places)]),
    ):
        response = lead.post(f"/review/record/r01/{path}", [("question", "Does it last?"), *fields])
        assert response.status_code == 422, path
        assert "21 sentences were marked or pasted; at most 20 are kept" in response.text
    assert not {"document", "documents", "make_case", "propose"} & set(desk.called)


def test_of_several_pasted_lines_none_is_dropped_from_a_pin(lead: Browser, desk: desk_memory.Memory) -> None:
    first, second = (q["text"] for q in desk.records["r01"].reply["quotes"])
    fields = {"action": "pin", "question": "How much?", "words": f"{first}\n{second}"}
    response = lead.post("/review/record/r01/proposal", fields)
    assert (response.status_code, desk.proposed) == (422, {})
    assert "what is pinned or banned is one place" in response.text
    fields["words"] = f"{second[:20]}\n{second[20:]}"  # one sentence on two lines
    assert lead.post("/review/record/r01/proposal", fields).status_code == 303
    assert desk.proposed["p1"].text == second


def test_a_question_that_leaned_on_the_conversation_is_offered_as_understood(lead: Browser, desk: Any) -> None:
    base = desk.records["r01"]
    for carried, offered in (([], "Does it last?"), (["self-kindness"], "Does self-kindness last?")):
        said = {"understood": "Does self-kindness last?", "carried": carried}
        desk.records["r01"] = replace(base, reply=base.reply | said)
        page = lead.page("/review/record/r01")
        assert page.xpath("//textarea[@id='case-question']")[0].text_content().removeprefix("\n") == offered


def test_gold_is_for_what_is_to_be_answered(lead: Browser, desk: desk_memory.Memory) -> None:
    quote = desk.records["r01"].reply["quotes"][0]
    gold = f"{quote['doc_id']}:{quote['start']}-{quote['end']}"
    response = lead.post("/review/record/r01/case", {"question": "How?", "expectation": "refuse", "gold": gold})
    assert (response.status_code, desk.made) == (422, [])
    assert "only a question that is to be answered has gold" in response.text
    assert lxml.html.fromstring(response.content).xpath("//input[@name='gold']/@checked")
    lead.post("/review/record/r01/case", {"question": "How?", "expectation": "refuse"})
    assert (desk.made[-1].expectation, desk.made[-1].gold) == ("refuse", ())


@pytest.mark.parametrize(
    "place", ["mitchell-2021", "mitchell-2021:9-3", "x:1-2", "mitchell-2021:999999998-999999999", "../x:1-2"]
)
def test_a_place_that_is_none_is_said_and_nothing_is_made(lead: Browser, desk: desk_memory.Memory, place: str) -> None:
    fields = {"action": "ban", "question": "How?", "place": place}
    assert lead.post("/review/record/r01/proposal", fields).status_code in (404, 422)
    assert desk.proposed == {}


def test_what_runs_over_paragraphs_is_not_proposed(lead: Browser, desk: desk_memory.Memory, bot: Any) -> None:
    doc_id = desk.records["r01"].reply["quotes"][0]["doc_id"]
    bodies = [b for b in bot.corpus_of(bot.generation).documents[doc_id].blocks if b.role == "body"]
    fields = {"action": "ban", "question": "How?", "place": f"{doc_id}:{bodies[0].start}-{bodies[1].end}"}
    response = lead.post("/review/record/r01/proposal", fields)
    assert (response.status_code, desk.proposed) == (422, {})
    assert "the marked words run over several paragraphs" in response.text


def test_a_proposal_needs_a_sentence(lead: Browser, desk: desk_memory.Memory) -> None:
    response = lead.post("/review/record/r01/proposal", {"action": "pin", "question": "How?"})
    assert (response.status_code, desk.proposed) == (422, {})
    assert "choose a sentence, mark one in the document, or paste its exact words" in response.text


def test_a_lead_decides_and_a_moderator_takes_back_their_own(lead: Browser, desk: desk_memory.Memory, bot: Any) -> None:
    moderator = Browser(desk, bot)
    moderator.sign_in("mo")
    quote = desk.records["r01"].reply["quotes"][0]
    fields = {"action": "pin", "question": "How?", "place": f"{quote['doc_id']}:{quote['start']}-{quote['end']}"}
    for _ in range(2):
        moderator.post("/review/record/r01/proposal", fields)
    lead.post("/review/pins", {"proposal": "p1", "state": "approved"})
    moderator.post("/review/pins", {"proposal": "p2", "state": "withdrawn"})
    assert {p.proposal_id: (p.state, p.decided_by) for p in desk.proposed.values()} == {
        "p1": ("approved", "lena"),
        "p2": ("withdrawn", "mo"),
    }
    assert words(lead.page("/review/pins"), "//h2")[:2] == ["Approved 1", "Withdrawn 1"]
    assert lead.post("/review/pins", {"proposal": "p9", "state": "approved"}).status_code == 404
    assert lead.post("/review/pins", {"proposal": "p1", "state": "maybe"}).status_code == 422


def test_what_was_made_of_a_deleted_reply_says_so(lead: Browser, desk: desk_memory.Memory) -> None:
    fill(desk, ["plain words"])
    desk.made[0] = replace(desk.made[0], question="", gold=())
    gone = {"question": "", "text": "", "note": "", "place": Place("", 0, 0)}
    desk.proposed["p1"] = replace(desk.proposed["p1"], **gone)
    desk.known_gaps["g1"] = replace(desk.known_gaps["g1"], question="", words="")
    for path in ("/review/cases", "/review/pins", "/review/gaps"):
        page = lead.page(path)
        assert words(page, "//*[@class='untold']") == ["deleted with its reply"]
        assert page.xpath("//ol[@class='cards']//a | //blockquote") == []


def test_of_several_cases_of_a_reply_the_last_counts(lead: Browser, desk: desk_memory.Memory) -> None:
    for expectation in ("crisis", "refuse"):
        desk.make_case(desk_memory.LEAD, "r02", "Weather?", expectation, ())
    desk.make_case(desk_memory.LEAD, "r03", "Dose?", "drug_request", ())
    page = lead.page("/review/cases")
    assert words(page, "//p[@class='for']") == ["Weather? A later one counts", "Weather?", "Dose?"]
    assert "Of several made of one reply the last counts." in words(page, "//p[@class='soft']")[0]


def test_why_a_pin_was_proposed_stays_beside_what_a_lead_says_of_it(lead: Browser, desk: desk_memory.Memory) -> None:
    place = desk.view(desk_memory.LEAD, "r01").candidates[0].place
    made = desk.propose(desk_memory.MODERATOR, "r01", "pin", "How long?", place, "asked daily")
    lead.post("/review/pins", {"proposal": made.proposal_id, "state": "approved", "note": "agreed"})
    page = lead.page("/review/pins")
    assert words(page, "//li/p[@class='note']") == ["asked daily"]
    assert words(page, "//li/p[@class='soft']") == ["Approved by lena: agreed"]


def test_a_gap_without_words_is_not_said_to_be_deleted(lead: Browser, desk: desk_memory.Memory) -> None:
    desk.report_gap(desk_memory.LEAD, "r02", "said")
    desk.known_gaps["g1"] = replace(desk.known_gaps["g1"], words="")
    assert words(lead.page("/review/gaps"), "//p[@class='for']") == ["what a source would have to tell was not said"]
    assert words(lead.page("/review/record/r02"), "//ul[@class='standing']/li") == ["A source is needed lena"]


def test_gaps_are_noted_closed_and_opened(lead: Browser, desk: desk_memory.Memory) -> None:
    lead.post("/review/record/r02/gap", {"words": "Anything on the weather"})
    lead.post("/review/gaps", {"gap": "g1"})
    assert desk.known_gaps["g1"].closed_by == "lena"
    assert words(lead.page("/review/gaps"), "//ol[@class='cards']//button") == ["Open it again"]
    lead.post("/review/gaps", {"gap": "g1", "state": "open"})
    assert desk.known_gaps["g1"].closed_by == ""


def test_a_lead_takes_verdicts_away(lead: Browser, desk: desk_memory.Memory) -> None:
    desk.judge(desk_memory.MODERATOR, "r01", Judgement("good"))
    response = lead.post("/review/export.csv")
    assert response.content == b"r01,good\r\n"
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="verdicts.csv"'
    assert lead.post("/review/export.jsonl").json() == {"id": "r01"}
    assert desk.asked_for[-1] == Filters()  # though the queue is filtered by what is not judged, as it is at first
    lead.post("/review/filter", {"text": "last", "verdict": "good"})
    lead.post("/review/export.csv")
    assert desk.asked_for[-1] == Filters(text="last", verdict="good")


def test_keys_can_be_switched_off(lead: Browser) -> None:
    assert lead.page("/review/").xpath("//body/@data-keys") == ["on"]
    lead.post("/review/keys", {"keys": "off"})
    assert lead.page("/review/").xpath("//body/@data-keys") == ["off"]


# --- pictures --------------------------------------------------------------------------------------------------------------


def test_each_plot_says_in_words_what_it_shows_and_has_its_table(lead: Browser) -> None:
    page = lead.page("/review/dashboard")
    sections = page.xpath("//div[@class='plots']/section")
    assert len(sections) == 5
    for section in sections[:4]:
        svg = section.xpath("*[local-name()='svg']")[0]
        assert svg.get("role") == "img"
        told = svg.get("aria-labelledby").split()
        assert [e.get("id") for e in svg[:2]] == told
        assert section.xpath(".//table//tbody/tr")
    assert words(sections[3], ".//tbody/tr[1]/*") == ["0123456789abcdef", "81 %", "74 % to 87 %", "120"]
    assert words(sections[4], "p") == ["Share", "Nothing yet."]


def test_a_chosen_number_of_days_stays(lead: Browser) -> None:
    lead.post("/review/dashboard", {"days": "7"})
    assert words(lead.page("/review/dashboard"), "//button[@aria-pressed]") == ["7 days"]
    lead.post("/review/dashboard", {"days": "1000000"})
    assert words(lead.page("/review/dashboard"), "//button[@aria-pressed]") == ["7 days"]


def test_a_plot_stays_within_its_frame_whatever_the_values() -> None:
    for values in ((0.0, 0.0, 0.0), (1e9, 0.0, 1e9), (0.001, 0.0, 0.002), (-3.0, -4.0, 0.0)):
        for labels in (["2026-11-24"], ["2026-11-24", "2026-11-25"], ["a <b>", "c"]):
            drawn = plots.svg(Series("n", "count", tuple((label, *values) for label in labels)), "p")
            svg = lxml.html.fromstring(drawn)
            height = float(svg.get("viewbox").split()[3])
            for e in svg.iter():
                points = [point.split(",") for point in e.get("points", "").split()]
                across = [e.get(name, "0") for name in ("x", "x1", "x2", "cx")] + [x for x, _ in points]
                down = [e.get(name, "0") for name in ("y", "y1", "y2", "cy")] + [y for _, y in points]
                assert all(0 <= float(x) <= plots.WIDTH for x in across)
                assert all(-0.1 <= float(y) <= height for y in down) and float(e.get("height", 0)) >= 0


def test_text_of_the_desks_own_colours_can_be_read() -> None:
    from chatbot.web.desk.frame import FOLDER
    from chatbot.web.theme import FOLDER as WEB

    def schemes(path: Path) -> list[dict[str, str]]:
        css = path.read_text(encoding="utf-8")
        return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", b)) for b in re.findall(r":root \{(.*?)\}", css, re.S)]

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        dark, light = sorted((luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)

    own = schemes(FOLDER / "look" / "1-frame.css")
    assert len(own) == len(schemes(WEB / "look" / "1-palette.css")) == 2  # a light one and a dark one
    for scheme, palette in enumerate(schemes(WEB / "look" / "1-palette.css")):
        c = palette | own[scheme]
        for text, ground in (
            ("bad", "bad-tint"),
            ("bad", "paper"),
            ("ink", "tint"),
            ("doubt", "paper"),
            ("care", "paper"),
        ):
            assert contrast(c[text], c[ground]) >= 4.5, (scheme, text, ground)
        for mark, ground in (("bar", "paper"), ("bar", "band"), ("ink", "bar")):
            assert contrast(c[mark], c[ground]) >= 3.0, (scheme, mark, ground)
