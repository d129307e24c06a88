"""Speaks an answer while it is still being written, sentence by sentence."""

import asyncio
from collections.abc import AsyncGenerator

import structlog

from tutor.domain.audio import Audio
from tutor.domain.manner import BROWSER, PLAIN, Manner
from tutor.domain.speech import Sentence, SentenceCutter
from tutor.domain.turn import Declined, Delta, Restarted, Spoken, TurnEvent
from tutor.errors import TutorError
from tutor.services.ports import Speaker

log = structlog.get_logger()

_PACE = 15.0
"""Characters a second of a voice at its own pace: a guess at how long a device will speak."""


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
        merged: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
        sentences: asyncio.Queue[Sentence | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(events, merged, sentences))
        speaking = asyncio.create_task(self._speak(sentences, merged, manner))
        try:
            while (event := await merged.get()) is not None:
                yield event
            await reading  # an error of the turn itself comes out here
        finally:
            reading.cancel()
            speaking.cancel()
            await asyncio.wait((reading, speaking))
            await events.aclose()
            if not reading.cancelled():
                reading.result()  # an error of a turn that nobody waited for

    @staticmethod
    async def _read(
        events: AsyncGenerator[TurnEvent],
        merged: asyncio.Queue[TurnEvent | None],
        sentences: asyncio.Queue[Sentence | None],
    ) -> None:
        cutter = SentenceCutter()
        try:
            async for event in events:
                merged.put_nowait(event)
                match event:
                    case Restarted():
                        cutter = SentenceCutter()
                        while not sentences.empty():
                            sentences.get_nowait()  # taken back before it was said
                    case Delta(text=text) | Declined(text=text):
                        for sentence in cutter.feed(text):
                            sentences.put_nowait(sentence)
            for sentence in cutter.flush():
                sentences.put_nowait(sentence)
        finally:
            sentences.put_nowait(None)

    async def _speak(
        self,
        sentences: asyncio.Queue[Sentence | None],
        merged: asyncio.Queue[TurnEvent | None],
        manner: Manner,
    ) -> None:
        speaker = None if manner.voice == BROWSER else self._speaker
        try:
            while (sentence := await sentences.get()) is not None:
                audio = await _sound(speaker, sentence.text, manner) if speaker else None
                if audio is None:
                    speaker = None
                seconds = audio.seconds if audio else len(sentence.text) / (_PACE * manner.rate)
                merged.put_nowait(
                    Spoken(text=sentence.text, seconds=round(seconds, 2), end=sentence.end, audio=audio)
                )
        finally:
            merged.put_nowait(None)


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
