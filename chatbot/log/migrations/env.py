"""What Alembic runs: the steps of versions/, over the connection that `log.database` hands in, in its transaction.

Plain SQL, so that sqlalchemy is imported by `log.database` alone. There is no offline mode: nobody runs these by hand.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
