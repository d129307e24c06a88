"""A real LiveKit server, real workers and real clients; servers on ports of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from tests.rooms.visitor import Visitor
from tests.web.conftest import Site, serve
from tests.web.test_embed_browser import KEY as EMBED_KEY
from tests.web.test_embed_browser import Course, course
from tutor.rooms.tokens import Ticket
from tutor.settings import Settings

ROOT = Path(__file__).parents[2]
KEY, SECRET = "devkey", "only-for-tests-and-32-characters-or-more"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def livekit_server(path: Path, port: int = 0) -> Iterator[str]:
    """A LiveKit server on free ports, or on this one, which logs into this file; gives its address."""
    go = Path(os.environ.get("GOPATH", Path.home() / "go")) / "bin/livekit-server"
    program = shutil.which("livekit-server") or (str(go) if go.exists() else None)
    assert program, "livekit-server is missing: tests/install-livekit gets it, or tells how"
    port, media, tcp = port or free_port(), free_port(), free_port()
    config = (
        f"port: {port}\nbind_addresses: ['127.0.0.1']\nkeys: {{{KEY}: {SECRET}}}\n"
        f"rtc: {{udp_port: {media}, tcp_port: {tcp}, node_ip: 127.0.0.1, enable_loopback_candidate: true}}\n"
        "agents: {target_load: 2}\nlogging: {level: info}\n"  # a busy machine keeps no teacher out
    )
    with path.open("wb") as log:
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
        process.kill()  # told to end, it would wait for whoever is still in a room
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
class Learner:
    """Somebody who is signed in on the site, with a conversation of their own."""

    client: httpx.Client
    talk: str

    def ticket(self) -> Ticket:
        answer = self.client.post("/api/v1/rooms/token", json={"conversation_id": self.talk})
        assert answer.status_code == 200, answer.text
        return Ticket.model_validate_json(answer.text)

    def history(self) -> list[str]:
        """The conversation as the page shows it."""
        answer = self.client.get(f"/api/v1/conversations/{self.talk}/messages")
        assert answer.status_code == 200, answer.text
        return [message["text"] for message in answer.json()]

    @asynccontextmanager
    async def visit(self) -> AsyncIterator[Visitor]:
        """The learner in the room of the conversation, with a teacher in it."""
        visitor = Visitor(self.ticket())
        await visitor.join()
        try:
            await visitor.wait_for("ready", seconds=30)
            yield visitor
        finally:
            await visitor.leave()


@dataclass
class School:
    """A site with rooms, and the workers that teach in them."""

    site: Site
    folder: Path
    environment: dict[str, str]

    def learner(self) -> Learner:
        client = self.site.learner()
        body = {"course": "python-basics", "chapter": "loops"}
        return Learner(client, client.post("/api/v1/conversations", json=body).json()["id"])

    @contextmanager
    def worker(
        self, name: str = "worker", program: Sequence[str] = ("-m", "tutor", "worker"), **settings: str
    ) -> Iterator[Worker]:
        """A worker in processes of its own; ended by SIGTERM unless the test has ended it."""
        health = free_port()
        environment = {**self.environment, "TUTOR_ROOMS_HEALTH_PORT": str(health), **settings}
        path = self.folder / f"{name}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *program, "start"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        worker = Worker(process, path, health)
        try:
            wait_until(lambda: worker.said("registered worker") > 0 or process.poll() is not None, 60)
            assert process.poll() is None, path.read_text()
            yield worker
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def two_chapters(folder: Path) -> Path:
    """A course of two chapters: what a process of a worker reads when it starts, it reads in a moment."""
    whole, course = ROOT / "courses" / "python-basics", folder / "courses" / "python-basics"
    shutil.copytree(whole / "figures", course / "figures")
    for chapter in ("loops", "lists"):
        shutil.copy(whole / f"{chapter}.md", course)
    (course / "course.toml").write_text(
        'title = "Python for beginners"\nsummary = "Loops and lists."\nlanguage = "en"\n'
        'chapters = ["loops", "lists"]\n'
    )
    return course.parent


@contextmanager
def school(
    livekit: str,
    folder: Path,
    settings: Mapping[str, Any] = MappingProxyType({}),
    /,
    *,
    courses: str = "",
    name: str = "tutor",
    **more: str,
) -> Iterator[School]:
    """A site with these settings on this LiveKit server.

    Args:
        livekit: Address of the server.
        folder: Of its data.
        settings: Of the site alone.
        courses: Folder; two chapters by default.
        name: Of the site, among those on the same server.
        more: Variables of its workers' environment.
    """
    courses = courses or str(two_chapters(folder))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
        "LIVEKIT_URL": livekit, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET,
        "TUTOR_DATA_DIR": str(folder), "TUTOR_LOG_LEVEL": "info",
        "TUTOR_ROOMS_LOAD": "2", "TUTOR_ROOMS_NAME": name, "TUTOR_COURSES_DIR": courses,
        **more,
    }  # fmt: skip
    serving = serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="warning", livekit_url=livekit,
            livekit_api_key=KEY, livekit_api_secret=SECRET, rooms_name=name, courses_dir=Path(courses),
            **settings,
        )
    )  # fmt: skip
    try:
        yield School(next(serving), folder, environment)
    finally:
        next(serving, None)


QUIET = {"TUTOR_STT": "off", "TUTOR_TTS": "off"}
"""A teacher who neither hears nor speaks: its processes start in a moment."""


@pytest.fixture(scope="module")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a LiveKit server of this file: on a shared one, another file's worker would be sent."""
    with livekit_server(tmp_path_factory.mktemp("livekit") / "log") as url:
        yield url


@pytest.fixture(scope="session")
def frame() -> Iterator[Course]:
    """A course site that may show the app in a frame, and sign its learners in."""
    yield from course()


@pytest.fixture(scope="session")
def quiet(frame: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[School, Worker]]:
    """One site with one worker that neither hears nor speaks, for all tests that leave both alive."""
    folder = tmp_path_factory.mktemp("quiet")
    client = Path(sys.prefix) / "livekit"
    assert client.is_dir(), "LiveKit's client is missing: tests/install-pyodide fetches it"
    shutil.copytree(client, folder / "livekit")
    embed: dict[str, Any] = {"frame_ancestors": frame.origin, "embed_keys": f"campus={EMBED_KEY}"}
    more = {**QUIET, "TUTOR_LOG_FORMAT": "json", "TUTOR_ROOMS_METRICS_PORT": str(free_port())}
    with (
        livekit_server(folder / "livekit.log") as livekit,
        school(livekit, folder, embed, **more) as site,
        site.worker() as worker,
    ):
        yield site, worker


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
