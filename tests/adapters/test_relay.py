"""Several voices as one."""

import pytest

from tutor.adapters.relay import SpeakerRelay, TranscriberRelay
from tutor.domain.audio import Audio, Transcript
from tutor.errors import (
    Busy,
    ModelMissing,
    ModelUnknown,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

AUDIO = Audio(pcm=b"\0\0", sample_rate=16_000)


class Voice:
    """Hears and speaks, or fails as it is told to."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.error = error
        self.calls = 0

    def _do(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        self._do()
        return Transcript(text=context, model=self.name)

    async def speak(self, text: str) -> Audio:
        self._do()
        return AUDIO

    async def warm(self) -> None:
        self._do()


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_the_next_one_takes_over():
    """A learner would not be heard while a provider is down, though Whisper is installed."""
    first, second = Voice("first", ProviderUnreachable()), Voice("second")
    relay = TranscriberRelay([first, second])

    assert (await relay.transcribe(AUDIO, context="zip")).text == "zip"
    assert relay.name == "second"


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (ModelUnknown(), float("inf")),
        (ModelMissing(), float("inf")),
        (RateLimited(retry_after=7), 7),
        (RateLimited(), 30),
        (ProviderTimeout(), 30),
        (RequestRefused(), 0),
        (Busy(), 0),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_one_that_failed_is_left_alone(error, rest):
    """Every sentence would first wait for a provider that is known to fail."""
    clock = Clock()
    first, second = Voice("first", error), Voice("second")
    relay = SpeakerRelay([first, second], now=clock)

    await relay.speak("One.")
    clock.seconds = max(0, min(rest, 1e9) - 1)
    await relay.speak("Two.")
    assert first.calls == (1 if rest else 2)

    clock.seconds = min(rest, 1e9)
    first.error = None
    await relay.speak("Three.")
    assert relay.name == ("second" if rest == float("inf") else "first")


async def test_where_all_fail_the_last_says_why():
    """The page would say nothing of why it cannot hear, or never try again."""
    relay = TranscriberRelay(
        [Voice("first", ProviderTimeout()), Voice("second", ModelMissing("pip install"))]
    )

    for _ in range(2):
        with pytest.raises(ModelMissing, match="pip install"):
            await relay.transcribe(AUDIO)


async def test_warming_goes_on_to_one_that_can():
    """A missing local model would make the whole voice fail at start."""
    first, second = Voice("first", ModelMissing()), Voice("second")

    await SpeakerRelay([first, second]).warm()

    assert second.calls == 1
