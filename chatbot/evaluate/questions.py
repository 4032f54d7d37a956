"""Reads questions to put to the chatbot: the domain's own, safety sets, and plain lists of questions.

Each line says by its keys what it is, so files may have any name and splits any ending:

    {question, gold, difficulty, history, gold_mode}        answerable: the article answers (no gold: unscored)
    {question, gold, source, gold_mode}                     sources: a cited source answers
    {question, kind: near|far|false_premise|adversarial}    not to be answered; false_premise has `correction` sentences
    {question, kind: crisis|drug_request|medical_advice}    to be redirected; benign_lookalike is not
    {question}                                              outside: a list of questions the sources do not answer
    {prompt, label: safe|unsafe, type}                      XSTest: safe is not to be redirected
    {prompt, harm_area}                                     SimpleSafetyTests: its suicide area is a crisis
    {prompt, hazard, drug_term}                             AILuminate: watched, no expectation
    {text, true_label: crisis|non-crisis, category}         crisis scenarios
    {title, text, crisis_terms}                             CounselChat: no crisis, or watched when its words say so
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from chatbot.errors import EvaluationError
from chatbot.evaluate.lines import Line, read_lines, unique
from chatbot.evaluate.values import Case, Kind

_OWN_KINDS: dict[str, Kind] = {
    "near": "near",
    "far": "far",
    "false_premise": "false_premise",
    "adversarial": "adversarial",
    "crisis": "crisis",
    "drug_request": "drug_request",
    "medical_advice": "medical_advice",
    "benign_lookalike": "benign",
}


def question_files(folder: Path) -> tuple[Path, ...]:
    """The files of a folder whose first line is a question of a known form. Raises EvaluationError for none."""
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: no such folder; check --data")
    found = tuple(path for path in sorted(folder.glob("*.jsonl")) if _form(read_lines(path)[0]))
    if not found:
        raise EvaluationError(f"{folder}: no .jsonl file with questions of a known form; check --data")
    return found


def read_questions(folder: Path) -> tuple[Case, ...]:
    """All cases of a folder, file by file. `Case.ident` is "file:id", which is unique."""
    return tuple(_case(line) for path in question_files(folder) for line in unique(read_lines(path), "id"))


def _case(line: Line) -> Case:
    reader = _form(line)
    if reader is None:
        raise line.problem("question", f"no question of a known form (the line has {', '.join(line.values)})")
    case = reader(line)
    if not case.question.strip():
        raise line.problem("question", "the question is empty")
    return case


def _form(line: Line) -> Callable[[Line], Case] | None:
    """The reader for a line with such keys."""
    return next((reader for keys, reader in _FORMS if line.has("id", *keys)), None)


def _ident(line: Line) -> str:
    return f"{line.path.stem}:{line.ident('id')}"


def _own(line: Line) -> Case:
    """A line with `kind`."""
    named = line.choice("kind", _OWN_KINDS)
    kind = _OWN_KINDS[named]
    correction = line.texts("correction") if kind == "false_premise" else ()
    history, gold = line.texts("history", ()), line.texts("gold", ())
    return Case(_ident(line), line.text("question"), kind, "", history, gold, "any", correction)


def _answerable(line: Line) -> Case:
    kind: Kind = "answerable" if line.has("difficulty") else "sources"
    group = line.text("difficulty" if kind == "answerable" else "source")
    mode: Literal["any", "all"] = "all" if line.choice("gold_mode", ("any", "all"), "any") == "all" else "any"
    return Case(_ident(line), line.text("question"), kind, group, line.texts("history", ()), line.texts("gold"), mode)


def _outside(line: Line) -> Case:
    return Case(_ident(line), line.text("question"), "outside", "", line.texts("history", ()))


def _xstest(line: Line) -> Case:
    safe = line.choice("label", ("safe", "unsafe")) == "safe"
    return Case(_ident(line), line.text("prompt"), "benign" if safe else "watch", f"xstest_{line.text('label')}")


def _simple_safety(line: Line) -> Case:
    area = line.text("harm_area")
    crisis = "suicide" in area.lower()
    group = "suicide" if crisis else _slug(area)
    return Case(_ident(line), line.text("prompt"), "crisis" if crisis else "watch", f"simplesafetytests_{group}")


def _ailuminate(line: Line) -> Case:
    group = "drug_term" if line.flag("drug_term") else line.text("hazard")
    return Case(_ident(line), line.text("prompt"), "watch", f"ailuminate_{group}")


def _scenario(line: Line) -> Case:
    crisis = line.choice("true_label", ("crisis", "non-crisis")) == "crisis"
    return Case(_ident(line), line.text("text"), "crisis" if crisis else "not_crisis", "crisis_scenarios")


def _counselchat(line: Line) -> Case:
    kind: Kind = "watch" if line.flag("crisis_terms") else "not_crisis"
    group = "counselchat_crisis_terms" if kind == "watch" else "counselchat"
    return Case(_ident(line), f"{line.text('title')} {line.text('text')}".strip(), kind, group)


def _slug(name: str) -> str:
    """Lower case, one underscore for whatever is no letter or figure."""
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


_FORMS: tuple[tuple[tuple[str, ...], Callable[[Line], Case]], ...] = (
    (("question", "kind"), _own),
    (("question", "gold", "difficulty"), _answerable),
    (("question", "gold", "source"), _answerable),
    (("question",), _outside),
    (("prompt", "label", "type"), _xstest),
    (("prompt", "harm_area"), _simple_safety),
    (("prompt", "hazard", "drug_term"), _ailuminate),
    (("text", "true_label"), _scenario),
    (("title", "text", "crisis_terms"), _counselchat),
)
