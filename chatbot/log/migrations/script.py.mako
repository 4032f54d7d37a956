"""${message}."""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From ${down_revision} to ${up_revision}."""
    op.execute("")


def downgrade() -> None:
    """There is no way back: a log is kept or exported, not turned into an older form."""
    raise NotImplementedError("export the log with `chatbot log export` and start a new one")
