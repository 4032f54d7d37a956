"""The second form: beside the chain, what records are found and counted by.

These tables follow from the rows and events; `log.database` fills them after a step was taken, and keeps them. `facets` has a row for each record, `quoted` the
documents it quotes, `tagged` its last verdict's tags, `words` what it is found by, `vectors` what its question means, `likes` the size of
each group of like questions. Columns that are compared as text sort by their bytes, whatever the database's language.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE facets (
        seq INTEGER PRIMARY KEY,
        record_id {text} NOT NULL UNIQUE,
        asked_at {text} NOT NULL,
        kind {text} NOT NULL,
        generation {text} NOT NULL,
        confidence DOUBLE PRECISION NOT NULL,
        n_quotes INTEGER NOT NULL,
        same {text} NOT NULL,
        group_no INTEGER NOT NULL,
        thumb {text} NOT NULL,
        thumb_reason {text} NOT NULL,
        label {text} NOT NULL,
        reviewer {text} NOT NULL,
        judged_at {text} NOT NULL,
        due {text} NOT NULL,
        n_verdicts INTEGER NOT NULL,
        assigned_to {text} NOT NULL,
        assigned_until {text} NOT NULL
    )""",
    "CREATE INDEX facets_group_no ON facets (group_no)",
    "CREATE INDEX facets_same ON facets (same)",
    "CREATE TABLE quoted (doc_id {text} NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (doc_id, seq)) {keyed}",
    "CREATE INDEX quoted_seq ON quoted (seq)",
    "CREATE TABLE tagged (tag {text} NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (tag, seq)) {keyed}",
    "CREATE INDEX tagged_seq ON tagged (seq)",
    "CREATE TABLE vectors (seq INTEGER PRIMARY KEY, vector {bytes} NOT NULL)",
    "CREATE TABLE likes (group_no INTEGER PRIMARY KEY, size INTEGER NOT NULL)",
)
ON_SQLITE = (
    "CREATE TABLE words (seq INTEGER PRIMARY KEY, words TEXT NOT NULL)",
    # its tokenizer parts words where `log.facets.words_in` has put a space, and nowhere else
    "CREATE VIRTUAL TABLE word_index USING fts5"
    "(words, content='words', content_rowid='seq', tokenize='ascii', detail='none', columnsize=0)",
)
ON_POSTGRESQL = (
    "CREATE TABLE words (seq INTEGER PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX words_words ON words USING GIN (words)",
    # what the planner samples of a column outlives the rows that it was sampled from; so of these it samples nothing
    *(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"
        for table, columns in (
            ("entries", "record_id owner question body salt checksum link"),
            ("events", "subject note"),
            ("facets", "record_id same"),
            ("tagged", "tag"),
            ("words", "words"),
            ("vectors", "vector"),
        )
        for column in columns.split()
    ),
)


def upgrade() -> None:
    """From the first form to the second."""
    postgresql = op.get_context().dialect.name == "postgresql"
    names = (
        {"text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "keyed": ""}
        if postgresql
        else {"text": "TEXT", "bytes": "BLOB", "keyed": "WITHOUT ROWID"}
    )
    for statement in TABLES:
        op.execute(statement.format(**names))
    for statement in ON_POSTGRESQL if postgresql else ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """There is no way back: a log is kept or exported, not turned into an older form."""
    raise NotImplementedError("export the log with `chatbot log export` and start a new one")
