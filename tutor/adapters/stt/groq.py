"""Groq's transcription: Whisper large v3 turbo."""

import asyncio
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tutor.adapters import vad, wav
from tutor.adapters.groq_errors import translated
from tutor.adapters.llm.groq import groq_host
from tutor.adapters.sdk_client import SdkClient
from tutor.domain.audio import Audio, Transcript

if TYPE_CHECKING:
    from groq import AsyncGroq

MODEL = "whisper-large-v3-turbo"
_CONTEXT_CHARS = 400
"""Groq refuses a prompt of more than 224 tokens."""


class GroqTranscriber:
    """A Transcriber."""

    def __init__(
        self,
        api_key: SecretStr,
        *,
        base_url: str = "https://api.groq.com",
        model: str = MODEL,
        language: str = "en",
        timeout: float = 10.0,
    ) -> None:
        """`language`: what is spoken, as ISO 639-1; it makes short questions surer. `timeout`: seconds."""
        self._client = SdkClient("groq", api_key, groq_host(base_url), timeout=timeout)
        self._model = model
        self._language = language
        self.name = f"groq-{model}"

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance. What holds no speech is not sent.

        Raises:
            ProviderError: As the table in `groq_errors` says.
        """
        speech = await asyncio.to_thread(vad.speech_of, audio)
        if speech is None:
            return Transcript(text="", model=self.name)
        client: AsyncGroq = await self._client.get()
        with translated():
            answer = await client.audio.transcriptions.create(
                model=self._model,
                file=("speech.wav", wav.encode(speech), "audio/wav"),
                language=self._language,
                prompt=context[:_CONTEXT_CHARS],
                response_format="json",
                temperature=0.0,
            )
        return Transcript(text=answer.text.strip(), language=self._language, model=self.name)

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self._client.get()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
