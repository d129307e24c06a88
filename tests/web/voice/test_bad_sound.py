"""Sound that is no clear question, in the real handler with the real ears: what is told, what is kept."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from fastrtc import AdditionalOutputs

from tests.services.classroom import Class, classroom
from tests.web.voice import sounds
from tests.web.voice.sounds import RATE, Sound
from tests.web.voice.test_lesson_voice import Channel
from tutor.adapters.stt.moonshine_local import MoonshineTranscriber
from tutor.adapters.stt.whisper_local import WhisperTranscriber
from tutor.adapters.turn_end import SmartTurn
from tutor.adapters.vad import Vad
from tutor.domain.audio import Audio, Transcript
from tutor.domain.microphone import Trouble
from tutor.errors import NothingHeard
from tutor.services.services import Services
from tutor.services.voice_seats import VoiceSeats
from tutor.settings import Settings
from tutor.web.identity import current_learner
from tutor.web.pages.place import carried, place_of
from tutor.web.pages.voice import LessonVoice

pytestmark = pytest.mark.models

WHISPER, MOONSHINE = WhisperTranscriber(), MoonshineTranscriber()
FRAME = RATE // 50


class Line:
    """One learner's connection, which takes sound as fast as it comes."""

    def __init__(self, lesson: Class) -> None:
        self.lesson, self.seats = lesson, VoiceSeats(1)
        self.seen: list[str] = []

    async def open(self) -> None:
        """Connect."""
        services = SimpleNamespace(
            settings=Settings(),
            voice_activity=Vad,
            turn_end=SmartTurn(),
            voice_seats=self.seats,
            teacher=self.lesson.teacher,
            turns=self.lesson.store,
            limits=self.lesson.limits,
            mode=SimpleNamespace(has_voice=False),
        )
        token = current_learner.set(self.lesson.learner)
        self.voice = LessonVoice(cast("Services", services), place_of).copy()
        current_learner.reset(token)
        self.voice.set_channel(Channel())
        self.voice.set_args(["", carried(self.lesson.place), ""])
        self._showing = asyncio.create_task(self._show())
        await self.voice.start_up()

    async def _show(self) -> None:
        while True:
            item = await self.voice._out.get()
            if isinstance(item, AdditionalOutputs) and item.args[1]:
                self.seen.append(re.sub("<[^>]*>", "", str(item.args[1])).strip())

    async def hear(self, sound: Sound) -> None:
        """Send it, and let everything else run in between."""
        for begin in range(0, sound.size - FRAME + 1, FRAME):
            await self.voice.receive((RATE, sound[begin : begin + FRAME][None]))
            await asyncio.sleep(0)

    async def rest(self, condition: Any) -> None:
        """Send the hiss of a still room until it comes to this."""
        hiss = np.random.default_rng(0).integers(-3, 3, FRAME).astype(np.int16)
        for _ in range(2000):
            if condition():
                return
            await self.voice.receive((RATE, hiss[None]))
            await asyncio.sleep(0.004)
        raise AssertionError(f"it did not come to this; seen: {self.seen}")

    async def close(self) -> None:
        """Hang up; the seat must be free."""
        await self.voice.shutdown()
        self._showing.cancel()
        assert self.seats.taken == 0


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with classroom(tmp_path) as lesson:
        lesson.ears, lesson.quick_ear = WHISPER, MOONSHINE
        made = Line(lesson)
        await made.open()
        yield made
        await made.close()


@pytest.mark.parametrize(
    ("sound", "told"),
    [
        (sounds.silence(9), Trouble.SILENT),
        (sounds.noise(13), Trouble.NOISY),
        (sounds.music(15), Trouble.NOISY),
        (sounds.song(3), NothingHeard.text),
    ],
    ids=["silence", "noise", "music", "song"],
)
async def test_sound_without_speech_is_no_question(line: Line, sound: Sound, told: str) -> None:
    """Words that nobody said would be stored and answered, or a learner would wait without knowing why."""
    await line.hear(sound)
    await line.rest(lambda: line.seen[-1:] == [told])
    assert await line.lesson.messages() == []
    assert line.lesson.model.requests == []
    await line.hear(sounds.recorded("list"))
    await line.rest(lambda: line.seen[-1] == "Listening. Ask your next question.")
    assert "list" in (await line.lesson.messages())[0][1], "after that it hears nothing any more"


async def test_humming_that_passes_for_speech_has_no_words(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first ear is mistaken, Whisper would invent words for music and noise, as it is known to."""
    monkeypatch.setattr(Vad, "__call__", lambda _, frame: 0.9 if np.abs(frame).max() > 100 else 0.0)
    monkeypatch.setattr(Vad, "probabilities", lambda _, samples: np.full(-(-samples.size // 512), 0.9))
    for sound in (sounds.music(2), sounds.noise(2), sounds.song(2)):
        line.seen.clear()
        await line.hear(sound)
        await line.rest(lambda: line.seen[-1:] == [NothingHeard.text])
    assert await line.lesson.messages() == []


@pytest.mark.parametrize(
    ("sound", "words", "told"),
    [
        (sounds.together("list", "function"), "", ""),
        (sounds.clipped("list"), "list", Trouble.CLIPPED),
        (sounds.telephone("index_error"), "index error", ""),
    ],
    ids=["two speakers", "clipped", "8 kHz"],
)
async def test_speech_that_is_hard_to_hear_is_answered(
    line: Line, sound: Sound, words: str, told: str
) -> None:
    """A bad microphone, a telephone or a second voice in the room would end the conversation."""
    await line.hear(sound)
    await line.rest(lambda: line.seen[-1] == "Listening. Ask your next question.")
    author, text = (await line.lesson.messages())[0]
    assert (author, len(line.lesson.model.requests)) == ("user", 1)
    assert words in text.lower()
    assert not told or told in line.seen


async def test_a_client_that_sends_for_ever_costs_no_more(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a forgotten window sends would pile up, or somebody who never pauses would never be answered."""
    heard: list[float] = []

    async def listen(_: object, audio: Audio) -> Transcript:
        heard.append(audio.seconds)
        return Transcript(text="", model="counts")

    line.voice._talk._services.teacher.listen = listen
    monkeypatch.setattr(Vad, "__call__", lambda *_: 0.0)
    second = np.zeros((1, RATE), dtype=np.int16)

    async def minutes(count: int) -> int:
        for _ in range(60 * count):
            await line.voice.receive((RATE, second))
            await asyncio.sleep(0)
        return len(line.voice._buffer) + len(line.voice._talk._ears._utterance.sound)

    assert await minutes(2) == await minutes(13)
    assert heard == []
    monkeypatch.setattr(Vad, "__call__", lambda *_: 0.9)
    kept = await minutes(2), await minutes(13)
    longest = Settings().max_audio_seconds
    assert max(kept) <= (longest + 1) * RATE * 2
    assert len(heard) == pytest.approx(15 * 60 / longest, abs=1)
    assert max(heard) <= longest
