"""A token is good once, whatever happens in between."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from tutor.adapters.store.engine import Database
from tutor.adapters.store.spent_tokens import SqlSpentTokens

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=2)


async def test_a_token_is_good_once(database: Database) -> None:
    """A note that was overheard could be sent again, on another process or after a restart."""
    first, second = SqlSpentTokens(database), SqlSpentTokens(database)
    assert await first.spend("campus", "a", expires_at=SOON, now=NOON)
    assert not await second.spend("campus", "a", expires_at=SOON, now=NOON)
    assert await second.spend("campus", "b", expires_at=SOON, now=NOON)
    assert await second.spend("academy", "a", expires_at=SOON, now=NOON)


async def test_of_many_at_once_one_wins(database: Database) -> None:
    """Two requests in the same moment would both be carried out."""
    spent = SqlSpentTokens(database)
    won = await asyncio.gather(*(spent.spend("campus", "a", expires_at=SOON, now=NOON) for _ in range(8)))
    assert sorted(won) == [False] * 7 + [True]


async def test_tokens_that_are_over_are_forgotten(database: Database) -> None:
    """The table would grow for ever."""
    spent = SqlSpentTokens(database)
    for name in "abc":
        await spent.spend("campus", name, expires_at=SOON, now=NOON)
    await spent.spend("campus", "later", expires_at=SOON + timedelta(hours=1), now=SOON)
    with database.engine.connect() as connection:
        left = connection.execute(text("SELECT token_id FROM spent_tokens")).scalars().all()
    assert left == ["later"]
