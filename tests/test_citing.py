"""A span that somebody names again gives the citation of the reply that showed it, or an error; never other words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatbot.citing import citation_at
from chatbot.errors import Malformed

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
TRIAL = "The Mitchell trial had 15 sites: 11 in the United States, 2 in Canada and 2 in Israel."


@pytest.fixture(scope="module")
def corpus() -> Any:
    from chatbot.gathering import read_corpus

    return read_corpus(CORPUS)


def test_a_span_of_a_note_has_its_section_its_label_and_its_words(corpus: Any) -> None:
    start = corpus.documents["mitchell-2021"].text.index(TRIAL)
    found = citation_at(corpus, "g" * 16, "mitchell-2021", start, start + len(TRIAL), number=3)
    assert (found.quote.text, found.number, found.quote.generation) == (TRIAL, 3, "g" * 16)
    assert (found.section, found.label) == ("Who took part and who could not", "Note on Mitchell et al. (2021)")
    assert found.link == "https://doi.org/10.1038/s41591-021-01336-3"


def test_what_the_articles_sentence_cites_is_named(corpus: Any) -> None:
    text = corpus.documents["unlocking-healing"].text
    start = text.index("Studies have shown that MDMA-assisted therapy")
    end = text.index("(Mitchell et al., 2021; WebMD, n.d.).") + len("(Mitchell et al., 2021; WebMD, n.d.).")
    found = citation_at(corpus, "g" * 16, "unlocking-healing", start, end)
    assert [label for label, _, _ in found.relies_on] == ["Mitchell et al. (2021)", "WebMD (n.d.)"]


@pytest.mark.parametrize(
    ("doc_id", "start", "end", "said"),
    [
        ("nothing", 0, 5, "There is no document 'nothing'"),
        ("webmd-mdma-therapy", 0, 5, "There is no document 'webmd-mdma-therapy'"),
        ("mitchell-2021", 5, 5, "no text at 5-5"),
        ("mitchell-2021", -1, 5, "no text at -1-5"),
        ("mitchell-2021", 0, 10**9, "no text at 0-1000000000"),
        ("mitchell-2021", 0, 40, "nothing that may be quoted begins at 0"),
    ],
)
def test_a_place_that_may_not_be_shown_is_refused(corpus: Any, doc_id: str, start: int, end: int, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        citation_at(corpus, "g" * 16, doc_id, start, end)


def test_of_a_limited_text_no_more_words_are_shown_than_its_licence_lets(corpus: Any) -> None:
    document = corpus.documents["mitchell-2021"]
    limited = replace(document, source=replace(document.source, limited=True, max_words=10))
    guarded = replace(corpus, documents=corpus.documents | {"mitchell-2021": limited})
    start = document.text.index(TRIAL)
    with pytest.raises(Malformed, match="at most 10 words"):
        citation_at(guarded, "g" * 16, "mitchell-2021", start, start + len(TRIAL))
    assert citation_at(guarded, "g" * 16, "mitchell-2021", start, start + 34).quote.text == TRIAL[:34]
