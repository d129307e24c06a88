"""The tables change while the version before is serving, and nobody notices."""

import importlib.util
import io
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from tests.adapters.store import recording
from tests.adapters.store.recording import FOLDER, Transaction, replay
from tests.servers.postgres import Postgres
from tutor.adapters.store import engine, migrations
from tutor.adapters.store.engine import Database
from tutor.errors import StoreUnavailable

VERSIONS = Path(migrations.__file__).parent / "versions"
RECORDED = sorted({file.name.partition(".")[0] for file in FOLDER.iterdir()})
NEXT = '''
"""A step."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"
step = "expand"


def upgrade():
{up}


def downgrade():
{down}
'''
WIDER = [
    'op.add_column("turns", sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))',
    'op.add_column("learners", sa.Column("pronouns", sa.Text(), nullable=True))',
    'op.create_table("badges", sa.Column("id", sa.Text(), primary_key=True),'
    ' sa.Column("learner_id", sa.Text(), sa.ForeignKey("learners.id", ondelete="CASCADE"), nullable=False))',
    'op.create_index("ix_messages_created_at", "messages", ["created_at"])',
    "op.execute(\"UPDATE turns SET mood = 'glad' WHERE outcome = 'answered'\")",
]
NARROWER = [
    'op.drop_index("ix_messages_created_at", "messages")',
    'op.drop_table("badges")',
    'op.drop_column("learners", "pronouns")',
    'op.drop_column("turns", "mood")',
]
"""The way back from WIDER."""


@pytest.fixture
def head() -> str:
    """The newest step of the project."""
    return steps()[-1].revision


@pytest.fixture
def next_step(tmp_path: Path, head: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Adds a step after the newest one, for this test alone."""

    def add(up: list[str], down: list[str]) -> None:
        folder = tmp_path / "versions"
        folder.mkdir()
        body = {"up": "\n".join(f"    {line}" for line in up), "down": "\n".join(f"    {x}" for x in down)}
        (folder / "next.py").write_text(NEXT.format(head=head, **body))
        config = migrations.config

        def wider(connection: object) -> object:
            settings = config(connection)
            settings.set_main_option("version_locations", f"{VERSIONS}:{folder}")
            settings.set_main_option("path_separator", ":")
            return settings

        monkeypatch.setattr(migrations, "config", wider)

    return add


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, file: Path) -> Iterator[Database]:
    """Both kinds of database, without tables."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{file}")
        yield database
        database.close()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    database = Database(postgres.create("empty"))
    yield database
    database.close()
    postgres.drop("empty")


class Serving:
    """A version of the program that goes on asking what it always asks."""

    def __init__(self, database: Database, transactions: list[Transaction]) -> None:
        self.database, self.transactions = database, transactions
        self.rounds = 0
        self.longest = 0.0
        """Seconds that learners waited for a whole round."""
        self.error: SQLAlchemyError | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        try:
            while not self._over.is_set():
                began = time.monotonic()
                replay(self.database, self.transactions, f"round {self.rounds}")
                self.longest = max(self.longest, time.monotonic() - began)
                self.rounds += 1
                time.sleep(0.005)  # learners think
        except SQLAlchemyError as error:  # told by `served`
            self.error = error

    def served(self, rounds: int = 3) -> None:
        """Wait until that many more rounds are done, or see that none failed."""
        enough, until = self.rounds + rounds + 1, time.monotonic() + 20
        while self.rounds < enough and self.error is None and time.monotonic() < until:
            time.sleep(0.005)
        assert self.error is None, f"round {self.rounds}: {self.error!r}"
        assert self.rounds >= enough, "it does not get on any more"

    def __enter__(self) -> "Serving":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.mark.parametrize("version", RECORDED)
def test_the_version_before_goes_on_while_the_tables_change(
    empty: Database, version: str, head: str, next_step: Callable[..., None]
) -> None:
    """An update without downtime would break off learners' turns, or lose what they wrote meanwhile."""
    if version == head:
        next_step(WIDER, NARROWER)
    before = recording.read(version, empty.url.get_backend_name())
    empty.migrate(to=version)
    replay(empty, before, "at first")
    per_round = counts(empty)
    assert per_round["messages"] == 5, "the recording no longer says what it said"
    migrating = Database(empty.url.render_as_string(hide_password=False))
    with Serving(empty, before) as old:
        old.served()
        migrating.migrate()
        assert at(empty) == ("next" if version == head else head)
        old.served()
        migrating.migrate(to=version)
        assert at(empty) == version
        old.served()
    migrating.close()
    assert old.error is None
    assert counts(empty) == {name: number * (old.rounds + 1) for name, number in per_round.items()}
    assert old.longest < empty.patience, "learners would have been told to try again"


def test_a_step_that_takes_away_would_be_noticed(
    empty: Database, head: str, next_step: Callable[..., None]
) -> None:
    """The test above would pass whatever a step did."""
    next_step(['op.drop_column("turns", "draft")'], ["pass"])
    empty.migrate(to=head)
    with Serving(empty, recording.read(head, empty.url.get_backend_name())) as old:
        old.served()
        empty.migrate()
        with pytest.raises(AssertionError, match="draft"):
            old.served()


def test_every_step_can_be_tried_beside_the_version_before_it(head: str) -> None:
    """A new step would be tested only beside a program that already knows it."""
    (before,) = [step.down_revision for step in steps() if step.revision == head]
    assert {f"{before}.{kind}.json" for kind in ("sqlite", "postgresql")} <= {
        file.name for file in FOLDER.iterdir()
    }, "run `python -m tests.adapters.store.recording` in a checkout from before the step"


def test_a_step_takes_nothing_away_unless_it_says_so() -> None:
    """An update would break the version that still serves: expand first, contract in a later release."""
    told = {step.revision: step.module.step for step in steps()}
    seen = {step.revision: "contract" if taken_away(step.module) else "expand" for step in steps()}
    assert told == seen, {step.revision: taken_away(step.module) for step in steps()}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        *((line, "expand") for line in WIDER),
        ('op.add_column("turns", sa.Column("mood", sa.Text(), nullable=False))', "contract"),
        ('op.drop_column("turns", "draft")', "contract"),
        ('op.drop_table("deeds")', "contract"),
        ('op.rename_table("deeds", "acts")', "contract"),
        ('op.alter_column("turns", "draft", new_column_name="sketch")', "contract"),
        ('op.alter_column("turns", "draft", type_=sa.Integer())', "contract"),
        ('op.alter_column("learners", "password_hash", nullable=False)', "contract"),
        ('op.alter_column("turns", "draft", server_default=None)', "contract"),
        ('op.create_index("ix_one", "turns", ["draft"], unique=True)', "contract"),
        ('op.create_unique_constraint("uq_one", "turns", ["draft"])', "contract"),
        ('op.create_check_constraint("ck_one", "turns", "draft <> 1")', "contract"),
        ('op.drop_index("ix_deeds_learner_id_at", "deeds")', "expand"),
        ('op.execute("DELETE FROM turns")', "contract"),
    ],
)
def test_the_rule_knows_what_takes_away(tmp_path: Path, line: str, kind: str) -> None:
    """The test above would let a step through that breaks the version before."""
    file = tmp_path / "tried.py"
    file.write_text(NEXT.format(head="x", up=f"    {line}", down="    pass"))
    spec = importlib.util.spec_from_file_location("tried", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert ("contract" if taken_away(module) else "expand") == kind


@pytest.mark.parametrize("last", ['op.execute("INSERT INTO nowhere VALUES (1)")', 'raise ValueError("half")'])
def test_a_step_that_fails_in_the_middle_leaves_the_old_tables_whole(
    empty: Database, head: str, next_step: Callable[..., None], last: str
) -> None:
    """Neither version could use the database. SQLite's driver, as it comes, commits before each new table."""
    before = recording.read(head, empty.url.get_backend_name())
    empty.migrate()
    replay(empty, before, "at first")
    told, rows = schema(empty), counts(empty)
    rebuilt = 'with op.batch_alter_table("deeds") as table: table.drop_column("passed")'
    next_step([*WIDER, rebuilt, last], ["pass"])
    with pytest.raises((StoreUnavailable, ValueError)):
        empty.migrate()
    assert (at(empty), schema(empty), counts(empty)) == (head, told, rows)
    replay(empty, before, "afterwards")


def test_a_way_back_that_is_not_there_is_said(empty: Database, head: str) -> None:
    """An owner who mistypes a step would see a traceback, or lose the tables."""
    empty.migrate()
    with pytest.raises(Exception, match="0999") as refused:
        empty.migrate(to="0999")
    assert refused.value.code == "settings"
    assert at(empty) == head


STARTED = "import sys; from tutor.adapters.store.engine import Database; Database(sys.argv[1]).migrate()"


def test_processes_that_start_at_once_migrate_once(empty: Database, head: str) -> None:
    """Of two workers one would make the tables, and the other die of it."""
    url = empty.url.render_as_string(hide_password=False)
    started = [
        subprocess.Popen([sys.executable, "-c", STARTED, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [(one.communicate()[1], one.returncode) for one in started] == [("", 0)] * 2
    assert at(empty) == head


def test_a_migration_lets_learners_pass(
    postgres: Postgres, next_step: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL, what waits for a table holds up everybody: one long read would stop the site."""
    monkeypatch.setattr(engine, "_YIELD", 0.05)
    database = Database(postgres.create("busy", like="migrated"), patience=1)
    next_step(WIDER, NARROWER)
    with database.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM turns"))  # holds its lock until the end
        migrating = threading.Thread(target=database.migrate)
        migrating.start()
        for _ in range(20):
            with database.engine.connect() as other:
                other.execute(text("SELECT count(*) FROM turns"))
        assert migrating.is_alive()
    migrating.join(10)
    assert at(database) == "next"
    database.close()
    postgres.drop("busy")


def test_a_migration_gives_up_readably(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start behind a transaction that never ends would hang for ever, without a word."""
    monkeypatch.setattr(engine, "_YIELD", 0.02)
    monkeypatch.setattr(engine, "MIGRATION_WAIT", 0.2)
    database = Database(postgres.create("held", like="migrated"))
    with held(database), pytest.raises(StoreUnavailable, match="lock timeout"):
        database.migrate(to="0004")
    database.close()
    postgres.drop("held")


@contextmanager
def held(database: Database) -> Iterator[None]:
    with database.engine.begin() as connection:
        connection.execute(text("LOCK TABLE instructions IN ACCESS SHARE MODE"))
        yield


def steps() -> list[ScriptDirectory]:
    """The project's own steps, the first first."""
    return list(reversed(list(ScriptDirectory(str(VERSIONS.parent)).walk_revisions())))


def taken_away(module: ModuleType) -> list[str]:
    """What a step does that the version before it may not survive, as SQL."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    with Operations.context(context):
        module.upgrade()
    statements = [" ".join(one.split()) for one in written.getvalue().split(";") if one.strip()]
    new = {found[1] for one in statements if (found := re.match(r"CREATE TABLE (\w+)", one))}
    return [one for one in statements if not expands(one, new)]


def expands(statement: str, new: set[str]) -> bool:
    """Whether a program that does not know of it can go on. `new`: tables that the same step makes."""
    if re.match(r"CREATE TABLE|CREATE INDEX|DROP INDEX|INSERT INTO|UPDATE", statement):
        return True
    if added := re.fullmatch(r"ALTER TABLE \w+ ADD COLUMN (.*)", statement):
        return "NOT NULL" not in added[1] or "DEFAULT" in added[1]
    unique = re.match(r"CREATE UNIQUE INDEX \w+ ON (\w+)", statement)
    return bool(unique and unique[1] in new)


def counts(database: Database) -> dict[str, int]:
    """Rows by table, those apart that only newer versions know."""
    with database.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version", "badges"}
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in sorted(names)
        }


def at(database: Database) -> str:
    """The step of the tables."""
    with database.engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()


def schema(database: Database) -> dict[str, object]:
    """Every table with its columns, indexes and references."""
    fresh = create_engine(database.url)
    with fresh.connect() as connection:
        seen = inspect(connection)
        told = {
            name: (
                [{**column, "type": str(column["type"])} for column in seen.get_columns(name)],
                seen.get_indexes(name),
                seen.get_foreign_keys(name),
                seen.get_unique_constraints(name),
            )
            for name in seen.get_table_names()
        }
    fresh.dispose()
    return told
