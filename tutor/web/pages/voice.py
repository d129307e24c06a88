"""Talking: FastRTC in the page, in front of the same pipeline as typing."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from time import monotonic

import numpy as np
import structlog
from fastrtc import AdditionalOutputs, AsyncStreamHandler, wait_for_item
from numpy.typing import NDArray

from tutor.domain.audio import Audio
from tutor.domain.learner import Learner
from tutor.domain.place import Place
from tutor.domain.speech import speakable
from tutor.domain.turn import Commanded, Declined, Said, Spoken, TurnEvent
from tutor.domain.utterance import Change, Endpointer
from tutor.errors import SignInRequired, TutorError
from tutor.services.services import Services
from tutor.web.identity import current_learner
from tutor.web.pages.chat import growing, note
from tutor.web.pages.order import order_words

log = structlog.get_logger()

_RATE = 16_000
_FRAME_BYTES = 512 * 2
_OUT_RATE = 24_000

TALK_BUTTON = (
    '<button type="button" id="talk" aria-pressed="false">'
    '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="none" stroke="currentColor"'
    ' stroke-width="2" stroke-linecap="round"><rect x="9" y="3" width="6" height="11" rx="3"/>'
    '<path d="M5 11a7 7 0 0 0 14 0M12 18v3"/></svg><span>Talk</span></button>'
)
"""FastRTC's own controls take two clicks and much room; static/voice.js presses them for this one."""

Frame = tuple[int, NDArray[np.int16]]


class LessonVoice(AsyncStreamHandler):
    """One connection's ears and voice. FastRTC copies it for every offer, and there the learner is known.

    Args:
        place: Makes a Place of the page's inputs.
    """

    def __init__(self, services: Services, place: Callable[..., Place]) -> None:
        super().__init__(input_sample_rate=_RATE, output_sample_rate=_OUT_RATE)
        self._services, self._place = services, place
        self._learner: Learner | None = None
        self._hears = services.voice_activity()
        self._utterance = Endpointer(longest=services.settings.max_audio_seconds)
        self._buffer = bytearray()
        self._out: asyncio.Queue[Frame | AdditionalOutputs] = asyncio.Queue()
        self._turn: asyncio.Task[None] | None = None
        self._playing_until = 0.0

    def copy(self) -> "LessonVoice":
        """A handler for a new connection, bound to who made the offer: later inputs cannot change that."""
        fresh = LessonVoice(self._services, self._place)
        fresh._learner = current_learner.get()
        return fresh

    async def start_up(self) -> None:
        """Show that the microphone is open."""
        self._tell("Listening. Ask your question.")

    async def receive(self, frame: Frame) -> None:
        """Take 20 ms of sound from the microphone."""
        self._buffer += np.asarray(frame[1], dtype="<i2").tobytes()
        while len(self._buffer) >= _FRAME_BYTES:
            window = bytes(self._buffer[:_FRAME_BYTES])
            del self._buffer[:_FRAME_BYTES]
            match self._utterance.feed(window, self._hears(np.frombuffer(window, dtype="<i2"))):
                case Change.BEGAN:
                    await self._fall_silent()
                    self._tell("Listening …")
                case Change.ENDED:
                    heard = Audio(pcm=self._utterance.take(), sample_rate=_RATE)
                    self._turn = asyncio.create_task(self._answer(heard))

    async def emit(self) -> Frame | AdditionalOutputs | None:
        """The next sound, or the next picture of the conversation."""
        item: Frame | AdditionalOutputs | None = await wait_for_item(self._out)
        return item

    async def shutdown(self) -> None:
        """The learner has hung up, or has vanished."""
        await self._fall_silent()

    async def _fall_silent(self) -> None:
        """Stop the turn that runs, and the sound of the one that has ended."""
        if self._turn is not None:
            self._turn.cancel()
            await asyncio.wait((self._turn,))
            self._turn = None
        if monotonic() < self._playing_until:
            self._playing_until = 0.0
            if self._clear_queue is not None:
                self._clear_queue()
        while not self._out.empty():
            self._out.get_nowait()

    async def _answer(self, heard: Audio) -> None:
        try:
            await self._turn_of(heard)
        except TutorError as error:
            log.warning("voice_turn_failed", code=error.code, detail=str(error))
            self._tell(error.text)
        except Exception:
            # The edge of this connection: FastRTC would drop the task without a word.
            log.exception("voice_turn_broken")
            self._tell(TutorError.text)

    async def _turn_of(self, heard: Audio) -> None:
        if self._learner is None:
            raise SignInRequired
        self._tell("Thinking …")
        await self.wait_for_args()  # type: ignore[no-untyped-call]  # fastrtc's
        place = self._place(*self.latest_args[2:]).model_copy(update={"spoken": True})
        stored = partial(self._services.turns.messages, self._learner.id, place.conversation_id)
        events = self._sounding(self._services.teacher.hear(self._learner, place, heard))
        async with aclosing(growing(stored, events)) as pictures:
            async for picture in pictures:
                self._out.put_nowait(AdditionalOutputs(picture, None, None))
        await asyncio.sleep(max(0.0, self._playing_until - monotonic()))
        self._tell("Listening. Ask your next question.")

    async def _sounding(self, events: AsyncGenerator[TurnEvent]) -> AsyncGenerator[TurnEvent]:
        """The same events; what is spoken goes out as sound on the way."""
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Spoken) and event.audio is not None:
                    if self._playing_until < monotonic():
                        self._playing_until = monotonic()
                        self._tell("Speaking. Talk to interrupt.")
                    self._playing_until += event.seconds
                    samples = np.frombuffer(event.audio.pcm, dtype="<i2").reshape(1, -1)
                    self._out.put_nowait((event.audio.sample_rate, samples))
                elif isinstance(event, Commanded):
                    self._out.put_nowait(AdditionalOutputs(None, None, order_words(event)))
                elif isinstance(event, Said | Declined) and not self._services.mode.has_voice:
                    words = speakable(event.text)
                    self._out.put_nowait(AdditionalOutputs(None, None, words))
                yield event

    def _tell(self, words: str) -> None:
        self._out.put_nowait(AdditionalOutputs(None, note(words), None))
