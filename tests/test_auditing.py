"""The claim audit: which sentences lean on a source, what stands beside them, who signed, and the points that it must surface."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import typer
from fakes import HashEmbedder, WordStage
from typer.testing import CliRunner

from chatbot import opening
from chatbot.audit.audited import Audit, Claim, sign, with_signatures
from chatbot.audit.auditing import CLOSE, LOOSE, Texts, audit, basis, closeness, state_of, stems
from chatbot.audit.claiming import leanings
from chatbot.audit.claims import Look
from chatbot.audit.page import as_json, as_lines, as_page, summary
from chatbot.commands.audit import audit as command
from chatbot.corpus.references.citations import in_text_citations
from chatbot.corpus.signoffs import FILE, SignOff, read_signoffs
from chatbot.datatypes import Author, Block, Document, Sentence, Source, Status
from chatbot.errors import ReviewError
from chatbot.index import generations
from chatbot.index.sentences import split_sentences
from chatbot.loading import Loaded, load

SHARED = Path(__file__).resolve().parents[2] / "shared" / "eval" / "evidence"
TODAY = "2026-11-24"


def source(doc_id: str, *families: str, year: str = "2019", **more: object) -> Source:
    made = Source(
        doc_id, "journal-article", f"On {doc_id}", tuple(Author(f) for f in families), year, "", "", "", "", "full", "",
        Status("clear", "", ""),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


ARTICLE = source("article")
RUST = source("rust", "Okafor", "de Vries", "Ruiz")
PAINT = source("paint", "Lindqvist", year="n.d.", names=("the paint survey",), container="Journal of Coatings")
NUMBERED = source("salt", "Nguyen", cited_as=("[3]",))
SOURCES = (ARTICLE, RUST, PAINT, NUMBERED)


def leaning(text: str) -> list[tuple[str, list[tuple[str, str]], tuple[str, ...]]]:
    """(sentence's first word, [(doc_id, how)], why) of every sentence that claims something; a line is a paragraph."""
    blocks, at = [], 0
    for line in text.split("\n"):
        blocks.append(Block(at, at + len(line), "body", ()))
        at += len(line) + 1
    document = Document(ARTICLE, text, Document.digest(text), tuple(blocks))
    found = leanings(document, split_sentences(document), SOURCES, in_text_citations)
    return [(one.sentence.text.split()[0], [(d, how) for d, how, _ in one.works], one.why) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rust spreads (Okafor et al., 2019).", [("Rust", [("rust", "cited")], ())]),
        ("Okafor, de Vries, and Ruiz (2019) saw rust.", [("Okafor,", [("rust", "cited")], ())]),
        (
            "Rust spreads (Okafor et al., 2019; Lindqvist, n.d.).",
            [("Rust", [("rust", "cited"), ("paint", "cited")], ())],
        ),
        ("Rust spreads. (Okafor et al., 2019)", [("Rust", [("rust", "cited")], ())]),
        (
            "Okafor et al. (2019) saw rust. Their findings suggest salt. The study was short. It was cold there.",
            [
                ("Okafor", [("rust", "cited")], ()),
                ("Their", [("rust", "refers back")], ()),
                ("The", [("rust", "refers back")], ()),
            ],
        ),
        (
            "Okafor et al. (2019) saw rust.\nTheir findings suggest salt.",  # a new paragraph refers to nothing before it
            [("Okafor", [("rust", "cited")], ()), ("Their", [], ("a word of research",))],
        ),
        ("As the paint survey says, it peels.", [("As", [("paint", "named")], ())]),
        ("Work by Lindqvist says that it peels.", [("Work", [("paint", "named")], ())]),
        ("Lindqvist is a common name.", []),
        ("In the Journal of Coatings it peels.", [("In", [("paint", "named")], ())]),
        ("Salt is worse [3].", [("Salt", [("salt", "cited")], ())]),
        ("Salt is worse than rain.", [("Salt", [], ("a comparison",))]),
        ("It takes 30 days.", [("It", [], ("a number",))]),
        ("It takes one or more coats.", [("It", [], ("a number", "a comparison"))]),
        ("One way is paint.", []),
        ("Studies say so.", [("Studies", [], ("a word of research",))]),
        ("Salt causes rust.", [("Salt", [], ("an effect",))]),
        ("Is salt worse than rain?", []),
        ("This is a deep idea.", []),
    ],
)
def test_which_sentences_lean_on_a_source(text: str, expected: list[object]) -> None:
    assert leaning(text) == expected


@pytest.fixture
def loaded(small_index: Path) -> Loaded:
    return load(small_index, generations.current(small_index), HashEmbedder())


@pytest.fixture
def small(loaded: Loaded) -> Audit:
    """The shipped corpus, audited with light models."""
    return audit(loaded, HashEmbedder(), WordStage())


def starting(found: Audit, words: str) -> Claim:
    return next(claim for claim in found.claims if words in claim.text)


def test_every_span_proves_itself_and_the_closest_are_close(loaded: Loaded, small: Audit) -> None:
    documents = loaded.corpus.documents
    article = documents["unlocking-healing"].text
    for claim in small.claims:
        assert article[claim.start : claim.end] == claim.text
        assert article.split("\n")[claim.line - 1].count(claim.text) == 1
        for found in claim.compared:
            assert all(documents[m.doc_id].text[m.start : m.end] == m.text and m.score >= LOOSE for m in found.matches)
            assert all(documents[s.doc_id].text[s.start : s.end] == s.text for look in found.looks for s in look.seen)
            assert bool(found.matches) == (found.state in ("close words found", "only loosely related"))
            assert {m.doc_id for m in found.matches} <= ({found.doc_id} if found.doc_id else set(documents))


def test_a_source_without_text_is_said_to_be_so(small: Audit) -> None:
    first, second = starting(small, "significant and lasting").compared
    assert (first.doc_id, first.how) == ("mitchell-2021", "cited")
    assert (second.doc_id, second.state, second.matches, second.looks) == ("webmd-mdma-therapy", "no text", (), ())
    assert second.about == "the source's text is not here; nothing can be compared"


def test_state_follows_the_thresholds() -> None:
    assert state_of(CLOSE) == "close words found"
    assert state_of(CLOSE - 0.01) == "only loosely related"
    assert state_of(LOOSE - 0.01) == "no matching passage found"
    assert closeness(1.0, 1.0) == 1.0


def test_a_sentence_that_is_the_claim_comes_first_and_unrelated_ones_match_nothing() -> None:
    said = ["Iron rusts in salt water.", "Paint keeps water away from iron.", "Bridges are built from steel."]
    sentences = [Sentence("s", 0, len(t), t, (), "body", 0, n) for n, t in enumerate(said)]
    embedder = HashEmbedder()
    texts = Texts(sentences, embedder.embed(said))
    for at, text in enumerate(said):
        ranked = texts.rank(text, embedder.embed([text])[0], WordStage())
        assert ranked[0][0] is sentences[at]
        assert ranked[0][1] == pytest.approx(1.0)
    far = "Violins were tuned by candle light."
    scores = [score for _, score in texts.rank(far, embedder.embed([far])[0], WordStage())]
    assert state_of(max(scores)) == "no matching passage found"
    assert Texts([], np.zeros((0, 64), dtype=np.float32)).rank(far, embedder.embed([far])[0], WordStage()) == []


def test_a_note_says_on_what_it_rests() -> None:
    text = '---\nid: x\nbasis: "abstract only"\n---\n\nIt fell.\n'
    front = Document(RUST, text, "", (Block(0, 35, "front_matter", ()),))
    assert basis(front) == "a note about the source, not its words; it rests on: abstract only"
    assert basis(Document(RUST, "It fell.", "")) == "a note about the source, not its words"


# --- signatures -------------------------------------------------------------------------------------------------------


def test_a_signature_stands_until_its_source_changes(corpus_copy: Path, small: Audit) -> None:
    claim = starting(small, "Kristin Neff")
    row = sign(corpus_copy, small, claim.short, "supported", " Mo ", "read both", TODAY)
    assert row == SignOff(claim.ident, claim.text, "supported", "Mo", "read both", TODAY, claim.evidence_sha256)
    signed = with_signatures(small, read_signoffs(corpus_copy))
    assert [c.text for c in signed.claims if not c.open] == [claim.text]
    assert "1 signed" in summary(signed)
    moved = replace(
        small, claims=tuple(replace(c, evidence_sha256="0") if c.ident == claim.ident else c for c in small.claims)
    )
    stale = starting(with_signatures(moved, read_signoffs(corpus_copy)), "Kristin Neff").signed
    assert stale and stale.row == row and stale.stale == "a source, or its text, has changed since"


def test_the_last_signature_counts(corpus_copy: Path, small: Audit) -> None:
    ident = starting(small, "amygdala").ident
    sign(corpus_copy, small, ident, "no claim", "Mo", "", TODAY)
    sign(corpus_copy, small, ident[:8].upper(), "needs a source", "Lu", "which regions?", TODAY)
    found = starting(with_signatures(small, read_signoffs(corpus_copy)), "amygdala").signed
    assert found and (found.row.verdict, found.row.reviewer, found.stale) == ("needs a source", "Lu", "")
    assert len(read_signoffs(corpus_copy)) == 2


def test_a_signature_under_an_edited_sentence_goes_with_it_stale_and_else_stands_apart(small: Audit) -> None:
    now = starting(small, "amygdala")
    before = now.text.replace("may help to temporarily reduce", "reduces")
    elsewhere = "Violins were tuned by candle light."
    rows = [SignOff(Document.digest(t), t, "partly", "Mo", "", TODAY, now.evidence_sha256) for t in (before, elsewhere)]
    found = with_signatures(small, rows)
    signed = starting(found, "amygdala").signed
    assert signed and signed.stale == f"the sentence has changed since; it was: {before}"
    assert starting(found, "amygdala").open
    assert [row.sentence for row in found.gone] == [elsewhere]


@pytest.mark.parametrize(
    ("ident", "message"),
    [
        ("ffff0000", "no sentence has an id that begins 'ffff0000'; `chatbot corpus audit` shows them"),
        ("ff", "no sentence has an id that begins 'ff'; give at least 4 digits; `chatbot corpus audit` shows them"),
    ],
)
def test_an_id_that_is_none(corpus_copy: Path, small: Audit, ident: str, message: str) -> None:
    with pytest.raises(ReviewError) as error:
        sign(corpus_copy, small, ident, "supported", "Mo", "", TODAY)
    assert str(error.value) == message
    assert not (corpus_copy / FILE).exists()


def test_a_changed_source_text_changes_the_evidence_of_its_claims_only(loaded: Loaded, small: Audit) -> None:
    documents = dict(loaded.corpus.documents)
    documents["mitchell-2021"] = replace(documents["mitchell-2021"], sha256="0" * 64)
    again = audit(replace(loaded, corpus=replace(loaded.corpus, documents=documents)), HashEmbedder(), WordStage())
    changed = [
        a.text for a, b in zip(small.claims, again.claims, strict=True) if a.evidence_sha256 != b.evidence_sha256
    ]
    assert changed == [starting(small, "significant and lasting").text]


def test_a_retracted_work_is_the_first_thing_to_look_at_and_ends_a_signature(loaded: Loaded, small: Audit) -> None:
    manifest = loaded.corpus.manifest
    bad = Status("retracted", "2026-11-25", "")
    sources = tuple(replace(s, status=bad) if s.doc_id == "mitchell-2021" else s for s in manifest.sources)
    corpus = replace(loaded.corpus, manifest=replace(manifest, sources=sources))
    found = starting(audit(replace(loaded, corpus=corpus), HashEmbedder(), WordStage()), "significant and lasting")
    assert found.looks[0].note == "Mitchell et al. (2021), cited here, is RETRACTED, checked 2026-11-25."
    assert found.evidence_sha256 != starting(small, "significant and lasting").evidence_sha256


# --- forms ------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Tags that stay open, all tags, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_all_and_runs_nothing(corpus_copy: Path, small: Audit) -> None:
    evil = '<script>alert("x")</script>'
    sign(corpus_copy, small, starting(small, "Kristin Neff").ident, "partly", evil, "<b>note</b>", TODAY)
    found = with_signatures(small, read_signoffs(corpus_copy))
    found = replace(found, claims=(replace(found.claims[0], text=evil, looks=(Look("word", evil),)), *found.claims[1:]))
    html = as_page(found, TODAY)
    page = Page(html)
    assert page.open == []
    assert "script" not in page.tags and page.text.count(evil) >= 3
    assert "default-src 'none'" in html
    for claim in found.claims:
        assert claim.text in page.text and claim.short in page.text
        assert all(m.text in page.text for c in claim.compared for m in c.matches)
    assert f"Signed: partly, {evil}, {TODAY}, “<b>note</b>”" in page.text
    assert page.text.count("a note about the source, not its words") >= sum(
        len(c.matches) for claim in found.claims for c in claim.compared
    )
    assert page.text.count("chatbot corpus audit --sign") == len(found.claims) - 1


def test_json_holds_every_claim_and_survives_a_round(small: Audit) -> None:
    found = as_json(small)
    assert json.loads(json.dumps(found)) == found
    assert found["format"] == 1 and found["article"] == "unlocking-healing"
    assert [row["ident"] for row in found["claims"]] == [c.ident for c in small.claims]
    cited = [row for row in found["claims"] if not row["why"]]
    assert found["counts"] == {
        "sentences": len(small.claims), "cited": 4, "uncited": len(small.claims) - 4, "signed": 0, "stale": 0,
        "open": len(small.claims),
    }  # fmt: skip
    assert [row["line"] for row in cited] == [6, 8, 10, 10]
    assert cited[0]["compared"][1]["state"] == "no text"
    assert cited[0]["compared"][0]["matches"][0]["text_kind"] == "digest"


def test_lines_begin_with_the_counts_and_name_every_sentence(small: Audit) -> None:
    lines = as_lines(small)
    n = len(small.claims)
    assert lines.startswith(f"{n} sentences: 4 lean on a source, {n - 4} have no citation; 0 signed, {n} open\n")
    assert all(claim.short in lines and claim.text in lines for claim in small.claims)
    assert "WebMD (n.d.) (cited): no text (the source's text is not here; nothing can be compared)" in lines


def test_texts_for_this_machine_only_are_named(loaded: Loaded) -> None:
    manifest = loaded.corpus.manifest
    sources = tuple(replace(s, limited=s.doc_id == "neff-three-elements") for s in manifest.sources)
    corpus = replace(loaded.corpus, manifest=replace(manifest, sources=sources))
    found = audit(replace(loaded, corpus=corpus), HashEmbedder(), WordStage())
    assert found.local == ("Note on Neff (n.d.)",)
    assert "for use on this machine only" in as_page(found)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(small_index: Path, corpus_copy: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(opening, "open_embedder_of", lambda manifest: HashEmbedder())
    monkeypatch.setattr(opening, "open_second_stage", WordStage)
    app = typer.Typer()
    app.command()(command)
    return lambda *options: CliRunner().invoke(
        app, ["--corpus", str(corpus_copy), "--index", str(small_index), *options]
    )


def test_the_command_signs_writes_and_prints(run, small: Audit, corpus_copy: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert run().stdout == as_lines(small) + "\n"
    ident, page = starting(small, "Kristin Neff").short, tmp_path / "audit.html"
    done = run("--sign", ident, "--verdict", "supported", "--reviewer", "Mo", "--html", str(page), "--json")
    assert done.exit_code == 0
    signed = [row for row in json.loads(done.stdout)["claims"] if row["signed"]]
    assert [(row["ident"][:10], row["signed"]["reviewer"], row["signed"]["stale"]) for row in signed] == [
        (ident, "Mo", "")
    ]
    assert "Signed: supported, Mo, " in page.read_text(encoding="utf-8")
    assert len(read_signoffs(corpus_copy)) == 1


def test_a_folder_that_is_ahead_of_what_readers_see_is_told(run, small: Audit, corpus_copy: Path) -> None:  # type: ignore[no-untyped-def]
    assert run().stderr == ""
    path = corpus_copy / "messages.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# a word more\n", encoding="utf-8")
    done = run()
    assert done.stdout == as_lines(small) + "\n"
    assert done.stderr.startswith(f"{corpus_copy} has changed since generation {small.generation} was built")
    assert done.stderr.endswith("run `chatbot index build` to audit what is in the folder\n")


def test_a_verdict_without_a_sentence_is_an_error(run) -> None:  # type: ignore[no-untyped-def]
    done = run("--verdict", "supported")
    assert isinstance(done.exception, ReviewError)


# --- the points that a reader of the sources found by hand --------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped(real_index: Path) -> Audit:
    """The shipped corpus, audited with the shipped models."""
    manifest = generations.read_manifest(real_index, generations.current(real_index))
    embedder = opening.open_embedder_of(manifest)
    return audit(load(real_index, manifest["generation"], embedder), embedder, opening.open_second_stage())


TRIAL, STUDY, FINDINGS = "significant and lasting", "published in the European", "Their findings suggest"
AMYGDALA, SESSIONS, STRESS = "amygdala", "one or more sessions", "cope better with stress"
POINTS = {
    "durability": (TRIAL, "time", "“lasting”; spans of time in the note: “two months”, “18 weeks”"),
    "lasting is not in the closest words": (TRIAL, "strength", "“lasting”; the closest words do not"),
    "no relief from other treatments": (TRIAL, "word", "individuals, relief"),
    "joint citation": (TRIAL, "citation", "2 works are cited for one sentence"),
    "WebMD has no text": (TRIAL, "citation", "the text of WebMD (n.d.) is not here"),
    "one or more sessions": (SESSIONS, "number", "“one or more sessions”; near by in any source or note stands “three"),
    "amygdala: nothing speaks of brain areas": (AMYGDALA, "word", "brain, areas, amygdala"),
    "amygdala: nor of emotional regulation": (AMYGDALA, "word", "emotional, regulation"),
    "author order": (STUDY, "citation", "in the order Agin-Liebes, Mitchell, Zeifman; the record has Agin-Liebes, Zeifman"),
    "first author's initials": (STUDY, "citation", "prints “Agin-Liebes, G. I.”; the record gives “Gabrielle”"),
    "last author's initials": (STUDY, "citation", "prints “Mitchell, J.”; the record gives “Jennifer M.”"),
    "82 analysed": (STUDY, "study", "“82 adults”"),
    "secondary analysis": (STUDY, "study", "“secondary analysis”"),
    "two time points": (FINDINGS, "study", "“two time points”"),
    "the findings carry no citation": (FINDINGS, "citation", "prints no citation; its first words refer back"),
    "directly, against no direct effect": (FINDINGS, "negation", "“directly”, denied in the note:"),
    "full mediation": (FINDINGS, "hedge", "“full mediation”"),
    "leads to stands nowhere": (FINDINGS, "strength", "“leads to”; the closest words do not, nor anywhere in the note"),
    "coping with stress": (STRESS, "word", "cope"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_the_point_is_marked(shipped: Audit, point: str) -> None:
    words, kind, expected = POINTS[point]
    claim = starting(shipped, words)
    looks = [*claim.looks, *(look for found in claim.compared for look in found.looks)]
    assert [look for look in looks if look.kind == kind and expected in look.note], [look.note for look in looks]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "kind", "sentence"),
    [
        (TRIAL, "time", "two months after the last experimental session, 18 weeks after baseline"),
        (FINDINGS, "limit", "at only two time points, baseline and 18 weeks later"),
        (FINDINGS, "limit", "does not mean that self-compassion is the only cause of a change"),
        (FINDINGS, "negation", "no statistically significant direct effect of treatment on the outcome remains"),
    ],
)
def test_the_source_s_own_sentence_stands_beside_it(shipped: Audit, words: str, kind: str, sentence: str) -> None:
    claim = starting(shipped, words)
    seen = [s.text for found in claim.compared for look in found.looks if look.kind == kind for s in look.seen]
    assert [text for text in seen if sentence in text], seen


@pytest.mark.slow
def test_uncited_claims_are_listed_with_what_is_nearest(shipped: Audit) -> None:
    for words in (AMYGDALA, SESSIONS, STRESS, "tend to have better mental health"):
        assert not starting(shipped, words).cited
    nearest = [m.text for found in starting(shipped, STRESS).compared for m in found.matches]
    assert any("less depression, less anxiety" in text for text in nearest)


@pytest.mark.slow
def test_the_page_that_was_not_read_is_said_to_be_so(shipped: Audit) -> None:
    claim = starting(shipped, "Kristin Neff")
    assert [found.state for found in claim.compared] == ["close words found"]
    assert "NOT the cited page, which could not be read" in claim.compared[0].about
    assert "each element of self-compassion has an opposite" in " ".join(m.text for m in claim.compared[0].matches)


# --- how well closeness tells -------------------------------------------------------------------------------------------


def scifact(count: int) -> list[tuple[str, list[str], set[int]]]:
    """(claim, the cited abstract's sentences, rows of evidence): `count` with evidence and as many without, the file's first."""
    lines = (SHARED / "scifact" / "corpus_sentences.jsonl").read_text(encoding="utf-8").splitlines()
    abstracts = {row["_id"]: row["sentences"] for row in map(json.loads, lines)}
    out: dict[bool, list[tuple[str, list[str], set[int]]]] = {True: [], False: []}
    for row in map(json.loads, (SHARED / "scifact" / "claims_train.jsonl").read_text(encoding="utf-8").splitlines()):
        cited = str(row["cited_doc_ids"][0])
        evidence = row["evidence"].get(cited)
        if bool(evidence) == bool(row["evidence"]):
            rows = {i for rationale in evidence["rationales"] for i in rationale} if evidence else set()
            out[bool(evidence)].append((row["claim"], abstracts[cited], rows))
    return out[True][:count] + out[False][:count]


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/eval: the evaluation data is kept elsewhere")
def test_closeness_tells_claims_with_evidence_from_those_without() -> None:
    from chatbot.index.embedding import open_embedder

    embedder, second_stage = open_embedder("packaged"), opening.open_second_stage()
    best: dict[bool, list[float]] = {True: [], False: []}
    among_three = 0
    for claim, abstract, gold in scifact(40):
        sentences = [Sentence("s", 0, len(t), t, (), "body", 0, n) for n, t in enumerate(abstract)]
        vectors = embedder.embed([claim, *abstract])
        ranked = Texts(sentences, vectors[1:]).rank(claim, vectors[0], second_stage)
        best[bool(gold)].append(max(score for _, score in ranked))
        among_three += bool({s.position for s, _ in ranked[:3]} & gold)
    pairs = [(yes > no) + 0.5 * (yes == no) for yes in best[True] for no in best[False]]
    found = {
        "auroc": float(np.mean(pairs)),
        "among three": among_three / 40,
        "close, with evidence": float(np.mean([score >= CLOSE for score in best[True]])),
        "close, without": float(np.mean([score >= CLOSE for score in best[False]])),
        "lost, with evidence": float(np.mean([score < LOOSE for score in best[True]])),
    }
    assert found["auroc"] >= 0.78 and found["among three"] >= 0.8, found
    assert found["close, with evidence"] >= 0.6 and found["close, without"] <= 0.3, found
    assert found["lost, with evidence"] <= 0.1, found


def test_stems_hold_the_parts_of_a_hyphenated_word() -> None:
    assert stems("self-critical") == ["self-crit", "self", "critic"]
