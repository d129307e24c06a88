"""Alembic runs this file for every command. The connection comes from our own `config()`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from tutor.adapters.store.tables import Table


def _plain_types(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's signature
    """Write `sa.Text()` for our own types: a step must not change its meaning when they do."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


_connection = context.config.attributes["connection"]
context.configure(
    connection=_connection,
    target_metadata=Table.metadata,
    render_as_batch=_connection.dialect.name == "sqlite",  # SQLite can hardly alter a table
    render_item=_plain_types,
    transactional_ddl=True,  # SQLite can roll tables back too, as long as nobody commits in between
)
with context.begin_transaction():
    context.run_migrations()
