"""Everything that is kept of one learner, for that learner; and what is kept too long, for nobody."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select
from sqlmodel import Session, col, delete

from tutor.adapters.store.columns import utc_now
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import ConversationRow, LearnerRow, SessionRow, SpentTokenRow, Table

_SECRET: Final = {("learners", "password_hash"), ("learners", "name_key"), ("sessions", "id")}
"""Columns that are of no use to the learner, and of use to a thief."""

_NOBODYS: Final = {SpentTokenRow.__tablename__}
"""Tables without a person in them."""

Row = Mapping[str, str | int | float | bool | None]


class SqlRecords:
    """The RecordStore on a database. Every method may raise StoreUnavailable.

    Args:
        database: Where; its tables must be there.
        now: The clock.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.now = now

    async def everything(self, learner_id: str) -> dict[str, tuple[Row, ...]]:
        """Every row of every table that belongs to the learner, by table; times in ISO 8601.

        The tables are found by what they refer to, so that one that is added later is not forgotten.
        """

        def find(session: Session) -> dict[str, tuple[Row, ...]]:
            found = {}
            for table in (one for one in Table.metadata.sorted_tables if one.name not in _NOBODYS):
                rows = session.execute(_owned_by(table.name, learner_id)).mappings()
                found[table.name] = tuple(_plain(table.name, row) for row in rows)
            return found

        return await self.database.read(find)

    async def delete_conversations(self, before: datetime) -> int:
        """Remove the conversations that nobody has used since; how many there were."""

        def remove(session: Session) -> int:
            old = delete(ConversationRow).where(col(ConversationRow.updated_at) < before)
            return session.exec(old).rowcount

        return await self.database.write(remove)

    async def delete_sessions(self) -> int:
        """Forget the sessions that are over; how many there were."""
        over = delete(SessionRow).where(col(SessionRow.expires_at) <= self.now())
        return await self.database.write(lambda session: session.exec(over).rowcount)


def _owned_by(name: str, learner_id: str) -> Select[Any]:
    """The rows of a table that lead to the learner, over as many references as it takes."""
    table = Table.metadata.tables[name]
    query = select(*(column for column in table.columns if (name, column.name) not in _SECRET))
    here = table
    while here.name != LearnerRow.__tablename__:
        step = _step_up(here.name)
        query = query.join(step.column.table, step.parent == step.column)
        here = step.column.table
    return query.where(here.c.id == learner_id).order_by(*table.primary_key.columns)


def _step_up(name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's ForeignKey of unknown types
    """The reference of a table that leads to the learner: straight where there is one."""
    keys = sorted(Table.metadata.tables[name].foreign_keys, key=lambda key: key.column.table.name)
    straight = [key for key in keys if key.column.table.name == LearnerRow.__tablename__]
    if not keys:
        msg = f"nothing says whose the rows of {name} are"
        raise LookupError(msg)
    return (straight or keys)[0]


def _plain(name: str, row: RowMapping) -> Row:
    def value(item: Any) -> str | int | float | bool | None:  # noqa: ANN401 - whatever a column holds
        match item:
            case datetime():
                return item.isoformat()
            case StrEnum():
                return item.value
            case str() | int() | float() | bool() | None:
                return item
        msg = f"a column of {name} holds a {type(item).__name__}"
        raise TypeError(msg)

    return {str(key): value(item) for key, item in row.items()}
