"""OpenAI's transcription, and that of every server with the same route."""

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from tutor.adapters import vad, wav
from tutor.adapters.openai_errors import translated
from tutor.adapters.sdk_client import SdkClient
from tutor.domain.audio import Audio, Transcript

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MODEL = "gpt-transcribe"
"""whisper-1 and the gpt-4o ones are shut down on 2027-02-26 (OpenAI's deprecations page)."""
_CONTEXT_CHARS = 400
_KEYWORDS = 50


class OpenAITranscriber:
    """A Transcriber."""

    def __init__(
        self,
        api_key: SecretStr,
        *,
        base_url: str = "https://api.openai.com/v1",
        model: str = MODEL,
        language: str = "en",
        timeout: float = 15.0,
    ) -> None:
        """`language`: what is spoken, as ISO 639-1; it makes short questions surer. `timeout`: seconds."""
        self._client = SdkClient("openai", api_key, base_url, timeout=timeout)
        self._model = model
        self._language = language
        self.name = f"openai-{model}"

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance. What holds no speech is not sent.

        Raises:
            ProviderError: As the table in `openai_errors` says.
        """
        speech = await asyncio.to_thread(vad.speech_of, audio)
        if speech is None:
            return Transcript(text="", model=self.name)
        client: AsyncOpenAI = await self._client.get()
        with translated():
            answer = await client.audio.transcriptions.create(
                model=self._model,
                file=("speech.wav", wav.encode(speech), "audio/wav"),
                response_format="json",
                **self._hints(context),
            )
        return Transcript(text=answer.text.strip(), language=self._language, model=self.name)

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self._client.get()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _hints(self, context: str) -> dict[str, Any]:
        """The newer model takes lists where the older ones take a language and a prompt."""
        if self._model.startswith("gpt-transcribe"):
            words = [word for part in context.split(",") if (word := part.strip())]
            return {"languages": [self._language]} | ({"keywords": words[:_KEYWORDS]} if words else {})
        return {"language": self._language} | ({"prompt": context[:_CONTEXT_CHARS]} if context else {})
