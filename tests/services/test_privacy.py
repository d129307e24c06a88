"""Learners get what is kept of them, and nothing is kept longer than promised."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tutor.errors import StoreUnavailable
from tutor.services import privacy
from tutor.services.privacy import Privacy

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass
class Records:
    """A RecordStore that notes what it was asked to remove."""

    removed_before: list[datetime] = field(default_factory=list)
    broken: int = 0
    """How many more calls fail."""
    tidied: asyncio.Event = field(default_factory=asyncio.Event)

    async def delete_conversations(self, before: datetime) -> int:
        self.removed_before.append(before)
        return 1

    async def delete_sessions(self) -> int:
        if self.broken:
            self.broken -= 1
            raise StoreUnavailable("down")
        self.tidied.set()
        return 0

    async def remove_old_guests(self) -> int:
        return 0


def keeper(records: Records, days: int) -> Privacy:
    return Privacy(records=records, accounts=records, retention_days=days, now=lambda: NOON)


async def test_conversations_are_kept_as_long_as_promised() -> None:
    """A site that promises ninety days would keep learners' words for ever, or delete them too soon."""
    records = Records()
    await keeper(records, 90).tidy()
    assert records.removed_before == [NOON - timedelta(days=90)]


async def test_nothing_is_deleted_where_nothing_was_promised() -> None:
    """A learner's conversations would vanish from a site that never said so."""
    records = Records()
    await keeper(records, 0).tidy()
    assert records.removed_before == []


async def test_a_database_that_is_away_does_not_end_the_tidying(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one bad hour nothing would be deleted until the next restart."""
    monkeypatch.setattr(privacy, "TIDY_EVERY", timedelta(milliseconds=1))
    records = Records(broken=2)
    tidying = asyncio.create_task(keeper(records, 0).keep_tidy())
    await asyncio.wait_for(records.tidied.wait(), 5)
    tidying.cancel()
