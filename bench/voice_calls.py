"""Calls into the running app: how long a learner waits for the first sound of an answer."""

import asyncio
import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
from numpy.typing import NDArray

from bench.caller import RATE, Caller
from bench.spoken import ROOT
from tutor.adapters.resample import resampled_array, samples_of
from tutor.domain.audio import Audio

_ADDRESSES = itertools.count(1)
_PATIENCE = 20.0
"""Seconds that a call waits for an answer."""
_CONNECTED = 1.5
"""Seconds after which a call is settled."""
_CLOSED = 1.0
"""Seconds after which one that was hung up is over."""


@dataclass(frozen=True)
class Site:
    """A running app."""

    url: str
    process: "subprocess.Popen[bytes]"
    database: Path


@dataclass(frozen=True)
class Wait:
    """What passed between a learner's last sound and the teacher's first, in seconds."""

    whole: float
    end: float = float("nan")
    """Until the end of the turn was known."""
    words: float = float("nan")
    """From there until its words were known."""
    guard: float = float("nan")
    answer: float = float("nan")
    """Until the first words of the answer."""

    @property
    def voice(self) -> float:
        """The rest: the first sentence spoken, and the way back."""
        return self.whole - self.end - self.words - self.answer


@asynccontextmanager
async def site(*options: str) -> AsyncIterator[Site]:
    """The app in a process of its own, warm, with a fresh data folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "bench" / "voice_site.py"), str(port), folder, *options]
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_API_KEY")}
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
        running = Site(f"http://127.0.0.1:{port}", process, Path(folder) / "tutor.db")
        try:
            await _ready(running)
            yield running
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            process.kill()


async def _ready(running: Site) -> None:
    async with httpx.AsyncClient(base_url=running.url, timeout=30) as client:
        for _ in range(600):
            with suppress(httpx.HTTPError):
                mode = (await client.get("/api/v1/mode")).json()
                if mode["hears"] == mode["speaks"] == "ready":
                    return
            if running.process.poll() is not None:
                raise SystemExit("the app has ended: is everything of requirements.txt installed?")
            await asyncio.sleep(0.2)
    raise SystemExit("the app did not get ready")


@asynccontextmanager
async def call(running: Site) -> AsyncIterator[Caller]:
    """A connected learner, with an address of their own."""
    n = next(_ADDRESSES)
    headers = {"x-forwarded-for": f"198.51.{n // 250}.{n % 250 + 1}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=60) as client:
        caller = Caller(client)
        await caller.dial()
        try:
            yield caller
        finally:
            await caller.hang_up()


async def ask(caller: Caller, question: Audio) -> tuple[float, float] | None:
    """Say it, and wait for the first sound of the answer. None where nothing came.

    Returns:
        Seconds of waiting, and when it began, on the clock of `time.time`.
    """
    sound = spoken_part(question)
    before = len(caller.sounds)
    caller.microphone.say(sound)
    await caller.microphone.quiet.wait()
    done, clock = caller.microphone.done_at, time.time() - time.perf_counter()
    while len(caller.sounds) == before:
        if time.perf_counter() - done > _PATIENCE:
            return None
        await asyncio.sleep(0.01)
    return caller.sounds[before] - done, done + clock


def spoken_part(audio: Audio) -> NDArray[np.int16]:
    """At the caller's rate, without the silence around it: the last sample is the last one of speech."""
    samples = resampled_array(samples_of(audio), audio.sample_rate, RATE)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 500)
    return samples[max(0, int(loud[0]) - RATE // 20) : int(loud[-1]) + 1]


def _stages(running: Site, conversation: str, whole: float, done: float) -> Wait:
    """The parts, from what the app stored of the turn."""
    with closing(sqlite3.connect(running.database)) as database:
        row = database.execute(
            "SELECT opened_at, heard_ms, guard_ms, first_token_ms FROM turns WHERE conversation_id = ?"
            " AND via = 'voice' ORDER BY opened_at DESC LIMIT 1",
            (conversation,),
        ).fetchone()
    if row is None:  # the plain site keeps a conversation of its own
        return Wait(whole)
    opened = datetime.fromisoformat(row[0]).replace(tzinfo=UTC).timestamp()
    words = row[1] / 1000
    return Wait(whole, end=opened - words - done, words=words, guard=row[2] / 1000, answer=row[3] / 1000)


async def waits(running: Site, questions: Sequence[Audio]) -> list[Wait | None]:
    """Every question once, each in a call of its own, which is hung up when the answer begins."""
    found: list[Wait | None] = []
    for question in questions:
        async with call(running) as caller:
            await asyncio.sleep(_CONNECTED)
            waited = await ask(caller, question)
        await asyncio.sleep(_CLOSED)  # the app stores the figures of a turn when it has ended
        found.append(_stages(running, caller.conversation, *waited) if waited else None)
    return found


async def crowd(running: Site, questions: Sequence[Audio], *, width: int) -> list[Wait | None]:
    """The same with several learners at once, who all talk at will."""
    shares = [questions[n::width] for n in range(width)]
    done = await asyncio.gather(*(waits(running, share) for share in shares))
    return [wait for share in done for wait in share]
