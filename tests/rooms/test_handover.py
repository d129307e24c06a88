"""Rooms that change hands: a worker that is killed, one that is told to end, a learner who comes back."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from livekit import api

from tests.rooms.conftest import KEY, QUIET, ROOT, SECRET, School, Worker, school, wait_until

SLOW = {"words": [f"word{number} " for number in range(40)], "gap": 0.1}
"""An answer of four seconds, whose words can be counted."""


@pytest.fixture(scope="module")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A language model that takes its time; gives the settings that make workers use it."""
    program = [sys.executable, str(ROOT / "tests/servers/openai_wire.py")]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as wire:
        assert wire.stdout is not None
        url = f"http://127.0.0.1:{int(wire.stdout.readline())}"
        httpx.post(f"{url}/act", json={"model": "slow", "acts": [SLOW]}).raise_for_status()
        ladder: Path = tmp_path_factory.mktemp("ladder") / "ladder.toml"
        ladder.write_text(
            "[limits]\nhedge = false\n\n"
            '[[rungs]]\nname = "slow"\nprovider = "local"\nmodel = "slow"\ntier = "large"\n'
        )
        yield {**QUIET, "TUTOR_LOCAL_BASE_URL": f"{url}/v1", "TUTOR_LADDER_FILE": str(ladder)}
        wire.kill()


async def test_killed_worker_is_replaced_within_ten_seconds(
    livekit: str, tmp_path: Path, slow_model: dict[str, str]
) -> None:
    """A learner would talk to nobody when a machine dies, or lose what they had read."""
    with school(livekit, tmp_path, **slow_model) as site, site.worker("first") as first:
        ada = site.learner()
        async with ada.visit() as visitor:
            with site.worker("second"):
                await visitor.send(type="user_message", text="What is a while loop?")
                await visitor.wait_for("delta", where=lambda m: "word25 " in m["text"])
                told = len(visitor.told)
                first.kill()
                killed = asyncio.get_running_loop().time()
                await visitor.wait_for("ready", after=told, seconds=20)
                assert asyncio.get_running_loop().time() - killed < 10

                question, answer = ada.history()
                assert question == "What is a while loop?"
                kept = answer.split()
                # What was on the page, but for the last second of it.
                assert 10 <= len(kept) < 40
                assert kept == [f"word{number}" for number in range(len(kept))]

                await visitor.send(type="user_message", text="What is a list?")
                await visitor.wait_for("said", after=told)
        assert len(ada.history()) == 4


async def test_worker_that_ends_loses_no_turn(
    livekit: str, tmp_path: Path, slow_model: dict[str, str]
) -> None:
    """Every new version of the site would cut five learners off in the middle of an answer."""
    with school(livekit, tmp_path, **slow_model) as site, site.worker("first", TUTOR_ROOMS_IDLE="2") as first:
        learners = [site.learner() for _ in range(5)]
        async with AsyncExitStack() as stack:
            visitors = [await stack.enter_async_context(one.visit()) for one in learners]
            with site.worker("second", TUTOR_ROOMS_IDLE="2"):
                for visitor in visitors:
                    await visitor.send(type="user_message", text="What is a while loop?")
                for visitor in visitors:
                    await visitor.wait_for("delta")
                told = [len(visitor.told) for visitor in visitors]
                os.kill(first.process.pid, signal.SIGTERM)
                for visitor, after in zip(visitors, told, strict=True):
                    said = await visitor.wait_for("said", seconds=30)
                    assert said["text"].split() == [f"word{number}" for number in range(40)]
                    await visitor.wait_for("ready", after=after, seconds=30)
                assert await asyncio.to_thread(first.process.wait, 30) == 0
                for learner, visitor in zip(learners, visitors, strict=True):
                    await visitor.send(type="user_message", text="What is a list?")
                    await visitor.wait_for("said", after=len(visitor.told), seconds=30)
                    assert [len(text.split()) for text in learner.history()] == [5, 40, 4, 40]


async def test_a_teacher_who_comes_late_leaves(quiet: tuple[School, Worker]) -> None:
    """On a busy machine one teacher after the other would put out the one before, in mid-answer."""
    site, worker = quiet
    async with site.learner().visit() as visitor, api.LiveKitAPI(visitor.ticket.url, KEY, SECRET) as server:
        held = {"room": visitor.ticket.room, "agent_name": "tutor"}
        await asyncio.to_thread(wait_until, lambda: "held" in visitor.room.metadata)
        taken = worker.said("room_taken")
        await server.agent_dispatch.create_dispatch(api.CreateAgentDispatchRequest(**held))
        await asyncio.to_thread(wait_until, lambda: worker.said("room_taken") > taken, 20)
        await visitor.send(type="user_message", text="What is a list?")
        await visitor.wait_for("said")
        assert [message["type"] for message in visitor.told].count("ready") == 1


async def test_a_learner_who_comes_back_finds_a_teacher(quiet: tuple[School, Worker]) -> None:
    """A page that is loaded anew would be alone in its room."""
    ada = quiet[0].learner()
    async with ada.visit() as visitor:
        await visitor.send(type="user_message", text="What is a list?")
        await visitor.wait_for("said")
    async with ada.visit() as visitor:
        await visitor.send(type="user_message", text="What is a loop?")
        await visitor.wait_for("said")
    assert len(ada.history()) == 4
