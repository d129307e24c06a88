"""Groq's speech: Orpheus by Canopy Labs. Its terms have to be accepted once, in Groq's console."""

import re
import textwrap
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tutor.adapters import wav
from tutor.adapters.groq_errors import translated
from tutor.adapters.llm.groq import groq_host
from tutor.adapters.resample import resampled
from tutor.adapters.sdk_client import SdkClient
from tutor.domain.audio import Audio
from tutor.domain.manner import PLAIN, Manner
from tutor.errors import AnswerUnusable, InvalidInput

if TYPE_CHECKING:
    from groq import AsyncGroq

MODEL = "canopylabs/orpheus-v1-english"
VOICE = "hannah"
VOICES = ("autumn", "diana", "hannah", "austin", "daniel", "troy")
_LONGEST = 200
"""Characters that the model takes at once."""
_DIRECTIONS = re.compile(r"[\[\]<>]")
"""Orpheus takes "[whisper]" or "<laugh>" for a direction, not for words."""


class GroqSpeaker:
    """A Speaker."""

    def __init__(
        self,
        api_key: SecretStr,
        *,
        base_url: str = "https://api.groq.com",
        model: str = MODEL,
        voice: str = VOICE,
        timeout: float = 10.0,
    ) -> None:
        """`timeout`: seconds for one piece of a sentence."""
        self._client = SdkClient("groq", api_key, groq_host(base_url), timeout=timeout)
        self._model = model
        self._voice = voice
        self.name = f"groq-{model.rsplit('/', 1)[-1]}"

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, at the voice's own pace. One that is too long is said in pieces.

        Raises:
            ProviderError: As the table in `groq_errors` says, or AnswerUnusable where no sound came.
        """
        first, *others = textwrap.wrap(_DIRECTIONS.sub(" ", text), _LONGEST) or [text]
        voice = manner.voice if manner.voice in VOICES else self._voice
        audio = await self._say(first, voice)
        for piece in others:
            following = resampled(await self._say(piece, voice), audio.sample_rate)
            audio = audio.model_copy(update={"pcm": audio.pcm + following.pcm})
        return audio

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self._client.get()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _say(self, text: str, voice: str) -> Audio:
        client: AsyncGroq = await self._client.get()
        with translated():
            answer = await client.audio.speech.create(
                model=self._model, voice=voice, input=text, response_format="wav"
            )
            data = await answer.read()
        try:
            return wav.decode(data, max_seconds=120)
        except InvalidInput as error:
            raise AnswerUnusable(f"groq speech: {error}") from error
