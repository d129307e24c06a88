"""Talking in LiveKit rooms, measured: from the last sound of a question to the first of its answer.

    python bench/rooms.py one                          one room, and livekit-agents' own pipeline beside it
    python bench/rooms.py many --rooms 2 --workers 1   several rooms at once
    python bench/rooms.py many --rooms 8 --cloud       the same with hearing, model and voice behind a wire
    python bench/rooms.py report                       what was found, into docs/benchmarks.md

A real LiveKit server and real workers; clients speak into their rooms. Everything runs on this machine, the
clients too. Each part takes less than four minutes and keeps what it found in bench/out/rooms.json. The
peer is bench/rooms_peer.py, the wire bench/rooms_cloud.py.
"""

# ruff: noqa: E402 - the project's folder comes first on the path

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.rooms_cloud import cloud
from bench.rooms_report import Found, keep, line, report
from bench.spoken import natural, sentences
from tests.rooms.conftest import School, Worker, livekit_server, school, wait_until
from tests.rooms.visitor import Visitor
from tutor.adapters.resample import samples_of
from tutor.domain.audio import Audio

QUESTIONS: Final = 12
_SPOKEN: Final = 24
"""Different questions: a voice that has said a sentence lately need not say it anew."""
_PATIENCE: Final = 30.0
_LISTENS, _THINKS = 3.0, (2.0, 5.0)
"""Seconds that a learner listens to an answer, and then looks at the lesson, where several talk at once."""


async def questions() -> list[Audio]:
    """Recorded ones of all chapters, without the silence around them."""
    asked = [sentence.text for sentence in sentences() if sentence.text.endswith("?") and sentence.held_out]
    return [_spoken_part(await natural(text)) for text in asked[:: len(asked) // _SPOKEN][:_SPOKEN]]


def _spoken_part(audio: Audio) -> Audio:
    samples = samples_of(audio)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 500)
    return Audio(pcm=samples[max(0, loud[0] - 800) : loud[-1] + 1].tobytes(), sample_rate=audio.sample_rate)


async def one_wait(visitor: Visitor, question: Audio) -> float:
    """Seconds from the last sound of a question to the first of its answer."""
    visitor.sound.clear()
    await visitor.speak(question)
    clock = asyncio.get_running_loop().time
    ended = clock()
    while not (loud := visitor.loud(ended)):  # the sound that came is all there is to see
        if clock() - ended > _PATIENCE:
            return _PATIENCE
        await asyncio.sleep(0.02)
    return loud[0] - ended


async def waits(site: School, rooms: int, each: int, workers: Sequence[Worker]) -> Found:
    """So many rooms at once, so many questions in each; the first is counted like the others."""
    spoken = await questions()
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(site.learner().visit()) for _ in range(rooms)]
        for visitor in visitors:
            await visitor.open_microphone()
        if rooms > 1:
            await asyncio.to_thread(wait_until, lambda: _loaded(workers) >= rooms + len(workers), 120)

        async def ask(visitor: Visitor, number: int) -> list[float]:
            chance, taken = random.Random(number), []
            if rooms > 1:
                await asyncio.sleep(chance.uniform(0, 6))  # they did not come at one moment
            for turn in range(each):
                taken.append(await one_wait(visitor, spoken[(number * 5 + turn) % len(spoken)]))
                await asyncio.sleep(_LISTENS if rooms > 1 else 0.5)
                await visitor.send(type="stop")
                await asyncio.sleep(chance.uniform(*_THINKS) if rooms > 1 else 1.5)
            return taken

        began, used = monotonic(), _processor_time(workers)
        taken = await asyncio.gather(*(ask(visitor, number) for number, visitor in enumerate(visitors)))
        busy = (_processor_time(workers) - used) / (monotonic() - began)
    return Found(waits=[wait for one in taken for wait in one], firsts=[one[0] for one in taken], busy=busy)


def _loaded(workers: Sequence[Worker]) -> int:
    """Processes that have their models: one for each room, and one that waits in each worker."""
    return sum(worker.said("process initialized") for worker in workers)


def _processor_time(workers: Sequence[Worker]) -> float:
    """Seconds that the processes of workers have computed so far."""
    total = 0.0
    for worker in workers:
        family = psutil.Process(worker.process.pid)
        for process in (family, *family.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def measure(rooms: int, workers: int, each: int, *, peer: bool = False, away: bool = False) -> Found:
    """One setting, with server and workers of its own.

    Args:
        rooms: In which somebody talks.
        workers: That share them.
        each: Questions in a room.
        peer: livekit-agents' own pipeline answers.
        away: Hearing, model and voice are behind a wire, as a provider's.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(livekit_server(folder / "livekit.log"))
        voice = stack.enter_context(cloud(folder)) if away else {"TUTOR_STT": "local", "TUTOR_TTS": "local"}
        site = stack.enter_context(school(url, folder, courses=str(ROOT / "courses"), **voice))
        program = (str(ROOT / "bench/rooms_peer.py"),) if peer else ("-m", "tutor", "worker")
        staff = [stack.enter_context(site.worker(f"worker{number}", program)) for number in range(workers)]
        found = asyncio.run(waits(site, rooms, each, staff))
    return found.model_copy(update={"rooms": rooms, "workers": workers, "peer": peer, "away": away})


def main() -> None:
    """Measure one part, print and keep it; or report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=("one", "many", "report"))
    parser.add_argument("--rooms", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--each", type=int, default=0, help="questions in a room")
    parser.add_argument("--cloud", action="store_true")
    wanted = parser.parse_args()
    if wanted.part == "report":
        report(ROOT / "docs" / "benchmarks.md")
        return
    if wanted.part == "one":
        settings = [(1, 1, wanted.each or QUESTIONS, peer, False) for peer in (False, True)]
    else:
        settings = [(wanted.rooms, wanted.workers, wanted.each or 6, False, wanted.cloud)]
    for rooms, workers, each, peer, away in settings:
        found = measure(rooms, workers, each, peer=peer, away=away)
        keep(found)
        print(line(found), f"load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
