"""What calls leave behind: seats of vanished clients, memory after many calls, and what odd sound does.

    python bench/voice_sessions.py [--calls 200]

Starts an app of its own with the local models and one seat for talking, in a folder that is gone afterwards.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.caller import RATE, Caller  # noqa: E402 - only now it is found
from tutor.adapters import wav  # noqa: E402
from tutor.adapters.resample import resampled_array, samples_of  # noqa: E402

_ANSWER_SECONDS = 1.5
"""After which a call that was not refused has a seat."""


async def main(calls: int) -> None:
    """Measure, and print a line for each thing."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        app = _started(
            "app.py",
            TUTOR_DATA_DIR=folder,
            TUTOR_PORT=str(port),
            TUTOR_VOICE_SESSIONS="1",
            TUTOR_LOG_LEVEL="error",
        )
        try:
            await _ready(url)
            await _second_is_refused(url)
            await _vanished(url)
            await _odd_sounds(url)
            await _many(url, app.pid, calls)
        finally:
            app.terminate()
            app.wait()


async def _second_is_refused(url: str) -> None:
    async with _call(url), _call(url) as second:
        await asyncio.sleep(_ANSWER_SECONDS)
        print(f"second learner, one seat: {second.refused!r}")


async def _vanished(url: str) -> None:
    """Kill a caller without a goodbye, and try until the seat is free."""
    process = _started(__file__, "--call", url)
    assert process.stdout is not None
    await asyncio.to_thread(process.stdout.readline)
    process.send_signal(signal.SIGKILL)
    process.wait()
    gone = perf_counter()
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        while True:
            caller = Caller(client)
            begun = perf_counter()
            await caller.dial()
            await asyncio.sleep(_ANSWER_SECONDS)
            refused = caller.refused
            await caller.hang_up()
            if not refused:
                break
    print(
        f"seat of a killed client: free after {begun - gone:.1f} s to {begun - gone + _ANSWER_SECONDS:.1f} s"
    )


async def _odd_sounds(url: str) -> None:
    for name, sound in _sounds().items():
        async with _call(url) as caller:
            await asyncio.sleep(1.0)
            caller.microphone.say(sound)
            await caller.microphone.quiet.wait()
            await asyncio.sleep(5.0)
            spoken = sum(at > caller.microphone.done_at for at in caller.sounds) * 0.02
            answer = await caller.client.get(f"/api/v1/conversations/{caller.conversation}/messages")
            print(
                f"{name}: {len(answer.json())} messages, {spoken:.1f} s of answer, on: {not caller.refused}"
            )


def _sounds() -> dict[str, NDArray[np.int16]]:
    """Sound at 48 kHz, as bad as it comes."""
    draw = np.random.default_rng(0)
    seconds = np.arange(8 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 277.2, 329.6, 440.0))
    beat = (1 + np.sign(np.sin(2 * np.pi * 2 * seconds))) / 2
    one, other = _speech("list"), _speech("function")
    length = min(one.size, other.size)
    narrow = resampled_array(resampled_array(one, RATE, 8000), 8000, RATE)
    return {
        "silence": np.zeros(8 * RATE, dtype=np.int16),
        "music": (3000 * beat * chord).astype(np.int16),
        "noise": draw.normal(0, 3000, 8 * RATE).astype(np.int16),
        "two speakers": (one[:length] // 2 + other[:length] // 2).astype(np.int16),
        "clipped": np.clip(one.astype(np.int32) * 40, -32768, 32767).astype(np.int16),
        "8 kHz": narrow,
    }


def _speech(name: str) -> NDArray[np.int16]:
    audio = wav.decode((ROOT / f"tests/data/speech/{name}.wav").read_bytes(), max_seconds=60)
    return resampled_array(samples_of(audio), audio.sample_rate, RATE)


async def _many(url: str, pid: int, calls: int) -> None:
    memory: dict[int, float] = {}
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        for number in range(1, calls + 1):
            caller = Caller(client)
            await caller.dial()
            await asyncio.sleep(0.3)
            await caller.hang_up()
            if number in (20, calls // 2, calls):
                await asyncio.sleep(6.0)
                memory[number] = _resident(pid)
                print(f"after {number} calls: {memory[number]:.0f} MB", flush=True)


@asynccontextmanager
async def _call(url: str) -> AsyncIterator[Caller]:
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        caller = Caller(client)
        await caller.dial()
        try:
            yield caller
        finally:
            await caller.hang_up()
            await asyncio.sleep(1.0)


async def _stay(url: str) -> None:
    async with _call(url):
        await asyncio.sleep(3.0)
        print("connected", flush=True)
        await asyncio.sleep(3600)


async def _ready(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(120):
            try:
                if (await client.get("/healthz")).is_success:
                    break
            except httpx.TransportError:
                pass
            await asyncio.sleep(1.0)
    await asyncio.sleep(15.0)  # for the models


def _resident(pid: int) -> float:
    """Memory of a process, in MB. Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _started(*command: str, **settings: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=200)
    arguments.add_argument("--call", metavar="URL", help="only connect, and stay")
    chosen = arguments.parse_args()
    asyncio.run(_stay(chosen.call) if chosen.call else main(chosen.calls))
