"""One answer in a room, while it is told and spoken."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from livekit import rtc

from tutor.domain.audio import Audio
from tutor.domain.conversation import Via
from tutor.domain.playback import Playback
from tutor.domain.turn import Commanded, Declined, Failed, Following, Heard, Said, TurnEvent

_SILENT: Final = 5.0
"""Seconds without a sound after which words go without it."""
RATE: Final = 24_000
"""Samples per second of the teacher's track."""


@dataclass(eq=False)
class Speech:
    """What is known of an answer until its last sound has been played."""

    events: AsyncGenerator[TurnEvent]
    via: Via
    turn_id: str = ""
    """Of the stored turn; empty for a command, which is not stored."""
    outcome: str = "interrupted"
    """How it has ended, as far as its events tell."""
    playback: Playback = field(default_factory=Playback)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when its first sound is played."""
    began: float = 0.0
    """When that was, on the clock of the loop."""
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the turn has ended and is stored. Its sound may go on for long."""

    def begin(self) -> None:
        """Its first sound is played now."""
        self.began = asyncio.get_running_loop().time()
        self.begun.set()

    async def reach(self, at: float) -> None:
        """Wait until so many seconds of it should have been played; where none is played, not for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.begun.wait(), _SILENT)
        await asyncio.sleep(max(0.0, self.began + at - asyncio.get_running_loop().time()))

    def follow(self, event: TurnEvent) -> None:
        """Keep in mind what an event says of the turn."""
        self.playback.follow(event)
        match event:
            case Heard(turn_id=turn_id) | Following(turn_id=turn_id):
                self.turn_id = turn_id
            case Declined():
                self.outcome = "declined"
            case Commanded():
                self.outcome = "commanded"
            case Failed():
                self.outcome = "failed"
            case Said() if self.outcome == "interrupted":
                self.outcome = "answered"


class Sentence(str):
    """A spoken sentence on its way through LiveKit's pipeline, with its sound: text to them, both to us."""

    audio: Audio | None
    speech: Speech
    at: float
    """Seconds of the answer's sound before it."""

    __slots__ = ("at", "audio", "speech")

    def __new__(cls, text: str, speech: Speech, audio: Audio | None = None, at: float = 0.0) -> "Sentence":
        """`audio` None: the sentence can only be read."""
        sentence = super().__new__(cls, text)
        sentence.speech, sentence.audio, sentence.at = speech, audio, at
        return sentence


def frames(audio: Audio) -> Iterator[rtc.AudioFrame]:
    """A sound at the track's rate. Voices differ in theirs, and a fallback may change it within an answer."""
    frame = rtc.AudioFrame(audio.pcm, audio.sample_rate, 1, len(audio.pcm) // 2)
    if audio.sample_rate == RATE:
        yield frame
        return
    resampler = rtc.AudioResampler(audio.sample_rate, RATE)
    yield from resampler.push(frame)
    yield from resampler.flush()
