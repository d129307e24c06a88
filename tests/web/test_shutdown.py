"""A process that is told to stop lets running turns end, says so to the others, and is gone in time."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.servers.openai_wire import Act, OpenAIWire

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from tutor.services import drain
drain.Drain.begin.__defaults__ = (float(sys.argv[1]),)
import app
app.main()
"""
LADDER = '[[rungs]]\nname = "slow"\nprovider = "local"\nmodel = "m"\n'
WORDS = tuple(f"word{number} " for number in range(60))


@dataclass
class Running:
    """The app in a process of its own, and a guest in it."""

    process: asyncio.subprocess.Process
    client: httpx.AsyncClient
    database: Path
    log: Path

    async def ask(self) -> AsyncIterator[dict[str, Any]]:
        """The events of one turn."""
        talk = await self.client.post(
            "/api/v1/conversations", json={"course": "python-basics", "chapter": "loops"}
        )
        url = f"/api/v1/conversations/{talk.json()['id']}/turns"
        async with self.client.stream("POST", url, json={"text": "What is a for loop?"}) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line[6:])


@asynccontextmanager
async def running(folder: Path, *, gap: float, grace: float) -> AsyncIterator[Running]:
    """An app whose model takes `gap` seconds for a word."""
    (folder / "ladder.toml").write_text(LADDER)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with OpenAIWire() as wire:
        wire.act("m", Act(words=WORDS, gap=gap))
        settings = {
            "TUTOR_DATA_DIR": str(folder / "data"),
            "TUTOR_HOST": "127.0.0.1",
            "TUTOR_PORT": str(port),
            "TUTOR_STT": "off",
            "TUTOR_TTS": "off",
            "TUTOR_LOCAL_BASE_URL": f"{wire.url}/v1",
            "TUTOR_LADDER_FILE": str(folder / "ladder.toml"),
        }
        with (folder / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", PROGRAM, str(grace)),
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=log,
                stderr=log,
            )
            base = f"http://127.0.0.1:{port}"
            try:
                async with httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as client:
                    await _ready(client)
                    await client.post("/api/v1/auth/guest")
                    yield Running(process, client, folder / "data" / "tutor.db", folder / "log")
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


async def _ready(client: httpx.AsyncClient) -> None:
    seen = set()
    for _ in range(400):
        try:
            answer = await client.get("/readyz")
            seen.add(answer.status_code)
            if answer.status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError(f"the app did not get ready: {seen}")


async def stopped(app: Running) -> tuple[list[dict[str, Any]], float]:
    """The rest of a turn that runs at the signal, with a page open; and how many seconds the end took."""

    async def page() -> None:
        async with app.client.stream("GET", "/gradio_api/heartbeat/someone1") as beats:
            opened.set()
            async for _ in beats.aiter_bytes():
                pass

    opened = asyncio.Event()
    beating = asyncio.create_task(page())
    await opened.wait()
    events: list[dict[str, Any]] = []
    signalled = 0.0
    async for event in app.ask():
        events.append(event)
        if len(events) == 5:
            signalled = time.monotonic()
            app.process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(app.process.wait(), 20)
    await asyncio.wait_for(beating, 1)
    assert "Traceback" not in app.log.read_text()
    return events, time.monotonic() - signalled


def stored(database: Path) -> tuple[str, str]:
    """How the only turn ended, and what is kept of the answer."""
    with closing(sqlite3.connect(database)) as connection:
        outcome = connection.execute("SELECT outcome FROM turns").fetchone()[0]
        text = connection.execute("SELECT text FROM messages WHERE author = 'assistant'").fetchone()[0]
    return outcome, text


async def test_a_running_answer_is_finished(tmp_path: Path) -> None:
    """Each update of the site would cut somebody's answer off, or wait for every open page."""
    async with running(tmp_path, gap=0.03, grace=10) as app:
        events, seconds = await stopped(app)
    assert events[-1]["event"] == "said"
    assert seconds < 10, "an open page held the process"
    assert stored(app.database) == ("answered", "".join(WORDS).strip())


async def test_a_long_answer_ends_with_a_notice(tmp_path: Path) -> None:
    """A learner would see half an answer stop without a word, and it would not be stored."""
    async with running(tmp_path, gap=0.1, grace=1) as app:
        events, _ = await stopped(app)
    assert (events[-1]["event"], events[-1]["code"]) == ("failed", "site_closing")
    shown = "".join(event["text"] for event in events if event["event"] == "delta").strip()
    assert stored(app.database) == ("interrupted", shown)
