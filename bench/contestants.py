"""Those that the ladder is compared with, each as one call that streams an answer."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = [
    {"role": "system", "content": "You teach programming to a beginner. " * 40},
    {"role": "user", "content": "Why does my while loop never end?"},
]
RESTART = "\0restart"
"""Stands in the stream for: forget what you have."""


class Contestant(Protocol):
    """One way to get an answer out of eight models."""

    async def reset(self) -> None:
        """Forget all about the models' health; keep the connections."""

    def answer(self) -> AsyncIterator[str]:
        """Ask, best model first. Pieces of visible text."""


class Raw:
    """The OpenAI SDK alone, asking the first model."""

    def __init__(self, url: str, models: list[str]) -> None:
        import openai

        self._client = openai.AsyncOpenAI(api_key="k", base_url=url, max_retries=0)
        self._model = models[0]

    async def reset(self) -> None:
        """Nothing to forget."""

    async def answer(self) -> AsyncIterator[str]:
        """Ask."""
        messages: Any = MESSAGES
        stream = await self._client.chat.completions.create(
            model=self._model,
            messages=messages,
            stream=True,
            max_tokens=700,
            temperature=0.6,
            stream_options={"include_usage": True},
        )
        async for part in stream:
            if part.choices and (text := part.choices[0].delta.content):
                yield text


class Ours:
    """The ladder of this project with its default limits, and its log switched on."""

    def __init__(self, url: str, models: list[str]) -> None:
        sys.path.insert(0, str(ROOT))
        from pydantic import SecretStr

        from tutor.adapters.llm.account import Account
        from tutor.adapters.llm.openai import OpenAIProvider
        from tutor.domain.chat import Author, ChatMessage, ChatRequest
        from tutor.log import configure
        from tutor.rungs import Rung

        configure("info", "json")
        provider = OpenAIProvider(Account("bench", url, SecretStr("k")))
        rungs = [Rung(name=model, provider="bench", model=model) for model in models]
        self._rungs = [(rung, provider.chat(rung)) for rung in rungs]
        self._ladder: Any = None
        self._request = ChatRequest(
            turn_id="bench",
            messages=tuple(
                ChatMessage(author=Author(message["role"]), content=message["content"])
                for message in MESSAGES
            ),
        )

    async def reset(self) -> None:
        """A new ladder on the same connections."""
        from tutor.services.ladder import Ladder

        if self._ladder is not None:
            await self._ladder.aclose()
        self._ladder = Ladder(self._rungs, floor=_Floor())

    async def answer(self) -> AsyncIterator[str]:
        """Ask."""
        from tutor.domain.chat import Restart, Token

        async for chunk in self._ladder.stream(self._request):
            if isinstance(chunk, Token):
                yield chunk.text
            elif isinstance(chunk, Restart):
                yield RESTART


class _Floor:
    name = "guide"

    async def stream(self, request: object) -> AsyncIterator[Any]:
        """Stands for the lesson guide, which is measured elsewhere."""
        from tutor.domain.chat import Finish, Token

        assert request
        yield Token(text="guide")
        yield Finish(rung="guide", model="guide")


class LiteLLM:
    """LiteLLM's Router: the first model, the others as its fallbacks."""

    def __init__(self, url: str, models: list[str], *, tuned: bool) -> None:
        # In an environment of its own.
        import litellm  # type: ignore[import-not-found]

        litellm.suppress_debug_info = True
        self._litellm: Any = litellm
        self._models = models
        self._tuned = tuned
        self._list = [
            {
                "model_name": model,
                "litellm_params": {"model": f"openai/{model}", "api_base": url, "api_key": "k"},
            }
            for model in models
        ]
        self._router: Any = None

    async def reset(self) -> None:
        """A new router; LiteLLM keeps its clients by itself."""
        best: dict[str, Any] = {
            "num_retries": 0,
            "max_fallbacks": len(self._models),
            "timeout": 2,
            "stream_timeout": 2,
            "allowed_fails": 0,
            "cooldown_time": 5,
            "disable_cooldowns": False,
        }
        self._router = self._litellm.Router(
            model_list=self._list,
            fallbacks=[{self._models[0]: self._models[1:]}],
            **(best if self._tuned else {}),
        )

    async def answer(self) -> AsyncIterator[str]:
        """Ask."""
        stream = await self._router.acompletion(
            model=self._models[0], messages=MESSAGES, stream=True, max_tokens=700, temperature=0.6
        )
        async for part in stream:
            if part.choices and (text := part.choices[0].delta.content):
                yield text


class LiveKit:
    """LiveKit's FallbackAdapter over LiveKit's own stream of the OpenAI SDK."""

    def __init__(self, url: str, models: list[str], *, tuned: bool) -> None:
        import logging

        import httpx
        import openai
        from livekit.agents import llm
        from livekit.agents.inference.llm import LLMStream
        from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

        logging.getLogger("livekit.agents").setLevel(logging.CRITICAL)
        http: Any = httpx.AsyncClient(timeout=httpx.Timeout(5.0, connect=15.0))
        client: Any = openai.AsyncClient(
            api_key="k",
            base_url=url,
            max_retries=0,
            http_client=http,
        )

        class Model(llm.LLM[Any]):
            """As livekit-plugins-openai makes it, without its settings."""

            def __init__(self, name: str) -> None:
                super().__init__()
                self._name = name

            @property
            def model(self) -> str:
                return self._name

            def chat(self, *, chat_ctx: Any, tools: Any = None, conn_options: Any = None, **_: Any) -> Any:
                return LLMStream(
                    self,
                    model=self._name,
                    strict_tool_schema=True,
                    client=client,
                    chat_ctx=chat_ctx,
                    tools=tools or [],
                    conn_options=conn_options or DEFAULT_API_CONNECT_OPTIONS,
                    extra_kwargs={"max_tokens": 700, "temperature": 0.6},
                )

        self._llm: Any = llm
        self._tuned = tuned
        self._models = [Model(name) for name in models]
        self._context: Any = llm.ChatContext.empty()
        for message in MESSAGES:
            role: Any = message["role"]
            self._context.add_message(role=role, content=message["content"])
        self._adapter: Any = None

    async def reset(self) -> None:
        """A new adapter on the same models."""
        best = {"attempt_timeout": 1.0, "retry_on_chunk_sent": True} if self._tuned else {}
        self._adapter = self._llm.FallbackAdapter(self._models, **best)

    async def answer(self) -> AsyncIterator[str]:
        """Ask."""
        async with self._adapter.chat(chat_ctx=self._context) as stream:
            async for part in stream:
                if part.delta and part.delta.content:
                    yield part.delta.content


def make(who: str, url: str, models: list[str]) -> Contestant:
    """A contestant by its name: `raw`, `ours`, `litellm`, `litellm-tuned`, `livekit`, `livekit-tuned`."""
    name, _, tuned = who.partition("-")
    match name:
        case "raw":
            return Raw(url, models)
        case "ours":
            return Ours(url, models)
        case "litellm":
            return LiteLLM(url, models, tuned=bool(tuned))
    return LiveKit(url, models, tuned=bool(tuned))
