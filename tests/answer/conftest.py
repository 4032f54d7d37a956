"""What the tests of the answer room share: the shipped corpus's speller and rules, and a small corpus made by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import settings

from chatbot.answer.quoting import cite
from chatbot.answer.spelling import Speller
from chatbot.answer.triage import Rules, read_rules
from chatbot.building import Corpus, read_corpus
from chatbot.datatypes import Author, Citation, Document, Source, Status
from chatbot.replies import Abstention, Answer, Definition, Disclaimer, Redirect, Reply, Statement, Understood

settings.register_profile("no deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("no deadline")

LEAD_INS = {"full": "From the article:", "digest": "{label}, a note:", "reference": "From the reference list:"}
ARTICLE = (
    "Resting well\n"
    "Rest is more than sleep. It can change how people see a hard day (Example Society, 2020). "
    "Some call *this* well-being – or “odd”, and a long-winded, evidence-based, open-ended, self-report-only way-of-life at that.\n"
    "Note: Nothing here is advice, and the well-being of a reader is a reader’s own.\n"
    "Example Society. (2020). Rest and the day. https://doi.org/10.1000/rest"
)
NOTE = "The Example paper asked 90 people. It found no harm."


@pytest.fixture(scope="session")
def shipped(shipped_corpus: Path) -> Corpus:
    """The shipped corpus as read."""
    return read_corpus(shipped_corpus)


@pytest.fixture(scope="session")
def speller(shipped: Corpus) -> Speller:
    """A speller over the same texts as the shipped chatbot's."""
    words = [d.text for d in shipped.documents.values()]
    sources = shipped.manifest.sources
    names = [n for s in sources for n in (*s.names, s.title, s.container, *(a.family for a in s.authors))]
    return Speller([*words, *names, *(lay for lay, _ in shipped.synonyms), *shipped.messages.substances])


@pytest.fixture(scope="session")
def rules(shipped: Corpus) -> Rules:
    """The patterns, with the shipped corpus's substances."""
    return read_rules(shipped.messages.substances)


def source(doc_id: str, text_kind: str, **fields: object) -> Source:
    """A source with the fields that a citation needs."""
    given: dict[str, object] = {
        "kind": "article",
        "title": "Resting well",
        "authors": (),
        "year": "n.d.",
        "container": "",
        "doi": "",
        "url": "https://example.org/rest#top",
        "licence": "unknown",
        "reference": "Resting well. (n.d.). https://example.org/rest",
        "status": Status("clear", "2026-01-02", "by hand"),
    }
    return Source(doc_id=doc_id, text_kind=text_kind, **(given | fields))  # type: ignore[arg-type]


@dataclass(frozen=True)
class World:
    """An article, a note on the paper it cites, and citations of both."""

    article: Document
    note: Document

    def cite(self, words: str, number: int, *, note: bool = False, role: str = "body") -> Citation:
        """A citation of `words`, which stand in the article or in the note."""
        document = self.note if note else self.article
        start = document.text.index(words)
        return cite(
            document,
            start,
            start + len(words),
            number=number,
            generation="g1",
            section="" if note else "Resting well › Days",
            lead_ins=LEAD_INS,
            relies_on=[self.note.source] if "2020" in words and role == "body" else [],
            role=role,
        )

    @property
    def disclaimer(self) -> Disclaimer:
        """The article's last sentence but one."""
        return Disclaimer(
            self.cite("Note: Nothing here is advice, and the well-being of a reader is a reader’s own.", 1).quote,
            "Nowhere",
            "2026-01-02",
        )

    def replies(self) -> dict[str, Reply]:
        """One reply of each kind, by the name of its golden file."""
        lean = self.cite("Rest is more than sleep. It can change how people see a hard day (Example Society, 2020).", 1)
        odd = self.cite(
            "Some call *this* well-being – or “odd”, and a long-winded, evidence-based, open-ended, self-report-only way-of-life at that.",
            2,
        )
        noted = self.cite("The Example paper asked 90 people.", 2, note=True)
        printed = self.cite(
            "Example Society. (2020). Rest and the day. https://doi.org/10.1000/rest", 3, role="reference"
        )
        kept = self.cite("It found no harm.", 4, note=True)
        marked = replace(lean, emphasis=((5, 24),), terms=((0, 4, "rest"),))
        glossary = (Definition("rest", "A pause."), Definition("paper", kept.quote.text, kept))
        understood = Understood(
            "what is rest, is it odd, and who made it?",
            (("waht", "what"),),
            ("sleep",),
            ("what is rest", "is it odd", "who made it?"),
        )
        plain = Understood("Is *it* <b>safe</b>?", parts=("Is *it* <b>safe</b>?",))
        rest = (self.disclaimer, "g1")
        return {
            "answer": Answer(
                "waht is rest, is it odd, and who made it?",
                understood,
                *rest,
                (Statement((marked,)), Statement((noted, printed), 2)),
                0.875,
                ("is it odd",),
                (kept,),
                "The question takes something for granted that the sources do not say. This is what they say:",
                7,
                glossary=glossary,
            ),
            "abstention": Abstention(
                plain.text,
                plain,
                *rest,
                "not_answered",
                "The sources do not answer this question.",
                (self.cite("Rest is more than sleep.", 1), odd),
                ("<b>", "naïve"),
                ("rest", "days"),
                ("What is rest?",),
                0.25,
            ),
            "nothing_close": Abstention(
                plain.text,
                plain,
                *rest,
                "nothing_close",
                "The sources say nothing about this.",
                (),
                (),
                ("rest",),
                (),
                0.0,
            ),
            "crisis": Redirect(
                "I am not well",
                Understood("I am not well", parts=("I am not well",)),
                *rest,
                "crisis",
                "Please call one of these lines now.",
                (("Anywhere", "A line", "112"), ("Elsewhere", "A list", "https://example.org/a-list-of-lines")),
                (),
            ),
            "drug_request": Redirect(
                plain.text, plain, *rest, "drug_request", "No help with getting it.", (), (noted,)
            ),
            "medical_advice": Redirect(plain.text, plain, *rest, "medical_advice", "Ask a doctor.", (), (lean, odd)),
        }


@pytest.fixture(scope="session")
def world() -> World:
    """The small corpus made by hand."""
    paper = source(
        "example-2020",
        "digest",
        title="Rest and the day",
        authors=(Author("Example Society"),),
        year="2020",
        doi="10.1000/rest",
        url="https://example.org/paper",
        reference="Example Society. (2020). Rest and the day. https://doi.org/10.1000/rest",
        reference_corrected="Example Society. (2020). *Rest and the day*. https://doi.org/10.1000/rest",
        status=Status("correction", "2026-01-02", "by hand"),
    )
    article = source("resting-well", "full")
    return World(Document(article, ARTICLE, Document.digest(ARTICLE)), Document(paper, NOTE, Document.digest(NOTE)))
