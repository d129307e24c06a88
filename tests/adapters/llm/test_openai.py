"""The OpenAI adapter against a server that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from tests.servers.ladder_rig import question, rung, until
from tests.servers.openai_wire import Act, OpenAIWire
from tutor.adapters.llm.account import Account
from tutor.adapters.llm.openai import OpenAIProvider
from tutor.adapters.llm.wire import WireChat
from tutor.domain.chat import Finish, Token
from tutor.errors import (
    AnswerUnusable,
    ModelUnknown,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

KEY = "sk-very-secret"


@pytest.fixture
async def wire() -> AsyncIterator[OpenAIWire]:
    async with OpenAIWire(models=("m", "n")) as wire:
        yield wire


@pytest.fixture
async def provider(wire: OpenAIWire) -> AsyncIterator[OpenAIProvider]:
    provider = OpenAIProvider(Account("openai", f"{wire.url}/v1", SecretStr(KEY)))
    yield provider
    await provider.aclose()


@pytest.fixture
def model(provider: OpenAIProvider) -> WireChat:
    return provider.chat(rung("m", thinking=100, options={"reasoning_effort": "none"}))


async def test_answer_streams(wire: OpenAIWire, model: WireChat) -> None:
    """Words would come all at once at the end, or tokens would not be counted."""
    wire.act("m", Act(words=("A ", "loop."), gap=0.05))
    chunks = [chunk async for chunk in model.stream(question())]
    assert chunks == [
        Token(text="A "),
        Token(text="loop."),
        Finish(rung="m", model="m", prompt_tokens=11, completion_tokens=7),
    ]


async def test_request(wire: OpenAIWire, model: WireChat) -> None:
    """Temperature, limits or options of a rung would not reach the model; our own ids would."""
    _ = [chunk async for chunk in model.stream(question().model_copy(update={"json_reply": True}))]
    (asked,) = wire.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You teach."},
            {"role": "user", "content": "Why does my loop never end?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 800,
        "temperature": 0.6,
        "response_format": {"type": "json_object"},
        "reasoning_effort": "none",
    }


async def test_openai_itself_gets_its_own_name_of_the_limit() -> None:
    """OpenAI's newer models refuse `max_tokens`, and other servers do not know the newer name."""
    provider = OpenAIProvider(Account("openai", "https://api.openai.com/v1", SecretStr(KEY)))
    assert "max_completion_tokens" in provider.chat(rung("m"))._body(question())
    assert provider.exhaustive


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (Act(status=401), ProviderRefusedKey),
        (Act(status=404, code="model_not_found"), ModelUnknown),
        (Act(status=400), RequestRefused),
        (Act(status=429, headers={"retry-after": "7"}), RateLimited),
        (Act(status=500), ProviderUnreachable),
        (Act(status=307, headers={"location": "http://x.test/"}), ProviderUnreachable),
        (Act(cut_after=1), ProviderUnreachable),
        (Act(finish=""), ProviderUnreachable),
        (Act(words=()), AnswerUnusable),
        (Act(finish="content_filter"), AnswerUnusable),
        (Act(raw="data: {nope\n\n"), AnswerUnusable),
        (Act(raw="data: \xff\n\n"), AnswerUnusable),
        (Act(raw='data: {"choices": 5}\n\n'), AnswerUnusable),
        (Act(raw='data: {"choices":[{"delta":{"content":"' + "x" * 1_000_000 + '"}}]}\n\n'), AnswerUnusable),
    ],
)
async def test_errors_are_ours(wire: OpenAIWire, model: WireChat, act: Act, error: type[Exception]) -> None:
    """An error of the SDK would pass the ladder by, or be asked again by the SDK; a key would be told."""
    wire.act("m", act)
    with pytest.raises(error) as caught:
        _ = [chunk async for chunk in model.stream(question())]
    assert len(wire.asked) == 1
    assert KEY not in f"{caught.value!r} {caught.value} {caught.value.__cause__} "
    assert caught.value.__cause__ is None


async def test_closing_stops_the_request(wire: OpenAIWire, model: WireChat) -> None:
    """A model would write on for a learner who left."""
    wire.act("m", Act(words=("word ",) * 100, gap=0.05))
    stream = model.stream(question())
    await anext(stream)
    await stream.aclose()
    await until(wire.asked[0].gone.is_set)


async def test_cancelling_stops_the_request(wire: OpenAIWire, model: WireChat) -> None:
    """A rung that lost a race would go on in the background."""
    wire.act("m", Act(connect=9))
    task = asyncio.ensure_future(anext(model.stream(question())))
    await until(lambda: bool(wire.asked))
    task.cancel()
    await asyncio.wait([task])
    await until(wire.asked[0].gone.is_set)


async def test_connection_is_used_again(wire: OpenAIWire, model: WireChat) -> None:
    """Every answer would pay for a new connection."""
    for _ in range(3):
        _ = [chunk async for chunk in model.stream(question())]
    assert wire.connections == 1


async def test_missing_token_counts_do_not_hold_up(wire: OpenAIWire, model: WireChat) -> None:
    """A server that hangs after its last word would hold up the end of the turn."""
    wire.act("m", Act(done=False))
    chunks = [chunk async for chunk in model.stream(question())]
    assert isinstance(chunks[-1], Finish)


async def test_models(provider: OpenAIProvider) -> None:
    """Retired models could not be found out."""
    assert await provider.models() == {"m", "n"}


async def test_models_of_nobody() -> None:
    """A server that is off would crash the check at start."""
    provider = OpenAIProvider(Account("local", "http://127.0.0.1:9/v1", SecretStr("")))
    with pytest.raises((ProviderUnreachable, ProviderTimeout)):
        await provider.models()
    await provider.aclose()
