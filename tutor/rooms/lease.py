"""Who teaches in a room, so that everybody sees when nobody does any more.

A teacher renews its lease by a number in the room's metadata. The number stands still when its process is
gone, whatever LiveKit still believes: it keeps a participant that vanished for 15 seconds and more.
"""

import asyncio
from typing import Final, Literal

import structlog
from livekit import api
from pydantic import ValidationError

from tutor.domain.value import Value

log = structlog.get_logger()

BEAT: Final = 1.0
"""Seconds between two renewals."""
STALE: Final = 4.0
"""Seconds without a renewal after which a room is up for somebody else: three may be late or lost."""
ON_THE_WAY: Final = 10.0
"""Seconds that a teacher who was called may take to come: its process may have to load its models first."""


class Lease(Value):
    """What stands in a room's metadata."""

    state: Literal["held", "released", "claimed"]
    """Released: its teacher left on purpose. Claimed: a teacher has been called, and is on the way."""
    holder: str
    """A job, or the worker that called for one."""
    beat: int = 0


def lease_of(metadata: str) -> Lease | None:
    """The lease of a room; None where there never was one."""
    try:
        return Lease.model_validate_json(metadata)
    except ValidationError:
        return None


class Holder:
    """Holds the lease of one room, for as long as its teacher lives.

    Args:
        lkapi: LiveKit's server API.
        room: Name of the room.
        job: Id of the job that teaches in it.
    """

    def __init__(self, lkapi: api.LiveKitAPI, room: str, job: str) -> None:
        self._api, self._room, self._job = lkapi, room, job
        self._task: asyncio.Task[None] | None = None

    def hold(self) -> None:
        """Take the lease, and renew it from now on."""
        self._task = asyncio.create_task(self._renew())

    async def release(self) -> None:
        """Let another teacher have the room at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await write_lease(self._api, self._room, Lease(state="released", holder=self._job))

    async def _renew(self) -> None:
        beat = 0
        while True:
            beat += 1
            await write_lease(self._api, self._room, Lease(state="held", holder=self._job, beat=beat))
            await asyncio.sleep(BEAT)


async def write_lease(lkapi: api.LiveKitAPI, room: str, lease: Lease) -> None:
    """Put a lease into a room's metadata. A server that cannot be reached is no reason to stop teaching."""
    update = api.UpdateRoomMetadataRequest(room=room, metadata=lease.model_dump_json())
    try:
        await lkapi.room.update_room_metadata(update)
    except (api.TwirpError, OSError, TimeoutError) as error:
        log.warning("lease_not_written", room=room, state=lease.state, detail=str(error)[:200])
