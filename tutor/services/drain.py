"""The end of a process: turns that run may finish, for a while; then they end with a notice."""

import asyncio
from typing import Final

import structlog

log = structlog.get_logger()

GRACE: Final = 10.0
"""Seconds that running turns have from the signal on. Half of what a stop may take in all."""


class Drain:
    """Whether this process is about to end. To be used from one event loop."""

    def __init__(self) -> None:
        self._begun, self._over = asyncio.Event(), asyncio.Event()

    @property
    def begun(self) -> bool:
        """Nothing new should be sent here."""
        return self._begun.is_set()

    @property
    def over(self) -> bool:
        """What still runs should end now."""
        return self._over.is_set()

    def begin(self, grace: float = GRACE) -> None:
        """The process was told to stop. A second call changes nothing."""
        if not self.begun:
            log.info("draining", seconds=grace)
            self._begun.set()
            asyncio.get_running_loop().call_later(grace, self._over.set)

    async def wait_begun(self) -> None:
        """Until the process is told to stop."""
        await self._begun.wait()

    async def wait_over(self) -> None:
        """Until nothing should run any more."""
        await self._over.wait()
