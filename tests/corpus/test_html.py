"""A page becomes its content in reading order, under its headings; what is no page is our error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.readers.html import REFERENCE_HEADINGS, read_html
from chatbot.corpus.readers.html_pages import author_of
from chatbot.corpus.readings import as_json, from_json
from chatbot.corpus.text import REFERENCE_HEADINGS as NAMED
from chatbot.corpus.values import Reading, Record
from chatbot.datatypes import Author
from chatbot.errors import UnreadableSource

DOCUMENTS = Path(__file__).parent / "documents"
WORDS = "The quiet garden lies behind the old house, and every evening the walkers come back through the gate with wet shoes. "


def read(name: str) -> Reading:
    return read_html((DOCUMENTS / name).read_bytes(), "https://example.org/x", name)


def page(body: str, head: str = "") -> Reading:
    return read_html(
        f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode(), "https://e.org/", "p"
    )


def test_a_publishers_page() -> None:
    reading = read("publisher.html")
    assert [(p.role, p.heading_path, p.text[:60]) for p in reading.parts] == [
        ("title", (), "Walking after long rain"),
        ("heading", ("Abstract",), "Abstract"),
        ("body", ("Abstract",), "Rain keeps many people at home for days. We asked whether a "),
        ("heading", ("Introduction",), "Introduction"),
        ("body", ("Introduction",), "Rain calms people, as gardeners have said for a long time an"),
        ("body", ("Introduction",), "Others disagree [3], because the ground is wet and shoes are"),
        ("heading", ("Introduction", "Aims"), "Aims"),
        ("body", ("Introduction", "Aims"), "The first aim was to measure calm with a scale of ten points"),
        ("body", ("Introduction", "Aims"), "Calm on the same evening, told by the walkers themselves."),
        ("body", ("Introduction", "Aims"), "Calm after two weeks, told by someone who lives with them."),
        ("heading", ("Results",), "Results"),
        ("body", ("Results",), "Walkers were calmer on nearly every evening of the two weeks"),
        ("caption", ("Results",), "Table 1. Calm by length of walk"),
        ("table", ("Results",), "Table 1. Outcome: Calm at once; Short walk: 5.1; Long walk: "),
        ("table", ("Results",), "Table 1. Outcome: Calm after two weeks; Short walk: 5.9"),
        ("caption", ("Results",), "Figure 1. Paths in the garden, drawn by a walker after the l"),
        ("body", ("Results",), "I had never noticed how quiet the street becomes when the ra"),
        ("body", ("Results",), "No walker was harmed, and three pairs of shoes were lost in "),
        ("heading", ("References",), "References"),
        ("reference", ("References",), "Oak J, Elm K. Rain and calm. Weather. 2010;3:12–20. https://"),
        ("reference", ("References",), "Fern P. On ferns. Leeds: Leaf; 2012. https://doi.org/10.5555"),
        ("reference", ("References",), "Town Council. Rules for paths. 2019. https://example.org/pat"),
    ]
    assert "about 10⁻³ of the usual" in reading.parts[4].text
    assert [r.record.doi or r.record.url for r in reading.references] == [
        "10.5555/w.3",
        "10.5555/fern.2",
        "https://example.org/paths",
    ]


def test_links_to_the_pages_own_list_become_marks() -> None:
    parts = read("publisher.html").parts
    assert [(p.text[m.start : m.end], m.references) for p in parts for m in p.marks] == [
        ("people", (0, 1)),
        ("3", (2,)),
    ]


def test_the_record_of_a_publishers_page() -> None:
    assert read("publisher.html").record == Record(
        kind="article-journal",
        title="Walking after long rain",
        authors=(Author("Moss", "Ada B."), Author("van Elm", "Kim")),
        year="2021",
        container="Journal of Garden Walks",
        volume="7",
        issue="2",
        pages="101–109",
        doi="10.5555/jgw.2021.07",
        url="https://example.org/x",
        licence="https://creativecommons.org/licenses/by/4.0/",
    )


def test_a_plain_health_page() -> None:
    reading = read("health.html")
    assert reading.record == Record(
        kind="webpage",
        title="Dry eyes: causes and care",
        authors=(Author("Good Sight Staff"),),
        year="n.d.",
        container="Good Sight",
        url="https://example.org/x",
    )
    assert [(p.role, p.heading_path) for p in reading.parts] == [
        ("title", ()),
        ("body", ()),
        ("heading", ("Causes",)),
        ("body", ("Causes",)),
        ("body", ("Causes",)),
        ("heading", ("What you can do",)),
        ("body", ("What you can do",)),
        ("body", ("What you can do",)),
        ("body", ("What you can do",)),
        ("heading", ("Sources",)),
        ("reference", ("Sources",)),
        ("reference", ("Sources",)),
    ]
    assert [r.printed for r in reading.references] == [
        "Lake, A. (2018). Tears and screens. Journal of Sight, 4, 1–8.",
        "National Eye Office. Dry eyes. https://example.org/eyes. Accessed 2019.",
    ]


def test_the_menu_and_the_banner_are_left_out() -> None:
    text = " ".join(part.text for part in read("publisher.html").parts)
    for boilerplate in ("cookies", "Log in", "Sitting after snow", "All rights reserved", "var x", "Google Scholar"):
        assert boilerplate not in text


def test_every_heading_of_references_that_text_files_have_counts_here() -> None:
    assert NAMED <= REFERENCE_HEADINGS


def test_formulas_are_words() -> None:
    formula = (
        "<math><mrow><mi>x</mi><mo>=</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></mrow><annotation>TeX</annotation></math>"
    )
    katex = (
        f"<span class='katex'><span class='katex-mathml'>{formula}</span><span class='katex-html'>x=ab</span></span>"
    )
    text = page(f"<p>{WORDS}Then {formula} holds, and {katex} too.</p><p>{WORDS}</p>").parts[0].text
    assert text.endswith("Then x = a/b holds, and x = a/b too.")


def test_a_page_without_paragraph_tags_is_read() -> None:
    reading = page(f"<div>{WORDS}<br><br>{WORDS * 2}</div>")
    assert " ".join(part.text for part in reading.parts).count("The quiet garden") == 3


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8", "<meta charset='iso-8859-1'>"),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("windows-1252", "<meta charset=windows-1252>"),
        ("windows-1252", "<meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-1'>"),
        ("windows-1252", "<meta charset=utf-8>"),
        ("iso-8859-2", "<meta charset='iso-8859-2'>"),
        ("windows-1252", "<meta charset='no-such-charset'>"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    said = "Über Žluť." if encoding == "iso-8859-2" else "Café “über” São Paulo – naïve déjà vu."
    raw = f"<html><head>{declared}</head><body><article><p>{said} {WORDS}</p><p>{WORDS}</p></article></body></html>"
    assert read_html(raw.encode(encoding), "", "p").parts[0].text == f"{said} {WORDS}".strip()


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("iso-8859-2", "", "iso-8859-2"),
        ("iso-8859-2", "<meta charset=windows-1252>", "iso-8859-2"),  # the server's word goes first, as in a browser
        ("utf-8", "", "iso-8859-2"),  # but what is UTF-8 throughout is UTF-8
        ("utf-8", "", "no-such-charset"),
    ],
)
def test_the_charset_of_the_server(encoding: str, declared: str, charset: str) -> None:
    raw = f"<html><head>{declared}</head><body><article><p>Über Žluť. {WORDS}</p><p>{WORDS}</p></article></body></html>"
    assert read_html(raw.encode(encoding), "", "p", charset).parts[0].text == f"Über Žluť. {WORDS}".strip()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (gzip.compress(b"<p>x</p>", mtime=0), "is compressed"),
        (b"\x00\x01\x02<p>", "is binary"),
        (b'{"message": "<p>none</p>"}', "is JSON"),
        ((DOCUMENTS / "trial.nxml").read_bytes(), "is XML"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "is XML"),
        (b"just words, no tag", "holds no HTML"),
        (b"<html><body></body></html>", "has no readable text (0 words)"),
        (b"<html><head><script>document.write('a')</script></head><body><div id=app></div><script>go()</script></body></html>", "no readable text"),
        (b"<html><body><noscript>Please enable JavaScript to view this page.</noscript><div></div></body></html>", "looks like a wall"),
        (b"<html><body><h1>Before you go on</h1><p>We and our partners use cookies and process your data to show you what fits you best.</p><button>Accept all cookies</button></body></html>", "looks like a wall"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_our_error(raw: bytes, said: str) -> None:
    with pytest.raises(UnreadableSource, match=r"^page\.html: ") as caught:
        read_html(raw, "https://example.org", "page.html")
    assert said in str(caught.value)


def test_a_foreign_page_that_names_no_encoding() -> None:
    said = "Тихий сад лежит за старым домом, и каждый вечер гуляющие возвращаются через калитку в мокрых ботинках. "
    raw = f"<html><body><article><p>{said * 3}</p><p>{said * 2}</p></article></body></html>".encode("windows-1251")
    assert read_html(raw, "", "p").parts[0].text == (said * 3).strip()


def test_an_article_about_cookies_is_no_wall() -> None:
    assert page(f"<p>Most sites say: accept all cookies. {WORDS * 8}</p><p>{WORDS * 4}</p>").parts


@pytest.mark.parametrize(
    ("printed", "author"),
    [
        ("By Grant Tinsley, PhD", Author("Tinsley", "Grant")),
        ("Ludwig van Beethoven", Author("van Beethoven", "Ludwig")),
        ("BBC News", Author("BBC News")),
        ("Jobs & Hire", Author("Jobs & Hire")),
        ("PhD", None),
        ("https://example.org/ann", None),
    ],
)
def test_printed_authors(printed: str, author: Author | None) -> None:
    assert author_of(printed) == author


def read_or_refuse(raw: bytes, url: str = "https://example.org") -> None:
    try:
        reading = read_html(raw, url, "p")
    except UnreadableSource:
        return
    assert from_json(as_json(reading)) == reading


@given(st.binary(max_size=200), st.sampled_from(["", "https://e.org/a#b", "http://[", "no url"]))
@settings(max_examples=60, deadline=None)
def test_random_bytes_raise_only_our_error(raw: bytes, url: str) -> None:
    read_or_refuse(b"<html><body><p>" + raw + WORDS.encode() * 2, url)
    read_or_refuse(raw, url)


@given(st.integers(0, 4500), st.binary(max_size=3), st.integers(0, 60))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_page_raises_only_our_error(at: int, new: bytes, cut: int) -> None:
    raw = (DOCUMENTS / "publisher.html").read_bytes()
    read_or_refuse(raw[:at] + new + raw[at + cut :])


def test_a_deep_page_is_read_or_refused() -> None:
    read_or_refuse(b"<div>" * 3000 + WORDS.encode() * 3 + b"</div>" * 3000)


def test_characters_that_the_reader_uses_inside_are_taken_out() -> None:
    reading = page(f"<p>Mark\ue0f10\ue0f2s \ue0f57\ue0f5here. {WORDS}</p><p>{WORDS}</p>")
    assert reading.parts[0].text.startswith("Mark0s 7here. The quiet")
