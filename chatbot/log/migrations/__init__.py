"""The schema of the answer log, as steps in versions/ that Alembic takes when a log is opened.

A step is never changed once a log was made with it; another one is added. `connection` is an SQLAlchemy connection.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from chatbot.errors import LogError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def is_newest(connection: Any) -> bool:
    """Whether every step was taken."""
    taken = MigrationContext.configure(connection).get_current_revision()
    return taken == ScriptDirectory.from_config(_config()).get_current_head()


def take_steps(connection: Any) -> None:
    """Takes the missing steps in the transaction that `connection` is in."""
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LogError(
            f"{error}; this answer log was made by a newer version, so upgrade chatbot to open it"
        ) from error
