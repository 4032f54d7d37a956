"""Cuts a document's blocks into sentences.

nupunkt (Bommarito et al. 2025, unsupervised Punkt for legal and scholarly text) gives the spans; three rules of our own mend
what it does not know of such text: a full stop glued to the next sentence ("(Neff, n.d.).Self-kindness"), a cut after an
abbreviation that our text uses ("et al."), a cut that leaves only marks. A printed reference and a heading stay whole.
"""

from __future__ import annotations

import re
from itertools import pairwise

from nupunkt import sent_spans

from chatbot.datatypes import Document, Sentence

GLUED = re.compile(r"(?<=[a-z)\]]\.)(?=[A-Z][a-z’'-]+\s)|(?<=\.[)”\"])(?=[A-Z][a-z])")
NOT_AN_END = re.compile(
    r"(?:\bet al\.|\be\.g\.|\bi\.e\.|\bcf\.|\bvs\.|\bDr\.|\bProf\.|\bFig\.|\bNo\.|\bp\.|\bpp\.)\s*$"
)
WHOLE = ("reference", "title", "heading")


def split_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`, without surrounding white space, in order.

    >>> t = "It has three parts (Neff, n.d.).Self-kindness is one."
    >>> [t[a:b] for a, b in split_spans(t)]
    ['It has three parts (Neff, n.d.).', 'Self-kindness is one.']
    """
    cuts: list[tuple[int, int]] = []
    for start, end in sent_spans(text):
        inner = [start, *(start + m.start() for m in GLUED.finditer(text[start:end]) if m.start()), end]
        cuts += list(pairwise(inner))
    joined: list[tuple[int, int]] = []
    for start, end in cuts:
        piece = text[start:end]
        if joined and (NOT_AN_END.search(text[: joined[-1][1]]) or not re.search(r"\w", piece)):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    spans = []
    for start, end in joined:
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((start + left, start + left + len(piece.strip())))
    return spans


def split_sentences(document: Document) -> tuple[Sentence, ...]:
    """Every sentence of the document's blocks, front matter left out, in order."""
    out = []
    for number, block in enumerate(document.blocks):
        if block.role == "front_matter":
            continue
        inside = document.text[block.start : block.end]
        spans = [(0, len(inside))] if block.role in WHOLE else split_spans(inside)
        for position, (a, b) in enumerate(spans):
            start, end = block.start + a, block.start + b
            out.append(
                Sentence(
                    document.doc_id,
                    start,
                    end,
                    document.text[start:end],
                    block.heading_path,
                    block.role,
                    number,
                    position,
                )
            )
    return tuple(out)
