"""Reads the terms that a corpus explains to its readers: glossary.toml.

    [[term]]   name, forms = [...] (as the texts print them, the name itself need not be repeated), and
               source and sentence: an exact sentence that defines the term, shown as a quote; or
               definition: this project's words, shown as such. With both, the definition stands in for a sentence that is gone

A form in small letters fits any case, one with a capital only itself. A corpus works without the file. Left out: which of them a
reply explains (`answer.glossary`).
"""

from __future__ import annotations

from pathlib import Path

from chatbot.corpus.placing import Entry, Shelf, read_entries
from chatbot.marked import Glossary, Term

FILE = "glossary.toml"
KEYS = {"term": frozenset({"name", "forms", "source", "sentence", "definition"})}
MAX_WORDS = 45  # of a definition in this project's words; what is longer belongs into a note


def read_glossary(folder: Path, shelf: Shelf) -> Glossary:
    """The terms of a corpus folder. Raises CorpusError with file and line for one without meaning, or one form for two terms."""
    terms: list[Term] = []
    aside = 0
    taken: dict[str, str] = {}
    for _, entry in read_entries(folder / FILE, KEYS):
        term, gone = _term(entry, shelf)
        aside += gone
        for form in term.forms:
            if taken.setdefault(form, term.name) != term.name:
                raise entry.problem(f"form {form!r} is already one of {taken[form]!r}", "leave it to one of the two")
        if term.place or term.definition:
            terms.append(term)
    return Glossary(tuple(terms), aside)


def _term(entry: Entry, shelf: Shelf) -> tuple[Term, bool]:
    """One term, and whether its sentence is set aside."""
    name, definition, sentence = entry.text("name"), entry.text("definition"), entry.text("sentence")
    forms = tuple(dict.fromkeys((name, *entry.texts("forms"))))
    if not name.strip():
        raise entry.problem("a [[term]] without a name", "name it")
    if not (definition or sentence):
        raise entry.problem(f"{name!r} has neither sentence nor definition", "give one of the two")
    if len(definition.split()) > MAX_WORDS:
        raise entry.problem(
            f"the definition of {name!r} has {len(definition.split())} words", f"say it in {MAX_WORDS} at most"
        )
    place = shelf.sentences(entry, entry.text("source"), [sentence]) if sentence else None
    return Term(name, forms, definition, place), bool(sentence) and place is None
