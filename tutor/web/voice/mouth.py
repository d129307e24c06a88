"""The teacher's mouth: sound leaves it no faster than it is heard, so that it can fall silent at once."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from tutor.domain.turn import Spoken

FRAME_SECONDS = 0.02
AHEAD_SECONDS = 0.06
"""How much sound is on its way to the learner before it is due: network and browser may stumble that long."""
_AHEAD_FRAMES = round(AHEAD_SECONDS / FRAME_SECONDS)

Frame = tuple[int, NDArray[np.int16]]
"""Rate in Hz and samples of shape (1, n): 20 ms."""


class Mouth:
    """Plays the sentences of one answer after the other.

    Args:
        play: Takes each frame when it is due.
        begun: Told of each sentence, with its place in the answer, when it begins to be heard.
        now, sleep: The clock, in seconds.
    """

    def __init__(
        self,
        play: Callable[[Frame], None],
        begun: Callable[[Spoken, int], None],
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._play, self._begun, self._now, self._sleep = play, begun, now, sleep
        self._frames: list[Frame] = []
        self._begins: dict[int, tuple[Spoken, int]] = {}
        self._next = 0
        self._open = asyncio.Event()
        self._open.set()
        self._more = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def sounding(self) -> bool:
        """Whether there is something left to play, held or not."""
        return not self._quiet.is_set()

    @property
    def held(self) -> bool:
        """Whether it waits for `resume`."""
        return not self._open.is_set()

    @property
    def played(self) -> float:
        """Seconds of the answer that were heard."""
        return self._next * FRAME_SECONDS

    @property
    def rate(self) -> int:
        """Of the voice, in Hz; 16,000 where it has said nothing yet."""
        return self._frames[0][0] if self._frames else 16_000

    def say(self, sentence: Spoken) -> None:
        """One more sentence of the answer."""
        if sentence.audio is None:
            return
        rate, samples = sentence.audio.sample_rate, np.frombuffer(sentence.audio.pcm, dtype="<i2")
        size = round(rate * FRAME_SECONDS)
        samples = np.pad(samples, (0, -samples.size % size))
        self._begins[len(self._frames)] = (sentence, len(self._begins))
        self._frames += [(rate, frame[None]) for frame in samples.reshape(-1, size)]
        self._more.set()
        self._quiet.clear()

    def hold(self) -> None:
        """Be silent at once, and remember where."""
        if self.held:
            return
        self._open.clear()
        if self.sounding:
            # What was on its way is dropped by the caller, so it is played again.
            self._next = max(0, self._next - _AHEAD_FRAMES)
            self._more.set()

    def resume(self) -> None:
        """Go on where it was held."""
        self._open.set()

    def fall_silent(self) -> float:
        """Forget the rest of the answer; seconds of it that were heard. The next answer begins at 0."""
        heard = self.played
        self._frames, self._begins, self._next = [], {}, 0
        self._more.clear()
        self._quiet.set()
        self._open.set()
        return heard

    async def quiet(self) -> None:
        """Wait until everything was played."""
        await self._quiet.wait()

    def heard(self, seconds: float) -> bytes:
        """The last seconds that were played, as 16-bit samples at the voice's rate."""
        count = round(seconds / FRAME_SECONDS)
        recent = self._frames[max(0, self._next - count) : self._next]
        return b"".join(samples.tobytes() for _, samples in recent)

    async def speak(self) -> None:
        """Play whatever comes, for as long as the connection lasts."""
        due = self._now()
        while True:
            await self._more.wait()
            await self._open.wait()
            due = max(due, self._now())
            if self._next >= len(self._frames):
                self._more.clear()
                await self._sleep(max(0.0, due - self._now()))
                if not self._more.is_set():
                    self._quiet.set()
                continue
            if (begin := self._begins.get(self._next)) is not None:
                self._begun(*begin)
            self._play(self._frames[self._next])
            self._next += 1
            due += FRAME_SECONDS
            await self._sleep(max(0.0, due - AHEAD_SECONDS - self._now()))
