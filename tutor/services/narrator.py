"""Speaks an answer while it is still being written, sentence by sentence."""

import asyncio
from collections.abc import AsyncGenerator

import structlog

from tutor.domain.speech import Sentence, SentenceCutter
from tutor.domain.turn import Declined, Delta, Restarted, Spoken, TurnEvent
from tutor.errors import TutorError
from tutor.services.ports import Speaker

log = structlog.get_logger()


class Narrator:
    """Wraps the events of a turn, adding Spoken events among them."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    async def along(self, events: AsyncGenerator[TurnEvent]) -> AsyncGenerator[TurnEvent]:
        """The same events at the same time, and a Spoken for every sentence as soon as it has sound.

        A voice that fails is logged, and the rest of the turn is silent: the text is still there.
        """
        merged: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
        sentences: asyncio.Queue[Sentence | None] = asyncio.Queue()
        reading = asyncio.create_task(self._read(events, merged, sentences))
        speaking = asyncio.create_task(self._speak(sentences, merged))
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
        self, sentences: asyncio.Queue[Sentence | None], merged: asyncio.Queue[TurnEvent | None]
    ) -> None:
        try:
            while (sentence := await sentences.get()) is not None:
                audio = await self._speaker.speak(sentence.text)
                seconds = round(audio.seconds, 2)
                merged.put_nowait(Spoken(text=sentence.text, seconds=seconds, end=sentence.end, audio=audio))
        except TutorError as error:
            log.warning("voice_failed", code=error.code, detail=str(error), speaker=self._speaker.name)
            await _ended(sentences)
        except Exception:
            # The edge of this task. Without a voice, the text goes on.
            log.exception("voice_broken", speaker=self._speaker.name)
            await _ended(sentences)
        finally:
            merged.put_nowait(None)


async def _ended(sentences: asyncio.Queue[Sentence | None]) -> None:
    while await sentences.get() is not None:
        pass
