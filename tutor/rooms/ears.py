"""How the teacher hears in a room: the project's own transcriber, as LiveKit's agents expect one."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import structlog
from livekit import rtc
from livekit.agents import NOT_GIVEN, APIConnectOptions, LanguageCode, NotGivenOr, llm, stt, utils

from tutor.domain.audio import Audio, Transcript
from tutor.errors import NothingHeard, TutorError

log = structlog.get_logger()


class Ears(stt.STT[Any]):
    """A speech-to-text of LiveKit's that asks our pipeline. Their VAD brings it one utterance at a time.

    Args:
        listen: The words in a sound; raises TutorErrors.
        complain: Called with an error that the learner should know of.
        reads: Called with the words, before LiveKit has them.
    """

    def __init__(
        self,
        listen: Callable[[Audio], Awaitable[Transcript]],
        complain: Callable[[TutorError], None],
        reads: Callable[[str], None],
    ) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._listen, self._complain, self._reads = listen, complain, reads
        self.last_ms, self.last_seconds = 0, 0.0
        """Milliseconds that hearing the last utterance took, and how long it was."""

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,  # noqa: ARG002 - the transcriber finds it out
        conn_options: APIConnectOptions,  # noqa: ARG002 - our ladder has its own deadlines
    ) -> stt.SpeechEvent:
        frame = rtc.combine_audio_frames(buffer)
        began = perf_counter()
        heard: list[stt.SpeechData] = []
        audio = Audio(pcm=bytes(frame.data), sample_rate=frame.sample_rate)
        self.last_seconds = audio.seconds
        try:
            transcript = await self._listen(audio)
            self._reads(transcript.text)
            heard.append(stt.SpeechData(language=LanguageCode(transcript.language), text=transcript.text))
        except NothingHeard as error:
            log.info("room_nothing_heard", detail=str(error))  # a cough: not worth a word
        except TutorError as error:
            self._complain(error)
        self.last_ms = round((perf_counter() - began) * 1000)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=heard)


class Mind(llm.LLM[Any]):
    """Says to LiveKit's agents that there is somebody who answers: they ask `RoomTeacher.llm_node`."""

    @property
    def model(self) -> str:
        return "tutor"

    def chat(self, **_: object) -> llm.LLMStream:
        """Never called: it would go around guard, ladder and store."""
        raise AssertionError("a room asked a model past the pipeline")
