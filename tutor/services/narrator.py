"""Speaks an answer while it is still being written, sentence by sentence."""

import asyncio
from collections.abc import AsyncGenerator

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from tutor.domain.audio import Audio
from tutor.domain.manner import BROWSER, PLAIN, Manner
from tutor.domain.speech import Sentence, SentenceCutter
from tutor.domain.turn import Declined, Delta, Restarted, Spoken, TurnEvent
from tutor.errors import TutorError
from tutor.services.ports import Speaker

log = structlog.get_logger()

_PACE = 15.0
"""Characters a second of a voice at its own pace: a guess at how long a device will speak."""
_UNREAD = 256
"""Events that wait for a slow reader; then the model is read no faster than that."""
_UNSPOKEN = 200
"""Sentences by which the text may be ahead of the voice."""


class Narrator:
    """Wraps the events of a turn, adding Spoken events among them."""

    def __init__(self, speaker: Speaker | None) -> None:
        """`speaker`: None where this site has no voice, and only tells what there is to say."""
        self._speaker = speaker

    async def along(
        self, events: AsyncGenerator[TurnEvent], manner: Manner = PLAIN
    ) -> AsyncGenerator[TurnEvent]:
        """The same events at the same time, and a Spoken for every sentence as soon as it has sound.

        Where the learner's device speaks by itself, or has to because the voice fails, a Spoken has no sound.
        """
        tell, told = anyio.create_memory_object_stream[TurnEvent](_UNREAD)
        say, unsaid = anyio.create_memory_object_stream[Sentence](_UNSPOKEN)
        tell_spoken = tell.clone()
        reading = asyncio.create_task(self._read(events, tell, say, unsaid))
        speaking = asyncio.create_task(self._speak(unsaid, tell_spoken, manner))
        try:
            async for event in told:  # until both have ended
                yield event
            await reading  # an error of the turn itself comes out here
        finally:
            reading.cancel()
            speaking.cancel()
            await asyncio.wait((reading, speaking))
            for end in (tell, tell_spoken, told, say, unsaid):
                end.close()
            await events.aclose()
            if not reading.cancelled():
                reading.result()  # an error of a turn that nobody waited for

    @staticmethod
    async def _read(
        events: AsyncGenerator[TurnEvent],
        tell: MemoryObjectSendStream[TurnEvent],
        say: MemoryObjectSendStream[Sentence],
        unsaid: MemoryObjectReceiveStream[Sentence],
    ) -> None:
        cutter = SentenceCutter()
        with tell, say:
            async for event in events:
                await tell.send(event)
                match event:
                    case Restarted():
                        cutter = SentenceCutter()
                        while unsaid.statistics().current_buffer_used:
                            unsaid.receive_nowait()  # taken back before it was said
                    case Delta(text=text) | Declined(text=text):
                        for sentence in cutter.feed(text):
                            await say.send(sentence)
            for sentence in cutter.flush():
                await say.send(sentence)

    async def _speak(
        self,
        unsaid: MemoryObjectReceiveStream[Sentence],
        tell: MemoryObjectSendStream[TurnEvent],
        manner: Manner,
    ) -> None:
        speaker = None if manner.voice == BROWSER else self._speaker
        with tell:
            async for sentence in unsaid:
                audio = await _sound(speaker, sentence.text, manner) if speaker else None
                if audio is None:
                    speaker = None
                seconds = audio.seconds if audio else len(sentence.text) / (_PACE * manner.rate)
                await tell.send(
                    Spoken(text=sentence.text, seconds=round(seconds, 2), end=sentence.end, audio=audio)
                )


async def _sound(speaker: Speaker, text: str, manner: Manner) -> Audio | None:
    """The sound of a sentence; None, and a line in the log, where the voice fails."""
    try:
        return await speaker.speak(text, manner)
    except TutorError as error:
        log.warning("voice_failed", code=error.code, detail=str(error), speaker=speaker.name)
    except Exception:
        # The edge of this task. Without a voice, the text goes on.
        log.exception("voice_broken", speaker=speaker.name)
    return None
