"""The data channel of one room: what comes in is checked, what goes out is in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

import structlog
from livekit import rtc

from tutor.errors import TooManyTries, TutorError
from tutor.rooms.counts import Counts
from tutor.rooms.messages import TOPIC, Incoming, Outgoing, Trouble, read, write

log = structlog.get_logger()

_WAITING: Final = 32
"""Messages of a client that may wait for their turn; more are refused."""
_UNSENT: Final = 1000
"""Messages to a client that takes none: some fifty seconds of an answer."""
_BEHIND: Final = Trouble(
    code="room_behind",
    text="Your connection was too slow to show everything. Nothing is lost: reload the page to see it all.",
)
_ANSWERS: Final = 20
_WINDOW: Final = 10.0
"""So many refusals are answered within so many seconds; the rest is dropped, each with a line in the log."""


class Channel:
    """Data packets between the teacher and one learner.

    Args:
        room: Joined.
        learner: Identity of the learner; packets of anybody else are none of ours.
        handle: Called with one message after the other. Its TutorErrors are told to the learner.
        counts: Of this room's worker.
    """

    def __init__(
        self,
        room: rtc.Room,
        learner: str,
        handle: Callable[[Incoming], Awaitable[None]],
        counts: Counts,
    ) -> None:
        self._room, self._learner, self._handle, self._counts = room, learner, handle, counts
        self._in: asyncio.Queue[Incoming] = asyncio.Queue(_WAITING)
        self._out: asyncio.Queue[Outgoing] = asyncio.Queue(_UNSENT)
        self._refused: deque[float] = deque(maxlen=_ANSWERS)
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to listen and to tell."""
        self._room.on("data_received", self._received)
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._send())]

    async def close(self) -> None:
        """Send what is waiting, for a second at most, and end."""
        self._room.off("data_received", self._received)
        try:
            await asyncio.wait_for(self._out.join(), 1)
        except TimeoutError:
            log.warning("room_messages_unsent", waiting=self._out.qsize())
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, message: Outgoing) -> None:
        """Send a message, after those before it. While the channel is not open there is nobody to read it."""
        if not self._tasks:
            return
        if self._out.full():
            self._fall_behind()
        self._out.put_nowait(message)

    def _fall_behind(self) -> None:
        """Let go of what waits, and tell the learner so: what was said is stored."""
        log.warning("room_messages_dropped", waiting=self._out.qsize())
        while not self._out.empty():
            self._out.get_nowait()
            self._out.task_done()
        self._out.put_nowait(_BEHIND)

    def _received(self, packet: rtc.DataPacket) -> None:
        if (
            packet.topic != TOPIC
            or packet.participant is None
            or packet.participant.identity != self._learner
        ):
            return
        try:
            message = read(packet.data)
        except TutorError as error:
            self._refuse(error)
            return
        try:
            self._in.put_nowait(message)
        except asyncio.QueueFull:
            self._refuse(TooManyTries("data channel", retry_after=1), message.id)

    def _refuse(self, error: TutorError, answer_to: str = "") -> None:
        now = monotonic()
        self._counts.refusal(error.code)
        answered = len(self._refused) < _ANSWERS or now - self._refused[0] > _WINDOW
        log.warning("room_message_refused", code=error.code, detail=str(error), answered=answered)
        if answered:
            self._refused.append(now)
            self.tell(Trouble(code=error.code, text=error.text, id=answer_to))

    async def _work(self) -> None:
        while True:
            message = await self._in.get()
            try:
                await self._handle(message)
            except TutorError as error:
                self._refuse(error, message.id)
            except Exception:
                # The edge of one message: the room goes on.
                log.exception("room_message_broken", type=message.type)
                self.tell(Trouble(code=TutorError.code, text=TutorError.text, id=message.id))

    async def _send(self) -> None:
        while True:
            message = await self._out.get()
            try:
                await self._room.local_participant.publish_data(
                    write(message), topic=TOPIC, destination_identities=[self._learner]
                )
            except rtc.participant.PublishDataError as error:
                log.warning("room_message_lost", type=message.type, detail=str(error))
            finally:
                self._out.task_done()
