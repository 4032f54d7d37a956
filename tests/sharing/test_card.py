"""The HTML card: its structure by kind, its quotes letter by letter, and nothing in it that runs or asks for anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from taken_along import HOSTILE, MADE, ROBUSTNESS, TRICKY, any_quote

from chatbot.settings import ROOT
from chatbot.sharing import card, words
from chatbot.sharing.proving import prove

GOLDEN = Path(__file__).parent / "golden"
SOUND = {
    "a",
    "article",
    "blockquote",
    "body",
    "br",
    "cite",
    "div",
    "footer",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "main",
}
SOUND |= {"meta", "ol", "p", "section", "span", "strong", "style", "time", "title", "ul"}


def outline(element: Any, depth: int = 0) -> str:
    """Tags with their classes, one a line."""
    name = ".".join([element.tag, *element.get("class", "").split()])
    return "  " * depth + name + "\n" + "".join(outline(child, depth + 1) for child in element)


def quotes(page: Any) -> list[str]:
    return [q.text_content() for q in page.iter("blockquote")]


@pytest.mark.parametrize("kind", ["answer", "full", "abstention", "crisis", "drug_request", "medical_advice"])
def test_each_kind_has_its_structure(kind: str, proved: Any) -> None:
    page = html.document_fromstring(card.render([proved[kind]], MADE))
    assert outline(page.find(".//article")) == (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8")


def test_a_card_says_all_that_a_reply_says(proved: Any, corpus: Any) -> None:
    page = html.document_fromstring(card.render([proved["full"]], MADE))
    text = page.find(".//article").text_content()
    assert page.get("lang") == "en"
    assert page.findtext(".//title") == "An answer – Chapter and Verse"
    assert quotes(page) == [c.quote.text for c in proved["full"].citations]
    assert page.find(".//h2").text_content() == "Does it help, and who paid?"
    assert [p.text_content() for p in page.iter("p") if p.get("class") == "alert"] == [
        "Warning: This work is RETRACTED, checked 2026-11-23."
    ]
    for said in (
        corpus.manifest.disclaimer,
        corpus.messages.false_premise,
        "Jurisdiction: United States. Sources as of 2026-11-23. Edition 0123456789abcdef.",
        "The sources do not answer this part: “who paid?”",
        "Note on Mitchell et al. (2021)",
        "Keep in mind",
    ):
        assert said in text
    stands = page.find(".//blockquote")
    assert stands.get("data-place").startswith("mitchell-2021:")
    assert stands.get("data-sha256") == corpus.documents["mitchell-2021"].sha256


def test_a_part_that_the_question_does_not_hold_is_told_without_its_words(turns: Any, corpus_of: Any) -> None:
    shown = card.render([prove(replace(turns["full"], unanswered=("It cures everyone.",)), corpus_of)], MADE)
    assert words.OPEN in shown
    assert "cures" not in shown


def payloads() -> list[str]:
    """Own hostile questions, and those of the robustness sets where they are there."""
    if not (ROBUSTNESS / "blns.json").is_file():
        return list(HOSTILE)
    lines = (ROBUSTNESS / "markdown_xss_payloads.txt").read_text(encoding="utf-8").splitlines()
    return [
        p for p in (*HOSTILE, *json.loads((ROBUSTNESS / "blns.json").read_text(encoding="utf-8")), *lines) if p.strip()
    ]


def test_a_question_is_text_and_nothing_else(turns: Any, corpus_of: Any) -> None:
    plain = outline(html.document_fromstring(card.render([prove(turns["answer"], corpus_of)], MADE)))
    for payload in payloads():
        question = payload.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:2000]
        page = html.document_fromstring(
            card.render([prove(replace(turns["answer"], question=question), corpus_of)], MADE)
        )
        assert outline(page) == plain, payload
        seen = page.find(".//h2").text_content()
        assert re.sub(r"[\x00-\x1f\x7f-\x9f]", "", seen) == re.sub(r"[\x00-\x1f\x7f-\x9f]", "", question), payload


def test_a_card_runs_nothing_and_asks_for_nothing(proved: Any) -> None:
    shown = card.render(list(proved.values()), MADE)
    page = html.document_fromstring(shown)
    assert {e.tag for e in page.iter() if isinstance(e.tag, str)} <= SOUND
    assert not [n for e in page.iter() for n in e.attrib if n.startswith("on") or n in ("src", "style", "srcset")]
    assert {a.get("href").split(":")[0] for a in page.iter("a")} == {"https", "tel"}
    assert all(a.get("rel") == "noopener noreferrer" for a in page.iter("a") if a.get("href").startswith("http"))
    assert not re.search(r"url\(|@import|@font-face", shown)
    assert "default-src 'none'" in page.find(".//meta[@http-equiv]").get("content")


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_quote_is_the_slice_whichever_sentences_it_is(data: Any, corpus: Any, corpus_of: Any) -> None:
    turn, text = any_quote(data, corpus)
    found = prove(turn, corpus_of)
    assert quotes(html.document_fromstring(card.render([found], MADE))) == [text]


def test_a_tricky_text_is_shown_letter_by_letter(proved: Any) -> None:
    assert quotes(html.document_fromstring(card.render([proved["full"]], MADE)))[1] == TRICKY


def palettes(css: str) -> list[dict[str, str]]:
    """Light and dark."""
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in css.split("prefers-color-scheme: dark")]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [(text, ground) for text in ("ink", "soft", "accent") for ground in ("paper", "sheet", "doubt-tint")]
PAIRS += [
    ("doubt", "doubt-tint"),
    ("doubt", "sheet"),
    ("care", "care-tint"),
    ("ink", "care-tint"),
    ("soft", "care-tint"),
]


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("scheme", [0, 1])
def test_every_text_stands_out_from_its_ground(scheme: int, text: str, ground: str) -> None:
    palette = palettes(card.STYLE.read_text(encoding="utf-8"))[scheme]
    lighter, darker = sorted((luminance(palette[text]), luminance(palette[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.slow
def test_the_command_writes_the_reply_as_a_card(real_index: Path, tmp_path: Path) -> None:
    def run(*rest: str) -> Any:
        command = [sys.executable, "-m", "chatbot", "ask", "How many people took part in the 2021 trial?", *rest]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    done = run("--index", str(real_index), "--json", "--card", str(tmp_path / "card.html"))
    assert (done.returncode, done.stderr) == (0, "")
    reply = json.loads(done.stdout)
    page = html.document_fromstring((tmp_path / "card.html").read_text(encoding="utf-8"))
    assert quotes(page) == [q["text"] for q in reply["quotes"]]
    assert reply["generation"] in page.text_content()
    wrong = run("--card", str(tmp_path / "card.docx"))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "ends in .html, .pdf, .md" in wrong.stderr
    nowhere = run("--index", str(real_index), "--card", str(tmp_path / "none" / "card.md"))
    assert nowhere.returncode == 1
    assert "cannot be written (No such file or directory)" in nowhere.stderr
