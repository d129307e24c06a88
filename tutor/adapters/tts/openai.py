"""OpenAI's speech, and that of every server with the same route."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from tutor.adapters.openai_errors import translated
from tutor.adapters.sdk_client import SdkClient
from tutor.domain.audio import Audio
from tutor.domain.manner import PLAIN, Manner
from tutor.errors import AnswerUnusable

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MODEL = "gpt-4o-mini-tts"
"""OpenAI shuts its speech route's models down on 2027-01-06, with none to follow on that route. Other servers
that speak the same protocol stay; `base_url`, model and voice are settings."""
VOICE = "alloy"
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
_RATE = 24_000
"""Hz of OpenAI's raw PCM: 16-bit, little-endian, mono."""


class OpenAISpeaker:
    """A Speaker."""

    def __init__(
        self,
        api_key: SecretStr,
        *,
        base_url: str = "https://api.openai.com/v1",
        model: str = MODEL,
        voice: str = VOICE,
        timeout: float = 10.0,
    ) -> None:
        """`timeout`: seconds for one sentence."""
        self._client = SdkClient("openai", api_key, base_url, timeout=timeout)
        self._model = model
        self._voice = voice
        self.name = f"openai-{model}"

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, at 24 kHz. Of the voices only those of VOICES can be asked for.

        Raises:
            ProviderError: As the table in `openai_errors` says, or AnswerUnusable where no sound came.
        """
        client: AsyncOpenAI = await self._client.get()
        with translated():
            answer = await client.audio.speech.create(
                model=self._model,
                voice=manner.voice if manner.voice in VOICES else self._voice,
                input=text,
                response_format="pcm",
                speed=manner.rate,
            )
            pcm = await answer.aread()
        if len(pcm) < 2 or pcm[:4] == b"RIFF" or pcm.lstrip()[:1] == b"{":
            raise AnswerUnusable(f"openai speech: {len(pcm)} bytes that are not raw sound")
        return Audio(pcm=pcm[: len(pcm) // 2 * 2], sample_rate=_RATE)

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self._client.get()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
