"""What of the answers in a room was really played, and what is kept of one that was cut."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from livekit.agents.voice.io import AudioOutput, PlaybackFinishedEvent, PlaybackStartedEvent

from tutor.domain.conversation import Via
from tutor.rooms.messages import Interrupted, Outgoing, Speaking
from tutor.rooms.speech import Speech


class Voice:
    """Follows LiveKit's audio output, answer by answer.

    Args:
        tell: Sends a message to the learner's page.
        cut: Keeps of a spoken answer what was heard: called with its turn's id and the text up to there.
    """

    def __init__(self, tell: Callable[[Outgoing], None], cut: Callable[[str, str], Awaitable[None]]) -> None:
        self._tell, self._cut = tell, cut
        self._sounding: deque[Speech] = deque()
        self._cuts: set[asyncio.Task[None]] = set()

    def follow(self, output: AudioOutput) -> None:
        """Listen to what is played from now on."""
        output.on("playback_started", self._begun)
        output.on("playback_finished", self._finished)

    def sound(self, speech: Speech) -> None:
        """An answer is going to be played.

        One that was interrupted before its first sound never begins: the next one takes its place.
        """
        if speech not in self._sounding:
            self._sounding = deque([*(other for other in self._sounding if other.begun.is_set()), speech])

    async def settled(self) -> None:
        """Wait until everything that was cut is stored so."""
        await asyncio.gather(*self._cuts)

    def _begun(self, _: PlaybackStartedEvent) -> None:
        if self._sounding:
            self._sounding[0].begin()
            self._tell(Speaking(turn_id=self._sounding[0].turn_id))

    def _finished(self, played: PlaybackFinishedEvent) -> None:
        if not self._sounding or not self._sounding[0].begun.is_set():
            return
        speech = self._sounding.popleft()
        if played.interrupted:
            task = asyncio.create_task(self._keep(speech, played.playback_position))
            self._cuts.add(task)
            task.add_done_callback(self._cuts.discard)

    async def _keep(self, speech: Speech, seconds: float) -> None:
        """Keep of an answer what was heard. One to a typed question stays: the learner can read it."""
        await speech.told.wait()
        heard = speech.playback.cut(seconds)
        if speech.via is not Via.TEXT and speech.turn_id:
            await self._cut(speech.turn_id, heard)
        self._tell(Interrupted(turn_id=speech.turn_id, text=heard))
