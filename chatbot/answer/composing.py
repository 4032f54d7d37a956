"""Which sentences make the answer, and in which order.

The best sentence leads; a text's own sentence before one of a note about a text that is not clearly better. Others follow while
their score stays near the best one's, at most three, near-repeats dropped; of sentences that are equal within a hundredth the
plainer one (fewer words) goes first. Overlapping spans of one paragraph are joined into one quote in the document's order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rapidfuzz.fuzz import token_set_ratio

from chatbot.datatypes import Evidence, Sentence

EQUAL = 0.01


def choose(
    evidence: Sequence[Evidence],
    *,
    max_statements: int,
    share: float,
    near_repeat: float,
    own_leads: float,
    beside: Sequence[str] = (),
) -> tuple[Evidence, ...]:
    """One to `max_statements` of the evidence (best first), or none of nothing. What repeats a text of `beside` is not among them.

    `share` and `own_leads` are of the best score: from there on another sentence is shown, and a text's own one leads.
    """
    if not evidence:
        return ()
    best = evidence[0].score
    equal = [e for e in evidence if best - e.score <= EQUAL]
    equal.sort(key=lambda e: len(e.sentence.text.split()))
    ordered = [*equal, *(e for e in evidence if best - e.score > EQUAL)]
    own = next((e for e in ordered if e.score >= own_leads * best and dict(e.signals).get("whole")), ordered[0])
    ordered.remove(own)
    chosen: list[Evidence] = []
    for item in [own, *ordered]:
        if len(chosen) == max_statements or ((chosen or beside) and item.score < share * best):
            break
        shown = (*beside, *(c.sentence.text for c in chosen))
        if all(token_set_ratio(item.sentence.text, text) < near_repeat for text in shown):
            chosen.append(item)
    return tuple(chosen)


def spans(
    chosen: Sequence[Evidence], shown: Sequence[tuple[int, int]], sentences: Sequence[Sentence]
) -> list[tuple[int, int]]:
    """(first, last) sentence rows to quote, best first: overlapping spans of one paragraph become one.

    `shown` are the rows that each chosen sentence needs to stand alone.
    """
    out: list[tuple[int, int]] = []
    for _, (first, last) in zip(chosen, shown, strict=True):
        place = (sentences[first].doc_id, sentences[first].block)
        met = [
            s
            for s in out
            if (sentences[s[0]].doc_id, sentences[s[0]].block) == place and first <= s[1] and s[0] <= last
        ]
        at = out.index(met[0]) if met else len(out)
        out = [s for s in out if s not in met]
        out.insert(at, (min(first, *(a for a, _ in met)), max(last, *(b for _, b in met))) if met else (first, last))
    return out


def permitted(
    wanted: Sequence[tuple[tuple[int, int], int]], sentences: Sequence[Sentence], limits: Mapping[str, int]
) -> list[tuple[tuple[int, int], int]]:
    """Those of ((first, last), part) that may be shown: of a source with a limit (by its id) so many words and no more."""
    words, out = Counter[str](), []
    for (first, last), part in wanted:
        doc_id, count = sentences[first].doc_id, sum(len(s.text.split()) for s in sentences[first : last + 1])
        if doc_id not in limits or words[doc_id] + count <= limits[doc_id]:
            words[doc_id] += count
            out.append(((first, last), part))
    return out


def apart(wanted: Sequence[tuple[tuple[int, int], int]]) -> list[tuple[tuple[int, int], int]]:
    """((first, last), part) without those whose sentences another one already quotes; the longer span takes the earlier place.

    >>> apart([((3, 3), 0), ((5, 5), 0), ((3, 4), 1), ((5, 5), 1)])
    [((3, 4), 0), ((5, 5), 0)]
    """
    out: list[tuple[tuple[int, int], int]] = []
    for (first, last), part in wanted:
        inside = [i for i, ((a, b), _) in enumerate(out) if first <= a and b <= last]
        if any(a <= first and last <= b for (a, b), _ in out):
            continue
        if inside:
            out[inside[0]] = ((first, last), out[inside[0]][1])
            out = [row for i, row in enumerate(out) if i not in inside[1:]]
        else:
            out.append(((first, last), part))
    return out
