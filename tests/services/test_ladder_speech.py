"""Hearing and speaking climb the same ladder as answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from structlog.testing import capture_logs

from tests.servers.ladder_rig import QUICK, until
from tutor.domain.audio import Audio, Transcript
from tutor.domain.manner import PLAIN, Manner
from tutor.errors import (
    AudioUnreadable,
    ModelMissing,
    ProviderRefusedKey,
    ProviderUnreachable,
    RateLimited,
)
from tutor.services.speech_ladder import SpeakerLadder, TranscriberLadder, speech_rungs

SOUND = Audio(pcm=bytes(3200), sample_rate=16000)


class Ear:
    """A transcriber that does what it is told. The remote ones are tested on a real server."""

    def __init__(self, name: str, *does: Exception | float) -> None:
        self.name = name
        self.does = list(does)
        self.heard: list[Audio] = []

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        self.heard.append(audio)
        await _do(self.does)
        return Transcript(text=f"heard {context}".strip(), model=self.name)


class Mouth:
    """A speaker that does what it is told."""

    def __init__(self, name: str, *does: Exception | float) -> None:
        self.name = name
        self.does = list(does)
        self.said: list[str] = []

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        self.said.append(text)
        await _do(self.does)
        return SOUND


async def _do(does: list[Exception | float]) -> None:
    if does:
        act = does.pop(0) if len(does) > 1 else does[0]
        if isinstance(act, Exception):
            raise act
        await asyncio.sleep(act)


@asynccontextmanager
async def hearing(*ears: Ear) -> AsyncIterator[TranscriberLadder]:
    """A ladder of these."""
    ladder = TranscriberLadder(speech_rungs(ears, seconds=0.2), limits=QUICK)
    yield ladder
    await ladder.aclose()


async def test_first_ear_hears() -> None:
    """The best transcriber would not be asked first, or would not know the chapter's words."""
    async with hearing(Ear("openai-a"), Ear("whisper-b")) as ladder:
        heard = await ladder.transcribe(SOUND, context="loop")
    assert heard == Transcript(text="heard loop", model="openai-a")


@pytest.mark.parametrize(
    "make",
    [
        lambda: ProviderUnreachable(),
        lambda: RateLimited(retry_after=9),
        lambda: ProviderRefusedKey(),
        lambda: ModelMissing(),
        lambda: 9.0,
        lambda: ValueError("bug"),
    ],
    ids=["down", "limited", "key", "missing", "silent", "bug"],
)
async def test_next_ear_hears(make: Callable[[], Exception | float]) -> None:
    """A learner's words would be lost with one transcriber, or each later learner would wait for it again."""
    first = Ear("openai-a", make())
    async with hearing(first, Ear("whisper-b")) as ladder:
        assert (await ladder.transcribe(SOUND)).model == "whisper-b"
        began = monotonic()
        assert (await ladder.transcribe(SOUND)).model == "whisper-b"
        assert monotonic() - began < 0.1
        assert [audio for audio in first.heard if audio == SOUND] == [SOUND]


async def test_bad_sound_blames_nobody() -> None:
    """One broken recording would close every transcriber."""
    async with hearing(Ear("openai-a", AudioUnreadable()), Ear("whisper-b")) as ladder:
        with pytest.raises(AudioUnreadable):
            await ladder.transcribe(SOUND)
        assert all(rung.ready for rung in ladder.health())


async def test_broken_ear_comes_back_by_a_probe() -> None:
    """A transcriber would stay closed, or be tried on a learner's words."""
    first = Ear("openai-a", ProviderUnreachable(), 0.0)
    with capture_logs() as logs:
        async with hearing(first, Ear("whisper-b")) as ladder:
            await ladder.transcribe(SOUND)
            await until(lambda: ladder.health()[0].ready)
            assert (await ladder.transcribe(SOUND)).model == "openai-a"
    assert set(first.heard[1].pcm) == {0}
    assert [log["outcome"] for log in logs if log["event"] == "attempt"][-2:] == [
        "probe_answered",
        "answered",
    ]


async def test_nobody_hears() -> None:
    """The learner would get a traceback instead of a word about it."""
    async with hearing(Ear("openai-a", ModelMissing())) as ladder:
        with pytest.raises(ModelMissing):
            await ladder.transcribe(SOUND)
        with pytest.raises(ProviderUnreachable):
            await ladder.transcribe(SOUND)


async def test_next_voice_speaks() -> None:
    """A voice that is down would leave the answer silent."""
    mouths = [Mouth("groq-a", ProviderUnreachable()), Mouth("piper-b")]
    ladder = SpeakerLadder(speech_rungs(mouths, seconds=0.2), limits=QUICK)
    assert await ladder.speak("A loop repeats.") == SOUND
    assert mouths[1].said == ["A loop repeats."]
    await until(lambda: len(mouths[0].said) > 1)
    assert mouths[0].said[1:] == ["Ready."]
    await ladder.aclose()
