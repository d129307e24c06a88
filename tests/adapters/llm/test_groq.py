"""The Groq adapter against a server that speaks its protocol."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from tests.servers.ladder_rig import question, rung, until
from tests.servers.openai_wire import Act, OpenAIWire
from tutor.adapters.llm.account import Account
from tutor.adapters.llm.groq import GroqProvider, groq_host
from tutor.adapters.llm.wire import WireChat
from tutor.domain.chat import Finish, Token
from tutor.errors import (
    AnswerUnusable,
    ModelUnknown,
    ProviderRefusedKey,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

KEY = "gsk-very-secret"


@pytest.fixture
async def wire() -> AsyncIterator[OpenAIWire]:
    async with OpenAIWire(models=("m",)) as wire:
        yield wire


@pytest.fixture
async def provider(wire: OpenAIWire) -> AsyncIterator[GroqProvider]:
    provider = GroqProvider(Account("groq", wire.url, SecretStr(KEY)))
    yield provider
    await provider.aclose()


@pytest.fixture
def model(provider: GroqProvider) -> WireChat:
    return provider.chat(rung("m", options={"reasoning_effort": "low"}, thinking=600))


@pytest.mark.parametrize(
    "url", ["http://x", "http://x/", "http://x/openai", "http://x/openai/v1", "http://x/openai/v1/"]
)
def test_address_in_any_form(url: str) -> None:
    """A GROQ_BASE_URL as other clients want it would lead to /openai/v1/openai/v1."""
    assert groq_host(url) == "http://x"


async def test_answer_streams(wire: OpenAIWire, model: WireChat) -> None:
    """Words would not come, or a rung's options would not reach the model."""
    chunks = [chunk async for chunk in model.stream(question())]
    assert chunks[0] == Token(text="A ")
    assert chunks[-1] == Finish(rung="m", model="m", prompt_tokens=11, completion_tokens=7)
    (asked,) = wire.asked
    assert asked.path == "/openai/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["reasoning_effort"] == "low"
    assert asked.body["max_completion_tokens"] == 1300


async def test_thoughts_are_not_shown(wire: OpenAIWire, model: WireChat) -> None:
    """A model's thinking would be read to the learner, or its token counts be lost."""
    wire.act(
        "m",
        Act(
            raw='data: {"choices":[{"delta":{"reasoning":"hm"}}]}\n\n'
            'data: {"choices":[{"delta":{"content":"Yes."}}]}\n\n'
            'data: {"choices":[{"delta":{},"finish_reason":"stop"}],'
            '"x_groq":{"id":"r","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}\n\n'
            "data: [DONE]\n\n"
        ),
    )
    chunks = [chunk async for chunk in model.stream(question())]
    assert chunks == [Token(text="Yes."), Finish(rung="m", model="m", prompt_tokens=3, completion_tokens=4)]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (Act(status=403), ProviderRefusedKey),
        (Act(status=404, code="model_not_found"), ModelUnknown),
        (Act(status=400, code="model_decommissioned"), ModelUnknown),
        (Act(status=413, code="rate_limit_exceeded"), RequestRefused),
        (Act(status=429, headers={"retry-after": "7"}), RateLimited),
        (Act(status=503), ProviderUnreachable),
        (Act(status=307, headers={"location": "http://x.test/"}), ProviderUnreachable),
        (Act(cut_after=1), ProviderUnreachable),
        (Act(words=()), AnswerUnusable),
        (Act(raw="data: {nope\n\n"), AnswerUnusable),
        (Act(raw="data: \xff\n\n"), AnswerUnusable),
        (
            Act(raw='data: {"choices":[],"x_groq":{"id":"r","error":"over_capacity"}}\n\n'),
            ProviderUnreachable,
        ),
    ],
)
async def test_errors_are_ours(wire: OpenAIWire, model: WireChat, act: Act, error: type[Exception]) -> None:
    """An error of the SDK would pass the ladder by, or be asked again by the SDK; a key would be told."""
    wire.act("m", act)
    with pytest.raises(error) as caught:
        _ = [chunk async for chunk in model.stream(question())]
    assert len(wire.asked) == 1
    assert KEY not in f"{caught.value!r} {caught.value}"
    assert caught.value.__cause__ is None


async def test_closing_stops_the_request(wire: OpenAIWire, model: WireChat) -> None:
    """A model would write on for a learner who left."""
    wire.act("m", Act(words=("word ",) * 100, gap=0.05))
    stream = model.stream(question())
    await anext(stream)
    await stream.aclose()
    await until(wire.asked[0].gone.is_set)


async def test_models(provider: GroqProvider) -> None:
    """Retired models could not be found out."""
    assert await provider.models() == {"m"}


async def test_connection_is_used_again(wire: OpenAIWire, model: WireChat) -> None:
    """Every answer would pay for a new connection."""
    for _ in range(3):
        _ = [chunk async for chunk in model.stream(question())]
    assert wire.connections == 1
