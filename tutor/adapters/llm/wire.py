"""One model behind the chat-completions protocol, whichever SDK speaks it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

from tutor.adapters.llm.answer import FINISH_GRACE, AnswerReader, Part
from tutor.domain.chat import ChatRequest, Chunk, Token
from tutor.errors import ProviderError
from tutor.rungs import Rung


class Parts(Protocol):
    """A streamed answer, as both SDKs give it."""

    def __aiter__(self) -> AsyncIterator[Part]: ...

    def __anext__(self) -> Awaitable[Part]: ...

    async def close(self) -> None:
        """Close the connection, unless the answer was read to its end."""


class WireChat:
    """A ChatModel over an SDK's streaming call."""

    def __init__(
        self,
        rung: Rung,
        *,
        create: Callable[[dict[str, Any]], Awaitable[Parts]],
        translated: Callable[[], AbstractContextManager[None]],
        max_tokens: str,
        fixed: Mapping[str, object] = {},
    ) -> None:
        """Wrap a call.

        Args:
            rung: Model, temperature and options.
            create: Sends a body through the SDK; returns its stream.
            translated: Turns the SDK's errors into ours.
            max_tokens: What this server calls the limit of the answer's length.
            fixed: Fields that every request to this provider carries.
        """
        self._rung = rung
        self._create = create
        self._translated = translated
        self._max_tokens = max_tokens
        self._fixed = dict(fixed)

    @property
    def name(self) -> str:
        """The rung's."""
        return self._rung.name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Answer. Closing the generator closes the request's connection. Raises ProviderError."""
        reader = AnswerReader(rung=self._rung.name, model=self._rung.model)
        with self._translated():
            parts = await self._create(self._body(request))
            try:
                while not reader.complete and (part := await anext(parts, None)) is not None:
                    if text := reader.text(part):
                        yield Token(text=text)
                if reader.complete:
                    await self._count(parts, reader)
                yield reader.finish()
            finally:
                await parts.close()

    async def _count(self, parts: Parts, reader: AnswerReader) -> None:
        """Read the token counts, which come last. The answer is complete: no failure matters any more."""
        with suppress(TimeoutError, ProviderError), self._translated():
            async with asyncio.timeout(min(FINISH_GRACE, self._rung.stall / 2)):
                while (part := await anext(parts, None)) is not None:
                    reader.text(part)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        rung = self._rung
        body: dict[str, Any] = {
            "model": rung.model,
            "messages": [
                {"role": message.author.value, "content": message.content} for message in request.messages
            ],
            "stream": True,
            self._max_tokens: request.max_tokens + rung.thinking,
            **self._fixed,
        }
        if rung.temperature is not None:
            body["temperature"] = rung.temperature
        if request.json_reply:
            body["response_format"] = {"type": "json_object"}
        return {**body, **rung.options}
