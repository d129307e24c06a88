"""The ears of one connection: where an utterance begins and ends, and its words, prepared in its pauses."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import structlog
from numpy.typing import NDArray

from tutor.domain.audio import Audio
from tutor.domain.utterance import Change, Endpointer
from tutor.errors import TutorError
from tutor.services.ports import EndOfTurn, VoiceActivity

log = structlog.get_logger()

RATE = 16_000
WINDOW = 512
"""Samples that are judged at a time: 32 ms."""
_RECENT = 8
"""Windows in 0.26 s."""


@dataclass(frozen=True)
class Utterance:
    """What somebody said, from the first word to the last."""

    audio: Audio
    words: "asyncio.Task[str]"
    """Its transcript; raises what the transcriber raises. '' where no words are in it."""
    ended: float
    """When its end was known, on the clock of `perf_counter`."""


class Ears:
    """Not for several threads. `listen` is given 32 ms of sound after the other.

    Args:
        voice: Tells speech from silence.
        turn_end: Tells an end from a hesitation; None where no model is installed.
        read: Transcribes an utterance; '' where it has no words.
        longest: Seconds of an utterance at most.
    """

    def __init__(
        self,
        voice: VoiceActivity,
        turn_end: EndOfTurn | None,
        read: Callable[[Audio], Awaitable[str]],
        *,
        longest: float,
    ) -> None:
        self._voice, self._turn_end, self._read = voice, turn_end, read
        self._utterance = Endpointer(longest=longest)
        self._words: asyncio.Task[str] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._recent: deque[NDArray[np.int16]] = deque(maxlen=_RECENT)
        self.speech = 0.0
        """Probability of speech in the last window."""

    @property
    def open(self) -> bool:
        """Whether somebody is speaking, or may go on to."""
        return self._utterance.speaking

    @property
    def stirring(self) -> bool:
        """Whether somebody may be about to speak."""
        return self._utterance.stirring

    @property
    def words(self) -> str | None:
        """In a pause, the words before it; None where they are not known."""
        return self._utterance.text

    @property
    def recent(self) -> NDArray[np.int16]:
        """The last quarter of a second, whoever it came from."""
        return np.concatenate(self._recent)

    def listen(self, window: NDArray[np.int16]) -> Change:
        """Take the next 32 ms."""
        self.speech = self._voice(window)
        self._recent.append(window)
        change = self._utterance.feed(window.astype("<i2").tobytes(), self.speech)
        match change:
            case Change.PAUSED:
                self._prepare()
            case Change.ASKED:
                self._ask()
            case Change.RESUMED:
                self._throw_away()
        return change

    def take(self) -> Utterance:
        """The utterance that has ended."""
        audio = Audio(pcm=self._utterance.take(), sample_rate=RATE)
        words = self._words or asyncio.ensure_future(self._transcript(audio))
        self._words = None
        self._throw_away()
        return Utterance(audio=audio, words=words, ended=perf_counter())

    def forget(self) -> None:
        """What was heard so far is not the learner's."""
        self._utterance.forget()
        self._throw_away()

    def close(self) -> None:
        """The connection is over."""
        self._throw_away()

    def _prepare(self) -> None:
        audio = Audio(pcm=self._utterance.sound, sample_rate=RATE)
        words = self._words = asyncio.ensure_future(self._transcript(audio))
        words.add_done_callback(self._was_read)

    async def _transcript(self, audio: Audio) -> str:
        return await self._read(audio)

    def _was_read(self, words: "asyncio.Task[str]") -> None:
        if words.cancelled():
            return
        failed = words.exception()  # is raised where the utterance is taken
        if words is self._words:
            self._utterance.reads("" if failed else words.result())

    def _ask(self) -> None:
        if self._turn_end is None or (self._asking is not None and not self._asking.done()):
            return
        self._asking = asyncio.create_task(self._judge(self._turn_end))

    async def _judge(self, turn_end: EndOfTurn) -> None:
        try:
            self._utterance.sounded(
                await turn_end.finished(Audio(pcm=self._utterance.sound, sample_rate=RATE))
            )
        except TutorError as error:
            log.warning("turn_end_unknown", code=error.code, detail=str(error))
            self._turn_end = None  # the length of the pause decides from now on

    def _throw_away(self) -> None:
        for task in (self._words, self._asking):
            if task is not None:
                task.cancel()
        self._words = self._asking = None
