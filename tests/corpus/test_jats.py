"""A JATS file becomes parts in reading order; nothing in it can reach out, swell or break the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.readers.jats import read_jats
from chatbot.corpus.readings import as_json, from_json
from chatbot.corpus.values import Mark, Reading, Record
from chatbot.datatypes import Author
from chatbot.errors import UnreadableSource

TRIAL = Path(__file__).parent / "documents" / "trial.nxml"
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def article(body: str, back: str = "", front: str = "") -> Reading:
    raw = f"<article {XLINK}><front><article-meta>{front}</article-meta></front><body>{body}</body><back>{back}</back></article>"
    return read_jats(raw.encode(), "a.xml")


def lines(reading: Reading) -> list[tuple[str, str]]:
    return [(part.role, part.text) for part in reading.parts]


@pytest.fixture(scope="module")
def trial() -> Reading:
    return read_jats(TRIAL.read_bytes(), "trial.nxml")


def test_the_parts_of_an_article(trial: Reading) -> None:
    intro, first = ("1. Introduction",), ("1. Introduction", "Aims", "First aim")
    assert [(p.role, p.heading_path, p.text) for p in trial.parts] == [
        ("title", (), "Walking after long rain: A trial"),
        ("heading", ("Abstract",), "ABSTRACT"),
        ("heading", ("Abstract", "Background"), "Background"),
        ("body", ("Abstract", "Background"), "Rain is postponed."),
        ("heading", ("Abstract", "Results"), "Results"),
        ("body", ("Abstract", "Results"), "Mood rose by 10⁻³ points."),
        ("heading", intro, "1. Introduction"),
        (
            "body",
            intro,
            "Rain calms people. It was shown before [1–3], and by Fern (2012). Air holds CO2 & the 7th walk was 4 m² wide.",
        ),
        ("footnote", intro, "A note on width."),
        ("body", intro, "There are two kinds:"),
        ("body", intro, "short walks;"),
        ("body", intro, "long walks."),
        ("body", intro, "Both help."),
        ("heading", (*intro, "Box"), "Box"),
        ("body", (*intro, "Box"), "Take a coat."),
        ("body", intro, "It rained for days."),
        ("heading", (*intro, "Aims"), "Aims"),
        ("heading", first, "First aim"),
        ("body", first, "To walk. x² = a/b holds."),
        ("heading", ("Results",), "Results"),
        ("body", ("Results",), "See the table."),
        ("caption", ("Results",), "Table 2. Mood after walks. Change from the start."),
        ("table", ("Results",), "Table 2. Mood; Outcome: Calm; Walk, Short: −24.4; Walk, Longᵃ: −20; None: −13.9"),
        ("table", ("Results",), "Table 2. Mood; Outcome: Joy; Walk, Short: 5.1; Walk, Longᵃ: 5.1"),
        ("footnote", ("Results",), "ᵃ Two hours or more."),
        ("caption", ("Results",), "Figure 1. Paths in the garden."),
        ("body", ("Acknowledgements",), "We thank the gardeners."),
        ("footnote", (), "Registered as GARDEN-1."),
        ("body", ("Competing interests",), "The authors own boots."),
        ("body", ("Funding",), "Paid by nobody."),
        ("heading", ("References",), "References"),
        (
            "reference",
            ("References",),
            "1. Oak, J. R., & van Elm, K. (2010). Rain and calm. Weather, 3(4), 12–20. https://doi.org/10.5555/w.3",
        ),
        (
            "reference",
            ("References",),
            "2. Fern P. (2012). On ferns. In Birch Q. (Ed.), Green things (pp. 1–9). Leeds: Leaf.",
        ),
        ("reference", ("References",), "3. Town Council. Rules for paths. https://example.org/paths (accessed 2019)."),
    ]
    assert trial.notes == ("1 further articles, answers or translations in the file are left out",)


def test_citations_become_marks_on_the_words_that_print_them(trial: Reading) -> None:
    part = trial.parts[7]
    assert [(part.text[m.start : m.end], m.references) for m in part.marks] == [
        ("calms", (0, 1)),
        ("1–3", (0, 1, 2)),
        ("(2012).", (2,)),
        ("2012", (1,)),
    ]


def test_the_records_of_the_article_and_of_its_references(trial: Reading) -> None:
    assert trial.record == Record(
        kind="article-journal",
        title="Walking after long rain: A trial",
        authors=(Author("Moss", "Ada B."), Author("Rain Study Group")),
        year="2021",
        container="Journal of Garden Walks",
        volume="7",
        issue="2",
        pages="101–109",
        publisher="Green Press",
        doi="10.5555/jgw.2021.07",
        licence="https://creativecommons.org/licenses/by/4.0/",
    )
    first, second, third = (r.record for r in trial.references)
    assert first == Record(
        kind="article-journal",
        title="Rain and calm",
        authors=(Author("Oak", "JR"), Author("van Elm", "Kim")),
        year="2010",
        container="Weather",
        volume="3",
        issue="4",
        pages="12–20",
        doi="10.5555/w.3",
    )
    assert second == Record(
        kind="chapter",
        title="On ferns",
        authors=(Author("Fern", "P."),),
        editors=(Author("Birch", "Q."),),
        year="2012",
        container="Green things",
        pages="1–9",
        publisher="Leaf",
        place="Leeds",
    )
    assert third == Record(url="https://example.org/paths")
    assert [r.label for r in trial.references] == ["1.", "2.", "3."]


def test_a_reading_survives_its_json(trial: Reading) -> None:
    assert from_json(as_json(trial)) == trial


@pytest.mark.parametrize(
    ("printed", "text", "words"),
    [
        ("Pain fell.<sup><xref ref-type='bibr' rid='a'>1</xref>-<xref ref-type='bibr' rid='c'>3</xref></sup> Then", "Pain fell. Then", ("fell.", (0, 1, 2))),
        ("Pain<xref ref-type='bibr' rid='a'>1</xref>, <xref ref-type='bibr' rid='b'>2</xref> fell", "Pain fell", ("Pain", (0, 1))),
        ("Pain <sup>[<xref ref-type='bibr' rid='b'>2</xref>]</sup> fell", "Pain [2] fell", ("2", (1,))),
        ("Pain [<xref ref-type='bibr' rid='a b c'>1-3</xref>] fell", "Pain [1-3] fell", ("1-3", (0, 1, 2))),
        ("Pain [<xref ref-type='bibr' rid='a'>1-3</xref>] fell", "Pain [1-3] fell", ("1-3", (0, 1, 2))),
        ("Pain <xref ref-type='bibr' rid='a'>[1]</xref>–<xref ref-type='bibr' rid='c'>[3]</xref> fell", "Pain [1]–[3] fell", ("[1]–[3]", (0, 1, 2))),
        ("<xref ref-type='bibr' rid='b'> Fern et al.</xref> said", "Fern et al. said", ("Fern et al.", (1,))),
    ],
)  # fmt: skip
def test_printed_forms_of_a_citation(printed: str, text: str, words: tuple[str, tuple[int, ...]]) -> None:
    refs = "".join(f"<ref id='{i}'><mixed-citation>Work {i}.</mixed-citation></ref>" for i in "abc")
    part = article(f"<p>{printed}</p>", f"<ref-list>{refs}</ref-list>").parts[0]
    assert part.text == text
    assert [(part.text[m.start : m.end], m.references) for m in part.marks] == [words]


def test_an_unknown_reference_is_only_words() -> None:
    part = article("<p>Seen [<xref ref-type='bibr' rid='gone'>9</xref>] there.</p>").parts[0]
    assert (part.text, part.marks) == ("Seen [9] there.", ())


def test_a_mark_covers_a_citation_of_author_and_year() -> None:
    back = "<ref-list><ref id='x'><mixed-citation>Oak (2010). Rain.</mixed-citation></ref></ref-list>"
    part = article("<p>So (<xref ref-type='bibr' rid='x'>Oak, 2010</xref>).</p>", back).parts[0]
    assert (part.text, part.marks) == ("So (Oak, 2010).", (Mark(4, 13, (0,)),))


@pytest.mark.parametrize(
    ("inline", "text"),
    [
        ("10<sup>5.2</sup> cells", "10^5.2 cells"),
        ("CD56<sup>dim</sup> cells", "CD56^dim cells"),
        ("<italic>R</italic><sup>2 </sup>= 1", "R² = 1"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("Pill<sup>®</sup>", "Pill®"),
        ("H<sub>2</sub>O", "H2O"),
        ("zero\u200bwidth, soft\u00adhyphen,\u00a0space", "zerowidth, softhyphen, space"),
        ("e\u0301t\u00e9", "e\u0301t\u00e9"),
    ],
)
def test_raised_and_invisible_characters(inline: str, text: str) -> None:
    assert article(f"<p>{inline}</p>").parts[0].text == text


def test_formulas_are_told_once() -> None:
    body = (
        "<disp-formula><label>(1)</label><alternatives><graphic xlink:href='e.gif'/><tex-math>$a=b$</tex-math></alternatives></disp-formula>"
        "<p>So <inline-formula><alt-text>one half</alt-text><inline-graphic xlink:href='f.gif'/></inline-formula> of it, "
        "or <inline-formula><italic>x</italic> + 1</inline-formula>; <inline-formula><inline-graphic xlink:href='g'/></inline-formula>.</p>"
    )
    reading = article(body)
    assert lines(reading) == [("body", "a=b (1)"), ("body", "So one half of it, or x + 1; .")]
    assert reading.notes == ("a formula is only a picture and is left out",)


def test_a_table_without_headers_and_with_wild_spans() -> None:
    table = "<table><tr><td colspan='999999'>a</td></tr><tr><td rowspan='-3'>b</td><td colspan='x'>c</td></tr></table>"
    found = lines(article(f"<table-wrap>{table}</table-wrap>"))
    assert found == [("table", "a"), ("table", "b; c")]


def test_a_huge_table_ends() -> None:
    row = "<tr>" + "<td colspan='9999' rowspan='9999'>x</td>" * 50 + "</tr>"
    found = article(f"<p>Text.</p><table-wrap><table>{row * 200}</table></table-wrap>")
    assert found.parts[0].text == "Text."


def test_an_element_citation_is_put_together() -> None:
    citation = (
        "<element-citation publication-type='book'><person-group person-group-type='author'><name><surname>Oak</surname>"
        "<given-names>Jean-Luc</given-names><suffix>Jr</suffix></name><etal/></person-group><chapter-title>Leaves</chapter-title>"
        "<source>Trees</source><person-group person-group-type='editor'><name><surname>Ash</surname><given-names>B</given-names></name>"
        "</person-group><edition>2nd ed.</edition><year>1999b</year><fpage>3</fpage><lpage>8</lpage><publisher-loc>Bonn</publisher-loc>"
        "<publisher-name>Wald</publisher-name></element-citation>"
    )
    reference = article("<p>x</p>", f"<ref-list><ref id='a'>{citation}</ref></ref-list>").references[0]
    assert (
        reference.printed
        == "Oak, J.-L., Jr, et al. (1999b). Leaves (2nd ed.). In Ash, B. (Eds.), Trees, pp. 3–8. Bonn: Wald."
    )
    assert (reference.record.year, reference.record.kind, reference.record.edition) == ("1999", "chapter", "2nd ed.")


def test_elements_that_touch_are_parted() -> None:
    citation = (
        "<mixed-citation><name><surname>Oak</surname><given-names>J</given-names></name><name><surname>Ash</surname><given-names>B</given-names>"
        "</name> (<year>2001</year>) <article-title>Why?</article-title><source>Leaf</source><volume>7</volume>: <fpage>1</fpage>–<lpage>2</lpage></mixed-citation>"
    )
    reference = article("<p>x</p>", f"<ref-list><ref id='a'>{citation}</ref></ref-list>").references[0]
    assert reference.printed == "Oak J, Ash B (2001) Why? Leaf 7: 1–2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb2312", "shift_jis"])
def test_declared_encodings(encoding: str) -> None:
    xml = f"<?xml version='1.0' encoding='{encoding}'?><article><body><p>caf\u00e9 \u2013 1</p></body></article>"
    assert read_jats(xml.encode(encoding, "xmlcharrefreplace"), "a").parts[0].text == "caf\u00e9 \u2013 1"


def test_a_wrapped_and_namespaced_article_with_only_an_abstract() -> None:
    raw = (
        b"<oai:record xmlns:oai='http://www.openarchives.org/OAI/2.0/'><oai:metadata><article xmlns='https://jats.nlm.nih.gov/ns/archiving/1.0/'>"
        b"<front><article-meta><abstract><p>Only this.</p></abstract></article-meta></front></article></oai:metadata></oai:record>"
    )
    reading = read_jats(raw, "a")
    assert [(p.role, p.heading_path, p.text) for p in reading.parts] == [("body", ("Abstract",), "Only this.")]
    assert reading.notes == ("the file has no full text, only what stands before it",)


def test_an_entity_bomb_is_an_error_or_nothing() -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    for place in ("<p>Safe &l9;</p>", "<p id='&l9;'>Safe</p>"):
        raw = f'<!DOCTYPE article [<!ENTITY l0 "lol">{levels}]><article><body>{place}</body></article>'.encode()
        try:
            reading = read_jats(raw, "bomb.xml")
        except UnreadableSource:
            continue
        assert lines(reading) == [("body", "Safe")]


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    for declared in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;'):
        raw = f"<!DOCTYPE article [{declared}]><article><body><p>Open &x; text</p></body></article>".encode()
        reading = read_jats(raw, "a.xml")
        assert lines(reading) == [("body", "Open text")]
        assert reading.notes == ("the entity &x; is not known and is left out",)


def test_named_characters_need_no_dtd() -> None:
    raw = b'<!DOCTYPE article PUBLIC "x" "http://127.0.0.1:9/x.dtd"><article><body><p>5&nbsp;&micro;g &alpha;</p></body></article>'
    assert lines(read_jats(raw, "a")) == [("body", "5 µg α")]


def test_deep_nesting_is_read_or_refused() -> None:
    for depth in (200, 5000):
        raw = "<article><body>" + "<sec>" * depth + "<p>Deep.</p>" + "</sec>" * depth + "</body></article>"
        try:
            assert lines(read_jats(raw.encode(), "a")) == [("body", "Deep.")]
        except UnreadableSource:
            assert depth == 5000


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is not XML"),
        (b"%PDF-1.7", "is not XML"),
        (b"<article><body><p>cut", "is not XML"),
        (b"<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>", "<PubmedArticleSet> holds no JATS article"),
        (b"<html><body><article><p>x</p></article></body></html>", "<html> holds no JATS article"),
        (b"<article><front/></article>", "has neither abstract nor text"),
        (b"<?xml version='1.0' encoding='utf-8'?><article><body><p>\xe9</p></body></article>", "is not XML"),
    ],
)
def test_what_is_no_article_is_our_error(raw: bytes, said: str) -> None:
    with pytest.raises(UnreadableSource, match=r"^file\.xml: .*") as caught:
        read_jats(raw, "file.xml")
    assert said in str(caught.value)


def read_or_refuse(raw: bytes) -> None:
    try:
        reading = read_jats(raw, "a")
    except UnreadableSource:
        return
    assert from_json(as_json(reading)) == reading


@given(st.binary(max_size=300))
def test_random_bytes_raise_only_our_error(raw: bytes) -> None:
    read_or_refuse(raw)


TAGS = st.sampled_from(
    "sec p title label list list-item table-wrap table tr td th xref sup sub fn fig caption ref ref-list mixed-citation name surname "
    "year inline-formula tex-math def-list def-item term def boxed-text ack abstract body back front article-meta contrib collab".split()
)
TREES = st.recursive(
    st.text(alphabet="ab1 [],-–.\u00ad²", max_size=8),
    lambda inner: st.builds(
        lambda tag, rid, kids: f"<{tag} rid='{rid}' id='{rid}' ref-type='bibr' colspan='2'>{''.join(kids)}</{tag}>",
        TAGS,
        st.sampled_from(["a", "b", "a b"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@given(TREES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_elements_gives_a_sound_reading(tree: str) -> None:
    raw = f"<article><front><article-meta>{tree}</article-meta></front><body><p>x</p>{tree}</body><back>{tree}</back></article>"
    reading = read_jats(raw.encode(), "a")
    assert from_json(as_json(reading)) == reading
    assert len(reading.references) == sum(part.role == "reference" for part in reading.parts)


@given(st.integers(0, 5500), st.binary(max_size=3), st.integers(0, 40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_raises_only_our_error(at: int, new: bytes, cut: int) -> None:
    raw = TRIAL.read_bytes()
    read_or_refuse(raw[:at] + new + raw[at + cut :])
