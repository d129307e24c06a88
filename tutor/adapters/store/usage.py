"""What learners used today, as stored: one row a learner, which begins anew with each day."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, Executable, bindparam, case, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import UsageRow
from tutor.domain.allowance import Usage

_usage = UsageRow.__table__  # type: ignore[attr-defined]  # SQLModel makes it, and does not say so

_USED: Final = select(_usage.c.day, _usage.c.tokens, _usage.c.voice_seconds).where(
    _usage.c.learner_id == bindparam("the_learner")
)


def _adding(insert: Callable[..., Any]) -> Executable:
    """In one statement: several processes may do so at once.

    A clock that is late does not bring an old day back: what it adds counts for the newer one.
    """
    new = insert(_usage).values({name: bindparam(name) for name in _usage.columns.keys()})  # noqa: SIM118
    same = _usage.c.day >= new.excluded.day
    adding: Executable = new.on_conflict_do_update(
        index_elements=[_usage.c.learner_id],
        set_={
            "day": case((same, _usage.c.day), else_=new.excluded.day),
            "tokens": case((same, _usage.c.tokens), else_=0) + new.excluded.tokens,
            "voice_seconds": case((same, _usage.c.voice_seconds), else_=0.0) + new.excluded.voice_seconds,
        },
    )
    return adding


_ADD: Final = {"sqlite": _adding(sqlite_insert), "postgresql": _adding(postgresql_insert)}
"""By dialect. Built once: every turn adds."""


def add(
    connection: Connection, learner_id: str, day: str, *, tokens: int = 0, voice_seconds: float = 0.0
) -> None:
    """Add to what the learner used on a day."""
    used = {"learner_id": learner_id, "day": day, "tokens": tokens, "voice_seconds": voice_seconds}
    connection.execute(_ADD[connection.dialect.name], used)


class SqlUsage:
    """The UsageStore on a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def usage(self, learner_id: str) -> Usage:
        """What the learner used on the last day on which they used anything. Raises StoreUnavailable."""
        rows = await self.database.fetch(_USED, {"the_learner": learner_id})
        return Usage(**rows[0]._asdict()) if rows else Usage()

    async def add_voice(self, learner_id: str, seconds: float, *, day: str) -> None:
        """Add sound. Raises StoreUnavailable."""
        await self.database.change(lambda connection: add(connection, learner_id, day, voice_seconds=seconds))
