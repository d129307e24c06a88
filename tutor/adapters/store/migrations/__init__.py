"""The tables' history. A new step: `python -m tutor.adapters.store.migrations "what changes"`."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_LOCK: Final = 0x7475746F72  # "tutor": any number, as long as it is always this one


def config(connection: Connection) -> Config:
    """Alembic's settings: everything is in code, there is no alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def move(connection: Connection, to: str = "head") -> None:
    """Run the steps from here to there, up or back, all or none, inside the connection's transaction.

    On SQLite the transaction must have begun with BEGIN EXCLUSIVE; on PostgreSQL this takes an advisory
    lock until it ends. So of several processes one migrates, and the others find nothing left to do.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: As it came.
        alembic.util.CommandError: This program knows no such step, or not the one that the tables are at.
    """
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    settings = config(connection)
    here = MigrationContext.configure(connection).get_current_revision()
    steps = ScriptDirectory.from_config(settings)
    older = {step.revision for step in steps.walk_revisions("base", here or "base")}
    way = command.downgrade if to == "base" or to in older - {here} else command.upgrade
    way(settings, to)
    if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
        msg = f"a migration left rows without what they refer to, the first in {broken[0]}"
        raise RuntimeError(msg)
