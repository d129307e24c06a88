"""How long from `python app.py` to the first page, and until learners may be sent here.

    python bench/start.py           five starts, each in a data folder of its own
    python bench/start.py --runs 1  a look

"Serves" is the first answer of /healthz, "ready" the first 200 of /readyz: the database answers, and guard
and lesson guide are loaded. The voices load afterwards, while learners can already type. Wanted: ready in
5 s.
"""

import argparse
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
_LIMIT = 60.0
"""Seconds after which a start has failed."""


def start(data: Path) -> tuple[float, float]:
    """Seconds until the app serves, and until it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"TUTOR_DATA_DIR": str(data), "TUTOR_PORT": str(port), "TUTOR_HOST": "127.0.0.1"}
    began = time.monotonic()
    app = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=_ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        return _seconds(f"{url}/healthz", began), _seconds(f"{url}/readyz", began)
    finally:
        app.terminate()
        app.wait(timeout=30)


def _seconds(url: str, began: float) -> float:
    while (passed := time.monotonic() - began) < _LIMIT:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return time.monotonic() - began
        except httpx.TransportError:
            pass  # not there yet
        time.sleep(0.05)
    msg = f"no answer from {url} in {passed:.0f} s"
    raise SystemExit(msg)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    times = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as data:
            times.append(start(Path(data)))
        print(f"serves after {times[-1][0]:.1f} s, ready after {times[-1][1]:.1f} s", flush=True)
    serves, ready = (statistics.median(row) for row in zip(*times, strict=True))
    print(f"median of {runs}: serves after {serves:.1f} s, ready after {ready:.1f} s")


if __name__ == "__main__":
    main()
