"""A ladder whose rungs stand on a fault-injecting server, and short limits for quick tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from tests.servers.openai_wire import Act, OpenAIWire
from tutor.adapters.llm.account import Account
from tutor.adapters.llm.openai import OpenAIProvider
from tutor.domain.chat import Author, Brief, ChatMessage, ChatRequest, Chunk, Finish, Restart, Token
from tutor.rungs import Limits, Rung
from tutor.services.budget import Budget
from tutor.services.ladder import Ladder

QUICK = Limits(first_token=1.0, hedge=False, pause=0.1, longest_pause=0.4, backoff=0.05)
RAISED = 0.3
"""Seconds of a rung's own deadline in these tests."""
SAID = "A loop repeats code."
GUIDE = "From the lesson."


class Floor:
    """Stands for the lesson guide."""

    name = "guide"

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Always the same."""
        assert request.turn_id
        yield Token(text=GUIDE)
        yield Finish(rung="guide", model="guide")


@dataclass
class Rig:
    """One wire, one provider for each rung unless told otherwise, one ladder."""

    wire: OpenAIWire
    ladder: Ladder

    async def ask(self, request: ChatRequest | None = None) -> tuple[str, Finish, list[Chunk]]:
        """What a learner has on the page in the end, the last chunk, and all of them."""
        chunks = [chunk async for chunk in self.ladder.stream(request or question())]
        text = ""
        for chunk in chunks:
            text = "" if isinstance(chunk, Restart) else text + getattr(chunk, "text", "")
        assert isinstance(chunks[-1], Finish)
        return text, chunks[-1], chunks

    def state(self, rung: str) -> str:
        """A rung's state, as `doctor` shows it."""
        return next(health.state for health in self.ladder.health() if health.name == rung)

    def ready(self, rung: str) -> bool:
        """Whether learners' requests reach a rung."""
        return next(health.ready for health in self.ladder.health() if health.name == rung)

    def count(self, rung: str) -> int:
        """How often a rung was asked."""
        return self.wire.counts[rung]


def question(text: str = "Why does my loop never end?", *, spoken: bool = False) -> ChatRequest:
    """A learner's question."""
    return ChatRequest(
        turn_id="turn-1",
        learner_id="ada",
        messages=(
            ChatMessage(author=Author.SYSTEM, content="You teach."),
            ChatMessage(author=Author.LEARNER, content=text),
        ),
        brief=Brief(course_slug="c", course_title="C", question=text, spoken=spoken),
    )


def rung(name: str, provider: str = "", **more: object) -> Rung:
    """A rung with a short deadline; of a provider of its own."""
    fields: dict[str, object] = {"first_token": RAISED, "stall": 0.3, "total": 5.0, **more}
    return Rung.model_validate({"name": name, "provider": provider or name, "model": name, **fields})


@asynccontextmanager
async def rig(
    rungs: Sequence[Rung | str] = ("first", "second"),
    *,
    limits: Limits = QUICK,
    budget: Budget | None = None,
    models: tuple[str, ...] = (),
    **acts: Act | Sequence[Act],
) -> AsyncIterator[Rig]:
    """A ladder over a server that behaves as `acts` says, by rung."""
    async with OpenAIWire(models=models) as wire:
        for model, act in acts.items():
            wire.act(model, *([act] if isinstance(act, Act) else act))
        described = [rung(each) if isinstance(each, str) else each for each in rungs]
        providers = {
            name: OpenAIProvider(Account(name, f"{wire.url}/v1", SecretStr(f"key-of-{name}")))
            for name in {each.provider for each in described}
        }
        for provider in providers.values():
            provider.exhaustive = True
        ladder = Ladder(
            [(each, providers[each.provider].chat(each)) for each in described],
            floor=Floor(),
            limits=limits,
            budget=budget,
            catalogues=providers,
        )
        # The SDK is loaded beforehand in the app, too.
        for provider in providers.values():
            await provider.client()
        try:
            yield Rig(wire, ladder)
        finally:
            await ladder.aclose()
            for provider in providers.values():
                await provider.aclose()


async def until(true: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait for something; fails where it does not come."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)
