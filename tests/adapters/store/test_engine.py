"""The database keeps what it acknowledged, and says so readably when it cannot."""

import asyncio
import errno
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import Session, select

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.progress import SqlProgress
from tutor.adapters.store.store_errors import translated
from tutor.adapters.store.tables import LearnerRow
from tutor.domain.conversation import Conversation, Outcome, TurnEnd, Via
from tutor.domain.learner import Learner, Role
from tutor.errors import SettingsError, StoreFull, StoreUnavailable, TutorError


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """A SQLite file, whatever the other tests run on."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    yield database
    database.close()


async def test_sqlite_settings_hold_on_every_connection(database: Database) -> None:
    """A commit could be lost in a power cut, or rows outlive the learner they belong to."""

    def settings(session: Session) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [session.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

    assert await asyncio.gather(*(database.read(settings) for _ in range(6))) == [["wal", 2, 1, 5000]] * 6
    assert await database.write(settings) == ["wal", 2, 1, 5000]


async def test_file_is_private(database: Database, file: Path) -> None:
    """Another user of the machine could read every conversation."""
    await database.write(lambda session: session.execute(text("SELECT 1")))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.glob(f"{file.name}*")}
    assert modes == {"tutor.db": 0o600, "tutor.db-wal": 0o600, "tutor.db-shm": 0o600}


async def test_held_lock_is_waited_for(
    database: Database, file: Path, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """Every short write of another process would be an error for a learner."""
    with closing(_locked(file)) as other:
        opening = asyncio.create_task(store.open_turn(ada.id, talk.id, text="patient", via=Via.TEXT))
        await asyncio.sleep(0.1)
        other.execute("UPDATE learners SET role = role")
        other.commit()
        await opening
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["patient"]


async def test_lock_held_too_long(
    database: Database, file: Path, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A stuck lock would hang the page for ever, crash it, or lose what was acknowledged before."""
    hasty = SqlConversations(Database(f"sqlite:///{file}", patience=0.3))
    await store.open_turn(ada.id, talk.id, text="before", via=Via.TEXT)
    with closing(_locked(file)):
        began = time.monotonic()
        refused = await asyncio.gather(
            *(hasty.open_turn(ada.id, talk.id, text=f"lost {n}", via=Via.TEXT) for n in range(5)),
            return_exceptions=True,
        )
        took = time.monotonic() - began
        assert [type(error) for error in refused] == [StoreUnavailable] * 5
        assert took < 1.4, "those in line waited one after the other"
        assert [m.text for m in await store.messages(ada.id, talk.id)] == ["before"], "readers must go on"
    await hasty.open_turn(ada.id, talk.id, text="after", via=Via.TEXT)
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["before", "after"]
    hasty.database.close()


async def test_full_database(
    database: Database, file: Path, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """With a full disk a turn would be acknowledged and lost, or older ones damaged."""
    big = "x" * 20_000
    kept = [await store.open_turn(ada.id, talk.id, text=big, via=Via.TEXT)]
    await database.write(_limit_pages)
    tries = [store.open_turn(ada.id, talk.id, text=big, via=Via.TEXT) for _ in range(10)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    kept += [result for result in results if isinstance(result, str)]
    refused = [result for result in results if not isinstance(result, str)]
    assert {type(error) for error in refused} == {StoreFull}
    assert "x" * 50 not in str(refused), "the log must not hold what a learner wrote"
    assert [m.turn_id for m in await store.messages(ada.id, talk.id)] == kept
    with pytest.raises(StoreFull):
        await store.close_turn(ada.id, kept[0], TurnEnd(outcome=Outcome.ANSWERED, text=big * 40))

    await database.write(lambda session: session.execute(text("PRAGMA max_page_count=1000000")))
    await store.open_turn(ada.id, talk.id, text="there is room again", via=Via.TEXT)
    assert len(await store.messages(ada.id, talk.id)) == len(kept) + 1
    assert _integrity(file) == "ok"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull),
        (OSError(errno.EIO, "Input/output error"), StoreUnavailable),
        (OperationalError("", {}, sqlite3.OperationalError("database or disk is full")), StoreFull),
        (OperationalError("", {}, sqlite3.OperationalError("disk I/O error")), StoreUnavailable),
        (OperationalError("", {}, Exception('could not extend file "base/1"')), StoreFull),
        (OperationalError("", {}, Exception("connection refused")), StoreUnavailable),
    ],
)
def test_error_table(error: Exception, expected: type[TutorError]) -> None:
    """An error of the database would reach the page as a crash, or tell the wrong story."""
    assert type(translated(error)) is expected


def test_damaged_file(file: Path) -> None:
    """A file that is no database would crash the start with a traceback."""
    file.write_bytes(b"this is not a database at all, " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable, match="not a database"):
        database.migrate()
    with pytest.raises(StoreUnavailable):
        asyncio.run(database.ping())
    database.close()


async def test_mistake_of_ours_is_not_blamed_on_the_database(database: Database) -> None:
    """A bug would be shown as a passing trouble, and never found."""
    with pytest.raises(StatementError):
        await database.read(
            lambda session: session.exec(select(LearnerRow).where(LearnerRow.created_at > 1)).all()
        )


async def test_ping(database: Database) -> None:
    """The health page would be green without a database, or red with one."""
    await database.ping()
    database.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await database.ping()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense with a pass:word@", "no database URL"),
        ("mysql://root:hunter2@host/db", "not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:////dev/null/tutor.db", "cannot be written"),
    ],
)
def test_unusable_url(url: str, why: str) -> None:
    """A wrong DATABASE_URL would show a traceback, or print the password that is in it."""
    with pytest.raises(SettingsError, match=why) as refusal:
        Database(url)
    assert "hunter2" not in refusal.value.text
    assert "pass:word" not in refusal.value.text


async def test_write_is_carried_out_for_a_cancelled_caller(
    store: SqlConversations, file: Path, ada: Learner, talk: Conversation
) -> None:
    """A learner who leaves in the middle of an answer would lose what was said until then."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.TEXT)
    with closing(_locked(file)) as other:
        before = asyncio.create_task(store.open_turn(ada.id, talk.id, text="before", via=Via.TEXT))
        closing_turn = asyncio.create_task(
            store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.INTERRUPTED, text="A loop"))
        )
        await asyncio.sleep(0.05)
        closing_turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing_turn
        other.rollback()
        await before
    await store.open_turn(ada.id, talk.id, text="after", via=Via.TEXT)  # stands in line behind it
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Hm?", "before", "A loop", "after"]


async def test_failed_work_leaves_nothing(database: Database) -> None:
    """A use case that fails half way would leave its first half behind."""

    def half(session: Session) -> None:
        session.add(LearnerRow(name="x", name_key="x", role=Role.LEARNER, created_at=datetime.now(UTC)))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)
    assert await database.read(lambda session: session.exec(select(LearnerRow)).all()) == []


async def test_many_writers_and_readers(
    store: SqlConversations, progress: SqlProgress, ada: Learner, talk: Conversation
) -> None:
    """Under load some turns would fail with a lock, or vanish."""
    turns = await asyncio.gather(
        *(store.open_turn(ada.id, talk.id, text=str(n), via=Via.TEXT) for n in range(50)),
        *(store.messages(ada.id, talk.id) for _ in range(20)),
        *(progress.visit(ada.id, course="python", chapter="loops") for _ in range(20)),
    )
    assert [m.turn_id for m in await store.messages(ada.id, talk.id)] == turns[:50]


def test_usable_from_several_event_loops(database: Database, accounts: SqlAccounts) -> None:
    """A voice session, which runs in a loop of its own, could not store what it heard."""
    asyncio.run(accounts.add_learner(name="One", password_hash=None, role=Role.LEARNER))
    assert asyncio.run(accounts.account("one"))


WRITER = """
import asyncio, sys
from tutor.adapters.store.engine import Database
from tutor.adapters.store.conversations import SqlConversations
from tutor.domain.conversation import Outcome, TurnEnd, Via

async def main(url, learner, talk):
    store = SqlConversations(Database(url))
    for number in range(100_000):
        turn = await store.open_turn(learner, talk, text=f"question {number}", via=Via.TEXT)
        print(turn, flush=True)  # acknowledged
        if number % 2:
            await store.close_turn(learner, turn, TurnEnd(outcome=Outcome.ANSWERED, text="x" * 5000))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_kill_minus_9_loses_nothing_acknowledged(
    database: Database, file: Path, store: SqlConversations, ada: Learner
) -> None:
    """A killed process would lose turns that the page had shown as sent, or damage the file."""
    for delay in (0.0, 0.02, 0.05):
        talk = await store.add_conversation(ada.id, course="python", chapter="loops", title="Loops")
        program = [sys.executable, "-c", WRITER, f"sqlite:///{file}", ada.id, talk.id]
        acknowledged = await asyncio.to_thread(_killed_after, delay, program)
        assert _integrity(file) == "ok"
        stored = {m.turn_id for m in await store.messages(ada.id, talk.id, limit=1000)}
        assert all(acknowledged)
        assert stored >= set(acknowledged)
    assert await store.recover() > 0
    await store.open_turn(ada.id, talk.id, text="life goes on", via=Via.TEXT)


def _locked(file: Path) -> sqlite3.Connection:
    """A real second connection that holds the write lock."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def _limit_pages(session: Session) -> None:
    used = session.execute(text("PRAGMA page_count")).scalar_one()
    session.execute(text(f"PRAGMA max_page_count={used + 10}"))


def _killed_after(delay: float, program: list[str]) -> list[str]:
    """What a program had printed when it was killed, `delay` seconds after its first line."""
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as writer:
        first = writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        return [first.strip(), *writer.stdout.read().split()]


def _integrity(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
