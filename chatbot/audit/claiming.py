"""Which sentences of the article lean on a source, and which only look as if they should.

    cited         an in-text citation stands in the sentence, or right after it as a sentence of its own
    refers back   right after such a sentence of the same paragraph it begins "Their findings ...", "The study ...", "They found ..."
    named         it names a work in words (`Source.names`, its first author, its journal) and prints no citation of it
    uncited       none of these, but it holds a number, a word of research, a comparison or an effect (`UNCITED`)

What it leaves out: headings, questions, and citations that neither `find` nor a source's `cited_as` knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chatbot.audit import claims
from chatbot.corpus.references import attributions
from chatbot.corpus.references.citations import InTextCitation
from chatbot.datatypes import Document, Sentence, Source

How = Literal["cited", "refers back", "named", "uncited"]
Find = Callable[[str, tuple[Source, ...]], tuple[InTextCitation, ...]]

CLAIMED = ("body", "caption", "disclaimer")  # roles of the article's sentences that may claim something
REFERS_BACK = re.compile(
    r"(?:Their|These|Those|The|This|Its|His|Her|Such)\s+(?:[a-z]+\s+)?(?:findings?|results?|stud(?:y|ies)|papers?|authors?"
    r"|research(?:ers)?|trials?|reviews?|analys[ie]s|data|work|reports?|team|investigators|scientists|experiments?|survey)\b"
    r"|(?:They|He|She|The authors)\s+(?:also\s+)?(?:found|find|report|suggest|argue|conclude|note|show|observe|describe|write|wrote|say|said)"
)
UNCITED = {
    "a number": re.compile(
        rf"(?<![\w-])(?!one\b(?! or more)){claims.NUMBER}(?![\w-])|\bone or more\b|\d\s?%", re.IGNORECASE
    ),
    "a word of research": re.compile(
        r"\b(?:stud(?:y|ies)|research(?:ers)?|evidence|scientists?|experts|trials?|findings|survey)\b", re.IGNORECASE
    ),
    "a comparison": re.compile(
        r"\b(?:more|less|fewer|better|worse|greater|higher|lower|stronger|weaker|faster|most|least|than)\b",
        re.IGNORECASE,
    ),
    "an effect": claims.EFFECT,
}


@dataclass(frozen=True, slots=True)
class Leaning:
    """A sentence with the works that it leans on: (doc_id, how, the cited work as printed, "" where none is).

    `citations` are as printed; `lost` are works that they name and no source is; `why` the rules of an uncited one.
    """

    sentence: Sentence
    bare: str
    works: tuple[tuple[str, How, str], ...] = ()
    citations: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


def leanings(
    article: Document, sentences: Sequence[Sentence], sources: tuple[Source, ...], find: Find
) -> tuple[Leaning, ...]:
    """Every sentence of the article that claims something, in order. `sentences` are the article's, in order."""
    found = citations_of(article.text, sources, find)
    works = tuple(s for s in sources if s.doc_id != article.doc_id)
    out: list[Leaning] = []
    before: Leaning | None = None
    for sentence in sentences:
        if sentence.role not in CLAIMED or sentence.text.endswith("?"):
            continue
        one = _leaning(sentence, [c for c in found if sentence.start <= c.start < sentence.end], works)
        same_block = before is not None and before.sentence.block == sentence.block
        if before and same_block and one.citations and not re.search(r"\w", one.bare):
            out = [kept for kept in out if kept is not before]
            one = _joined(before, one)
        elif before and same_block and not one.citations and REFERS_BACK.match(sentence.text):
            back: list[tuple[str, How, str]] = [(d, "refers back", "") for d, how, _ in before.works if how != "named"]
            one = replace(one, works=_first_of_each((*back, *one.works)), why=() if back else one.why)
        if one.works or one.lost or one.why:
            out.append(one)
        before = one
    return tuple(out)


def citations_of(text: str, sources: tuple[Source, ...], find: Find) -> tuple[InTextCitation, ...]:
    """The citations that `find` sees, and at other places the forms that a source's `cited_as` gives, such as "[3]"; in order."""
    found = list(find(text, sources))
    more: dict[tuple[int, int], list[str]] = {}
    for source in sources:
        for form in filter(None, source.cited_as):
            for match in re.finditer(re.escape(form), text):
                if not any(c.start < match.end() and match.start() < c.end for c in found):
                    more.setdefault(match.span(), []).append(source.doc_id)
    found += [InTextCitation(a, b, text[a:b], tuple(dict.fromkeys(ids))) for (a, b), ids in more.items()]
    return tuple(sorted(found, key=lambda c: c.start))


def _leaning(sentence: Sentence, citations: Sequence[InTextCitation], works: tuple[Source, ...]) -> Leaning:
    """A sentence by itself."""
    bare, cited, lost = sentence.text, list[tuple[str, How, str]](), list[str]()
    for citation in reversed(citations):
        at = citation.start - sentence.start
        bare = f"{bare[:at]}{bare[at + len(citation.text) :]}"
    for citation in citations:
        printed = works_of(citation.text)
        of = [s for s in works if s.doc_id in citation.doc_ids]
        naming = {s.doc_id: next((w for w in printed if attributions.is_of(w, s)), citation.text) for s in of}
        cited += [(doc_id, "cited", naming[doc_id]) for doc_id in citation.doc_ids if doc_id in naming]
        if len(citation.doc_ids) < len(printed):
            lost += [w for w in printed if w not in naming.values()]
    named: list[tuple[str, How, str]] = [(s.doc_id, "named", "") for s in works if names(bare, s)]
    why = () if citations or named else tuple(rule for rule, pattern in UNCITED.items() if pattern.search(bare))
    shown = tuple(c.text for c in citations)
    return Leaning(sentence, " ".join(bare.split()), _first_of_each((*cited, *named)), shown, tuple(lost), why)


def works_of(citation: str) -> list[str]:
    """The works that one citation names, as printed; the whole of it where they are not told apart by semicolons.

    >>> works_of("(Mitchell et al., 2021; WebMD, n.d.)")
    ['Mitchell et al., 2021', 'WebMD, n.d.']
    """
    inner = citation[1:-1] if re.fullmatch(r"[(\[].*[)\]]", citation, re.DOTALL) else citation
    return [work.strip() for work in inner.split(";") if attributions.YEAR.search(work)] or [citation]


def names(text: str, source: Source) -> bool:
    """Whether a text names a work in words: a name that readers use, its first author as printed, or its journal of two words and more.

    A family name at the beginning of a sentence may be an ordinary word, so there it counts only before "et al.", "and" or "'s".
    """
    if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) for name in source.names):
        return True
    journal = source.container if " " in source.container else ""
    family = source.authors[0].family if source.authors else ""
    if journal and journal in text:
        return True
    return bool(family) and any(
        match.start() or re.match(r"(?:['’]s|,? et al|,? and |,? &)", text[match.end() :])
        for match in re.finditer(rf"(?<![\w-]){re.escape(family)}(?![\w-])", text)
    )


def _joined(before: Leaning, citation: Leaning) -> Leaning:
    """A sentence with the citation that stands after its full stop."""
    return Leaning(
        before.sentence,
        before.bare,
        _first_of_each((*before.works, *citation.works)),
        (*before.citations, *citation.citations),
        (*before.lost, *citation.lost),
    )


def _first_of_each(works: Iterable[tuple[str, How, str]]) -> tuple[tuple[str, How, str], ...]:
    """The first mention of each work."""
    out: dict[str, tuple[str, How, str]] = {}
    for work in works:
        out.setdefault(work[0], work)
    return tuple(out.values())
