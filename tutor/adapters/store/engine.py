"""The database: where it is, how it is opened, and what its errors mean."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, NullPool, Select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from tutor.adapters.store.migrations import move
from tutor.adapters.store.opening import BEGIN, make_private_file, open_engine, parsed, unusable
from tutor.adapters.store.quick import QuickReads
from tutor.adapters.store.store_errors import KNOWN, meant, translated
from tutor.adapters.store.writer import Writer
from tutor.errors import StoreUnavailable

log = structlog.get_logger()

T = TypeVar("T")

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

    SQLite takes one writer at a time, so one thread writes here (`Writer`), and each transaction begins with
    BEGIN IMMEDIATE: it takes the write lock at once and waits for it if another process holds it. One that
    reads first and takes the lock later is refused without waiting when somebody wrote in between.

    Args:
        url: SQLAlchemy URL. `postgres://` is understood as well.
        readers: Threads that read (and on PostgreSQL as many that write).
        patience: Seconds to wait for a lock, and to stand in line here, before StoreUnavailable.

    Raises:
        SettingsError: The URL cannot be used.
    """

    def __init__(self, url: str, *, readers: int = 4, patience: float = 5.0) -> None:
        self.url = parsed(url)
        self.patience = patience
        if self.is_sqlite:
            make_private_file(Path(self.url.database or ""))
        self.engine = open_engine(self.url, patience, pool_size=readers * 2, max_overflow=0)
        self._write_engine = self.engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._writers = ThreadPoolExecutor(readers, thread_name_prefix="store-write")
        self._writer = Writer(self._write_engine, patience) if self.is_sqlite else None
        self._fetch_engine = self.engine.execution_options(**{BEGIN: ""})  # one statement sees one moment
        self._quick = QuickReads(open_engine(self.url, 0.0, max_overflow=-1)) if self.is_sqlite else None

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

    async def fetch(
        self, statement: Select[Any], values: Mapping[str, object], *, few: bool = True
    ) -> Sequence[Any]:
        """The rows of one statement that reads, as named tuples: what every request asks for.

        A `few` rows by their key are read from a SQLite file at once: a thread and the way back would take
        ten times as long, and longer still where many ask. No writer stands in the way of it; should the
        file be locked as a whole, a thread waits.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        if few and self._quick is not None:
            try:
                return self._quick.rows(statement, values)
            except (sqlite3.Error, DBAPIError) as error:
                log.info("read_in_a_thread", detail=type(error).__name__)

        def find() -> Sequence[Any]:
            with self._fetch_engine.connect() as connection:
                return connection.execute(statement, values).all()

        return await self._run(self._readers, find)

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction; when this returns, it is on the disk.

        Once asked for it is carried out, even if the caller is cancelled meanwhile: what a teacher said
        until the learner interrupted must be kept. SQLite: others' writes may be in the same transaction
        (`Writer`), and `work` may be run twice, the second time as if the first had not been.

        Raises:
            StoreUnavailable: Or StoreFull; nothing was stored. And whatever `work` raises.
        """
        return await self.change(lambda connection: _in_session(connection, work))

    async def change(self, work: Callable[[Connection], T]) -> T:
        """As `write`, for statements that need no objects: what every turn stores, in less time."""
        if self._writer is not None:
            return await self._writer(work)

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
        engine = open_engine(self.url, wait, foreign_keys=False, poolclass=NullPool)
        engine = engine.execution_options(**{BEGIN: "BEGIN EXCLUSIVE"})
        until = time.monotonic() + MIGRATION_WAIT
        try:
            while not _migrated(engine, to, until):
                time.sleep(_YIELD)
        except KNOWN as error:
            raise translated(error) from error
        except CommandError as error:
            raise unusable(f"this version does not know how it was made ({error})") from error
        finally:
            engine.dispose()

    def close(self) -> None:
        """Finish what was asked for, then let go of every connection. Blocks."""
        if self._writer is not None:
            self._writer.close()
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
        if self._quick is not None:
            self._quick.close()
            self._quick = None

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        asked = time.monotonic()

        def run() -> T:
            if time.monotonic() - asked > self.patience:
                # Otherwise, behind a held lock, the tenth in line would wait ten times as long.
                raise StoreUnavailable("waited too long in line for the database")
            try:
                return work()
            except KNOWN as error:
                raise meant(error) from error

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


def _in_session(on: Engine | Connection, work: Callable[[Session], T]) -> T:
    with Session(on, expire_on_commit=False) as session, session.begin():
        return work(session)
