"""The tables as they are after the last step of migrations/, for queries; nothing here makes them. Beside them: in which database they are."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from chatbot.log.chain import Columns
from chatbot.log.records import Event

BATCH = 500  # rows fetched or named at a time; SQLite allows 32,766 values in a statement, and a row has about 10 kB

META = sa.MetaData()
ENTRIES = sa.Table(
    "entries",
    META,
    sa.Column("seq", sa.Integer, primary_key=True),
    *(sa.Column(f.name, sa.Double if f.name == "confidence" else sa.Text) for f in fields(Columns)),
    *(sa.Column(name, sa.Text) for name in ("salt", "checksum", "link")),
)
REMOVED = sa.Table("removed", META, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("checksum", sa.Text))
HEAD = sa.Table("head", META, sa.Column("one", sa.Integer), sa.Column("seq", sa.Integer), sa.Column("link", sa.Text))
EVENTS = sa.Table(
    "events",
    META,
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(f.name, sa.Text) for f in fields(Event)),
)
FACETS = sa.Table(
    "facets",
    META,
    sa.Column("seq", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("record_id", "asked_at", "kind", "generation")),
    sa.Column("confidence", sa.Double),
    sa.Column("n_quotes", sa.Integer),
    sa.Column("same", sa.Text),
    sa.Column("group_no", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("thumb", "thumb_reason", "label", "reviewer", "judged_at", "due")),
    sa.Column("n_verdicts", sa.Integer),
    *(sa.Column(name, sa.Text) for name in ("assigned_to", "assigned_until")),
)
QUOTED = sa.Table("quoted", META, sa.Column("doc_id", sa.Text), sa.Column("seq", sa.Integer))
TAGGED = sa.Table("tagged", META, sa.Column("tag", sa.Text), sa.Column("seq", sa.Integer))
WORDS = sa.Table("words", META, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("words", sa.Text))
VECTORS = sa.Table("vectors", META, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("vector", sa.LargeBinary))
LIKES = sa.Table("likes", META, sa.Column("group_no", sa.Integer, primary_key=True), sa.Column("size", sa.Integer))


def is_sqlite(connected: sa.Engine | sa.Connection) -> bool:
    """Whether it is to SQLite."""
    return connected.dialect.name == "sqlite"
