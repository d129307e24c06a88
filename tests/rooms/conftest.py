"""A real LiveKit server, real workers and real clients: one server for all tests, on ports of its own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.rooms.visitor import Visitor
from tutor.domain.conversation import Conversation
from tutor.domain.learner import Learner
from tutor.rooms.tokens import ticket
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.wiring import build

ROOT = Path(__file__).parents[2]
KEY, SECRET = "devkey", "only-for-tests-and-32-characters-or-more"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a LiveKit server."""
    go = Path(os.environ.get("GOPATH", Path.home() / "go")) / "bin/livekit-server"
    program = shutil.which("livekit-server") or (str(go) if go.exists() else None)
    assert program, "livekit-server is missing: tests/install-livekit gets it, or tells how"
    port, media, tcp = free_port(), free_port(), free_port()
    config = (
        f"port: {port}\nbind_addresses: ['127.0.0.1']\nkeys: {{{KEY}: {SECRET}}}\n"
        f"rtc: {{udp_port: {media}, tcp_port: {tcp}, node_ip: 127.0.0.1, enable_loopback_candidate: true}}\n"
        "room: {departure_timeout: 20}\nlogging: {level: info}\n"
    )
    with (tmp_path_factory.mktemp("livekit") / "log").open("wb") as log:
        process = subprocess.Popen([program, "--config-body", config], stdout=log, stderr=log)
    try:
        for _ in range(100):
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}").status_code == 200:
                    break
            assert process.poll() is None, "livekit-server has ended"
            time.sleep(0.1)
        yield f"ws://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Worker:
    """A worker as its owner runs it."""

    process: "subprocess.Popen[bytes]"
    log: Path
    health: int

    def kill(self) -> None:
        """As a machine that loses its power: the worker and all its rooms' processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def said(self, words: str) -> int:
        return self.log.read_text().count(words)


@dataclass
class School:
    """A site with rooms: its store, its settings, and whoever is in a room."""

    settings: Settings
    services: Services
    environment: dict[str, str] = field(default_factory=dict)

    async def learner(self, name: str = "") -> Learner:
        session = await self.services.accounts.guest(name or "198.51.100.1")
        return session.learner

    async def conversation(self, learner: Learner) -> Conversation:
        chapter = self.services.courses.chapter("python-basics", "loops")
        return await self.services.turns.add_conversation(
            learner.id, course="python-basics", chapter="loops", title=chapter.title
        )

    @asynccontextmanager
    async def visit(self, learner: Learner, talk: Conversation) -> AsyncIterator[Visitor]:
        """The learner in the room of a conversation."""
        visitor = Visitor(ticket(self.settings, learner, talk))
        await visitor.join()
        try:
            yield visitor
        finally:
            await visitor.leave()

    @contextmanager
    def worker(self, folder: Path, name: str = "worker", **settings: str) -> Iterator[Worker]:
        """A worker in processes of its own; ended by SIGTERM unless the test has ended it."""
        health = free_port()
        environment = {**self.environment, "TUTOR_ROOMS_HEALTH_PORT": str(health), **settings}
        path = folder / f"{name}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tutor", "worker", "start", "--log-level", "INFO"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        worker = Worker(process, path, health)
        try:
            deadline = time.monotonic() + 60
            while not worker.said("registered worker"):
                assert process.poll() is None, path.read_text()
                assert time.monotonic() < deadline, path.read_text()
                time.sleep(0.1)
            yield worker
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@asynccontextmanager
async def school(livekit: str, folder: Path, **more: str) -> AsyncIterator[School]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
        "LIVEKIT_URL": livekit, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET,
        "TUTOR_DATA_DIR": str(folder), "TUTOR_LOG_LEVEL": "info",
        "TUTOR_ROOMS_LOAD": "2",  # other work on this machine must not keep a teacher out
        **more,
    }  # fmt: skip
    settings = Settings(
        _env_file=None, data_dir=folder, livekit_url=livekit, livekit_api_key=KEY, livekit_api_secret=SECRET,
        stt="off", tts="off",
    )  # fmt: skip
    services = build(settings)
    await services.start()
    try:
        yield School(settings, services, environment)
    finally:
        await services.close()


@pytest.fixture
async def quiet_school(livekit: str, tmp_path: Path) -> AsyncIterator[School]:
    """A site whose teacher neither hears nor speaks: its processes start in a moment."""
    async with school(livekit, tmp_path, TUTOR_STT="off", TUTOR_TTS="off") as site:
        yield site


async def until(true: "object", seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not true():  # type: ignore[operator]
        assert asyncio.get_running_loop().time() < deadline, "it did not come true in time"
        await asyncio.sleep(0.05)
