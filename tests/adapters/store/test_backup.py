"""A copy of the database is whole, private, and can be put back."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tutor.adapters.store.backup import back_up, restore
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.domain.conversation import Conversation, Via
from tutor.domain.learner import Learner
from tutor.errors import BackupUnusable


async def test_copy_and_back(
    database: Database, tmp_path: Path, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """The day the database is lost, its copy would be lost as well."""
    await store.open_turn(ada.id, talk.id, text="before", via=Via.TEXT)
    copy = tmp_path / "copies" / "one.backup"
    await asyncio.to_thread(back_up, database, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600, "another user of the machine could read it"
    await store.open_turn(ada.id, talk.id, text="after", via=Via.TEXT)
    await asyncio.to_thread(restore, database, copy)
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["before"]
    await store.open_turn(ada.id, talk.id, text="life goes on", via=Via.TEXT)


async def test_copy_while_learners_write(
    database: Database, tmp_path: Path, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A copy taken in the middle of the day would hold half a transaction, or stop the learners."""

    async def write() -> list[str]:
        return [await store.open_turn(ada.id, talk.id, text=str(n), via=Via.TEXT) for n in range(60)]

    copying = asyncio.to_thread(back_up, database, tmp_path / "live.backup")
    turns, _ = await asyncio.gather(write(), copying)
    assert [m.turn_id for m in await store.messages(ada.id, talk.id)] == turns
    await asyncio.to_thread(restore, database, tmp_path / "live.backup")
    kept = [m.turn_id for m in await store.messages(ada.id, talk.id)]
    assert kept == turns[: len(kept)], "the copy is of one moment"


def test_no_file_is_replaced(database: Database, tmp_path: Path) -> None:
    """A second copy under the same name would destroy the first."""
    copy = tmp_path / "precious"
    copy.write_text("something else")
    with pytest.raises(BackupUnusable):
        back_up(database, copy)
    assert copy.read_text() == "something else"


def _nothing(path: Path) -> None:
    path.unlink(missing_ok=True)


def _words(path: Path) -> None:
    path.write_text("no database " * 500)


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE recipes (name TEXT)")


@pytest.mark.parametrize("make", [_nothing, _words, _foreign])
async def test_what_is_no_copy_changes_nothing(
    make: Callable[[Path], None],
    database: Database,
    tmp_path: Path,
    store: SqlConversations,
    ada: Learner,
    talk: Conversation,
) -> None:
    """A wrong file name would wipe out every learner's work."""
    await store.open_turn(ada.id, talk.id, text="precious", via=Via.TEXT)
    make(tmp_path / "wrong")
    with pytest.raises(BackupUnusable):
        await asyncio.to_thread(restore, database, tmp_path / "wrong")
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["precious"]
