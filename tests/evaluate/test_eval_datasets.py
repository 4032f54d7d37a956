"""The readers on tiny sets, one of each form, and on sets with one thing wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chatbot.errors import EvaluationError
from chatbot.evaluate import datasets
from chatbot.evaluate.values import EvidenceQuestion


def test_beir_keeps_judged_queries_and_says_what_it_left_out(data: Path) -> None:
    (birds,) = datasets.read_beir(data / "beir" / "birds")
    assert birds.name == "birds"
    assert birds.corpus[0] == ("d1", "Robin The robin sings in winter.")
    assert birds.corpus[1] == ("d2", "The wren builds several nests.")
    assert [ident for ident, _ in birds.queries] == ["q1", "q2"]
    assert birds.grades == {"q1": {"d1": 2}, "q2": {"d2": 1, "d9": 1}}
    assert birds.notes == (
        "1 judged queries have no text and are left out",
        "1 relevant documents are not in the corpus and count as not found",
    )


def test_a_folder_of_beir_folders_or_one_itself(data: Path, tmp_path: Path) -> None:
    assert datasets.find_beir(data / "beir") == (data / "beir" / "birds",)
    assert datasets.find_beir(data / "beir" / "birds") == (data / "beir" / "birds",)
    with pytest.raises(EvaluationError, match=r"neither it nor a folder in it holds corpus\.jsonl"):
        datasets.find_beir(tmp_path)
    with pytest.raises(EvaluationError, match="no such folder; check --data"):
        datasets.find_beir(tmp_path / "none")


def test_two_qrels_are_two_sets_and_the_last_of_two_documents_is_kept(data: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data / "beir" / "birds", tmp_path / "birds")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq3\td4\t1\n")
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "d4", "title": "", "text": "The last one."}\n')
    test, dev = datasets.read_beir(folder)
    assert (test.name, dev.name, dev.queries) == ("birds.test", "birds.dev", (("q3", "never judged"),))
    assert dict(dev.corpus)["d4"] == "The last one."
    assert dev.notes == ("1 documents have the identifier of a later one and are left out",)


def test_qrels_of_other_queries_are_an_error(data: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(data / "beir" / "birds", tmp_path / "birds")
    (folder / "qrels_test.tsv").write_text("z\td1\t1\n")
    with pytest.raises(EvaluationError, match=r"qrels_test\.tsv: judges no query"):
        datasets.read_beir(folder)
    (folder / "queries_test.jsonl").unlink()
    with pytest.raises(EvaluationError, match=r"no queries\*\.jsonl beside its qrels"):
        datasets.read_beir(folder)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "covidqa",
            (
                EvidenceQuestion("1", "What do mice eat?", "650", True, ((25, 30),)),
                EvidenceQuestion("2", "Who eats mice?", "650", True, ((32, 36),)),
            ),
        ),
        (
            "squad2",
            (
                EvidenceQuestion("s1", "What is a circuit's size?", "p#0", True, ((26, 54),)),
                EvidenceQuestion("s2", "Who invented the abacus?", "p#0", False),
            ),
        ),
        ("evidence_inference", (EvidenceQuestion("e1", "What of the dose?", "PMC1", True, ((0, 15),)),)),
        (
            "wice",
            (
                EvidenceQuestion("w1", "Boats float.", "w1", True, rows=(0, 2)),
                EvidenceQuestion("w2", "Boats fly.", "w2", False),
            ),
        ),
        ("scifact", (EvidenceQuestion("0:10", "Gold rusts.", "10", True, rows=(1,)),)),
    ],
)
def test_evidence_forms(data: Path, name: str, expected: tuple[EvidenceQuestion, ...]) -> None:
    found = datasets.read_evidence(data / "evidence" / name)
    assert (found.name, found.questions) == (name, expected)
    for question in found.questions:
        text = found.texts[question.text_id]
        assert all(text[start:end] for start, end in question.spans)


def test_the_form_is_told_by_keys_not_by_names(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "held_back"
    folder.mkdir()
    shutil.copy(data / "evidence" / "squad2" / "questions.jsonl", folder / "a.jsonl")
    shutil.copy(data / "evidence" / "squad2" / "paragraphs.jsonl", folder / "b.jsonl")
    assert datasets.read_evidence(folder) == datasets.read_evidence(data / "evidence" / "squad2")


def test_find_evidence_takes_a_set_or_a_folder_of_sets(data: Path) -> None:
    names = [folder.name for folder in datasets.find_evidence(data / "evidence")]
    assert names == ["covidqa", "evidence_inference", "scifact", "squad2", "wice"]
    assert datasets.find_evidence(data / "evidence" / "wice") == (data / "evidence" / "wice",)
    with pytest.raises(EvaluationError, match="holds questions of a known form"):
        datasets.find_evidence(data / "beir")


def test_two_forms_in_one_folder_are_an_error(data: Path, tmp_path: Path) -> None:
    for name in ("squad2", "covidqa"):
        for path in (data / "evidence" / name).iterdir():
            shutil.copy(path, tmp_path / path.name)
    with pytest.raises(EvaluationError, match="holds covidqa and squad2; give each set a folder of its own"):
        datasets.read_evidence(tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "change", "message"),
    [
        ("covidqa", "questions_test.jsonl", {"answer_start": 24}, "at 24 the text does not have 'grain' but ' grain"),
        ("covidqa", "questions_test.jsonl", {"document_id": "651"}, "'651' is not among the texts"),
        ("squad2", "questions.jsonl", {"answer_starts": [0]}, "at 0 the text does not have '' but 'Gates form"),
        ("squad2", "questions.jsonl", {"answerable": False}, "says False with 1 answers"),
        ("evidence_inference", "questions_test.jsonl", {"evidence": [{"start": 1, "text": "Dose"}]}, "at 1 the text"),
        ("wice", "claims_test.jsonl", {"supporting_sentence_sets": [[3]]}, r"sentence 3 is not among the 3 \(they"),
        ("scifact", "claims_test.jsonl", {"evidence": {"11": {"rationales": [[0]]}}}, "document '11' is not among"),
    ],
)
def test_what_does_not_fit_its_text_is_named(
    data: Path, tmp_path: Path, name: str, file: str, change: dict[str, object], message: str
) -> None:
    folder = shutil.copytree(data / "evidence" / name, tmp_path / name)
    first, *rest = (folder / file).read_text().splitlines()
    (folder / file).write_text("\n".join([json.dumps({**json.loads(first), **change}), *rest]))
    with pytest.raises(EvaluationError, match=f"{file}, line 1, key '.*': {message}"):
        datasets.read_evidence(folder)


def test_limits_take_the_first_questions_and_the_whole_corpus(data: Path) -> None:
    (birds,) = datasets.read_beir(data / "beir" / "birds")
    assert [q for q, _ in datasets.first_queries(birds, 1).queries] == ["q1"]
    assert datasets.first_queries(birds, 1).corpus == birds.corpus
    squad = datasets.read_evidence(data / "evidence" / "squad2")
    assert [q.ident for q in datasets.first_questions(squad, 1).questions] == ["s1"]
    assert datasets.first_questions(squad, 0) == squad
