"""Offers of connections: few for a learner at a time, and none that leaves something behind.

FastRTC takes a fixed number of connections. It keeps one whose offer it cannot read for ever, and one that
never opens its data channel for as long as the client likes: a learner could close the voice for everybody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastrtc import WebRTC
from starlette.responses import JSONResponse

from tutor.log import pseudonym
from tutor.web.identity import current_learner

log = structlog.get_logger()

_MOST = 3
"""Connections of one learner: an old window, a new one, one that is being closed. The oldest goes first."""
_OPEN_SECONDS = 15.0
"""Within which a connection must have its data channel."""

Answer = Any
"""What FastRTC answers: a description of its side, or a response that says why not."""
Outputs = Callable[..., None]


class Offers:
    """Takes offers in place of a component's own `handle_offer`, which it calls.

    Args:
        voice: FastRTC's component.
    """

    def __init__(self, voice: WebRTC) -> None:
        self._voice = voice
        self._take: Callable[..., Awaitable[Answer]] = voice.handle_offer
        self._of: dict[str, list[str]] = {}
        self._watching: set[asyncio.Task[None]] = set()
        vars(voice)["handle_offer"] = self

    async def __call__(self, body: dict[str, Any], outputs: Outputs) -> Answer:
        """Take an offer, or one more candidate of an offer that was taken."""
        name = str(body.get("webrtc_id"))
        if name in self._voice.pcs:
            return await self._take(body, outputs)
        await self._make_room()
        try:
            answer = await self._take(body, outputs)
        except Exception as error:  # noqa: BLE001 - aiortc's parser raises whatever it stumbles over
            log.warning("offer_unreadable", learner=_who(), error=type(error).__name__)
            await self._close(name)
            return JSONResponse({"status": "failed", "meta": {"error": "offer_unreadable"}})
        if name in self._voice.pcs:
            self._keep(name)
        return answer

    async def _make_room(self) -> None:
        """Close the oldest connection of a learner who has too many."""
        own = self._own()
        while len(own) >= _MOST:
            log.info("offer_replaces_oldest", learner=_who())
            await self._close(own.pop(0))

    def _own(self) -> list[str]:
        """The learner's connections, the oldest first. What is closed is forgotten, of all learners."""
        open_now = (
            (who, [one for one in names if one in self._voice.pcs]) for who, names in self._of.items()
        )
        self._of = {who: names for who, names in open_now if names}
        return self._of.setdefault(_who(), [])

    def _keep(self, name: str) -> None:
        self._own().append(name)
        task = asyncio.create_task(self._must_open(name))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def _must_open(self, name: str) -> None:
        await asyncio.sleep(_OPEN_SECONDS)
        if name in self._voice.pcs and name not in self._voice.data_channels:
            log.info("offer_never_opened")
            await self._close(name)

    async def _close(self, name: str) -> None:
        if (connection := self._voice.pcs.get(name)) is not None:
            await connection.close()
        for part in self._voice.clean_up(name):
            part.stop()


def _who() -> str:
    learner = current_learner.get()
    return pseudonym(learner.id) if learner else ""
