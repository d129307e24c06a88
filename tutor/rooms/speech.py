"""One answer in a room, while it is told and spoken."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Final

from livekit import rtc

from tutor.domain.audio import Audio
from tutor.domain.conversation import Via
from tutor.domain.playback import Playback
from tutor.domain.turn import Commanded, Declined, Failed, Following, Heard, Said, TurnEvent

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
    begun: bool = False
    """Whether any of it has been played."""
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the turn has ended and is stored. Its sound may go on for long."""

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

    __slots__ = ("audio", "speech")

    def __new__(cls, text: str, speech: Speech, audio: Audio | None = None) -> "Sentence":
        """`audio` None: the sentence can only be read."""
        sentence = super().__new__(cls, text)
        sentence.speech, sentence.audio = speech, audio
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
