"""The database: where it is, how it is opened, and what its errors mean."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Executable, NullPool, Pool, Row, event, text
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from tutor.adapters.store.migrations import move
from tutor.adapters.store.store_errors import KNOWN, NOT_THE_DATABASE, translated
from tutor.errors import SettingsError, StoreUnavailable

T = TypeVar("T")

BEGIN: Final = "tutor_begin"
"""Execution option: the statement that begins a transaction on SQLite; '' where one is not needed."""

MIGRATION_WAIT: Final = 30.0
"""Seconds that a migration waits for another one, and for those who write, before it gives up."""
_YIELD: Final = 0.5
"""Seconds after which a migration on PostgreSQL lets go of everything, and tries again.

What waits for a table makes all who come later wait behind it. This is less than learners' patience, and
less than the second after which PostgreSQL looks for a deadlock and breaks off one of the two."""
_IN_THE_WAY: Final = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


class Database:
    """One SQLite file or one PostgreSQL database, used from any event loop.

    Work is a plain function of a Session. It runs in a thread, because a commit waits for the disk. What it
    returns must not need the session any more.

    SQLite takes one writer at a time, so writes queue for one thread here, and each begins with BEGIN
    IMMEDIATE: it takes the write lock at once and waits for it if another process holds it. A transaction
    that reads first and takes the lock later is refused without waiting when somebody wrote in between.

    Args:
        url: SQLAlchemy URL. `postgres://` is understood as well.
        readers: Threads that read (and on PostgreSQL as many that write).
        patience: Seconds to wait for a lock, and to stand in line here, before StoreUnavailable.

    Raises:
        SettingsError: The URL cannot be used.
    """

    def __init__(self, url: str, *, readers: int = 4, patience: float = 5.0) -> None:
        self.url = _parse(url)
        self.patience = patience
        writers = 1 if self.is_sqlite else readers
        if self.is_sqlite:
            _make_private_file(Path(self.url.database or ""))
        self.engine = _open(self.url, patience, pool_size=readers + writers, max_overflow=0)
        self._write_engine = self.engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        self._fetch_engine = self.engine.execution_options(**{BEGIN: ""})
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="store-write")

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == "sqlite"

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which changes nothing, in a transaction.

        Raises:
            StoreUnavailable: And whatever `work` raises.
        """
        return await self._run(self._readers, lambda: _in_session(self.engine, work))

    async def fetch(self, statement: Executable, values: Mapping[str, object]) -> Sequence[Row[Any]]:
        """The rows of one statement that reads: what every request asks for, in a third of `read`'s time.

        Raises:
            StoreUnavailable: The database does not answer.
        """

        def find() -> Sequence[Row[Any]]:
            with self._fetch_engine.connect() as connection:
                return connection.execute(statement, values).all()

        return await self._run(self._readers, find)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction; when this returns, it is on the disk.

        Once asked for it is carried out, even if the caller is cancelled meanwhile: what a teacher said
        until the learner interrupted must be kept.

        Raises:
            StoreUnavailable: Or StoreFull; nothing was stored. And whatever `work` raises.
        """
        return await self._run(self._writers, lambda: _in_session(self._write_engine, work))

    async def change(self, work: Callable[[Connection], T]) -> T:
        """As `write`, for statements that need no objects: what every turn stores, in less time."""

        def run() -> T:
            with self._write_engine.begin() as connection:
                return work(connection)

        return await self._run(self._writers, run)

    async def ping(self) -> None:
        """Ask the database for an answer. Raises StoreUnavailable."""
        await self.read(lambda session: session.execute(text("SELECT 1")).scalar_one())

    def migrate(self, *, to: str = "head") -> None:
        """Bring the tables to a step, up or back. Blocks.

        Safe when several processes start at once, and while others serve learners.

        Raises:
            StoreUnavailable: The database cannot be reached or changed; it is as it was.
            SettingsError: It was made by a newer version of this program, or there is no such step.
        """
        # A connection of its own without foreign keys: a migration that rebuilds a table drops the old
        # one, and dropping with foreign keys on deletes everything that refers to it.
        wait = MIGRATION_WAIT if self.is_sqlite else _YIELD
        engine = _open(self.url, wait, foreign_keys=False, poolclass=NullPool)
        engine = engine.execution_options(**{BEGIN: "BEGIN EXCLUSIVE"})
        until = time.monotonic() + MIGRATION_WAIT
        try:
            while not _migrated(engine, to, until):
                time.sleep(_YIELD)
        except KNOWN as error:
            raise translated(error) from error
        except CommandError as error:
            raise _unusable(f"this version does not know how it was made ({error})") from error
        finally:
            engine.dispose()

    def close(self) -> None:
        """Finish what was asked for, then let go of every connection. Blocks."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        asked = time.monotonic()

        def run() -> T:
            if time.monotonic() - asked > self.patience:
                # Otherwise, behind a held lock, the tenth in line would wait ten times as long.
                raise StoreUnavailable("waited too long in line for the database")
            try:
                return work()
            except NOT_THE_DATABASE:
                raise
            except KNOWN as error:
                raise translated(error) from error

        try:
            future = asyncio.get_running_loop().run_in_executor(pool, run)
        except RuntimeError as error:
            raise StoreUnavailable("the database is closed") from error
        return await asyncio.shield(future)


def _migrated(engine: Engine, to: str, until: float) -> bool:
    """Whether all of it was done; False where others were in the way and there is time for another try."""
    try:
        with engine.begin() as connection:
            move(connection, to)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in _IN_THE_WAY and time.monotonic() < until:
            return False
        raise
    return True


def _in_session(engine: Engine, work: Callable[[Session], T]) -> T:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unusable("it is no database URL") from None  # the URL may hold a password
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise _unusable(f"{backend} is not supported; use sqlite:///file or postgresql://...")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise _unusable("a SQLite database needs a file")
    return parsed


def _unusable(why: str) -> SettingsError:
    message = f"DATABASE_URL cannot be used: {why}"
    return SettingsError(message, text=message)


def _make_private_file(path: Path) -> None:
    """Create the file so that only its owner may read it; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unusable(f"{path} cannot be written ({error.strerror})") from error


def _open(
    url: URL,
    patience: float,
    *,
    foreign_keys: bool = True,
    poolclass: type[Pool] | None = None,
    **pool: int,
) -> Engine:
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
        raise _unusable(
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
