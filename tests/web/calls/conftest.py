"""One app with the local ears, which learners call over real WebRTC."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from bench.caller import RATE, Caller
from tests.web.conftest import Site, serve
from tests.web.voice.test_talk import recorded
from tutor.adapters.resample import resampled_array
from tutor.settings import Settings

# Gradio's own code, called by a real event, uses names that Starlette and Gradio 6 have changed.
QUIET = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="package")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app: it hears by itself, the lesson guide answers, and nobody has to wait for a seat."""
    folder: Path = tmp_path_factory.mktemp("calls")
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="local", tts="off", stun="off", log_level="warning",
            voice_sessions=40, turns_per_minute=0,
        )
    )  # fmt: skip


@pytest.fixture
def logged(calls: Site) -> Iterator[list[dict[str, Any]]]:
    """What the app logs during a test."""
    with structlog.testing.capture_logs() as lines:
        yield lines


class Voice:
    """A learner on the line, who sees what the page would show."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.client = caller, caller.client
        self.shown = ""
        """All that the server told the page so far."""

    @property
    def states(self) -> list[str]:
        """The states that the page showed, each as often as it was told of it."""
        return re.findall(r'data-state=\\*"(\w+)', self.shown)

    async def say(self, *names: str) -> None:
        """Speak recordings."""
        for name in names:
            self.caller.microphone.say(resampled_array(recorded(name), 16_000, RATE))
        await self.caller.microphone.quiet.wait()

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait until it comes to this."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - it may depend on anything
                await asyncio.sleep(0.02)

    async def reads(self, words: str) -> None:
        """Wait until the page shows these words."""
        await self.until(lambda: words in self.shown)

    async def stored(self) -> list[tuple[str, str]]:
        """The conversation, as it is kept."""
        url = f"/api/v1/conversations/{self.caller.conversation}/messages"
        answer = (await self.client.get(url)).raise_for_status()
        return [(message["author"], message["text"]) for message in answer.json()]

    async def watch(self) -> None:
        """Follow what the page shows, as its script does."""
        session = f"{self.caller.id}watch"
        event = next(
            call["id"]
            for call in (await self.client.get("/config")).json()["dependencies"]
            if [self.caller.component, "state_change"] in call["targets"]
        )
        body = {"data": [self.caller.id], "fn_index": event, "session_hash": session}
        (await self.client.post("/gradio_api/queue/join", json=body)).raise_for_status()
        query = {"session_hash": session}
        async with self.client.stream("GET", "/gradio_api/queue/data", params=query) as answer:
            async for line in answer.aiter_lines():
                self.shown += line


@pytest.fixture
def call(calls: Site) -> Callable[..., Any]:
    """A way to call the app. What it is given is for the Caller."""

    @asynccontextmanager
    async def connected(cookies: httpx.Cookies | None = None, **caller: Any) -> AsyncIterator[Voice]:
        sync = calls.learner()
        async with httpx.AsyncClient(
            base_url=calls.url,
            cookies=cookies or sync.cookies,
            timeout=20,
            verify=False,
            trust_env=False,
        ) as client:
            voice = Voice(Caller(client, **caller))
            await voice.caller.dial()
            watching = asyncio.create_task(voice.watch())
            try:
                yield voice
            finally:
                watching.cancel()
                await asyncio.wait((watching,))
                await voice.caller.hang_up()

    return connected
