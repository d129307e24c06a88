"""Kills the app with SIGKILL while learners ask, again and again, and counts what is lost.

    python bench/crash.py               200 kills, some five minutes
    python bench/crash.py --rounds 10   a look

The app is the real one on a real port, in a process of its own, with the lesson guide as its model. Eight
learners ask as fast as they can. What they saw acknowledged (their question heard, the answer said) must be
in the database afterwards, once, and the file must be whole.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tutor.domain.chat import Author
from tutor.domain.value import Value

_LEARNERS = 8
_CHAPTER = {"course": "python-basics", "chapter": "loops"}
_QUESTION = "What is a loop? This is question {number}."


class Tally(Value):
    """What a run found."""

    kills: int
    while_busy: int
    """Kills that came while at least one turn was running."""
    questions: int
    """Acknowledged."""
    answers: int
    lost: int = 0
    doubled: int = 0
    damaged: int = 0
    """Times that SQLite's own check was not content."""


@dataclass
class Seen:
    """What the learners saw before the kill."""

    questions: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """Text by message id."""
    running: int = 0
    first: asyncio.Event = field(default_factory=asyncio.Event)
    """The first question was acknowledged: before that the guide is still being loaded."""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    """The first answer was, too: on a slow machine that is long after the question."""


def serve(folder: str, port: int) -> None:
    """The app, until it is killed."""
    import uvicorn

    from tutor.settings import Settings
    from tutor.web.server import create_app
    from tutor.wiring import build

    async def main() -> None:
        settings = Settings(
            _env_file=None,
            data_dir=Path(folder),
            port=port,
            stt="off",
            tts="off",
            log_level="error",
            turns_per_minute=0,
            tokens_per_day=0,
        )
        config = uvicorn.Config(create_app(build(settings)), host="127.0.0.1", port=port, log_config=None)
        await uvicorn.Server(config).serve()

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Gradio talks at every start
    asyncio.run(main())


async def ready(client: httpx.AsyncClient) -> None:
    """Wait for the app."""
    for _ in range(400):
        try:
            if (await client.get("/healthz")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the app did not start")


async def events(
    client: httpx.AsyncClient, conversation: str, question: str
) -> AsyncIterator[dict[str, Any]]:
    """The events of one turn, until the connection breaks."""
    url = f"/api/v1/conversations/{conversation}/turns"
    async with client.stream("POST", url, json={"text": question}) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def learner(client: httpx.AsyncClient, seen: Seen, numbers: "count[int]") -> None:
    """Ask until the app is gone."""
    try:
        conversation = (await client.post("/api/v1/conversations", json=_CHAPTER)).json()["id"]
        while True:
            question = _QUESTION.format(number=next(numbers))
            seen.running += 1
            async for event in events(client, conversation, question):
                match event["event"]:
                    case "heard":
                        seen.questions.append(question)
                        seen.first.set()
                    case "said":
                        seen.answers[event["message_id"]] = event["text"]
                        seen.answered.set()
            seen.running -= 1
    except httpx.TransportError:
        return


def compare(file: Path, seen: Seen) -> tuple[int, int, int]:
    """How much is lost, doubled and damaged."""
    with closing(sqlite3.connect(file)) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        whole &= database.execute("PRAGMA foreign_key_check").fetchone() is None
        asked: dict[str, int] = dict(
            database.execute(
                "SELECT text, count(*) FROM messages WHERE author = ? GROUP BY text", (Author.LEARNER,)
            )
        )
        answers = dict(database.execute("SELECT id, text FROM messages WHERE author = ?", (Author.TEACHER,)))
        twice = database.execute(
            "SELECT count(*) FROM (SELECT turn_id FROM messages GROUP BY turn_id, author HAVING count(*) > 1)"
        ).fetchone()[0]
    lost = sum(question not in asked for question in seen.questions)
    lost += sum(answers.get(name) != text for name, text in seen.answers.items())
    return lost, twice + sum(found > 1 for found in asked.values()), int(not whole)


async def one_life(port: int, cookies: httpx.Cookies, numbers: "count[int]", pid: int) -> Seen:
    """From the start of the app to its death, at a moment that nobody chose."""
    seen = Seen()
    limits = httpx.Limits(max_connections=_LEARNERS)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", cookies=cookies, limits=limits, timeout=20, trust_env=False
    ) as client:
        await ready(client)
        if not cookies:
            cookies.update((await client.post("/api/v1/auth/guest")).cookies)
            client.cookies = cookies
        learners = [asyncio.create_task(learner(client, seen, numbers)) for _ in range(_LEARNERS)]
        await asyncio.wait_for(random.choice((seen.first, seen.answered)).wait(), 30)
        await asyncio.sleep(random.uniform(0, 0.5))
        os.kill(pid, signal.SIGKILL)
        await asyncio.gather(*learners)
    return seen


def run(rounds: int) -> Tally:
    """All the lives of one database."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["uvicorn", "tutor.web.server", "tutor.wiring"])
    cookies, numbers = httpx.Cookies(), count(1)
    total: list[tuple[Seen, tuple[int, int, int]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            app = context.Process(target=serve, args=(folder, port), daemon=True)
            app.start()
            seen = asyncio.run(one_life(port, cookies, numbers, app.pid or 0))
            app.join()
            total.append((seen, compare(Path(folder) / "tutor.db", seen)))
            if sys.stdout.isatty():
                print(f"\r{number + 1}/{rounds}", end="", flush=True)
        # Once more at the end: nothing that an earlier life acknowledged may have gone later.
        everything = Seen()
        for seen, _ in total:
            everything.questions += seen.questions
            everything.answers |= seen.answers
        final = compare(Path(folder) / "tutor.db", everything)
    found = [*(result for _, result in total), final]
    return Tally(
        kills=rounds,
        while_busy=sum(seen.running > 0 for seen, _ in total),
        questions=len(everything.questions),
        answers=len(everything.answers),
        lost=sum(lost for lost, _, _ in found),
        doubled=sum(doubled for _, doubled, _ in found),
        damaged=sum(damaged for _, _, damaged in found),
    )


def main() -> None:
    """Run, print, and fail where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    began = time.monotonic()
    tally = run(parser.parse_args().rounds)
    print(f"\r{tally.model_dump_json(indent=2)}\n{time.monotonic() - began:.0f} s")
    sys.exit(1 if tally.lost or tally.doubled or tally.damaged else 0)


if __name__ == "__main__":
    main()
