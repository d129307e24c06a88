"""Writes that share a commit are as safe as writes that do not."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.opening import BEGIN
from tutor.domain.conversation import Conversation, Via
from tutor.domain.learner import Learner
from tutor.errors import ConversationUnknown


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """A SQLite file: PostgreSQL takes many writers."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def commits(database: Database) -> list[Connection]:
    """The transactions that wrote, from now on."""
    found: list[Connection] = []

    def committed(connection: Connection) -> None:
        if BEGIN in connection.get_execution_options():
            found.append(connection)

    event.listen(database.engine, "commit", committed)
    return found


def _held(file: Path) -> sqlite3.Connection:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_what_waits_shares_a_commit(
    store: SqlConversations, file: Path, ada: Learner, talk: Conversation, commits: list[Connection]
) -> None:
    """Every question of a full classroom would wait for the disk by itself, one after the other."""
    with closing(_held(file)):
        asking = [
            asyncio.create_task(store.open_turn(ada.id, talk.id, text=str(number), via=Via.TEXT))
            for number in range(20)
        ]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in asking), "acknowledged before it was stored"
    turns = await asyncio.gather(*asking)
    assert [message.turn_id for message in await store.messages(ada.id, talk.id)] == turns
    assert len(commits) <= 2, "the first, and then all that waited behind it"


async def test_one_that_fails_harms_no_neighbour(
    store: SqlConversations, file: Path, ada: Learner, mallory: Learner, talk: Conversation
) -> None:
    """A learner's question would be refused, or stored twice, because somebody else's was wrong."""
    with closing(_held(file)):
        asking = [
            asyncio.create_task(store.open_turn(learner.id, talk.id, text=str(number), via=Via.TEXT))
            for number, learner in enumerate([ada, ada, mallory, ada])
        ]
        await asyncio.sleep(0.1)
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert type(results[2]) is ConversationUnknown
    stored = await store.messages(ada.id, talk.id)
    assert [message.text for message in stored] == ["0", "1", "3"]
    assert [message.turn_id for message in stored] == [results[0], results[1], results[3]]


async def test_a_file_locked_as_a_whole_stops_nobody_else(file: Path, database: Database) -> None:
    """While another program holds the file, every page of every learner would stand still."""
    database.close()
    store = SqlConversations(Database(f"sqlite:///{file}"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        reading = asyncio.create_task(store.conversation("nobody", "none"))
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(0.1)
        assert asyncio.get_running_loop().time() - began < 1, "the event loop waited for the file"
        assert not reading.done()
    with pytest.raises(ConversationUnknown):
        await reading
    store.database.close()
