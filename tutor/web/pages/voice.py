"""Talking: FastRTC in the page, in front of the same pipeline as typing."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import monotonic

import numpy as np
import structlog
from aiortc.exceptions import InvalidStateError
from fastrtc import AdditionalOutputs, AsyncStreamHandler, wait_for_item
from fastrtc.utils import create_message
from numpy.typing import NDArray

from tutor.domain.learner import Learner
from tutor.domain.place import Place
from tutor.errors import SignInRequired, TutorError
from tutor.services.services import Services
from tutor.services.voice_seats import Seat
from tutor.web.identity import current_learner
from tutor.web.voice.ears import RATE, WINDOW
from tutor.web.voice.mouth import Frame
from tutor.web.voice.screen import Screen, State
from tutor.web.voice.talk import Talk

log = structlog.get_logger()

_OUT_RATE = 24_000
_LOOK_SECONDS = 0.25
_VANISHED_LOOKS = 14
"""Looks without a new frame (3.5 s) after which nobody is there: a browser sends fifty a second.

Looks are counted, not seconds: where this process was held up, frames wait, and only one look has passed.
"""
_LONGEST_SECONDS = 3600.0
_UNSENT = 256
"""Frames of sound (some five seconds), and things to see, that wait for a connection which takes none."""

_TAKEN_OVER = "You are talking in another window now. Press Talk to go on here."
_VANISHED = "No sound reaches us from your microphone. Press Talk to try again, or type your question."
_HOUR = "You have talked for an hour. Press Talk to go on."


class LessonVoice(AsyncStreamHandler):
    """One connection. FastRTC copies it for every offer, and there the learner is known.

    Args:
        place: Makes a Place of the page's inputs.
    """

    def __init__(self, services: Services, place: Callable[..., Place]) -> None:
        super().__init__(input_sample_rate=RATE, output_sample_rate=_OUT_RATE)
        self._services, self._place_of = services, place
        self._learner: Learner | None = None
        self._seat: Seat | None = None
        self._talk: Talk | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._buffer = bytearray()
        self._out: asyncio.Queue[Frame | AdditionalOutputs] = asyncio.Queue(_UNSENT)
        self._screen = Screen(self._send)
        self._gone = False
        self._frames = 0

    def copy(self) -> "LessonVoice":
        """A handler for a new connection, bound to who made the offer: later inputs cannot change that."""
        fresh = LessonVoice(self._services, self._place_of)
        fresh._learner = current_learner.get()
        return fresh

    async def start_up(self) -> None:
        """Take a seat and open the ears; or tell why not, and hang up."""
        try:
            if self._learner is None:
                raise SignInRequired("an offer without a session")
            await self._services.limits.admit_voice(self._learner)
            self._seat = self._services.voice_seats.take(self._learner.id, self._taken_over)
        except TutorError as error:
            log.info("voice_refused", code=error.code)
            self._hang_up("busy", error.text)
            return
        self._talk = Talk(
            self._services,
            self._learner,
            place=self._where,
            screen=self._screen,
            play=self._send,
            drop=self._drop,
        )
        self._start(self._talk.run())
        self._start(self._watch(monotonic()))
        self._screen.tell("listening", "Listening. Ask your question.")

    async def receive(self, frame: Frame) -> None:
        """Take 20 ms of sound from the microphone."""
        self._frames += 1
        if self._talk is None:
            return
        self._buffer += np.asarray(frame[1], dtype="<i2").tobytes()
        while self._talk is not None and len(self._buffer) >= WINDOW * 2:
            window: NDArray[np.int16] = np.frombuffer(bytes(self._buffer[: WINDOW * 2]), dtype="<i2")
            del self._buffer[: WINDOW * 2]
            self._talk.listen(window)

    async def emit(self) -> Frame | AdditionalOutputs | None:
        """The next sound, or the next thing to see."""
        item: Frame | AdditionalOutputs | None = await wait_for_item(self._out)
        return item

    async def shutdown(self) -> None:
        """The learner has hung up, or has vanished. May be called twice."""
        self._gone = True
        self._leave()
        while self._tasks - {asyncio.current_task()}:
            await asyncio.wait(self._tasks - {asyncio.current_task()})

    def _leave(self) -> None:
        """Give the seat back and stop whatever runs."""
        if self._seat is not None:
            self._services.voice_seats.free(self._seat)
        self._seat = self._talk = None
        for task in self._tasks:
            if not task.cancelling():  # a second one would break off what it still has to store
                task.cancel()

    def _taken_over(self) -> None:
        self._hang_up("busy", _TAKEN_OVER)

    def _hang_up(self, state: State, words: str) -> None:
        self._leave()
        self._screen.tell(state, words)
        self._start(self._end_call(words))

    async def _watch(self, began: float) -> None:
        """Notice a client that is gone without a word, and one that stays for ever."""
        missed, frames = 0, self._frames
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            missed = missed + 1 if frames == self._frames else 0
            frames = self._frames
            if missed >= _VANISHED_LOOKS:
                self._hang_up("error", _VANISHED)
            elif monotonic() - began > _LONGEST_SECONDS:
                self._hang_up("busy", _HOUR)

    async def _end_call(self, words: str) -> None:
        """Tell the page to close the connection. FastRTC's own CloseStream leaves a traceback in the log."""
        with suppress(InvalidStateError):  # the page may be gone already
            await self.send_message(create_message("end_stream", words))

    def _send(self, item: Frame | AdditionalOutputs) -> None:
        if self._gone:  # FastRTC writes an error for each thing that finds its channel closed
            return
        if self._out.full():
            self._drop()  # sound from long ago is of no use any more
        if self._out.full():
            self._out.get_nowait()  # each picture shows what the ones before it showed
        self._out.put_nowait(item)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _drop(self) -> None:
        """Take back the sound that has not left yet. What is to be seen stays."""
        kept = [self._out.get_nowait() for _ in range(self._out.qsize())]
        for item in kept:
            if not isinstance(item, tuple):
                self._out.put_nowait(item)
        if self._clear_queue is not None:
            self._clear_queue()

    async def _where(self) -> Place:
        """Where the learner is. Each call asks the page anew, and waits for its first word only."""
        await self.wait_for_args()  # type: ignore[no-untyped-call]  # fastrtc's
        place = self._place_of(*self.latest_args[2:])
        return place.model_copy(update={"spoken": True})
