"""What a flood of sign-ins does to those who are learning.

    python bench/hashing.py           30 seconds
    python bench/hashing.py --quick   10 seconds

The app runs in a process of its own. Four learners ask the lesson guide, one question after the other,
first alone and then while 32 strangers sign in with wrong passwords as fast as they are answered (each from
an address and with a name of its own, so that no throttle spares the machine). Wanted: p99 of a question
under twice what it is without the flood. The clients are on the same machine and take their share of it; to
see how large that is, the same flood is sent to a page that hashes nothing.
"""

import argparse
import asyncio
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

_ROOT = Path(__file__).resolve().parent.parent
_LEARNERS, _STRANGERS = 4, 32
_ADDRESSES = itertools.count(1)


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=60, verify=False, trust_env=False)


def _from_anywhere() -> dict[str, str]:
    number = next(_ADDRESSES)
    return {"x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


async def _learn(url: str, until: float, times: list[float]) -> None:
    async with _client(url) as client:
        await client.post("/api/v1/auth/guest", headers=_from_anywhere())
        begun = await client.post(
            "/api/v1/conversations", json={"course": "python-basics", "chapter": "loops"}
        )
        turns = f"/api/v1/conversations/{begun.json()['id']}/turns"
        while time.monotonic() < until:
            asked = time.perf_counter()
            answer = await client.post(turns, json={"text": "What is a while loop?"})
            answer.raise_for_status()
            times.append(time.perf_counter() - asked)
            await asyncio.sleep(0.05)


async def _flood(url: str, until: float, path: str, count: list[int]) -> None:
    async with _client(url) as client:
        while time.monotonic() < until:
            name = f"nobody {next(_ADDRESSES)}"
            answer = await client.post(
                path, json={"name": name, "password": "wrong horse"}, headers=_from_anywhere()
            )
            count.append(answer.status_code)


async def measure(url: str, seconds: float, flooded: str = "") -> tuple[list[float], list[int]]:
    """Seconds of each question, and the statuses that strangers got."""
    until, times, statuses = time.monotonic() + seconds, list[float](), list[int]()
    strangers = [_flood(url, until, flooded, statuses) for _ in range(_STRANGERS if flooded else 0)]
    await asyncio.gather(*strangers, *(_learn(url, until, times) for _ in range(_LEARNERS)))
    return times, statuses


def p99(times: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(times, n=100)[98]


async def run(url: str, seconds: float) -> None:
    """Print the figures."""
    await measure(url, 2)  # everything is loaded
    alone, _ = await measure(url, seconds)
    plain, _ = await measure(url, seconds, "/api/v1/auth/me")
    flood, statuses = await measure(url, seconds, "/api/v1/auth/sign-in")
    hashed, busy = statuses.count(401), statuses.count(503)
    middle, worst = statistics.median(alone), p99(alone)
    print(f"alone: p50 {middle * 1000:.0f} ms, p99 {worst * 1000:.0f} ms ({len(alone)} questions)")
    print(f"a flood that hashes nothing: p99 {p99(plain) * 1000:.0f} ms, {p99(plain) / worst:.2f} times")
    print(
        f"a flood of sign-ins: p99 {p99(flood) * 1000:.0f} ms, {p99(flood) / worst:.2f} times; "
        f"{hashed / seconds:.0f} passwords a second were looked at, {busy / seconds:.0f} were sent away"
    )


def main() -> None:
    """Start the app, and flood it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    seconds = 4.0 if parser.parse_args().quick else 12.0
    with socket.socket() as free, tempfile.TemporaryDirectory() as data:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = {
            "TUTOR_DATA_DIR": data, "TUTOR_PORT": str(port), "TUTOR_HOST": "127.0.0.1", "TUTOR_STT": "off",
            "TUTOR_TTS": "off", "TUTOR_TURNS_PER_MINUTE": "0", "TUTOR_TOKENS_PER_DAY": "0",
            "TUTOR_LOG_LEVEL": "error",
        }  # fmt: skip
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=_ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/readyz")
            asyncio.run(run(url, seconds))
        finally:
            app.terminate()
            app.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass  # not there yet
        time.sleep(0.2)
    raise SystemExit("the app did not get ready")


if __name__ == "__main__":
    main()
