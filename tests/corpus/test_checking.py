"""`chatbot corpus check` finds everything at once, each with its place and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.checking import check_corpus


def errors(folder: Path) -> list[str]:
    return [
        f"{Path(p.file).name}:{p.line}: {p.problem}; {p.mend}" for p in check_corpus(folder) if p.severity == "error"
    ]


def test_the_shipped_corpus_has_no_error(shipped_corpus: Path) -> None:
    assert errors(shipped_corpus) == []


def test_the_notes_name_the_printed_references_that_differ(shipped_corpus: Path) -> None:
    notes = [p.problem for p in check_corpus(shipped_corpus) if p.severity == "note"]
    said = [n for n in notes if n.partition(": ")[2].startswith(("The entry", "There is"))]
    assert said == [
        "mitchell-2021: The entry prints 7 authors before the ellipsis; of the record's 38 authors APA 7 prints the first 19, an "
        "ellipsis and the last.",
        "mitchell-2021: There is a stray space before the full stop after “(2021)”.",
        "agin-liebes-2025: The entry prints the authors in the order Agin-Liebes, Mitchell, Zeifman; the record has Agin-Liebes, "
        "Zeifman, Mitchell.",
        "agin-liebes-2025: The entry prints the initials of Agin-Liebes, G. I.; the record has Gabrielle Agin-Liebes.",
        "agin-liebes-2025: The entry prints the initials of Mitchell, J.; the record has Jennifer M. Mitchell.",
        "agin-liebes-2025: The entry has no article number; the record has 2485513.",
        "neff-three-elements: There is a stray space before the full stop after “(n.d.)”.",
        "webmd-mdma-therapy: There is a stray space before the full stop after “(n.d.)”.",
    ]


def test_an_edited_article_is_named_with_its_new_hash(corpus_copy: Path) -> None:
    article = corpus_copy / "article.txt"
    article.write_text(article.read_text() + "\n")
    found = errors(corpus_copy)
    assert len(found) == 1
    assert "article.txt is not the file that was described; if the change is meant, put sha256 = " in found[0]


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        (
            "sources.toml",
            'disclaimer = "Disclaimer: ',
            'disclaimer = "Notice: ',
            "the disclaimer is no slice of the article",
        ),
        (
            "sources.toml",
            'reference = "Neff, K. (n.d.) .',
            'reference = "Neff, K. (n.d.).',
            "reference is no slice of the article",
        ),
        (
            "sources.toml",
            'cited_as = ["(Neff, n.d.)"]',
            'cited_as = ["(Neff, 2003)"]',
            "cited_as '(Neff, 2003)' is not in the article",
        ),
        (
            "messages.toml",
            "In a clinical setting, MDMA is administered",
            "In a clinic, MDMA is given",
            "is no sentence of the corpus",
        ),
        ("messages.toml", "[medical_advice]\nmessage", "[medical_advice]\nwords", "[medical_advice] has no 'message'"),
    ],
)
def test_each_kind_of_error_is_found(corpus_copy: Path, name: str, before: str, after: str, expected: str) -> None:
    path = corpus_copy / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    assert any(expected in e for e in errors(corpus_copy)), errors(corpus_copy)


def test_a_citation_that_leads_nowhere_is_noted(corpus_copy: Path) -> None:
    path = corpus_copy / "sources.toml"
    path.write_text(path.read_text().replace('family = "WebMD"', 'family = "Other"', 1))
    said = "the citation '(Mitchell et al., 2021; WebMD, n.d.)' names a work that no source is"
    assert [p.severity for p in check_corpus(corpus_copy) if p.problem == said] == ["note"]


def test_a_printed_reference_that_no_source_answers_to(corpus_copy: Path) -> None:
    article = corpus_copy / "article.txt"
    article.write_text(
        article.read_text().rstrip("\n") + "\nSmith, A. (1999). A study of nothing. Journal, 1(1), 1-2.\n"
    )
    found = errors(corpus_copy)
    assert any("no source answers to the reference 'Smith, A. (1999)." in e for e in found)
    line = int(next(e for e in found if "Smith" in e).split(":")[1])
    assert article.read_text().splitlines()[line - 1].startswith("Smith, A.")


def test_a_bank_question_whose_sentence_is_gone(corpus_copy: Path) -> None:
    bank = corpus_copy / "questions.jsonl"
    bank.write_text('{"question": "What?", "gold": ["No such sentence."]}\n')
    assert any(
        "questions.jsonl:1: gold 'No such sentence.' is no sentence of the corpus" in e for e in errors(corpus_copy)
    )


def test_a_correction_is_a_sentence_of_the_corpus_too(corpus_copy: Path) -> None:
    bank = corpus_copy / "questions.jsonl"
    bank.write_text('{"question": "Why?", "gold": [], "correction": ["No such sentence."]}\n')
    assert any(
        "questions.jsonl:1: correction 'No such sentence.' is no sentence of the corpus" in e
        for e in errors(corpus_copy)
    )


def test_a_missing_file_is_named(corpus_copy: Path) -> None:
    (corpus_copy / "digests" / "mitchell-2021.md").unlink()
    assert any("mitchell-2021.md" in e and "restore it" in e for e in errors(corpus_copy))


def test_test_cases_that_are_not_there_are_an_error(corpus_copy: Path) -> None:
    path = corpus_copy / "sources.toml"
    path.write_text(path.read_text().replace("\ncovered = [", '\ncases = "../nowhere"\ncovered = [', 1))
    (found,) = errors(corpus_copy)
    assert "cases = '../nowhere'" in found
    assert "is no folder; name the folder of the test cases" in found


def test_what_no_comparison_can_show_is_noted_too(shipped_corpus: Path) -> None:
    notes = [p.problem for p in check_corpus(shipped_corpus)]
    assert any(
        n.startswith("neff-three-elements: the corrected form stands beside it because: ") and "-2/" in n for n in notes
    )
