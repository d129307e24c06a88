"""The kinds of columns that the tables have."""

import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def new_id() -> str:
    """An id that nobody can guess: 128 random bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class StorableText(TypeDecorator[str]):
    """Text of any length. PostgreSQL takes no NUL and no driver a lone surrogate: both become U+FFFD.

    As the type of every text column, ids included, it also cleans what a query compares with them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """On the way in."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class EnumText(TypeDecorator[StrEnum]):
    """A member of an enumeration, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """On the way out."""
        return None if value is None else self.members(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones, so this puts them back.

    Raises:
        ValueError: A time without a zone was given.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On the way in."""
        if value is not None and value.tzinfo is None:
            msg = "a stored time needs its time zone"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """On the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def id_column() -> Any:  # noqa: ANN401 - sqlmodel's own Field returns Any
    """The key of a table whose rows have ids."""
    return Field(default_factory=new_id, primary_key=True, sa_type=StorableText)


def text_column(**arguments: Any) -> Any:  # noqa: ANN401 - as above
    """A text."""
    return Field(sa_type=StorableText, **arguments)


def choice_column(members: type[StrEnum], **arguments: Any) -> Any:  # noqa: ANN401 - as above
    """A member of an enumeration."""
    return Field(sa_type=EnumText(members), **arguments)


def time_column(**arguments: Any) -> Any:  # noqa: ANN401 - as above
    """A moment."""
    return Field(sa_type=UtcTime, **arguments)


def owned_by(column: str, **arguments: Any) -> Any:  # noqa: ANN401 - as above
    """What a row belongs to, and goes with."""
    return Field(
        sa_type=StorableText,
        sa_column_args=(ForeignKey(column, ondelete="CASCADE"),),
        index=True,
        **arguments,
    )


def learner_key() -> Any:  # noqa: ANN401 - as above
    """The first part of a key of what belongs to a learner."""
    return Field(
        primary_key=True,
        sa_type=StorableText,
        sa_column_args=(ForeignKey("learners.id", ondelete="CASCADE"),),
    )


def key_column() -> Any:  # noqa: ANN401 - as above
    """A further part of a key."""
    return Field(primary_key=True, sa_type=StorableText)
