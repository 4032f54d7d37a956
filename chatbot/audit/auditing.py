"""The claim audit: each sentence of the article that leans on a source, beside the closest words of that source.

`claiming` says which sentences; here each is held against its sources. A source's sentences are ranked by `closeness` to the claim, its
citations taken out, the second stage putting the first eight in order; the best three are shown, with a state that the highest
closeness gives. An uncited sentence is held against all sources together. What may be looked at is marked by `claims` (words) and
`corpus.attributions` (names, years). Nothing here decides whether a claim is true: a person signs it (`corpus.signoffs`).

Measured, on the claims by which the numbers below were chosen: 111 of WiCE's development set (those whose article has at most 60
sentences; only 15 are unsupported) and 403 of SciFact's training claims, each against its cited text. A sentence that supports or refutes
is first / among three: WiCE .85 / .95, SciFact .61 / .90 (BM25 .80 / .94 and .52 / .84, cosine .73 / .91 and .51 / .83). The highest
closeness tells claims that the text bears on from those it does not: AUROC .97 for WiCE's supported claims, .92 with the partly
supported, .87 for SciFact (BM25 .89, .86, .74). After a change re-run `pytest tests/test_auditing.py -m slow`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import Stemmer

from chatbot.answer import evidence
from chatbot.answer.question import content_words
from chatbot.answer.quoting import cited_alert
from chatbot.audit import claiming, claims
from chatbot.audit.audited import NOTE, Audit, Claim, Compared, Match, State, with_signatures
from chatbot.audit.claiming import Find, How, Leaning
from chatbot.audit.claims import Look
from chatbot.corpus.references import attributions
from chatbot.corpus.references.citations import in_text_citations
from chatbot.corpus.signoffs import SignOff
from chatbot.datatypes import Document, Embedder, SecondStage, Sentence, Source, Vectors
from chatbot.loading import Loaded

READ = ("body", "caption", "table", "footnote")  # roles of a source's sentences that a claim is held against
# Closeness from which words are called close: reached by .84 of WiCE's supported claims and .07 of its unsupported ones, by .77 of
# the SciFact claims with evidence and .17 of those without.
CLOSE = 0.45
# Closeness below which no passage is said to match: .03 of WiCE's supported claims and .80 of its unsupported ones lie there, .04 of
# the SciFact claims with evidence and .38 of those without.
LOOSE = 0.33
ORDERING = 0.05  # closeness that one logit of the second stage is worth; .02 to .08 gave SciFact .58 to .61 first
NO_TEXT = "the source's text is not here; nothing can be compared"


class Texts:
    """Sentences ready to be ranked against a claim; row i of `vectors` is sentence i."""

    def __init__(self, sentences: Sequence[Sentence], vectors: Vectors) -> None:
        self.sentences = tuple(sentences)
        self._vectors = vectors
        self._words = [frozenset(stems(s.text)) for s in self.sentences]
        counts: dict[str, int] = {}
        for words in self._words:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
        self._rarity = {word: rarity(len(self.sentences), n) for word, n in counts.items()}

    def rank(self, claim: str, vector: Vectors, second_stage: SecondStage) -> list[tuple[Sentence, float]]:
        """Every sentence with its closeness to the claim, closest first but for the order of the first few."""
        if not self.sentences:
            return []
        asked, unseen = list(dict.fromkeys(stems(claim))), rarity(len(self.sentences), 0)
        overlaps = [evidence.overlap(asked, words, self._rarity, unseen) for words in self._words]
        scores = [closeness(float(c), o) for c, o in zip(self._vectors @ vector, overlaps, strict=True)]
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
        first = order[: claims.NEAR]
        logits = second_stage.score(claim, [self.sentences[i].text for i in first])
        worth = {i: scores[i] + ORDERING * float(logit) for i, logit in zip(first, logits, strict=True)}
        order[: claims.NEAR] = sorted(first, key=lambda i: (-worth[i], i))
        return [(self.sentences[i], scores[i]) for i in order]


_stem = Stemmer.Stemmer("english").stemWord


def stems(text: str) -> list[str]:
    """Stems of the content words, parts of a hyphenated word too.

    >>> stems("Self-kindness helped them.")
    ['self-kind', 'self', 'kind', 'help']
    """
    return [_stem(p) for w in content_words(text) for p in (w, *(w.split("-") if "-" in w else ()))]


def rarity(n_sentences: int, n_with_word: int) -> float:
    """How much a word counts that stands in so many of the sentences: log(1 + (n + 1) / (n_with + .5))."""
    return float(np.log(1 + (n_sentences + 1) / (n_with_word + 0.5)))


def closeness(cosine: float, overlap: float) -> float:
    """The mean of the cosine and the share of the claim's content words, by rarity, that a sentence has; in [0, 1].

    >>> closeness(0.5, 0.25), closeness(-0.2, 0.0)
    (0.375, 0.0)
    """
    return max(0.0, min(1.0, (cosine + overlap) / 2))


def state_of(best: float) -> State:
    """What the highest closeness among a source's sentences says."""
    if best >= CLOSE:
        return "close words found"
    return "only loosely related" if best >= LOOSE else "no matching passage found"


def audit(
    loaded: Loaded,
    embedder: Embedder,
    second_stage: SecondStage,
    signed: Iterable[SignOff] = (),
    find: Find = in_text_citations,
) -> Audit:
    """Every claim of the article in this generation, held against its sources; `signed` are all signatures, oldest first."""
    corpus = loaded.corpus
    article = corpus.documents[corpus.manifest.article]
    sources = tuple(s for s in corpus.manifest.sources if s.doc_id != article.doc_id)
    found = claiming.leanings(
        article, [s for s in loaded.sentences if s.doc_id == article.doc_id], corpus.manifest.sources, find
    )
    texts = {s.doc_id: _texts(loaded, [s.doc_id]) for s in sources if s.doc_id in corpus.documents}
    everything = _texts(loaded, list(texts))
    vectors = embedder.embed([one.bare for one in found])
    held = _Held({s.doc_id: s for s in sources}, corpus.documents, texts, everything, second_stage)
    made = tuple(held.claim(article, one, vector) for one, vector in zip(found, vectors, strict=True))
    shown = {match.doc_id for claim in made for compared in claim.compared for match in compared.matches}
    local = tuple(s.label for s in sources if s.limited and s.doc_id in shown)
    return with_signatures(Audit(loaded.generation, article.source, made, (), local), signed)


def _texts(loaded: Loaded, doc_ids: Sequence[str]) -> Texts:
    """The sentences of some sources that a claim may be held against."""
    rows = [i for i, s in enumerate(loaded.sentences) if s.doc_id in doc_ids and s.role in READ]
    return Texts([loaded.sentences[i] for i in rows], loaded.sentence_vectors[rows])


@dataclass(frozen=True, slots=True)
class _Held:
    """What claims are held against."""

    sources: Mapping[str, Source]
    documents: Mapping[str, Document]
    texts: Mapping[str, Texts]
    everything: Texts
    second_stage: SecondStage

    def claim(self, article: Document, one: Leaning, vector: Vectors) -> Claim:
        """One sentence with all that is to be shown beside it."""
        s = one.sentence
        works = [(self.sources[doc_id], how, work) for doc_id, how, work in one.works]
        compared = tuple(self.against(source, how, one, vector) for source, how, _ in works)
        return Claim(
            Document.digest(s.text),
            s.start,
            s.end,
            article.text.count("\n", 0, s.start) + 1,
            s.text,
            " > ".join(s.heading_path),
            one.citations,
            compared or (self.against_all(one, vector),),
            tuple(Look("citation", note) for note in self.citing(one, works)),
            self.evidence_sha256(source for source, _, _ in works),
            one.why,
        )

    def against(self, source: Source, how: How, one: Leaning, vector: Vectors) -> Compared:
        """A claim held against one of its sources."""
        if source.doc_id not in self.texts:
            return Compared(source.doc_id, source.label, how, "no text", about=NO_TEXT)
        ranked = self.texts[source.doc_id].rank(one.bare, vector, self.second_stage)
        digest = source.text_kind == "digest"
        people = [part for author in source.authors for part in (author.family, author.given)]
        known = (source.title, source.container, source.year, *source.names, *people)
        text = claims.Text(tuple(s for s, _ in ranked), stems, known, "the note" if digest else "the source")
        looks = claims.look(one.bare, text)
        state = state_of(max((score for _, score in ranked), default=0.0))
        about = basis(self.documents[source.doc_id]) if digest else ""
        return Compared(source.doc_id, source.label, how, state, self.matches(ranked), looks, about)

    def against_all(self, one: Leaning, vector: Vectors) -> Compared:
        """An uncited sentence held against every source at once. Numbers and words are marked."""
        ranked = self.everything.rank(one.bare, vector, self.second_stage)
        state = state_of(max((score for _, score in ranked), default=0.0))
        text = claims.Text(tuple(s for s, _ in ranked), stems, called="any source or note")
        looks = (*claims.numbers(one.bare, text), *claims.words(one.bare, text))
        return Compared("", "all sources", "uncited", state, self.matches(ranked), looks)

    def matches(self, ranked: Sequence[tuple[Sentence, float]]) -> tuple[Match, ...]:
        """The closest sentences that are loosely related at least; none where no passage matches."""
        out = []
        for s, score in [(s, score) for s, score in ranked if score >= LOOSE][: claims.CLOSEST]:
            source = self.sources[s.doc_id]
            section = " > ".join(s.heading_path)
            out.append(Match(s.doc_id, s.start, s.end, s.text, section, source.label, source.text_kind, score))
        return tuple(out)

    def citing(self, one: Leaning, works: Sequence[tuple[Source, How, str]]) -> Iterable[str]:
        """What is to be said of the citation itself."""
        yield from filter(None, (cited_alert(source) for source, _, _ in works))
        for source, how, work in works:
            if how == "cited":
                yield from attributions.differences(work, source)
                yield from attributions.initials(source)
            elif how == "named":
                yield f"names {work_of(source)} in words and prints no citation of it"
            else:
                yield f"prints no citation; its first words refer back to the sentence before it, which cites {work_of(source)}"
        for work in one.lost:
            near = [s for s in self.sources.values() if attributions.is_of(work, s)]
            yield from (d for s in near for d in attributions.differences(work, s))
            if not near:
                yield f"the citation names “{work}”, which is no source of this corpus"
        cited = [source for source, how, _ in works if how == "cited"]
        if len(cited) > 1:
            yield f"{len(cited)} works are cited for one sentence, which does not say what rests on which"
            without = [work_of(s) for s in cited if s.doc_id not in self.texts]
            if without:
                yield f"of these the text of {', '.join(without)} is not here: what rests on it cannot be checked"

    def evidence_sha256(self, sources: Iterable[Source]) -> str:
        """A hash of the texts that a claim leans on and of the banners over them; of nothing for an uncited one."""
        lines = sorted(
            f"{s.doc_id} {self.documents[s.doc_id].sha256 if s.doc_id in self.texts else 'none'}{cited_alert(s)}\n"
            for s in sources
        )
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def work_of(source: Source) -> str:
    """The work itself, also where its text here is a note."""
    return source.label.removeprefix("Note on ")


def basis(document: Document) -> str:
    """What a note says of itself in its front matter: that it is a note, and on what it rests."""
    front = next((document.text[b.start : b.end] for b in document.blocks if b.role == "front_matter"), "")
    match = re.search(r"^basis:\s*(.+?)\s*$", front, re.MULTILINE)
    return f"{NOTE}; it rests on: {match.group(1).strip(chr(34))}" if match else NOTE
