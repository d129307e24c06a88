"""The real app on a real port, once a module: its own data folder, the real courses, no voice."""

import asyncio
import itertools
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web.server import create_app
from tutor.wiring import build

PASSWORD = "correct horse battery"
_ADDRESSES = itertools.count(1)


@dataclass
class Site:
    """A running app."""

    url: str
    app: FastAPI
    services: Services
    clients: ExitStack

    def visitor(self, **headers: str) -> httpx.Client:
        """A browser of its own, from an address of its own, so that no throttle joins two tests."""
        n = next(_ADDRESSES)
        address = {"x-forwarded-for": f"198.51.{n // 250}.{n % 250 + 1}"}
        # It speaks plain http: reading the machine's certificates would cost 30 ms a client.
        client = httpx.Client(
            base_url=self.url, headers={**address, **headers}, timeout=20, verify=False, trust_env=False
        )
        return self.clients.enter_context(client)

    def learner(self, name: str = "") -> httpx.Client:
        """A browser that is signed in, as a guest where no name is given."""
        client = self.visitor()
        if name:
            body = {"name": name, "password": PASSWORD}
            answer = client.post("/api/v1/auth/sign-up", json=body)
        else:
            answer = client.post("/api/v1/auth/guest")
        assert answer.status_code == 201, answer.text
        return client


def serve(settings: Settings) -> Iterator[Site]:
    """Run the app in a thread until the fixture ends."""
    running: list[tuple[uvicorn.Server, FastAPI, Services]] = []

    async def main() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Gradio 5.50 warns of what Gradio 6 will change
            services = build(settings)
            app = create_app(services)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=0,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        running.append((server, app, services))
        await server.serve()

    # All of it in one loop: outside of one Gradio makes loops of its own, and never closes them.
    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not (running and running[0][0].started):
        assert thread.is_alive(), "the app did not start"
        assert time.monotonic() < deadline, "the app did not start in time"
        time.sleep(0.01)
    server, app, services = running[0]
    port = server.servers[0].sockets[0].getsockname()[1]
    with ExitStack() as clients:
        yield Site(f"http://127.0.0.1:{port}", app, services, clients)
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the app did not stop"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app of one module. Its tests make learners of their own."""
    folder: Path = tmp_path_factory.mktemp("site")
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="warning", pyodide_cdn="off"
        )
    )


@pytest.fixture
def begin() -> Callable[[httpx.Client], str]:
    """Begins a conversation in a chapter; gives its id."""

    def begun(client: httpx.Client, chapter: str = "loops") -> str:
        body = {"course": "python-basics", "chapter": chapter}
        answer = client.post("/api/v1/conversations", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return begun
