"""How a database is opened: what its URL may be, and what every connection is told first."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Pool, event
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from tutor.errors import SettingsError

BEGIN: Final = "tutor_begin"
"""Execution option: the statement that begins a transaction on SQLite; '' where one is not needed."""


def parsed(url: str) -> URL:
    """The URL, with the driver that we use. Raises SettingsError."""
    try:
        found = make_url(url)
    except ArgumentError:
        raise unusable("it is no database URL") from None  # the URL may hold a password
    if found.drivername in {"postgres", "postgresql"}:
        found = found.set(drivername="postgresql+psycopg")
    backend = found.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise unusable(f"{backend} is not supported; use sqlite:///file or postgresql://...")
    if backend == "sqlite" and found.database in {None, "", ":memory:"}:
        raise unusable("a SQLite database needs a file")
    return found


def unusable(why: str) -> SettingsError:
    """What is wrong with DATABASE_URL."""
    message = f"DATABASE_URL cannot be used: {why}"
    return SettingsError(message, text=message)


def make_private_file(path: Path) -> None:
    """Create the file so that only its owner may read it; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise unusable(f"{path} cannot be written ({error.strerror})") from error


def open_engine(
    url: URL,
    patience: float,
    *,
    foreign_keys: bool = True,
    poolclass: type[Pool] | None = None,
    **pool: int,
) -> Engine:
    """An engine.

    Args:
        url: As `parsed` gives it.
        patience: Seconds to wait for a lock.
        foreign_keys: Whether SQLite keeps them.
        poolclass: SQLAlchemy's own choice where None.
        pool: How many connections.
    """
    # hide_parameters: an error's text must not carry a learner's words into the log
    shared: dict[str, Any] = {"hide_parameters": True, "poolclass": poolclass, **pool}
    if url.get_backend_name() == "sqlite":
        engine = create_sqlalchemy_engine(url, connect_args={"timeout": patience}, **shared)
        event.listen(engine, "connect", _sqlite_settings(foreign_keys=foreign_keys))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    waits = {"connect_timeout": max(2, int(patience)), "options": f"-c lock_timeout={int(patience * 1000)}"}
    try:
        return create_sqlalchemy_engine(url, connect_args=waits, pool_pre_ping=True, **shared)
    except ModuleNotFoundError as error:
        raise unusable(
            f"the package {error.name} is not installed; try: pip install 'psycopg[binary]'"
        ) from error


def _sqlite_settings(*, foreign_keys: bool) -> Callable[[Any, Any], None]:
    def settle(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # the driver must not begin transactions: _begin_sqlite does
        connection.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other
        connection.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut; 0.2 ms
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    return settle


def _begin_sqlite(connection: Connection) -> None:
    if statement := connection.get_execution_options().get(BEGIN, "BEGIN"):
        connection.exec_driver_sql(statement)
