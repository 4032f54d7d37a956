"""From places to words: every quote is cut anew from the document of its generation, the rest is that corpus's fixed wording.

So a file cannot hold a word that the sources do not say, whatever was done to the page that asked for it. The limits of a reply
hold here too: one generation a turn, of a limited source so many words and no more, in a crisis no quotes, beside a refusal to help
with drugs only the sentences that messages.toml names. Left out: what the files look like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from chatbot.citing import citation_at, disclaimer_of, is_whole
from chatbot.datatypes import Citation, Source
from chatbot.errors import Gone, Malformed
from chatbot.gathering import Corpus
from chatbot.replies import Abstention, Answer, Reply
from chatbot.sharing.values import Place, Proved, Turn

MAX_QUOTES = 12  # a turn; three parts with three quotes each, and what to keep in mind
MAX_QUOTE_CHARACTERS = 4000  # of the shipped corpus the longest sentence has 238, the longest printed reference 316
WORD = re.compile(r"\w+")

CorpusOf = Callable[[str], Corpus | None]


def prove(turn: Turn, corpus_of: CorpusOf) -> Proved:
    """The turn in its sources' words. Raises Gone for a generation that is kept no longer, Malformed for what may not be shown."""
    generation = generation_of(turn)
    corpus = corpus_of(generation)
    if corpus is None:
        raise Gone(
            f"The sources of edition {generation[:64] or '(none)'!r} are no longer kept, so that its quotes cannot be proved. "
            "Ask the question again and take the new reply along."
        )
    quotes = cited(turn.quotes, corpus, generation, first=1)
    keep = cited(turn.keep_in_mind, corpus, generation, first=len(quotes) + 1)
    _permitted(turn, (*quotes, *keep), corpus)
    messages, manifest = corpus.messages, corpus.manifest
    crisis = turn.kind == "crisis"
    lines = tuple((h.country, h.name, h.contact) for h in messages.help_lines) if crisis else ()
    return Proved(
        question=turn.question,
        kind=turn.kind,
        message=wording(turn, corpus),
        help_lines=lines,
        quotes=quotes,
        keep_in_mind=keep,
        unanswered=tuple(part for part in turn.unanswered if holds(turn.question, part)),
        open_parts=bool(turn.unanswered),
        near=messages.near_misses if turn.kind == "abstention" else "",
        disclaimer=disclaimer_of(corpus, generation),
        generation=generation,
        title=corpus.documents[manifest.article].source.title,
        works=works_of((*quotes, *keep), corpus),
    )


def generation_of(turn: Turn) -> str:
    """The one generation that all the turn's places are of. Raises Malformed where there are two."""
    named = {p.generation for p in (*turn.quotes, *turn.keep_in_mind)} | ({turn.generation} - {""})
    if len(named) > 1:
        raise Malformed(
            f"One reply quotes one edition of the sources; this turn names {len(named)}. Send them as turns of their own."
        )
    return named.pop() if named else ""


def cited(places: Sequence[Place], corpus: Corpus, generation: str, *, first: int) -> tuple[Citation, ...]:
    """The citations of the places, numbered from `first`. Raises Malformed."""
    long = [p for p in places if p.end - p.start > MAX_QUOTE_CHARACTERS]
    if long:
        raise Malformed(f"{long[0].written}: a quote has at most {MAX_QUOTE_CHARACTERS:,} characters.")
    found = tuple(
        citation_at(corpus, generation, p.doc_id, p.start, p.end, number=number)
        for number, p in enumerate(places, first)
    )
    for place in places:
        if not is_whole(corpus.documents[place.doc_id], place.start, place.end):
            raise Malformed(f"{place.written}: is not whole sentences; a quote begins and ends where a sentence does.")
    return found


def _permitted(turn: Turn, citations: Sequence[Citation], corpus: Corpus) -> None:
    """Raises Malformed for a turn that no reply can be."""
    if len(citations) > MAX_QUOTES:
        raise Malformed(f"A turn has at most {MAX_QUOTES} quotes; this one has {len(citations)}.")
    if turn.kind == "answer" and not turn.quotes:
        raise Malformed("An answer has at least one quote; this one has none.")
    if turn.kind == "crisis" and citations:
        raise Malformed("A message to somebody in danger has no quotes; send that turn without any.")
    allowed = corpus.messages.drug_request_show
    if turn.kind == "drug_request" and any(c.quote.text not in allowed for c in citations):
        raise Malformed("Beside this message only the sentences that the corpus names for it are shown.")
    words = Counter[str]()
    for citation in citations:
        words[citation.quote.doc_id] += len(citation.quote.text.split())
    for doc_id, count in words.items():
        source = corpus.documents[doc_id].source
        if source.limited and count > source.max_words:
            raise Malformed(
                f"{doc_id}: its licence lets at most {source.max_words} words be shown at once; this turn has {count}."
            )


def permitted_together(proved: Sequence[Proved], corpus_of: CorpusOf) -> None:
    """Raises Malformed when a file would hold more of a limited source than a reply may show; words shown twice count once."""
    shown: dict[tuple[str, str], set[int]] = {}
    for citation in (c for turn in proved for c in (*turn.quotes, *turn.keep_in_mind)):
        quote = citation.quote
        shown.setdefault((quote.generation, quote.doc_id), set()).update(range(quote.start, quote.end))
    for (generation, doc_id), places in shown.items():
        corpus = corpus_of(generation)
        source = corpus.documents[doc_id].source if corpus else None
        if corpus is None or source is None or not source.limited:
            continue
        text = corpus.documents[doc_id].text
        count = len("".join(text[at] if at in places else " " for at in range(max(places) + 1)).split())
        if count > source.max_words:
            raise Malformed(
                f"{doc_id}: its licence lets at most {source.max_words} words be shown at once; this file would hold {count}. "
                "Take fewer replies at once."
            )


def wording(turn: Turn, corpus: Corpus) -> str:
    """The fixed message of a reply of that kind, "" for an answer without one."""
    messages = corpus.messages
    if turn.kind == "answer":
        return messages.false_premise if turn.false_premise else ""
    if turn.kind == "abstention":
        reason = turn.reason or ("not_answered" if turn.quotes else "nothing_close")
        said: str = getattr(messages, reason)
        return said
    redirect: str = getattr(messages, turn.kind)
    return redirect


def holds(question: str, part: str) -> bool:
    """Whether the words of `part` stand in `question` in that order, side by side; case and marks do not count.

    >>> holds("What is PTSD, and who paid?", "Who paid?"), holds("What is PTSD?", "It cures everyone.")
    (True, False)
    """
    asked, words = (f" {' '.join(re.findall(WORD, text.casefold()))} " for text in (question, part))
    return bool(words.strip()) and words in asked


def works_of(citations: Sequence[Citation], corpus: Corpus) -> tuple[Source, ...]:
    """The sources quoted, then those that the quoted sentences rely on, each once."""
    sources = corpus.manifest.sources
    relied = {(printed, link) for c in citations for _, printed, link in c.relies_on}
    quoted = {c.quote.doc_id: corpus.documents[c.quote.doc_id].source for c in citations}
    others = {s.doc_id: s for s in sources if (s.reference, s.link) in relied and s.doc_id not in quoted}
    return (*quoted.values(), *others.values())


def turn_of(reply: Reply) -> Turn:
    """The turn that takes a reply along, from the reply itself."""

    def places(citations: Sequence[Citation]) -> tuple[Place, ...]:
        return tuple(Place(c.quote.generation, c.quote.doc_id, c.quote.start, c.quote.end) for c in citations)

    if isinstance(reply, Answer):
        shown = places([c for s in reply.statements for c in s.citations])
        keep, parts, doubtful = places(reply.keep_in_mind), reply.unanswered_parts, bool(reply.message)
        return Turn(reply.question, "answer", shown, keep, parts, reply.generation, false_premise=doubtful)
    if isinstance(reply, Abstention):
        shown = places(reply.near_misses)
        return Turn(reply.question, "abstention", shown, generation=reply.generation, reason=reply.reason)
    keep = places(reply.keep_in_mind)
    return Turn(reply.question, reply.kind, places(reply.citations), keep, generation=reply.generation)
