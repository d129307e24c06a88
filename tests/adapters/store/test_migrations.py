"""An update never loses data, and several processes may start at once."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from tutor.adapters.store import migrations
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.engine import Database
from tutor.adapters.store.opening import BEGIN
from tutor.adapters.store.tables import Table
from tutor.domain.learner import Role
from tutor.errors import SettingsError


def test_tables_and_migrations_say_the_same(database: Database) -> None:
    """A column in tables.py without its migration would be missing on every site that updates."""
    with database.engine.connect() as connection:
        command.check(migrations.config(connection))
        assert set(inspect(connection).get_table_names()) == {*Table.metadata.tables, "alembic_version"}


async def test_second_run_keeps_everything(database: Database, accounts: SqlAccounts) -> None:
    """Every restart would fail or empty the tables."""
    await accounts.add_learner(name="Ada", password_hash="hash", role=Role.OWNER)
    database.migrate()
    assert (await accounts.account("ada")).learner.role is Role.OWNER


def test_downgrade_and_up_again(database: Database) -> None:
    """The way back would be broken on the day when it is needed."""
    with database.engine.begin() as connection:
        command.downgrade(migrations.config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.migrate()


def test_two_processes_migrate_at_once(file: Path) -> None:
    """Two workers that start together would both make the tables, and one would die."""
    first, second = (Database(f"sqlite:///{file}") for _ in range(2))
    engine = first.engine.execution_options(**{BEGIN: "BEGIN EXCLUSIVE"})
    with ThreadPoolExecutor() as pool:
        with engine.begin() as connection:
            migrations.move(connection)
            late = pool.submit(second.migrate)
            with pytest.raises(TimeoutError):
                late.result(0.2)
        late.result(10)
    for database in (first, second):
        asyncio.run(SqlAccounts(database).account("nobody"))
        database.close()


def test_rebuilding_a_table_keeps_what_refers_to_it(file: Path) -> None:
    """A migration that rebuilds `learners` would delete every conversation by cascade."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO learners VALUES ('l', 'Ada', 'ada', NULL, 'learner', '2026-01-01')")
        connection.execute(
            "INSERT INTO conversations VALUES ('c', 'l', '', '', '', '2026-01-01', '2026-01-01')"
        )
        connection.execute("UPDATE alembic_version SET version_num = '0001'")

    def rebuild(connection: object, _to: str) -> None:
        connection.execute(text("CREATE TABLE new AS SELECT * FROM learners"))
        connection.execute(text("DROP TABLE learners"))
        connection.execute(text("ALTER TABLE new RENAME TO learners"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tutor.adapters.store.engine.move", rebuild)
        database.migrate()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM conversations")).scalar_one() == 1
    database.close()


def test_dangling_rows_stop_a_migration(file: Path) -> None:
    """A migration that breaks a reference would go through unnoticed."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO sessions VALUES ('s', 'nobody', '2026-01-01', '2026-01-01')")
    engine = database.engine.execution_options(**{BEGIN: "BEGIN EXCLUSIVE"})
    with pytest.raises(RuntimeError, match="sessions"), engine.begin() as connection:
        migrations.move(connection)
    database.close()


def test_database_of_a_newer_version(file: Path) -> None:
    """After a downgrade of the program the owner would see a traceback of Alembic's."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SettingsError, match="9999"):
        database.migrate()
    database.close()
