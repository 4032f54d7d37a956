"""Any article with a reference list becomes a corpus that builds and answers; what only a person can know stays open."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from fakes import HashEmbedder, WordStage, no_triage

from chatbot.building import build
from chatbot.checking import check_corpus
from chatbot.corpus.manifest import read_manifest
from chatbot.corpus.references.entries import parse_reference
from chatbot.corpus.references.labelling import packaged_labeller
from chatbot.errors import CorpusError, FetchError
from chatbot.gathering import read_corpus
from chatbot.index.embedding import open_embedder
from chatbot.loading import load
from chatbot.pipeline import Chatbot
from chatbot.replies import Abstention, Answer
from chatbot.sourcing.founding import Founded, found
from chatbot.sourcing.isolating import read_apart

ARTICLE = Path(__file__).parents[1] / "articles" / "finding-words.txt"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval" / "documents"


def make(article: Path, into: Path, **more: object) -> Founded:
    return found(
        article,
        into,
        read=read_apart,
        parse=partial(parse_reference, label=packaged_labeller()),
        today="2026-11-24",
        **more,
    )  # type: ignore[arg-type]


def opened(corpus: Path, index: Path) -> Chatbot:
    embedder = HashEmbedder()
    generation = build(corpus, index, embedder)
    return Chatbot.over(load(index, generation, embedder), embedder, WordStage(), no_triage)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    make(ARTICLE, tmp_path / "corpus")
    return tmp_path / "corpus"


def test_the_article_is_copied_as_it_is(corpus: Path) -> None:
    assert (corpus / "article.txt").read_bytes() == ARTICLE.read_bytes()


def test_every_reference_is_a_source_with_its_record(corpus: Path) -> None:
    printed = ARTICLE.read_text(encoding="utf-8").split("\nReferences\n")[1].strip().split("\n")
    article, *works = read_manifest(corpus).sources
    assert (article.kind, article.title) == ("article", "Finding Words: How a Machine Learnt to Look Things Up")
    assert [w.reference for w in works] == printed
    by_id = {w.doc_id: w for w in works}
    assert len(by_id) == 21
    bm25 = by_id["robertson-2009"]
    assert [(a.family, a.given) for a in bm25.authors] == [("Robertson", "S."), ("Zaragoza", "H.")]
    assert (bm25.title, bm25.year) == ("The probabilistic relevance framework: BM25 and beyond", "2009")
    assert (bm25.container, bm25.volume, bm25.issue) == ("Foundations and Trends in Information Retrieval", "3", "4")
    assert (bm25.pages, bm25.doi) == ("333–389", "10.1561/1500000019")
    assert (bm25.kind, bm25.text_kind, bm25.url) == ("journal-article", "none", "https://doi.org/10.1561/1500000019")
    assert by_id["national-institute-of-standards-and-technology-nd"].url == "https://trec.nist.gov/"
    assert {"salton-1975", "salton-1988", "sparck-jones-1972", "van-rijsbergen-1979"} <= set(by_id)
    assert [a.family for a in by_id["karpukhin-2020"].authors][-2:] == ["Chen", "Yih"]


def test_in_text_citations_lead_to_their_works(corpus: Path) -> None:
    by_id = {s.doc_id: s for s in read_manifest(corpus).sources}
    assert all(s.cited_as for s in by_id.values() if s.kind != "article")
    assert by_id["luhn-1958"].cited_as == ("Luhn (1958)",)
    assert by_id["salton-1975"].cited_as == ("(Salton et al., 1975)",)
    assert by_id["salton-1988"].cited_as == ("(Salton & Buckley, 1988)",)
    assert not [p for p in check_corpus(corpus) if p.severity == "error"]


def test_it_builds_and_answers_with_the_articles_words_and_its_disclaimer(corpus: Path, tmp_path: Path) -> None:
    build(corpus, tmp_path / "index", open_embedder())
    bot = Chatbot.open(corpus, tmp_path / "index")
    assert isinstance(bot.ask("What is the boiling point of helium?").reply, Abstention)
    reply = bot.ask("How many papers on aerodynamics did Cleverdon take at Cranfield?").reply
    assert isinstance(reply, Answer)
    cited = reply.statements[0].citations[0]
    assert cited.quote.text.startswith("At Cranfield, Cleverdon (1967) took 1,400 papers on aerodynamics")
    assert cited.lead_in == "From the article:"
    assert [label for label, _, _ in cited.relies_on] == ["Cleverdon (1967)"]
    assert reply.disclaimer.quote.text.startswith("Disclaimer: This account is a summary for general readers")


def test_what_nobody_wrote_is_not_made_up(corpus: Path) -> None:
    manifest = read_manifest(corpus)
    assert (manifest.jurisdiction, manifest.examples, manifest.contact) == ("", (), "")
    assert {s.status.checked for s in manifest.sources} == {""}
    messages = read_corpus(corpus).messages
    assert (messages.help_lines, messages.substances, messages.drug_request_show) == ((), (), ())


def test_an_article_without_a_disclaimer_says_what_is_to_be_filled_in(tmp_path: Path) -> None:
    lines = [line for line in ARTICLE.read_text(encoding="utf-8").split("\n") if not line.startswith("Disclaimer")]
    article = tmp_path / "article.txt"
    article.write_text("\n".join(lines), encoding="utf-8")
    made = make(article, tmp_path / "corpus")
    assert made.must == ("disclaimer in sources.toml: an exact sentence of the article that every reply ends with",)
    (first, *_) = check_corpus(tmp_path / "corpus")
    assert (first.severity, first.problem) == ("error", "the disclaimer is empty")
    with pytest.raises(
        CorpusError, match="the disclaimer is empty; copy the sentence that every reply ends with from the article"
    ):
        read_corpus(tmp_path / "corpus")
    sentence = "Refusing well is harder than finding."
    again = make(article, tmp_path / "other", disclaimer=sentence)
    assert again.must == ()
    assert read_corpus(tmp_path / "other").manifest.disclaimer == sentence


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.docx", b"PK", r"\.docx is no form that is read; known: \.txt, \.md"),
        ("a.txt", b"caf\xe9 \xff", "not UTF-8 at byte 3; save it as UTF-8"),
        ("a.txt", b"", "has no paragraphs; see that it is the article"),
        ("a.pdf", b"not a pdf", "a.pdf"),
        ("a.xml", b"<article><front/></article>", "a.xml"),
    ],
)
def test_a_file_that_is_no_article_is_told(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=why):
        make(tmp_path / name, tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Mine.")
    with pytest.raises(CorpusError, match="is not empty; name a folder that is, or is not there yet"):
        make(ARTICLE, tmp_path)
    with pytest.raises(CorpusError, match="is not empty; name a folder"):
        make(ARTICLE, tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_disclaimer_that_the_article_does_not_print_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"does not print the disclaimer 'We promise.'; copy it exactly from the article"
    ):
        make(ARTICLE, tmp_path / "corpus", disclaimer="We promise.")


class Registry:
    """Crossref, as far as one work goes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str, *, accept: str = "", robots: bool = True):  # type: ignore[no-untyped-def]
        self.asked.append(url)
        title = {"10.1561%2F1500000019": "The Probabilistic Relevance Framework: BM25 and Beyond"}
        for doi, known in title.items():
            if doi in url:
                people = [{"family": "Robertson", "given": "Stephen"}, {"family": "Zaragoza", "given": "Hugo"}]
                message = {"DOI": "10.1561/1500000019", "title": [known], "author": people, "type": "journal-article"}
                return Message(json.dumps({"status": "ok", "message-type": "work", "message": message}).encode())
        if "10.1147" in url:  # a DOI that leads elsewhere
            message = {"DOI": "10.1147/rd.22.0159", "title": ["Cooling of transformers"], "type": "journal-article"}
            return Message(json.dumps({"status": "ok", "message-type": "work", "message": message}).encode())
        raise FetchError(f"{url}: answers 404; correct the DOI")


class Message:
    def __init__(self, content: bytes) -> None:
        self.content, self.url, self.content_type, self.fetched_at = content, "", "application/json", ""


def test_a_network_completes_records_and_a_wrong_doi_completes_nothing(tmp_path: Path) -> None:
    registry = Registry()
    made = make(ARTICLE, tmp_path / "corpus", get=registry)
    assert made.n_completed == 1
    assert len(registry.asked) == 15
    assert len(made.doubts) == 14
    assert any(
        "the DOI 10.1147/rd.22.0159 is of 'Cooling of transformers'; see whether it is misprinted" in d
        for d in made.doubts
    )
    by_id = {s.doc_id: s for s in read_manifest(tmp_path / "corpus").sources}
    assert [a.given for a in by_id["robertson-2009"].authors] == ["Stephen", "Hugo"]
    assert [a.given for a in by_id["luhn-1958"].authors] == ["H. P."]
    assert by_id["luhn-1958"].title == "The automatic creation of literature abstracts"
    assert by_id["luhn-1958"].reference_corrected == ""
    bm25 = by_id["robertson-2009"]
    assert (bm25.reference_corrected, bm25.reference_corrected_reason) == (
        "",
        "",
    )  # only given names differ, which APA does not print


def test_a_record_that_differs_stands_beside_the_printed_words(tmp_path: Path) -> None:
    def wrong_year(url: str, **_: object) -> Message:
        if "10.1147" not in url:
            raise FetchError(f"{url}: answers 404; correct the DOI")
        message = {"DOI": "10.1147/rd.22.0159", "title": ["The automatic creation of literature abstracts"]}
        message |= {"type": "journal-article", "issued": {"date-parts": [[1959]]}}  # type: ignore[dict-item]
        return Message(json.dumps({"status": "ok", "message-type": "work", "message": message}).encode())

    make(ARTICLE, tmp_path / "corpus", get=wrong_year)
    luhn = next(s for s in read_manifest(tmp_path / "corpus").sources if s.doi == "10.1147/rd.22.0159")
    assert "(1958)" in luhn.reference and luhn.reference in ARTICLE.read_text(encoding="utf-8")
    assert luhn.reference_corrected.startswith(
        "Luhn, H. P. (1959). The automatic creation of literature abstracts. IBM Journal"
    )
    assert luhn.reference_corrected_reason == "The entry prints year 1958, the record has 1959."


def test_markdown_with_a_list_of_references(tmp_path: Path) -> None:
    body = "A person who asks about cars may be served by a page on automobiles (Luhn, 1958). " * 3
    article = tmp_path / "a.md"
    article.write_text(
        f"# On Cars\n\n## One\n\n{body}\n\nDisclaimer: Nothing here is advice.\n\n## References\n\n"
        "- Luhn, H. P. (1958). The automatic creation of literature abstracts. *IBM Journal*, 2(2), 159–165.\n",
        encoding="utf-8",
    )
    make(article, tmp_path / "corpus")
    (_, luhn) = read_manifest(tmp_path / "corpus").sources
    assert luhn.reference.startswith("Luhn, H. P. (1958).")
    assert luhn.cited_as == ("(Luhn, 1958)",)
    assert not [p for p in check_corpus(tmp_path / "corpus") if p.severity == "error"]


@pytest.mark.parametrize("name", ["PMC5420386", "PMC4666048", "PMC3348486"])
def test_open_articles_in_jats_become_corpora_that_answer(tmp_path: Path, name: str) -> None:
    path = SHARED / "jats" / f"{name}.nxml"
    if not path.exists():
        pytest.skip("../shared/eval/documents is not here")
    from chatbot.index.sentences import split_sentences

    first = make(path, tmp_path / "trial")
    document = read_manifest(tmp_path / "trial")
    assert first.n_references == len(document.sources) - 1 > 10
    assert first.n_cited >= 0.9 * first.n_references
    text = json.loads((tmp_path / "trial" / "article.reading.json").read_text(encoding="utf-8"))
    paragraph = next(p["text"] for p in text["parts"] if p["role"] == "body" and len(p["text"]) > 200)
    make(path, tmp_path / "corpus", disclaimer=paragraph)
    assert not [p for p in check_corpus(tmp_path / "corpus") if p.severity == "error"]
    article = next(iter(read_corpus(tmp_path / "corpus").documents.values()))
    wanted = max(
        (s for s in split_sentences(article) if s.role == "body" and len(s.text) < 250), key=lambda s: len(s.text)
    )
    reply = opened(tmp_path / "corpus", tmp_path / "index").ask(f"What is said of this: {wanted.text}").reply
    assert isinstance(reply, Answer)
    quote = reply.statements[0].citations[0].quote
    assert article.text[quote.start : quote.end] == quote.text
    assert wanted.text in quote.text
