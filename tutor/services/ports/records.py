"""What is kept of all: a learner's own copy of it, what is old, and which tokens were used."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

StoredRow = Mapping[str, str | int | float | bool | None]
"""One row as it is kept; times in ISO 8601."""


class RecordStore(Protocol):
    """Everything of one learner, and what is old. Every method may raise StoreUnavailable."""

    async def everything(self, learner_id: str) -> dict[str, tuple[StoredRow, ...]]:
        """Every row that belongs to the learner, by table; no password and no session's id."""

    async def delete_conversations(self, before: datetime) -> int:
        """Remove the conversations that nobody has used since; how many there were."""

    async def delete_sessions(self) -> int:
        """Forget the sessions that are over; how many there were."""


class SpentTokens(Protocol):
    """Which tokens were used. Each is good once."""

    async def spend(self, issuer: str, token_id: str, *, expires_at: datetime, now: datetime) -> bool:
        """Note that a token is used; False where it was used before. Raises StoreUnavailable."""
