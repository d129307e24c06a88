"""Finds rooms in which a learner waits and nobody teaches, and calls a teacher.

Every worker watches all rooms. That covers a worker that was killed, a room that was handed over, a learner
who comes back into a room that still stands, and a time when every worker was full: LiveKit itself sends a
teacher only once, when a room is opened.
"""

import asyncio
import random
from time import monotonic
from typing import Final, NamedTuple

import structlog
from livekit import api
from livekit.protocol.models import ParticipantInfo

from tutor.rooms.lease import BEAT, ON_THE_WAY, STALE, Lease, lease_of, write_lease
from tutor.rooms.tokens import site_of

log = structlog.get_logger()

_SPREAD: Final = 0.5
"""Seconds by which workers look at different times, so that seldom two of them see the same thing first."""


class _Seen(NamedTuple):
    metadata: str
    since: float
    """When it was first seen so, by the clock of this process: clocks of machines are never compared."""


def _patience(lease: Lease | None) -> float:
    """Seconds for which a lease may stay as it is, before a teacher is called."""
    match lease:
        case Lease(state="released"):
            return -1.0
        case Lease(state="claimed"):
            return ON_THE_WAY
        case _:
            return STALE


class Watch:
    """Looks after all rooms, from one worker.

    Args:
        lkapi: LiveKit's server API.
        site: `Settings.rooms_name`: rooms of others on the same server are none of ours.
        worker: A name for the log and for claims.
    """

    def __init__(self, lkapi: api.LiveKitAPI, site: str, worker: str) -> None:
        self._api, self._site, self._worker = lkapi, site, worker
        self._seen: dict[str, _Seen] = {}
        self._claims = 0

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            try:
                await self.look()
            except (api.TwirpError, OSError, TimeoutError) as error:
                log.warning("watch_failed", detail=str(error)[:200])
            await asyncio.sleep(BEAT + random.uniform(0, _SPREAD))  # noqa: S311 - no secret

    async def look(self) -> None:
        """Call a teacher for every room that needs one."""
        rooms = [
            room for room in (await self._api.room.list_rooms(api.ListRoomsRequest())).rooms
            if site_of(room.name) == self._site and room.num_participants
        ]  # fmt: skip
        now = monotonic()
        self._seen = {
            room.name: seen
            if (seen := self._seen.get(room.name)) and seen.metadata == room.metadata
            else _Seen(room.metadata, now)
            for room in rooms
        }
        for name, seen in self._seen.items():
            lease = lease_of(seen.metadata)
            if now - seen.since > _patience(lease):
                await self._call(name, lease)

    async def _call(self, room: str, lease: Lease | None) -> None:
        """Claim the room, so that the other watches see a change and wait; then call a teacher.

        Should two of them call at the same moment, the second teacher puts the first one out.
        """
        if not await self._learner_in(room):
            return
        self._claims += 1  # a second claim must differ from the first, or the room would look stale for ever
        await write_lease(self._api, room, Lease(state="claimed", holder=self._worker, beat=self._claims))
        request = api.CreateAgentDispatchRequest(agent_name=self._site, room=room)
        await self._api.agent_dispatch.create_dispatch(request)
        log.info("teacher_called", room=room, after=lease.state if lease else "none")

    async def _learner_in(self, room: str) -> bool:
        people = await self._api.room.list_participants(api.ListParticipantsRequest(room=room))
        return any(one.kind == ParticipantInfo.STANDARD for one in people.participants)
