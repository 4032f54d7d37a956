"""Reads retrieval sets (BEIR folders) and evidence sets (a question, a text, the sentences that answer).

What a file is, is told by the keys of its first line, not by its name: splits are called train, dev, validation or
test.

    BEIR                  corpus {_id, title, text}, queries {_id, text}, qrels: query-id, corpus-id, score
    covidqa               texts {_id, text}, questions {question, document_id, answer, answer_start}
    squad2                texts {_id, text}, questions {question, paragraph_id, answerable, answers, answer_starts}
    evidence_inference    texts {_id, text}, questions {question, pmcid, evidence: [{start, end, text}]}
    wice                  claims {claim, sentences, supporting_sentence_sets, answerable}
    scifact               texts {_id, sentences}, claims {claim, cited_doc_ids, evidence: {doc: {rationales}}}

A given span must be the given words in its text. Labels (supports, refutes, increased) are not read: only where the
evidence stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from chatbot.errors import EvaluationError
from chatbot.evaluate.lines import Line, read_lines, read_qrels, unique
from chatbot.evaluate.values import BeirSet, EvidenceQuestion, EvidenceSet

Texts = Mapping[str, str | tuple[str, ...]]
BEIR_FORM = "corpus.jsonl, queries*.jsonl and qrels*.tsv"


def find_beir(data: Path) -> tuple[Path, ...]:
    """The BEIR folders: `data` itself or those directly in it, in order of name. Raises EvaluationError for none."""
    found = tuple(f for f in _self_and_subfolders(data) if (f / "corpus.jsonl").is_file() and _qrels_files(f))
    if not found:
        raise EvaluationError(f"{data}: neither it nor a folder in it holds {BEIR_FORM}; check --data")
    return found


def beir_files(folder: Path) -> tuple[Path, ...]:
    """The files of a BEIR folder that are read."""
    return (folder / "corpus.jsonl", *sorted(folder.glob("queries*.jsonl")), *_qrels_files(folder))


def _self_and_subfolders(data: Path) -> tuple[Path, ...]:
    if not data.is_dir():
        raise EvaluationError(f"{data}: no such folder; check --data")
    return (data, *sorted(path for path in data.iterdir() if path.is_dir()))


def _qrels_files(folder: Path) -> tuple[Path, ...]:
    return (*sorted(folder.glob("qrels*.tsv")), *sorted(folder.glob("qrels/*.tsv")))


def read_beir(folder: Path) -> tuple[BeirSet, ...]:
    """One set for each qrels file, with the queries it judges. Title and text of a document are joined by a space.

    Of documents with one identifier the last is kept, as BEIR's own loader does, and the others are noted.
    """
    documents = read_lines(folder / "corpus.jsonl")
    corpus = {d.ident("_id"): " ".join(filter(None, (d.text("title", ""), d.text("text")))) for d in documents}
    doubles = len(documents) - len(corpus)
    notes = [f"{doubles} documents have the identifier of a later one and are left out"] if doubles else []
    files = sorted(folder.glob("queries*.jsonl"))
    if not files:
        raise EvaluationError(f"{folder}: no queries*.jsonl beside its qrels; a BEIR folder holds {BEIR_FORM}")
    lines = unique((line for path in files for line in read_lines(path)), "_id")
    queries = {line.ident("_id"): line.text("text") for line in lines}
    qrels = _qrels_files(folder)
    out = []
    for path in qrels:
        split = path.stem.removeprefix("qrels").strip("_-.")
        name = f"{folder.name}.{split}" if len(qrels) > 1 and split else folder.name
        kept, judged, left_out = _judged(path, queries, corpus)
        out.append(BeirSet(name, tuple(corpus.items()), kept, judged, (*notes, *left_out)))
    return tuple(out)


def _judged(
    path: Path, queries: Mapping[str, str], corpus: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], dict[str, dict[str, int]], list[str]]:
    """Queries with a relevant document, their grades, and notes: judged queries without text, documents not there."""
    judged = {q: {d: grade for d, grade in row.items() if grade > 0} for q, row in read_qrels(path).items()}
    judged = {query: row for query, row in judged.items() if row}
    kept = tuple((ident, text) for ident, text in queries.items() if ident in judged)
    if not kept:
        raise EvaluationError(f"{path}: judges no query in {path.parent}; check that queries and qrels belong together")
    grades = {ident: judged[ident] for ident, _ in kept}
    textless = len(judged) - len(kept)
    lost = len({doc_id for row in grades.values() for doc_id in row} - set(corpus))
    notes = [f"{textless} judged queries have no text and are left out"] if textless else []
    notes += [f"{lost} relevant documents are not in the corpus and count as not found"] if lost else []
    return kept, grades, notes


def first_queries(data: BeirSet, limit: int) -> BeirSet:
    """The set with its first queries, its whole corpus; all queries for 0."""
    return replace(data, queries=data.queries[:limit]) if limit else data


def first_questions(data: EvidenceSet, limit: int) -> EvidenceSet:
    """The set with its first questions; all for 0."""
    return replace(data, questions=data.questions[:limit]) if limit else data


def find_evidence(data: Path) -> tuple[Path, ...]:
    """The evidence folders: `data` or those directly in it, in order of name. Raises EvaluationError for none."""
    found = tuple(f for f in _self_and_subfolders(data) if any(_form(_first(p)) for p in evidence_files(f)))
    if not found:
        raise EvaluationError(f"{data}: neither it nor a folder in it holds questions of a known form; check --data")
    return found


def evidence_files(folder: Path) -> tuple[Path, ...]:
    """The files of an evidence folder that are read."""
    return tuple(sorted(folder.glob("*.jsonl")))


def read_evidence(folder: Path) -> EvidenceSet:
    """The set in a folder, named after its form. Raises EvaluationError when it holds two forms, or no text."""
    files = evidence_files(folder)
    forms = {path: _form(_first(path)) for path in files}
    names = sorted({form for form in forms.values() if form})
    if len(names) != 1:
        found = " and ".join(names) or "no questions of a known form"
        raise EvaluationError(f"{folder}: holds {found}; give each set a folder of its own")
    ready: dict[str, str | tuple[str, ...]] = {}
    others = (line for path in files if not forms[path] for line in read_lines(path) if line.has("_id"))
    for line in unique(others, "_id"):
        ready[line.ident("_id")] = line.texts("sentences") if line.has("sentences") else line.text("text")
    lines = unique((line for path in files if forms[path] for line in read_lines(path)), "id")
    if names[0] == "wice":
        ready = {line.ident("id"): line.texts("sentences") for line in lines}
    questions = tuple(question for line in lines for question in _READERS[names[0]](line, ready))
    return EvidenceSet(names[0], ready, questions)


def _first(path: Path) -> Line:
    return read_lines(path)[0]


def _form(line: Line) -> str:
    """The form whose questions have such keys, "" for any other file."""
    return next((form for form, keys in _FORMS.items() if line.has(*keys)), "")


def _covidqa(line: Line, texts: Texts) -> list[EvidenceQuestion]:
    text_id, text = _text_of(line, "document_id", texts)
    span = _span(line, "answer_start", text, line.offset("answer_start"), line.text("answer"))
    return [EvidenceQuestion(line.ident("id"), line.text("question"), text_id, True, (span,))]


def _squad2(line: Line, texts: Texts) -> list[EvidenceQuestion]:
    """Starts and answers are kept apart without doubles: a start's span is the longest answer that stands there."""
    text_id, text = _text_of(line, "paragraph_id", texts)
    answers = sorted(line.texts("answers"), key=len, reverse=True)
    spans = []
    for start in line.offsets("answer_starts"):
        here = next((answer for answer in answers if answer and text.startswith(answer, start)), "")
        spans.append(_span(line, "answer_starts", text, start, here))
    if line.flag("answerable") != bool(spans):
        raise line.problem("answerable", f"says {line.flag('answerable')} with {len(spans)} answers")
    return [EvidenceQuestion(line.ident("id"), line.text("question"), text_id, bool(spans), tuple(spans))]


def _evidence_inference(line: Line, texts: Texts) -> list[EvidenceQuestion]:
    text_id, text = _text_of(line, "pmcid", texts)
    parts = line.parts("evidence")
    spans = tuple(_span(line, "evidence", text, part.offset("start"), part.text("text")) for part in parts)
    return [EvidenceQuestion(line.ident("id"), line.text("question"), text_id, bool(spans), spans)]


def _wice(line: Line, _: Texts) -> list[EvidenceQuestion]:
    """Any sentence of any supporting set is gold; a claim that is not supported has none, whatever its sets say."""
    sentences = line.texts("sentences")
    golds = {row for rows in line.offset_sets("supporting_sentence_sets") for row in rows}
    rows = _rows(line, "supporting_sentence_sets", golds, len(sentences)) if line.flag("answerable") else ()
    ident = line.ident("id")
    return [EvidenceQuestion(ident, line.text("claim"), ident, bool(rows), rows=rows)]


def _scifact(line: Line, texts: Texts) -> list[EvidenceQuestion]:
    """One question for each abstract that holds evidence for or against the claim."""
    out = []
    evidence = line.part("evidence")
    for doc_id in evidence.values:
        if doc_id not in texts:
            raise line.problem("evidence", f"document {doc_id!r} is not among the texts")
        golds = {row for rows in evidence.part(doc_id).offset_sets("rationales") for row in rows}
        rows = _rows(line, "evidence", golds, len(texts[doc_id]))
        out.append(EvidenceQuestion(f"{line.ident('id')}:{doc_id}", line.text("claim"), doc_id, bool(rows), rows=rows))
    return out


def _text_of(line: Line, key: str, texts: Texts) -> tuple[str, str]:
    """The identifier under the key, and its text."""
    text_id = line.ident(key)
    text = texts.get(text_id)
    if not isinstance(text, str):
        raise line.problem(key, f"{text_id!r} is not among the texts of {line.path.parent}")
    return text_id, text


def _span(line: Line, key: str, text: str, start: int, words: str) -> tuple[int, int]:
    """The span of the words, which must stand at `start`."""
    if not words or not text.startswith(words, start):
        raise line.problem(key, f"at {start} the text does not have {words[:40]!r} but {text[start : start + 40]!r}")
    return start, start + len(words)


def _rows(line: Line, key: str, golds: set[int], n: int) -> tuple[int, ...]:
    """The gold rows in order, when all are among the n sentences."""
    if golds and max(golds) >= n:
        raise line.problem(key, f"sentence {max(golds)} is not among the {n} (they count from 0)")
    return tuple(sorted(golds))


_READERS: Mapping[str, Callable[[Line, Texts], list[EvidenceQuestion]]] = {
    "covidqa": _covidqa,
    "squad2": _squad2,
    "evidence_inference": _evidence_inference,
    "wice": _wice,
    "scifact": _scifact,
}
_FORMS: Mapping[str, tuple[str, ...]] = {
    "covidqa": ("question", "document_id", "answer_start"),
    "squad2": ("question", "paragraph_id", "answer_starts"),
    "evidence_inference": ("question", "pmcid", "evidence"),
    "wice": ("claim", "sentences", "supporting_sentence_sets"),
    "scifact": ("claim", "evidence"),
}
