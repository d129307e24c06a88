"""Talking in LiveKit rooms, measured: from the last sound of a question to the first of its answer.

    python bench/rooms.py --quick   one room, ours and livekit-agents' own pipeline: prints only
    python bench/rooms.py           one to three rooms on one or two workers: also writes docs/benchmarks.md

A real LiveKit server and real workers with the local models and the lesson guide; clients speak recordings
into their rooms. Everything runs on this machine, the clients too. The peer is bench/rooms_peer.py.
"""

# ruff: noqa: E402 - the project's folder comes first on the path

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.report import write_section
from tests.rooms.conftest import School, livekit_server, school
from tests.rooms.visitor import Visitor
from tutor.adapters.wav import decode

HEADING = "## Rooms"
_QUESTIONS = ("while_loop", "list", "function", "enumerate")


async def one_wait(visitor: Visitor, name: str) -> float:
    """Seconds from the last sound of one question to the first of the answer."""
    audio = decode((ROOT / f"tests/data/speech/{name}.wav").read_bytes(), max_seconds=20)
    await visitor.speak(audio)
    ended = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        while not (loud := visitor.loud(ended)):  # noqa: ASYNC110 - the sound that came is all there is to see
            await asyncio.sleep(0.05)
    await visitor.send(type="stop")
    await asyncio.sleep(1.5)
    return loud[0] - ended


async def waits(site: School, rooms: int, each: int) -> list[float]:
    """So many rooms at once, so many questions in each; the first of each room is not counted."""
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(site.learner().visit()) for _ in range(rooms)]
        for visitor in visitors:
            await visitor.open_microphone()

        async def ask(visitor: Visitor) -> list[float]:
            taken = [await one_wait(visitor, _QUESTIONS[n % len(_QUESTIONS)]) for n in range(each + 1)]
            return taken[1:]

        return [wait for taken in await asyncio.gather(*map(ask, visitors)) for wait in taken]


def measure(rooms: int, workers: int, each: int, *, peer: bool = False) -> list[float]:
    """The waits of one setting, with server and workers of its own; `peer`: livekit-agents' pipeline."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(livekit_server(folder / "livekit.log"))
        voice = {"TUTOR_STT": "local", "TUTOR_TTS": "local", "TUTOR_ROOMS_IDLE": str(rooms)}
        site = stack.enter_context(school(url, folder, **voice))
        for number in range(workers):
            program = (str(ROOT / "bench/rooms_peer.py"),) if peer else ("-m", "tutor", "worker")
            stack.enter_context(site.worker(f"worker{number}", program))
        return asyncio.run(waits(site, rooms, each))


def row(what: str, taken: Sequence[float]) -> str:
    """One line of the table."""
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"| {what} | {statistics.median(ordered):.2f} s | {p95:.2f} s | {len(ordered)} |"


def main() -> None:
    """Measure, print, and write unless it was in short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    os.environ["PATH"] += f":{Path.home()}/go/bin"
    one = [(1, 1, 4 if quick else 8, False), (1, 1, 4 if quick else 8, True)]
    settings = one if quick else [*one, (2, 1, 3, False), (2, 2, 3, False), (3, 1, 2, False)]
    rows = []
    for rooms, workers, each, peer in settings:
        what = f"{rooms} room{'s' * (rooms > 1)}, {workers} worker{'s' * (workers > 1)}"
        who = ", livekit-agents' own pipeline" if peer else ""
        rows.append(row(what + who, measure(rooms, workers, each, peer=peer)))
        print(rows[-1], f"load {os.getloadavg()[0]:.1f}", flush=True)
    if not quick:
        write(ROOT / "docs" / "benchmarks.md", rows)


def write(path: Path, rows: Sequence[str]) -> None:
    """Write, or replace, the section of docs/benchmarks.md."""
    about = (
        "From the last sound of a recorded question to the first sound of its answer, in a room of a real "
        "LiveKit server, with Whisper tiny.en, the lesson guide and a Piper voice on the same machine as "
        "server, workers and clients. Wanted: a median of 1.2 s in one room, a p95 under 2 s. Measured "
        f"{datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores by `python bench/rooms.py`, with other work "
        f"on the machine (load {os.getloadavg()[0]:.0f})."
    )
    head = ("| what | median | p95 | questions |", "| --- | --- | --- | --- |")
    write_section(path, HEADING, [about, "", *head, *rows])


if __name__ == "__main__":
    main()
