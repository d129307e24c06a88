"""Groq's chat models."""

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

from tutor.adapters.groq_errors import translated
from tutor.adapters.llm.account import Account
from tutor.adapters.llm.wire import Parts, WireChat
from tutor.rungs import Rung

if TYPE_CHECKING:
    from groq import AsyncGroq


def groq_host(base_url: str) -> str:
    """The address as the Groq SDK wants it: it adds `/openai/v1` itself.

    People write GROQ_BASE_URL with and without that path, because every other client of Groq's
    OpenAI-compatible API wants it. Both mean the same here.
    """
    return base_url.rstrip("/").removesuffix("/v1").removesuffix("/openai").rstrip("/")


class GroqProvider:
    """One account, with the connections that its rungs share."""

    exhaustive = True

    def __init__(self, account: Account) -> None:
        self._account = account
        self._made: AsyncGroq | None = None
        self._stream: Any = None

    def chat(self, rung: Rung) -> WireChat:
        """A rung as something that answers."""
        return WireChat(rung, create=self._create, translated=translated, max_tokens="max_completion_tokens")

    async def client(self) -> "AsyncGroq":
        """The SDK's client, made when first needed. The SDK is loaded in a thread: it takes a second."""
        if self._made is None:
            groq = await asyncio.to_thread(importlib.import_module, "groq")
            # A redirect would carry the learner's words to a host that nobody chose.
            http = groq.DefaultAsyncHttpxClient(
                follow_redirects=False, timeout=groq.Timeout(60.0, connect=5.0)
            )
            with translated():
                made = groq.AsyncGroq(
                    api_key=self._account.api_key.get_secret_value(),
                    base_url=groq_host(self._account.base_url),
                    max_retries=0,
                    http_client=http,
                )
            # Another task may have been quicker while this one loaded.
            self._made = self._made or made
            self._stream = groq.AsyncStream[object]
        return self._made

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self.client()

    async def models(self) -> frozenset[str]:
        """The ids that this account may use. Raises ProviderError."""
        client = await self.client()
        with translated():
            return frozenset(model.id for model in (await client.models.list()).data)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.close()

    async def _create(self, body: dict[str, Any]) -> Parts:
        # The SDK's general call instead of `chat.completions.create`: same connection, headers and errors,
        # but events come as plain JSON. Making typed objects of them is a third of a whole answer's work.
        client = await self.client()
        parts: Parts = await client.post(
            "/openai/v1/chat/completions", cast_to=object, body=body, stream=True, stream_cls=self._stream
        )
        return parts
