"""Reads a few rows of a SQLite file by their key, at once and where they are asked for."""

import threading
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from sqlalchemy import Dialect, Engine, PoolProxiedConnection, Select
from sqlalchemy.types import TypeEngine

_Convert = Callable[[Any], Any] | None


class QuickReads:
    """On one connection for each thread that asks, and without SQLAlchemy's own way of a statement.

    A read takes 0.02 ms: a thread that did it would cost ten times that for the hand-over alone.

    Args:
        engine: Its connections wait for no lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mine = threading.local()
        self._all: WeakSet[PoolProxiedConnection] = WeakSet()  # one goes with its thread
        self._prepared: dict[Select[Any], _Prepared] = {}

    def rows(self, statement: Select[Any], values: Mapping[str, object]) -> Sequence[Any]:
        """What it finds, as named tuples. `statement`: one of few, built once.

        Raises:
            sqlite3.Error: Or DBAPIError; the file is locked as a whole, or worse.
        """
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = _Prepared(statement, self._engine.dialect)
        return prepared.rows(self._connection(), values)

    def close(self) -> None:
        """Let go of the connections."""
        for connection in list(self._all):
            connection.invalidate()
        self._engine.dispose()

    def _connection(self) -> Any:  # noqa: ANN401 - the driver's own
        if not hasattr(self._mine, "connection"):
            connection = self._engine.raw_connection()
            self._all.add(connection)
            self._mine.connection = connection
        return self._mine.connection.driver_connection


class _Prepared:
    """A statement as the driver takes it, and what the types of its columns do to values and rows."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = compiled.string
        self._fixed = compiled.params
        order = compiled.positiontup or ()
        self._binds = [(name, _on_the_way_in(compiled.binds[name].type, dialect)) for name in order]
        columns = list(statement.selected_columns)
        names = [str(column.key) for column in columns]
        self._row: Callable[..., Any] = namedtuple("Row", names)  # type: ignore[misc]  # known at run time
        self._reads = [_on_the_way_out(column.type, dialect) for column in columns]

    def rows(self, connection: Any, values: Mapping[str, object]) -> Sequence[Any]:  # noqa: ANN401 - as above
        given = {**self._fixed, **values}
        asked = [convert(given[name]) if convert else given[name] for name, convert in self._binds]
        return [
            self._row(*(read(value) if read else value for read, value in zip(self._reads, row, strict=True)))
            for row in connection.execute(self._sql, asked)
        ]


def _on_the_way_in(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _on_the_way_out(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
