"""The documents of a record's own generation, beside it: one at the place of the first quote, links to the others.

What is shown, and of a text whose licence lets nobody pass it on whole what is not, is decided in `web.places`, as for readers. The
script opens the other places here; without it they open as pages of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatbot.errors import Malformed
from chatbot.marked import Place
from chatbot.moderating.values import View
from chatbot.web import places
from chatbot.web.desk import reply
from chatbot.web.desk.visits import Visit
from chatbot.web.markup import read_address, text

HINT = "Select words in the text to use them for a test case, a pin or a ban."


def panel(visit: Visit, view: View) -> str:
    """The panel with its document."""
    record, place = view.record, first_place(view)
    links = "".join(
        f'<li><a class="place" href="{text(read_address(record.generation, doc_id))}" target="_blank">{text(title)}</a></li>'
        for doc_id, title in view.documents
    )
    listed = (
        f'<details class="others"><summary>All documents of this index</summary><ul>{links}</ul></details>'
        if links
        else ""
    )
    return (
        '<aside id="beside" class="beside" aria-labelledby="beside-title"><div class="bar">'
        f'<h2 id="beside-title" tabindex="-1">{text(titles(view).get(place.doc_id, place.doc_id) if place else "In the sources")}</h2></div>{listed}'
        f'<p class="hint" id="select-hint" hidden>{HINT}</p><div id="beside-body" tabindex="0" role="region" aria-labelledby="beside-title">'
        f"{_document(visit, view)}</div>"
        '<div id="marked" hidden><p class="words"></p><div class="buttons"><button type="button" data-use="gold">Gold for a test case</button>'
        '<button type="button" data-use="pin">Pin</button><button type="button" data-use="ban">Never show</button></div></div></aside>'
    )


def first_place(view: View) -> Place | None:
    """What is looked at first: the first quote, else the closest passage, else the first candidate."""
    said = view.record.reply
    quoted = [reply.place_of(q) for key in ("quotes", "near_misses") for q in said.get(key) or ()]
    return next(iter([*quoted, *(c.place for c in view.candidates)]), None)


def _document(visit: Visit, view: View) -> str:
    """The document with the first place marked; the text of today where the reply's index is gone."""
    place, generation = first_place(view), view.record.generation
    if place is None:
        return '<p class="note">Nothing was quoted and nothing came close. Choose a document above.</p>'
    corpus = visit.texts.corpus_of(generation)
    if corpus is not None and place.doc_id in corpus.documents:
        try:
            return places.place(corpus, generation, place.doc_id, (place.start, place.end))
        except Malformed as error:
            return f'<p class="note">{text(str(error))}</p>'
    corpus = visit.texts.corpus_of(visit.texts.generation)
    if corpus is None or place.doc_id not in corpus.documents:
        return '<p class="stale">This document is no longer among the sources.</p>'
    return places.whole(corpus, visit.texts.generation, place.doc_id, stale=True)


def titles(view: View) -> dict[str, str]:
    """The documents' titles by their ids."""
    return dict(view.documents)


def cited(place: Place, words: str, generation: str, named: dict[str, str], extra: Iterable[str] = ()) -> str:
    """A sentence with the place where it stands."""
    address = read_address(generation, place.doc_id, (place.start, place.end))
    title = named.get(place.doc_id, place.doc_id)
    where = " · ".join([f'<a class="place" href="{text(address)}" target="_blank">{text(title)}</a>', *extra])
    return f'<span class="sentence">{text(words)}</span><span class="where">{where}</span>'
