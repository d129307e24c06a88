"""A fresh database for every test, SQLite and PostgreSQL, and two learners who must never meet."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.postgres import Postgres, running
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL with a database `migrated`, which the tests copy."""
    with running() as server:
        template = Database(server.create("migrated"))
        template.migrate()
        template.close()
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, file: Path) -> Iterator[Database]:
    """Both kinds of database, each fresh."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{file}")
        database.migrate()
        yield database
        database.close()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    database = Database(postgres.create("fresh", like="migrated"))
    yield database
    database.close()
    postgres.drop("fresh")


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
