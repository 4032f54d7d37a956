"""marks.toml and glossary.toml: what they name must stand in the texts, and the shipped ones hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import write_corpus
from maintainer import fetched

from chatbot.checking import check_corpus
from chatbot.errors import CorpusError
from chatbot.gathering import FIXED, read_corpus
from chatbot.marked import Caution, Place

TEXTS = {"one": ("It helps. It heals. It is not tested.", "It heals too."), "two": ("A dram is a small drink.",)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus", TEXTS)


def words(folder: Path, place: Place) -> str:
    return read_corpus(folder).documents[place.doc_id].text[place.start : place.end]


def test_a_corpus_without_them_has_none(folder: Path) -> None:
    found = read_corpus(folder)
    assert (found.marks.benefits, found.marks.cautions, found.glossary.terms) == ((), (), ())


def test_marks_are_places(folder: Path) -> None:
    (folder / "marks.toml").write_text(
        '[[benefit]]\nsource = "one"\nsentences = ["It helps.", "It heals."]\n'
        '[[caution]]\nsource = "one"\nkind = "limit"\nqualifies = "any"\ntopic = "x"\nsentences = "It is not tested."\n'
    )
    found = read_corpus(folder).marks
    assert [words(folder, b.place) for b in found.benefits] == ["It helps. It heals."]
    (caution,) = found.cautions
    assert (words(folder, caution.place), caution.kind, caution.qualifies, caution.topic) == (
        "It is not tested.",
        "limit",
        ("any",),
        "x",
    )


def test_the_hash_of_a_corpus_covers_them(folder: Path) -> None:
    assert {"marks.toml", "glossary.toml"} <= set(FIXED)
    before = read_corpus(folder).sha256
    (folder / "marks.toml").write_text('[[benefit]]\nsource = "one"\nsentences = "It helps."\n')
    assert read_corpus(folder).sha256 != before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("marks", '[[benefit]]\nsource = "one"\n', r"marks\.toml:1: a \[\[benefit\]\] names sentences or a section"),
        (
            "marks",
            '# x\n\n[[benefit]]\nsource = "one"\nsentences = "It hurts."\n',
            r"marks\.toml:3: 'It hurts\.' is no slice of the text of one; copy it exactly",
        ),
        (
            "marks",
            '[[benefit]]\nsource = "one"\nsentences = ["It helps.", "It is not tested."]\n',
            r"marks\.toml:1: 'It helps\.' does not stand right before the next",
        ),
        (
            "marks",
            '[[benefit]]\nsource = "three"\nsentences = "x"\n',
            "'three' is no source with a text; known: one, two",
        ),
        (
            "marks",
            '[[benefit]]\nsource = "one"\nsection = "Results"\n',
            "section 'Results' is none of one; its sections",
        ),
        ("marks", '[[benefit]]\nsource = "one"\nwords = "x"\n', "unknown key 'words'"),
        ("marks", '[[gain]]\nsource = "one"\n', "unknown 'gain'"),
        ("marks", "benefit = 3\n", "unknown 'benefit'"),
        ("marks", "[[benefit\n", "not TOML"),
        (
            "marks",
            '[[caution]]\nsource = "one"\nkind = "worry"\nqualifies = "any"\nsentences = "It helps."\n',
            "kind = 'worry'; put one of limit, risk, regulatory",
        ),
        (
            "marks",
            '[[caution]]\nsource = "one"\nkind = "risk"\nqualifies = ["nine"]\nsentences = "It helps."\n',
            "qualifies 'nine', no source",
        ),
        ("marks", '[[caution]]\nsource = "one"\nkind = "risk"\nsentences = "It helps."\n', "qualifies nothing"),
        ("marks", '[[caution]]\nsource = "one"\nkind = "risk"\nqualifies = "any"\n', "without sentences"),
        ("marks", '[[benefit]]\nsource = "one"\nsentences = [3]\n', "is no list of texts"),
        ("glossary", '[[term]]\nname = "dram"\n', "'dram' has neither sentence nor definition"),
        ("glossary", '[[term]]\nname = ""\ndefinition = "x"\n', "without a name"),
        (
            "glossary",
            '[[term]]\nname = "dram"\nsource = "two"\nsentence = "A dram is big."\n',
            r"glossary\.toml:1: 'A dram is big\.' is no slice",
        ),
        (
            "glossary",
            '[[term]]\nname = "dram"\ndefinition = "x"\n[[term]]\nname = "gram"\nforms = ["dram"]\ndefinition = "y"\n',
            r"glossary\.toml:4: form 'dram' is already one of 'dram'",
        ),
        ("glossary", f'[[term]]\nname = "dram"\ndefinition = "{"x " * 46}"\n', "has 46 words; say it in 45 at most"),
    ],
)
def test_what_fits_no_text_is_an_error_with_its_line(folder: Path, name: str, text: str, said: str) -> None:
    (folder / f"{name}.toml").write_text(text)
    with pytest.raises(CorpusError, match=said):
        read_corpus(folder)
    assert [p.severity for p in check_corpus(folder) if p.file.endswith(f"{name}.toml")] == ["error"]


def test_a_term_is_defined_by_its_sentence_or_by_this_project(folder: Path) -> None:
    (folder / "glossary.toml").write_text(
        '[[term]]\nname = "dram"\nsource = "two"\nsentence = "A dram is a small drink."\n'
        '[[term]]\nname = "test"\nforms = ["tested"]\ndefinition = "A trial."\n'
    )
    dram, test = read_corpus(folder).glossary.terms
    assert dram.place is not None and words(folder, dram.place) == "A dram is a small drink."
    assert (test.forms, test.definition, test.place) == (("test", "tested"), "A trial.", None)


def test_what_only_a_replaced_note_says_is_set_aside_and_counted(corpus_copy: Path) -> None:
    before = read_corpus(corpus_copy)
    fetched(corpus_copy, "agin-liebes-2025", ("Koalas sleep nineteen hours.",))
    after = read_corpus(corpus_copy)
    own = [c for c in before.marks.cautions if c.place.doc_id == "agin-liebes-2025"]
    praise = [b for b in before.marks.benefits if b.place.doc_id == "agin-liebes-2025"]
    assert (len(own), len(after.marks.cautions)) == (4, len(before.marks.cautions) - 4)
    assert after.marks.n_aside == len(own) + len({*praise}) == 8
    kept = {t.name: t for t in after.glossary.terms}
    assert kept["mediation"].place is None and kept["mediation"].definition.startswith("A third factor")
    assert "full mediation" not in kept
    notes = [p.problem for p in check_corpus(corpus_copy) if p.file.endswith(("marks.toml", "glossary.toml"))]
    assert [n.split(" ", 1)[1] for n in notes] == [
        "of its sentences stand only in notes that a fetched text replaces, and are set aside"
    ] * 2


def test_the_shipped_marks_fit_their_benefits(shipped_corpus: Path) -> None:
    """Each benefit has a caution that may stand beside it, of its own source or of another."""
    corpus: Any = read_corpus(shipped_corpus)
    disclaimer = [c for c in corpus.marks.cautions if c.kind == "regulatory"]
    assert [corpus.documents[c.place.doc_id].text[c.place.start : c.place.end] for c in disclaimer] == [
        corpus.manifest.disclaimer
    ]
    assert (len(corpus.marks.benefits), len(corpus.marks.cautions)) == (21, 12)
    for benefit in corpus.marks.benefits:
        fitting: list[Caution] = [c for c in corpus.marks.cautions if c.fits(benefit) and c not in disclaimer]
        assert fitting, benefit


def test_no_sentence_is_both_a_benefit_and_a_caution(shipped_corpus: Path) -> None:
    marks = read_corpus(shipped_corpus).marks
    assert [b for b in marks.benefits for c in marks.cautions if b.place.overlaps(c.place)] == []


def test_index_diff_shows_what_changed_in_them(folder: Path) -> None:
    from chatbot.release.editions import differing, wording_of

    before = wording_of(read_corpus(folder))
    (folder / "marks.toml").write_text(
        '[[caution]]\nsource = "one"\nkind = "limit"\nqualifies = "any"\nsentences = "It is not tested."\n'
    )
    (folder / "glossary.toml").write_text('[[term]]\nname = "test"\ndefinition = "A trial."\n')
    after = wording_of(read_corpus(folder))
    assert [(d.name, d.before, d.after) for d in differing(before, after)] == [
        ("glossary", "", "test: A trial."),
        ("cautions", "", "limit: It is not tested."),
    ]
