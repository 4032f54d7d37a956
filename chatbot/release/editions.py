"""What separates two corpora: sources, passages and fixed wording, old and new side by side.

Passages are aligned within their source, so that an edited sentence shows as one changed passage and the rest as moved at most.
What it leaves out: which replies change with them (`comparing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher

from chatbot.datatypes import Passage, Source
from chatbot.gathering import Corpus
from chatbot.marked import Place

ALIKE = 0.5  # share of words that two passages have in common from which they count as one that was changed; not tuned


@dataclass(frozen=True, slots=True)
class Detail:
    """A named value that differs; "" where one side has none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A source that is new, gone or changed. `change` is added, removed or changed."""

    doc_id: str
    label: str
    change: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageChange:
    """A passage that is new, gone or changed, with its section and its words before and after ("" for none)."""

    doc_id: str
    section: str
    change: str
    before: str
    after: str


def compare_sources(before: Corpus, after: Corpus) -> tuple[SourceChange, ...]:
    """Sources that differ in text or record: those of the later corpus in its order, then those that are gone."""
    old, new = ({s.doc_id: s for s in corpus.manifest.sources} for corpus in (before, after))
    out = []
    for doc_id, source in new.items():
        if doc_id not in old:
            out.append(SourceChange(doc_id, source.label, "added"))
        elif details := differing(_record(before, old[doc_id]), _record(after, source)):
            out.append(SourceChange(doc_id, source.label, "changed", details))
    out += [SourceChange(doc_id, source.label, "removed") for doc_id, source in old.items() if doc_id not in new]
    return tuple(out)


def _record(corpus: Corpus, source: Source) -> dict[str, str]:
    """A source's fields as text, and its document's hash as "text"."""
    document = corpus.documents.get(source.doc_id)
    values = {field.name: _shown(getattr(source, field.name)) for field in fields(source)}
    return {"text": f"sha256 {document.sha256[:12]}, {len(document.text)} characters" if document else ""} | values


def wording_of(corpus: Corpus) -> dict[str, str]:
    """What readers may be shown besides quotes, by name, what is marked, and the synonyms."""
    manifest, messages, marks = corpus.manifest, corpus.messages, corpus.marks
    out = {f"messages.{f.name}": _shown(getattr(messages, f.name)) for f in fields(messages)}
    for name in ("article", "subject", "disclaimer", "jurisdiction", "as_of", "covered", "examples"):
        out[f"corpus.{name}"] = _shown(getattr(manifest, name))

    def words(place: Place) -> str:
        return corpus.documents[place.doc_id].text[place.start : place.end]

    out["glossary"] = _shown(
        [f"{t.name}: {words(t.place) if t.place else t.definition}" for t in corpus.glossary.terms]
    )
    out["benefits"] = _shown([words(b.place) for b in marks.benefits])
    out["cautions"] = _shown([f"{c.kind}: {words(c.place)}" for c in marks.cautions])
    return out | {"synonyms": _shown([f"{lay}: {', '.join(own)}" for lay, own in corpus.synonyms])}


def _shown(value: object) -> str:
    """A value in words: texts as they are, sequences line by line."""
    if isinstance(value, tuple | list):
        return "\n".join(_shown(item) for item in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if hasattr(value, "__dataclass_fields__"):
        return ", ".join(_shown(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name))  # type: ignore[arg-type]
    return str(value)


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Detail, ...]:
    """The names whose values differ, in order of first appearance."""
    both = ((name, before.get(name, ""), after.get(name, "")) for name in dict.fromkeys((*before, *after)))
    return tuple(Detail(*values) for values in both if values[1] != values[2])


def compare_passages(before: Sequence[Passage], after: Sequence[Passage]) -> tuple[tuple[PassageChange, ...], int]:
    """Passages that differ, source by source, and how many have the same words in another place.

    Old and new passages are aligned in order; where several stand against several they pair off in order, the rest is added or
    removed. A passage that left one place of a source and turns up in another of the same source is moved.
    """
    out: list[PassageChange] = []
    moved = 0
    for doc_id in dict.fromkeys(p.doc_id for p in (*after, *before)):
        old, new = ([p for p in passages if p.doc_id == doc_id] for passages in (before, after))
        gone, come, pairs = _align(old, new)
        moved += sum(one.start != two.start for one, two in pairs)
        for passage in list(gone):
            twin = next((p for p in come if _key(p) == _key(passage)), None)
            if twin is not None:
                gone.remove(passage)
                come.remove(twin)
                moved += 1
        out += _changes(gone, come)
    return tuple(out), moved


def _align(
    old: Sequence[Passage], new: Sequence[Passage]
) -> tuple[list[Passage], list[Passage], list[tuple[Passage, Passage]]]:
    """Passages of one source that are gone, that have come, and pairs with the same words in the same order."""
    gone: list[Passage] = []
    come: list[Passage] = []
    pairs: list[tuple[Passage, Passage]] = []
    for what, a, b, c, d in SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False).get_opcodes():
        if what == "equal":
            pairs += zip(old[a:b], new[c:d], strict=True)
        else:
            gone += old[a:b]
            come += new[c:d]
    return gone, come, pairs


def _key(passage: Passage) -> tuple[tuple[str, ...], str]:
    return passage.heading_path, passage.text


def _alike(one: str, two: str) -> float:
    """The share of the shorter text's different words that the other has too."""
    a, b = set(one.split()), set(two.split())
    return len(a & b) / max(min(len(a), len(b)), 1)


def _changes(gone: Sequence[Passage], come: Sequence[Passage]) -> list[PassageChange]:
    """Each passage that has come beside the one that is gone and is most like it; `ALIKE` says how like."""
    left = list(gone)
    out = []
    for passage in come:
        likeness = [_alike(p.text, passage.text) for p in left]
        best = max(range(len(left)), key=likeness.__getitem__, default=-1)
        section = " › ".join(passage.heading_path)
        if best >= 0 and likeness[best] >= ALIKE:
            out.append(PassageChange(passage.doc_id, section, "changed", left.pop(best).text, passage.text))
        else:
            out.append(PassageChange(passage.doc_id, section, "added", "", passage.text))
    return out + [PassageChange(p.doc_id, " › ".join(p.heading_path), "removed", p.text, "") for p in left]
