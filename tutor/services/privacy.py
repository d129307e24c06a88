"""What is kept of learners, and for how long."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from tutor.domain.learner import Learner
from tutor.errors import StoreUnavailable
from tutor.services.accounts import Accounts
from tutor.services.ports import RecordStore, StoredRow

log = structlog.get_logger()

TIDY_EVERY: Final = timedelta(hours=1)


class Privacy:
    """Hands learners what is kept of them, and forgets what nobody may keep.

    Args:
        records: Where everything is kept.
        accounts: Who the guests are.
        retention_days: Conversations that nobody used for so long are deleted; 0 keeps them.
        now: The clock.
    """

    def __init__(
        self, *, records: RecordStore, accounts: Accounts, retention_days: int, now: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._accounts = accounts
        self._retention = timedelta(days=retention_days)
        self._now = now

    async def everything(self, learner: Learner) -> dict[str, tuple[StoredRow, ...]]:
        """All that is kept of a learner, by table. Raises StoreUnavailable."""
        return await self._records.everything(learner.id)

    async def tidy(self) -> None:
        """Delete guests after their day, sessions that are over, and conversations past their time.

        Raises:
            StoreUnavailable: The rest is done the next time.
        """
        guests = await self._accounts.remove_old_guests()
        sessions = await self._records.delete_sessions()
        conversations = 0
        if self._retention:
            conversations = await self._records.delete_conversations(self._now() - self._retention)
        if guests or sessions or conversations:
            log.info("tidied", guests=guests, sessions=sessions, conversations=conversations)

    async def keep_tidy(self) -> None:
        """Tidy every hour, until cancelled."""
        while True:
            await asyncio.sleep(TIDY_EVERY.total_seconds())
            try:
                await self.tidy()
            except StoreUnavailable as error:
                log.warning("tidying_failed", code=error.code, detail=str(error))
