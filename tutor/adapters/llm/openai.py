"""OpenAI's chat models, and those of every server that speaks the same protocol: Ollama, llama.cpp, vLLM."""

import asyncio
import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tutor.adapters.llm.account import Account
from tutor.adapters.llm.wire import Parts, WireChat
from tutor.adapters.openai_errors import translated
from tutor.rungs import Rung

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAIProvider:
    """One account, with the connections that its rungs share."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._made: AsyncOpenAI | None = None
        self._stream: Any = None
        host = urlsplit(account.base_url).hostname or ""
        self.exhaustive = host.endswith("openai.com")
        # OpenAI's newer models know only the one name, most other servers only the other.
        self._max_tokens = "max_completion_tokens" if self.exhaustive else "max_tokens"

    def chat(self, rung: Rung) -> WireChat:
        """A rung as something that answers."""
        return WireChat(
            rung,
            create=self._create,
            translated=translated,
            max_tokens=self._max_tokens,
            fixed={"stream_options": {"include_usage": True}},
        )

    async def client(self) -> "AsyncOpenAI":
        """The SDK's client, made when first needed. The SDK is loaded in a thread: it takes a second."""
        if self._made is None:
            openai = await asyncio.to_thread(importlib.import_module, "openai")
            # A redirect would carry the learner's words to a host that nobody chose.
            http = openai.DefaultAsyncHttpxClient(
                follow_redirects=False, timeout=openai.Timeout(60.0, connect=5.0)
            )
            with translated():
                made = openai.AsyncOpenAI(
                    api_key=self._account.api_key.get_secret_value() or "none",
                    base_url=self._account.base_url,
                    max_retries=0,
                    http_client=http,
                )
            # Another task may have been quicker while this one loaded.
            self._made = self._made or made
            self._stream = openai.AsyncStream[object]
        return self._made

    async def prepare(self) -> None:
        """Make the client, without a connection yet. Raises ProviderError."""
        await self.client()

    async def models(self) -> frozenset[str]:
        """The ids that this account may use. Raises ProviderError."""
        client = await self.client()
        with translated():
            return frozenset([model.id async for model in client.models.list()])

    async def aclose(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.close()

    async def _create(self, body: dict[str, Any]) -> Parts:
        # The SDK's general call instead of `chat.completions.create`: same connection, headers and errors,
        # but events come as plain JSON. Making typed objects of them is a third of a whole answer's work.
        client = await self.client()
        parts: Parts = await client.post(
            "/chat/completions", cast_to=object, body=body, stream=True, stream_cls=self._stream
        )
        return parts
