"""A fresh database for every test, and two learners who must never see each other's things.

With TUTOR_TEST_POSTGRES set to the URL of a PostgreSQL database that may be emptied, the tests that are not
about SQLite run there.
"""

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.progress import SqlProgress
from tutor.domain.conversation import Conversation
from tutor.domain.learner import Learner, Role


class Clock:
    """A clock that moves one second each time it is read, so that every order is sure."""

    def __init__(self) -> None:
        self.start = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
        self.ticks = itertools.count()

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=next(self.ticks))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a SQLite database goes."""
    return tmp_path / "tutor.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    postgres = os.environ.get("TUTOR_TEST_POSTGRES")
    database = Database(postgres or f"sqlite:///{file}")
    if postgres:
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> SqlAccounts:
    return SqlAccounts(database, now=clock)


@pytest.fixture
def store(database: Database, clock: Clock) -> SqlConversations:
    return SqlConversations(database, now=clock)


@pytest.fixture
def progress(database: Database, clock: Clock) -> SqlProgress:
    return SqlProgress(database, now=clock)


@pytest.fixture
async def ada(accounts: SqlAccounts) -> Learner:
    return await accounts.add_learner(name="Ada", password_hash="hash", role=Role.LEARNER)


@pytest.fixture
async def mallory(accounts: SqlAccounts) -> Learner:
    return await accounts.add_learner(name="Mallory", password_hash="hash", role=Role.LEARNER)


@pytest.fixture
async def talk(store: SqlConversations, ada: Learner) -> Conversation:
    """Ada's conversation, still empty."""
    return await store.add_conversation(ada.id, course="python", chapter="loops", title="Loops")
