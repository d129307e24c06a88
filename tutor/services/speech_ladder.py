"""Ladders for hearing and speaking: the same climb as for answers."""

import random
import time
from collections.abc import Iterable
from typing import Protocol, TypeVar

from tutor.domain.audio import Audio, Transcript
from tutor.domain.manner import PLAIN, Manner
from tutor.rungs import Limits, Rung
from tutor.services.climb import Climb, RungHealth, Step
from tutor.services.counters import Counters
from tutor.services.health import Clock
from tutor.services.ports import Speaker, Transcriber
from tutor.services.race import Race

SPEECH = Limits(first_token=8.0, hedge=False)
"""A whole sentence is heard or spoken at once, so it may take longer than a first word."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)
_SILENCE = Audio(pcm=bytes(2 * 8000), sample_rate=16000)
_WORD = "Ready."


def speech_rungs(models: Iterable[N], *, seconds: float = 4.0) -> list[tuple[Rung, N]]:
    """Rungs of a speech ladder, which need no lines in the ladder file.

    Args:
        models: Transcribers or speakers, best first, named `provider-model`. Those of one provider are closed
            together where it refuses the key.
        seconds: For one utterance, while another rung could be asked instead.
    """
    return [
        (
            Rung(name=m.name, provider=m.name.partition("-")[0], model=m.name, first_token=seconds),
            m,
        )
        for m in models
    ]


class TranscriberLadder:
    """A Transcriber made of many."""

    name = "ladder"

    def __init__(
        self,
        rungs: Iterable[tuple[Rung, Transcriber]],
        *,
        limits: Limits = SPEECH,
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
        counters: Counters | None = None,
    ) -> None:
        self._climb: Climb[Transcriber] = Climb(
            rungs, kind="stt", limits=limits, probe=_hear_silence, clock=clock, rng=rng, counters=counters
        )

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance, on the best rung that can.

        Raises:
            InvalidInput: The sound cannot be used; no rung is blamed.
            ProviderError, ModelMissing: No rung could do it: the last one's error.
        """

        async def ask(step: Step[Transcriber]) -> Transcript:
            return await step.model.transcribe(audio, context=context)

        won = await Race(self._climb, ask, turn_id="").run()
        self._climb.record(won.step, "answered", turn_id="", ms=won.took * 1000)
        return won.first

    def health(self) -> tuple[RungHealth, ...]:
        """A picture of all rungs, best first."""
        return self._climb.health()

    async def aclose(self) -> None:
        """Stop trying rungs that are down."""
        await self._climb.aclose()


class SpeakerLadder:
    """A Speaker made of many."""

    name = "ladder"

    def __init__(
        self,
        rungs: Iterable[tuple[Rung, Speaker]],
        *,
        limits: Limits = SPEECH,
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
        counters: Counters | None = None,
    ) -> None:
        self._climb: Climb[Speaker] = Climb(
            rungs, kind="tts", limits=limits, probe=_say_word, clock=clock, rng=rng, counters=counters
        )

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, on the best rung that can.

        Raises:
            ProviderError, ModelMissing: No rung could do it: the last one's error.
        """

        async def ask(step: Step[Speaker]) -> Audio:
            return await step.model.speak(text, manner)

        won = await Race(self._climb, ask, turn_id="").run()
        self._climb.record(won.step, "answered", turn_id="", ms=won.took * 1000)
        return won.first

    def health(self) -> tuple[RungHealth, ...]:
        """A picture of all rungs, best first."""
        return self._climb.health()

    async def aclose(self) -> None:
        """Stop trying rungs that are down."""
        await self._climb.aclose()


async def _hear_silence(model: Transcriber) -> None:
    await model.transcribe(_SILENCE)


async def _say_word(model: Speaker) -> None:
    await model.speak(_WORD)
