"""The statements of one version of the program, so that a later one can be tested beside it.

`python -m tests.adapters.store.recording` records those of this checkout, on SQLite and on PostgreSQL, to
tests/data/statements/. Do it before a change of tables.py; docs/migrations.md says why.
"""

import asyncio
import json
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import event

from tests.servers.postgres import running
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.opening import BEGIN
from tutor.adapters.store.practice import SqlPractice
from tutor.adapters.store.progress import SqlProgress
from tutor.adapters.store.records import SqlRecords
from tutor.adapters.store.spending import SqlSpending
from tutor.adapters.store.spent_tokens import SqlSpentTokens
from tutor.adapters.store.usage import SqlUsage
from tutor.domain.conversation import Outcome, TurnEnd, Via
from tutor.domain.learner import Role
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, ran

FOLDER = Path(__file__).resolve().parents[2] / "data" / "statements"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
"""As `new_id` makes them: in a recording each is replaced by its number."""
_NUMBERED = re.compile(r"id (\d+)")

Transaction = dict[str, Any]
"""`begin`: the statement that begins it, on SQLite; `statements`: pairs of SQL and what it is given."""


async def everyday(database: Database) -> None:
    """What learners do in a day, by every method of the store that changes or reads what is theirs."""
    accounts, turns = SqlAccounts(database), SqlConversations(database)
    practice, progress, records = SqlPractice(database), SqlProgress(database), SqlRecords(database)
    now = datetime.now(UTC)
    name, session = secrets.token_urlsafe(16), secrets.token_urlsafe(16)

    learner = await accounts.add_learner(name=name, password_hash="hash", role=Role.LEARNER)
    await accounts.account(name)
    await accounts.open_session(learner_id=learner.id, session_id=session, expires_at=now + timedelta(days=1))
    await accounts.session_learner(session, now=now)
    await progress.visit(learner.id, course="python-basics", chapter="loops")
    await progress.visit(learner.id, course="python-basics", chapter="loops")
    await progress.last_visit(learner.id)
    await progress.visited(learner.id, course="python-basics")

    talk = await turns.add_conversation(learner.id, course="python-basics", chapter="loops", title="Loops")
    first = await turns.open_turn(learner.id, talk.id, text="What is a loop?", via=Via.TEXT)
    await turns.keep_draft(learner.id, first, "A loop is")
    answered = TurnEnd(
        outcome=Outcome.ANSWERED, text="A loop repeats.", rung="guide", cost=0.001, prompt_tokens=9
    )
    await turns.close_turn(learner.id, first, answered)
    again = await turns.open_turn(learner.id, talk.id, text="And a for?", via=Via.VOICE, replaces=first)
    await turns.close_turn(learner.id, again, answered)
    await turns.cut_turn(learner.id, again, "A loop")
    greeting = await turns.open_turn(learner.id, talk.id, text="", via=Via.INSTRUCTION, instruction="go_on")
    await turns.keep_draft(learner.id, greeting, "Let us")
    await turns.recover(talk.id)
    await turns.messages(learner.id, talk.id)
    await turns.conversations(learner.id)
    await turns.conversation(learner.id, talk.id)

    place = CellPlace("python-basics", "loops", "first-for")
    for code in ("print(1)", "print(2)"):
        await practice.keep_draft(learner.id, place, code)
        await practice.change(learner.id, place, Deed.RUN, lambda one: ran(one, now=now))
    await practice.drafts(learner.id, course="python-basics", chapter="loops")
    await practice.practice(learner.id)
    await practice.events(learner.id, since=LONG_AGO)

    await SqlSpending(database).spent_since(LONG_AGO)
    await SqlSpentTokens(database).spend(
        "campus", secrets.token_urlsafe(16), expires_at=now + timedelta(days=1), now=now
    )
    await SqlUsage(database).add_voice(learner.id, 1.5, day=now.date().isoformat())
    await SqlUsage(database).usage(learner.id)
    await records.everything(learner.id)
    await _leave(database, now)


async def _leave(database: Database, now: datetime) -> None:
    """What goes: a conversation, a draft, a session, a learner."""
    accounts, turns, practice = SqlAccounts(database), SqlConversations(database), SqlPractice(database)
    name, session = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    learner = await accounts.add_learner(name=name, password_hash=None, role=Role.LEARNER)
    await accounts.open_session(learner_id=learner.id, session_id=session, expires_at=now + timedelta(days=1))
    await accounts.close_session(session)
    talk = await turns.add_conversation(learner.id, course="python-basics", chapter="loops", title="Loops")
    await turns.open_turn(learner.id, talk.id, text="Goodbye", via=Via.TEXT)
    await turns.delete_conversation(learner.id, talk.id)
    place = CellPlace("python-basics", "loops", "first-for")
    await practice.keep_draft(learner.id, place, "print(3)")
    await practice.drop_draft(learner.id, place)
    await accounts.set_password(learner.id, "another")
    await accounts.delete_learner(learner.id)
    await accounts.delete_guests(LONG_AGO)
    await SqlRecords(database).delete_conversations(LONG_AGO)


@contextmanager
def recorded(database: Database) -> Iterator[list[Transaction]]:
    """What the database is asked while the block runs."""
    transactions: list[Transaction] = []
    ids: dict[str, int] = {}

    def plain(value: object) -> object:
        if isinstance(value, str) and _ID.fullmatch(value):
            return f"id {ids.setdefault(value, len(ids))}"
        return value.isoformat(" ") if isinstance(value, datetime) else value

    def begin(connection: Any) -> None:
        how = connection.get_execution_options().get(BEGIN, "BEGIN")
        transactions.append({"begin": how, "statements": []})

    def execute(_connection: Any, _cursor: Any, sql: str, given: Any, _context: Any, _many: bool) -> None:
        if sql.startswith("BEGIN"):
            return
        values = (
            {key: plain(value) for key, value in given.items()}
            if isinstance(given, dict)
            else [plain(value) for value in given]
        )
        transactions[-1]["statements"].append([" ".join(sql.split()), values])

    # One at a time, so that no two transactions are mixed up: `everyday` asks one after the other.
    quick, database._quick = database._quick, None  # which goes past these events
    for kind, listener in (("begin", begin), ("before_cursor_execute", execute)):
        event.listen(database.engine, kind, listener)
    yield transactions
    for kind, listener in (("begin", begin), ("before_cursor_execute", execute)):
        event.remove(database.engine, kind, listener)
    database._quick = quick


def replay(database: Database, transactions: list[Transaction], once: str) -> None:
    """Ask all of it again, with ids of its own. `once`: what tells this time from all others."""

    def fresh(value: object) -> object:
        numbered = _NUMBERED.fullmatch(value) if isinstance(value, str) else None
        return f"{once}-{numbered[1]}" if numbered else value

    for transaction in transactions:
        engine = database.engine.execution_options(**{BEGIN: transaction["begin"]})
        with engine.begin() as connection:
            for sql, given in transaction["statements"]:
                values = (
                    {key: fresh(value) for key, value in given.items()}
                    if isinstance(given, dict)
                    else tuple(fresh(value) for value in given)
                )
                connection.exec_driver_sql(sql, values)


def read(step: str, kind: str) -> list[Transaction]:
    """The recording of the version whose tables were at this step."""
    return list(json.loads((FOLDER / f"{step}.{kind}.json").read_text(encoding="utf-8")))


def _record(url: str, kind: str) -> None:
    database = Database(url)
    database.migrate()
    with recorded(database) as transactions:
        asyncio.run(everyday(database))
    with database.engine.connect() as connection:
        step = MigrationContext.configure(connection).get_current_revision()
    database.close()
    FOLDER.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(one) for one in transactions)
    (FOLDER / f"{step}.{kind}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, running() as server:
        _record(f"sqlite:///{folder}/recorded.db", "sqlite")
        _record(server.create("recorded"), "postgresql")
