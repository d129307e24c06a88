"""Several voices as one: the next one takes over where one fails."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from tutor.domain.audio import Audio, Transcript
from tutor.errors import (
    Busy,
    ModelMissing,
    ModelUnknown,
    ProviderError,
    ProviderRefusedKey,
    RateLimited,
    RequestRefused,
    TutorError,
)
from tutor.services.ports import Speaker, Transcriber

log = structlog.get_logger()

_REST_SECONDS = 30.0
"""How long one that failed is left alone, where nobody says for how long."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


V = TypeVar("V", bound=_Named)
R = TypeVar("R")


class _Relay(Generic[V]):
    def __init__(self, voices: Sequence[V], *, now: Callable[[], float] = time.monotonic) -> None:
        """`voices`: one or more, the preferred one first. `now`: seconds on a clock that never goes back."""
        self._voices = tuple(voices)
        self._now = now
        self._rests_until: dict[str, float] = {}
        self.name = self._voices[0].name
        """Of the one that worked last."""

    async def warm(self) -> None:
        """Load the first one that has something to load and can. Raises ModelMissing where none can."""
        await self._first(_warm)

    async def _first(self, call: Callable[[V], Awaitable[R]]) -> R:
        failed: TutorError | None = None
        rested = [v for v in self._voices if self._rests_until.get(v.name, 0.0) <= self._now()]
        for voice in rested or self._voices[-1:]:
            try:
                result = await call(voice)
            except (ProviderError, ModelMissing, Busy) as error:
                log.warning("voice_passed_over", voice=voice.name, code=error.code, detail=str(error))
                self._rests_until[voice.name] = self._now() + _rest(error)
                failed = error
            else:
                self.name = voice.name
                return result
        raise failed or ModelMissing("no voice")


class TranscriberRelay(_Relay[Transcriber]):
    """A Transcriber made of several."""

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance, with the first one that can. Raises what the last one raised."""
        return await self._first(lambda voice: voice.transcribe(audio, context=context))


class SpeakerRelay(_Relay[Speaker]):
    """A Speaker made of several."""

    async def speak(self, text: str) -> Audio:
        """Say one sentence, with the first one that can. Raises what the last one raised."""
        return await self._first(lambda voice: voice.speak(text))


def _rest(error: TutorError) -> float:
    """Seconds."""
    match error:
        case ModelUnknown() | ProviderRefusedKey() | ModelMissing():
            return math.inf  # waiting does not mend it; a restart looks again
        case RateLimited(retry_after=float() | int() as seconds):
            return seconds
        case RequestRefused() | Busy():
            return 0.0  # says nothing of the next request
    return _REST_SECONDS


async def _warm(voice: object) -> None:
    warm = getattr(voice, "warm", None)
    if warm is not None:
        await warm()
