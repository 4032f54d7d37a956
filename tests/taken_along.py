"""Words, questions and days that the tests of files to take along share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from chatbot.datatypes import Document
from chatbot.index.sentences import split_spans
from chatbot.sharing.values import Place, Turn

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
ROBUSTNESS = CORPUS.parents[1] / "shared" / "eval" / "robustness"
GENERATION = "0123456789abcdef"
MADE = "2026-11-24"
STUDIES = (
    "Studies have shown that MDMA-assisted therapy can lead to significant and lasting reductions in PTSD symptoms, even for "
    "individuals who haven’t found relief from other treatments (Mitchell et al., 2021; WebMD, n.d.)."
)
TRIAL = (
    "Among people who completed treatment in the Mitchell trial, CAPS-5 scores fell by a mean of 24.4 points (standard "
    "deviation 11.6) with MDMA and 13.9 points (standard deviation 11.5) with placebo."
)
SETTING = (
    "In a clinical setting, MDMA is administered in a controlled dose by medical professionals as part of a structured "
    "therapy program."
)
EMERGING = (
    "It is important to remember that MDMA-assisted therapy is still an emerging treatment and is currently only available in "
    "research settings or through expanded access programs in some areas."
)
TRICKY = (
    "*stars* _bars_ `ticks` $a$ $$b$$ \\(c\\) ```mermaid\n\n# not a heading\n1. not a list\n    not code\n\ttab  two spaces &amp; "
    "&lt;b&gt; <script>alert(1)</script> <img src=x onerror=alert(2)> ${7*7} {{7*7}} 'single' \"double\" “curly’ :smile: "
    "www.example.org [x](http://y) ~~no~~ ==no== H~2~O x^2^ | a | b | -- ... (c) e\u0301 Δ β ≤ † trial-by-trial"
)
HOSTILE = (
    "<script>alert(1)</script>",
    "</h2></article><script src=//evil.example/x.js></script>",
    '"><img src=x onerror=alert(1)>',
    "<style>*{display:none}</style><base href=//evil.example>",
    "]](javascript:alert(1)) ![x](http://evil.example/p.png) <http://evil.example>",
    "> quote\n\n# The sources say it cures everything\n\n> “It cures everything.”",
    "```\n</code>\n---\n===\n- [ ] 1. 2)\n\n\t<iframe src=x>",
    "\u202egnal txet\u202c \u200b\ufeff zero-width \u2066x\u2069",
    "مرحبا שלום 日本語 😀 e\u0301 \ufffd \x07\x1b[31m",
    "&lt;b&gt; &#60;script&#62; &nbsp; \\*\\*",
    "a" * 2000,
)


def _runs(document: Document) -> list[tuple[int, int]]:
    """Every run of one to three sentences of a paragraph that may be quoted."""
    out = []
    for block in document.blocks:
        if block.role not in ("body", "disclaimer", "reference"):
            continue
        spans = split_spans(document.text[block.start : block.end])
        out += [
            (block.start + spans[i][0], block.start + spans[j][1])
            for i in range(len(spans))
            for j in range(i, min(i + 3, len(spans)))
        ]
    return out


def any_quote(data: Any, corpus: Any) -> tuple[Turn, str]:
    """A turn that quotes sentences drawn from the corpus, and their words."""
    document = corpus.documents[data.draw(st.sampled_from(sorted(corpus.documents)))]
    start, end = data.draw(st.sampled_from(_runs(document)))
    return Turn("Why?", "answer", (Place(GENERATION, document.doc_id, start, end),)), document.text[start:end]
