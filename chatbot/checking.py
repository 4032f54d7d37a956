"""Finds everything that is wrong with a corpus folder at once: `chatbot corpus check`.

A broken manifest stops the check, since nothing behind it can be trusted; everything else is collected. Errors keep an index
from being built; notes are for the maintainer to know (a printed reference that differs from the record, a note that nobody
has reviewed).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from chatbot.answer.pinning import rows_of
from chatbot.building import rows_by_text
from chatbot.corpus import glossary, marks, pins
from chatbot.corpus.bank import read_bank
from chatbot.corpus.calibration import read_calibration
from chatbot.corpus.manifest import FILE, Manifest, line_of
from chatbot.corpus.messages import read_messages, read_synonyms
from chatbot.corpus.placing import Shelf
from chatbot.corpus.references.citations import YEAR, in_text_citations, unanswered_references
from chatbot.corpus.references.discrepancies import compare
from chatbot.corpus.references.entries import parse_reference
from chatbot.corpus.references.labelling import packaged_labeller
from chatbot.corpus.values import Reference, record_of
from chatbot.datatypes import Document, Sentence, Source
from chatbot.errors import CorpusError
from chatbot.gathering import read_described, read_document, shelf_of
from chatbot.index.sentences import split_sentences
from chatbot.loading import answering
from chatbot.marked import Glossary, Marks, Pins


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at `file`:`line`, and what to do."""

    file: str
    line: int
    problem: str
    mend: str
    severity: Literal["error", "note"] = "error"


def check_corpus(folder: Path) -> tuple[Problem, ...]:
    """Every problem of a corpus folder, errors first."""
    try:
        manifest = read_described(folder)
    except CorpusError as error:
        return (_from(error),)
    toml = (folder / FILE).read_text(encoding="utf-8")
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    for source in manifest.sources:
        if not source.file:
            continue
        where = line_of(toml, f'id = "{source.doc_id}"', "\nsha256") + 1
        try:
            disclaimer = manifest.disclaimer if source.doc_id == manifest.article else ""
            documents[source.doc_id] = read_document(folder, source, sha256="", disclaimer=disclaimer)
        except CorpusError as error:
            problems.append(_from(error))
            continue
        found = hashlib.sha256((folder / source.file).read_bytes()).hexdigest()
        if found != manifest.hashes[source.file]:
            mend = f'if the change is meant, put sha256 = "{found}"; otherwise restore the file'
            problems.append(
                Problem(str(folder / FILE), where, f"{source.file} is not the file that was described", mend)
            )
    problems += _check_article(folder, toml, manifest, documents)
    if manifest.cases and not (folder / manifest.cases).is_dir():
        mend = "name the folder of the test cases, relative to the corpus, or remove the key"
        problem = f"cases = {manifest.cases!r}: {folder / manifest.cases} is no folder"
        problems.append(Problem(str(folder / FILE), line_of(toml, "\ncases =") + 1, problem, mend))
    sentences = [s for d in documents.values() for s in split_sentences(d)]
    aside = frozenset(s.text for source in manifest.replaced for s in _sentences_of(folder, source))
    problems += _check_wording(folder, sentences, aside)
    if len(documents) == sum(bool(s.file) for s in manifest.sources):
        problems += _check_marked(folder, manifest, documents, sentences)
    problems += _notes(folder, toml, manifest)
    return tuple(sorted(problems, key=lambda p: p.severity != "error"))


def _from(error: CorpusError) -> Problem:
    """A CorpusError of the form "file:line: problem; mend"."""
    match = re.match(r"(.+?):(?:(\d+):)? (.*)", str(error), flags=re.DOTALL)
    file, line, rest = (
        (match.group(1), int(match.group(2) or 1), match.group(3)) if match else ("corpus", 1, str(error))
    )
    problem, _, mend = rest.partition("; ")
    return Problem(file, line, problem, mend or "see corpus/README.md")


def _check_article(folder: Path, toml: str, manifest: Manifest, documents: dict[str, Document]) -> list[Problem]:
    """The disclaimer, the printed references and the in-text citations."""
    article = documents.get(manifest.article)
    if article is None:
        return []
    out = []
    if not manifest.disclaimer or manifest.disclaimer not in article.text:
        what = "is no slice of the article" if manifest.disclaimer else "is empty"
        mend = "copy the sentence that every reply ends with, exactly as the article prints it"
        out.append(Problem(str(folder / FILE), line_of(toml, "disclaimer ="), f"the disclaimer {what}", mend))
    file = str(folder / article.source.file)
    for line, text in unanswered_references(article, manifest.sources):
        mend = 'add a [[source]] with this text as its `reference`, text = "none" if it cannot be read'
        out.append(Problem(file, line, f"no source answers to the reference {text[:60]!r}", mend))
    body = article.text
    for citation in in_text_citations(body, manifest.sources):
        works = sum(bool(re.search(YEAR, work)) for work in citation.text.split(";"))
        if len(citation.doc_ids) < works:
            line = body.count("\n", 0, citation.start) + 1
            mend = "add the work to sources.toml, or correct its first author and year there"
            out.append(
                Problem(file, line, f"the citation {citation.text!r} names a work that no source is", mend, "note")
            )
    for source in manifest.sources:
        for form in source.cited_as:
            if form not in body:
                where = line_of(toml, f'id = "{source.doc_id}"', "cited_as")
                out.append(
                    Problem(str(folder / FILE), where, f"cited_as {form!r} is not in the article", "copy it exactly")
                )
        if source.reference and source.reference not in body:
            where = line_of(toml, f'id = "{source.doc_id}"', "reference =")
            out.append(
                Problem(str(folder / FILE), where, "reference is no slice of the article", "copy the printed reference")
            )
    return out


def _document_of(folder: Path, source: Source) -> Document | None:
    """A note that a fetched text replaces; None when it cannot be read."""
    try:
        return read_document(folder, source, sha256="")
    except CorpusError:
        return None


def _sentences_of(folder: Path, source: Source) -> tuple[Sentence, ...]:
    """The sentences of such a note."""
    document = _document_of(folder, source)
    return split_sentences(document) if document else ()


def _check_wording(folder: Path, sentences: list[Sentence], aside: frozenset[str]) -> list[Problem]:
    """messages.toml, synonyms.toml, questions.jsonl and calibration.jsonl. `aside` are sentences of replaced notes."""
    out = []
    rows = rows_by_text(sentences)
    readers: tuple[Callable[[], object], ...] = (
        lambda: read_messages(folder),
        lambda: read_synonyms(folder),
        lambda: read_bank(folder, rows, aside),
        lambda: read_calibration(folder),
    )
    for read in readers:
        try:
            read()
        except CorpusError as error:
            out.append(_from(error))
    if not out:
        path = folder / "messages.toml"
        text = path.read_text(encoding="utf-8")
        for shown in read_messages(folder).drug_request_show:
            if shown not in rows:
                mend = "copy a whole sentence of the corpus"
                out.append(
                    Problem(str(path), line_of(text, shown[:40]), f"{shown[:60]!r} is no sentence of the corpus", mend)
                )
    return out


def _check_marked(
    folder: Path, manifest: Manifest, documents: dict[str, Document], sentences: list[Sentence]
) -> list[Problem]:
    """marks.toml, glossary.toml and pins.toml: an error for what fits no document, a note on what a fetched text set aside."""
    out = []
    replaced = tuple(d for d in (_document_of(folder, source) for source in manifest.replaced) if d)
    shelf = shelf_of(manifest, documents, replaced)

    def read_pins(folder: Path, shelf: Shelf) -> Pins:
        found = pins.read_pins(folder, shelf)
        for pin in found.entries:
            rows_of(pin, sentences, frozenset(answering(sentences)))
        return found

    readers: tuple[tuple[str, Callable[[Path, Shelf], Marks | Glossary | Pins]], ...] = (
        (marks.FILE, marks.read_marks),
        (glossary.FILE, glossary.read_glossary),
        (pins.FILE, read_pins),
    )
    for name, read in readers:
        try:
            n_aside = read(folder, shelf).n_aside
        except CorpusError as error:
            out.append(_from(error))
            continue
        if n_aside:
            said = f"{n_aside} of its sentences stand only in notes that a fetched text replaces, and are set aside"
            out.append(Problem(str(folder / name), 1, said, "copy such sentences from the text", "note"))
    return out


def differences(source: Source, parse: Callable[[str], Reference]) -> tuple[str, ...]:
    """What the printed reference of a source says otherwise than its record in the manifest, in sentences, and last the reason that stands
    there for a corrected form: what no comparison can show."""
    if not source.reference:
        return ()
    found = tuple(d.says for d in compare(parse(source.reference), record_of(source)))
    corrected = source.reference_corrected and source.reference_corrected != source.reference
    reason = f"the corrected form stands beside it because: {source.reference_corrected_reason}"
    return (*found, reason) if corrected else found


def _notes(folder: Path, toml: str, manifest: Manifest) -> list[Problem]:
    """What a maintainer should know: references that differ from the record, notes without a review."""
    out = []
    parse = partial(parse_reference, label=packaged_labeller())
    for source in manifest.sources:
        anchor = f'id = "{source.doc_id}"'
        where = line_of(toml, anchor, "reference =")
        for said in differences(source, parse):
            mend = "the article's words stay as they are; readers are shown the corrected form beside them"
            out.append(Problem(str(folder / FILE), where, f"{source.doc_id}: {said}", mend, "note"))
        note = folder / source.file
        if source.text_kind == "digest" and note.exists() and b"reviewed_by: none yet" in note.read_bytes():
            out.append(
                Problem(
                    str(folder / source.file),
                    1,
                    "nobody has reviewed this note yet",
                    "have it read, name who did",
                    "note",
                )
            )
        if source.text_kind == "none":
            where = line_of(toml, anchor)
            out.append(
                Problem(
                    str(folder / FILE), where, f"{source.doc_id}: has no text and is never quoted", "add a text", "note"
                )
            )
    return out
