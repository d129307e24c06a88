"""The processes of the load bench: app, model server, and this client; and what each takes of the machine."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from bench.load_client import Line, Refused
from bench.load_learner import ROOT
from tests.servers.openai_wire import Act, as_json

_JUDGE = Act(words=('{"label": "on", "confidence": 0.9}',), first=0.15)
"""The small model that the guard asks where it is unsure: done before the answer begins."""


class Used:
    """What a process takes of the machine, as Linux tells it."""

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc", str(pid))

    @property
    def seconds(self) -> float:
        """Of processor time, its threads' included."""
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Of memory that is in use."""
        return int((self._folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Site:
    """A running app, with the shares of its processes in what a scene took."""

    port: int
    folder: Path
    process: "Used"
    model: "Used | None" = None
    _began: tuple[float, dict[str, float]] = field(default=(0.0, {}))

    @property
    def memory(self) -> float:
        """Megabytes that the app has of its own."""
        return self.process.megabytes

    @property
    def log(self) -> list[str]:
        """What the app has logged."""
        return (self.folder / "app.log").read_text("utf-8", "replace").splitlines()

    def begin(self) -> None:
        """Count from now."""
        self._began = monotonic(), self._used()

    def shares(self) -> tuple[float, dict[str, float]]:
        """Seconds since `begin`, and seconds of processor time of app, model and client."""
        began, before = self._began
        return monotonic() - began, {name: used - before[name] for name, used in self._used().items()}

    def _used(self) -> dict[str, float]:
        processes = {"app": self.process, "client": Used(os.getpid())}
        if self.model is not None:
            processes["model"] = self.model
        return {name: process.seconds for name, process in processes.items()}


@asynccontextmanager
async def site(kind: str, model_url: str = "", model: Used | None = None) -> AsyncIterator[Site]:
    """The app, ready. `kind`: as bench/load_site.py has it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with TemporaryDirectory() as folder, (Path(folder) / "app.log").open("wb") as log:
        command = [sys.executable, "bench/load_site.py", kind, str(port), folder, model_url]
        app = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs yet
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            await _ready(app, port, "/config" if kind == "gradio" else "/readyz")
            yield Site(port, Path(folder), Used(app.pid), model)
        finally:
            app.terminate()
            app.wait(30)


async def _ready(app: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    async with asyncio.timeout(60), Line(port) as line:
        while app.poll() is None:
            try:
                await line.json("GET", path)
            except (OSError, EOFError, Refused):
                await line.hang_up()
                await asyncio.sleep(0.1)
            else:
                return
    raise RuntimeError("the app did not start")


@asynccontextmanager
async def model(act: Act) -> AsyncIterator[tuple[str, Used]]:
    """The simulated model: a server of its own that speaks the protocol of the real ones; its address."""
    command = [sys.executable, "tests/servers/openai_wire.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(  # noqa: ASYNC220 - as above
        command, cwd=ROOT, stdout=subprocess.PIPE, env=environment
    )
    assert server.stdout is not None
    try:
        port = int(await asyncio.to_thread(server.stdout.readline))
        async with Line(port) as line:
            for name, does in (("simulated", act), ("judge", _JUDGE)):
                await line.json("POST", "/act", {"model": name, "acts": [as_json(does)]})
        yield f"http://127.0.0.1:{port}/v1", Used(server.pid)
    finally:
        server.terminate()
        server.wait(10)


def machine() -> str:
    """What else was going on."""
    return json.dumps({"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)})
