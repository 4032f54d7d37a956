"""The first form: rows in a chain, checksums of removed rows, the chain's head, and what people did about them.

Triggers hold the rows append-only. A row can be deleted only when its checksum is kept; of an event only the note can
be blanked. The SQL is that of SQLite and PostgreSQL alike, except for triggers and numbering.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        record_id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        generation TEXT NOT NULL,
        confidence DOUBLE PRECISION NOT NULL,
        question TEXT NOT NULL,
        body TEXT NOT NULL,
        salt TEXT NOT NULL,
        checksum TEXT NOT NULL,
        link TEXT NOT NULL
    )""",
    "CREATE INDEX entries_owner ON entries (owner)",
    "CREATE INDEX entries_asked_at ON entries (asked_at)",
    "CREATE TABLE removed (seq INTEGER PRIMARY KEY, checksum TEXT NOT NULL)",
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, link TEXT NOT NULL)",
    # the link before the first row, as in log.chain; a copy, because a step never changes
    "INSERT INTO head (one, seq, link) VALUES (1, 0, 'fa592a524ed39233835d30c25ad9191a7915a2c80a40c090c180550090ac9012')",
)
EVENTS = """CREATE TABLE events (
    number {numbering},
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    who TEXT NOT NULL,
    label TEXT NOT NULL,
    note TEXT NOT NULL
)"""
EVENTS_INDEXES = (
    "CREATE INDEX events_kind ON events (kind, subject)",
    "CREATE INDEX events_subject ON events (subject)",
)
KEPT = "EXISTS (SELECT 1 FROM removed WHERE removed.seq = OLD.seq AND removed.checksum = OLD.checksum)"
BLANKED = (
    "NEW.note = '' AND NEW.number = OLD.number AND NEW.at = OLD.at AND NEW.kind = OLD.kind "
    "AND NEW.subject = OLD.subject AND NEW.who = OLD.who AND NEW.label = OLD.label"
)
GUARDS = (  # table, what is guarded, when it is allowed ("" never)
    ("entries", "UPDATE", ""),
    ("entries", "DELETE", KEPT),
    ("removed", "UPDATE", ""),
    ("removed", "DELETE", ""),
    ("events", "UPDATE", BLANKED),
    ("events", "DELETE", ""),
)
REFUSAL = "the answer log is append-only"


def upgrade() -> None:
    """From nothing to the first form."""
    postgresql = op.get_context().dialect.name == "postgresql"
    numbering = (
        "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY" if postgresql else "INTEGER PRIMARY KEY AUTOINCREMENT"
    )
    for statement in (*TABLES, EVENTS.format(numbering=numbering), *EVENTS_INDEXES):
        op.execute(statement)
    for table, action, allowed in GUARDS:
        for statement in _on_postgresql(table, action, allowed) if postgresql else _on_sqlite(table, action, allowed):
            op.execute(statement)


def _on_sqlite(table: str, action: str, allowed: str) -> list[str]:
    unless = f"WHEN NOT ({allowed})" if allowed else ""
    name = f"{table}_{action.lower()}"
    return [f"CREATE TRIGGER {name} BEFORE {action} ON {table} {unless} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"]


def _on_postgresql(table: str, action: str, allowed: str) -> list[str]:
    name, row = f"{table}_{action.lower()}", "OLD" if action == "DELETE" else "NEW"
    unless = f"IF {allowed} THEN RETURN {row}; END IF;" if allowed else ""
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {unless} RAISE EXCEPTION '{REFUSAL}'; END $$",
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def downgrade() -> None:
    """There is no way back: a log is kept or exported, not turned into an older form."""
    raise NotImplementedError("export the log with `chatbot log export` and start a new one")
