"""The database: whether it answers, and whether its tables are those of this version."""

import os
import sqlite3
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tutor.adapters.store.engine import Database
from tutor.adapters.store.migrations import config
from tutor.adapters.store.store_errors import translated
from tutor.doctor.finding import Finding
from tutor.doctor.folder import FIRST_START
from tutor.errors import SettingsError
from tutor.settings import Settings

_WHAT = "database"
_PATIENCE = 2.0
"""Seconds to wait for a connection."""


def look_at_database(settings: Settings) -> Finding:
    """Ask it for the version of its tables. Blocks; a SQLite file is opened for reading only."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        return Finding(_WHAT, False, "DATABASE_URL is no database URL", "sqlite:///file or postgresql://...")
    if url.get_backend_name() == "sqlite" and url.database:
        return _of_file(Path(url.database))
    try:
        database = Database(settings.database_url, patience=_PATIENCE)
    except SettingsError as error:
        return Finding(_WHAT, False, error.text, "mend DATABASE_URL, or unset it to use SQLite")
    try:
        return _of_tables(database.engine, url.render_as_string(hide_password=True))
    finally:
        database.close()


def _of_file(path: Path) -> Finding:
    if not path.exists():
        return Finding(_WHAT, True, f"{path} {FIRST_START}")
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(_WHAT, False, f"{path} cannot be written to", f"chown or chmod {path}")
    # A reader of a WAL database makes side files. Where there are none, nobody has it open, and all of it
    # is in the file itself.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    address = f"{path.resolve().as_uri()}?{how}"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool
    )
    return _of_tables(engine, str(path))


def _of_tables(engine: Engine, where: str) -> Finding:
    try:
        with engine.connect() as connection:
            steps = ScriptDirectory.from_config(config(connection))
            found = MigrationContext.configure(connection).get_current_revision()
            newest = steps.get_current_head()
            if found is None:
                return Finding(_WHAT, True, f"{where} is empty; its tables {FIRST_START}")
            steps.get_revision(found)
    except SQLAlchemyError as error:
        detail = str(translated(error))
        return Finding(
            _WHAT, False, f"{where} does not answer: {detail}", "check DATABASE_URL, or restore it"
        )
    except CommandError:
        remedy = "start the version that made it, or restore a backup"
        return Finding(_WHAT, False, f"{where} was made by a newer version of this app", remedy)
    if found != newest:
        state = f"{where}, tables of step {found}; the next start brings them to {newest}"
        return Finding(_WHAT, True, state)
    return Finding(_WHAT, True, f"{where}, tables up to date ({newest})")
