"""Two processes of the app on one PostgreSQL and one Redis: what one knows, the other knows."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.servers import postgres, redis
from tests.web.browsing import ROOT

PASSWORD = "correct horse battery"
ADDRESS = {"x-forwarded-for": "198.51.100.7"}


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list["Replica"]]:
    """Two that have nothing in common but what docs/production.md says."""
    with ExitStack() as stack:
        server, counter = stack.enter_context(postgres.running()), stack.enter_context(redis.running())
        shared = {
            "DATABASE_URL": server.create("replicas"),
            "TUTOR_REDIS_URL": counter,
            "TUTOR_SECRET_KEY": secrets.token_urlsafe(32),
            "TUTOR_TURNS_PER_MINUTE": "3",
        }
        started = [Replica(tmp_path_factory.mktemp(name), shared) for name in ("one", "other")]
        for replica in started:
            stack.callback(replica.stop)
        for replica in started:
            replica.wait()
        yield started


class Replica:
    """One process, and its address."""

    def __init__(self, folder: Path, shared: dict[str, str]) -> None:
        self.port = postgres.free_port()
        own = {
            "TUTOR_DATA_DIR": str(folder), "TUTOR_PORT": str(self.port), "TUTOR_HOST": "127.0.0.1",
            "TUTOR_STT": "off", "TUTOR_TTS": "off", "TUTOR_PYODIDE_CDN": "off",
        }  # fmt: skip
        self.url = f"http://127.0.0.1:{self.port}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env={**os.environ, **own, **shared},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, "the app has ended"
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("the app did not get ready")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def test_two_processes_are_one_site(replicas: list[Replica]) -> None:
    """Behind a proxy learners would be signed out, lose their words, or have every limit twice."""
    one, other = replicas
    with httpx.Client(timeout=30, trust_env=False, headers=ADDRESS) as learner:
        body = {"name": "Ada", "password": PASSWORD}
        assert learner.post(f"{one.url}/api/v1/auth/sign-up", json=body).status_code == 201
        assert learner.get(f"{other.url}/api/v1/auth/me").json()["name"] == "Ada"

        place = {"course": "python-basics", "chapter": "loops"}
        talk = learner.post(f"{one.url}/api/v1/conversations", json=place).json()["id"]
        for replica in (one, other, one):
            turns = f"{replica.url}/api/v1/conversations/{talk}/turns"
            assert "event: said" in learner.post(turns, json={"text": "What is a while loop?"}).text
        messages = learner.get(f"{other.url}/api/v1/conversations/{talk}/messages").json()
        assert len(messages) == 6
        turns = f"{other.url}/api/v1/conversations/{talk}/turns"
        refused = learner.post(turns, json={"text": "And a for loop?"})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")

        wrong = {"name": "Ada", "password": "wrong horse"}
        tries = [learner.post(f"{replicas[n % 2].url}/api/v1/auth/sign-in", json=wrong) for n in range(6)]
        assert [answer.status_code for answer in tries] == [401] * 5 + [429]

        other.process.terminate()  # a new version is rolled out
        assert learner.get(f"{one.url}/api/v1/auth/me").status_code == 200
        assert other.process.wait(20) in (0, -15)
        assert len(learner.get(f"{one.url}/api/v1/conversations/{talk}/messages").json()) == 6
        assert learner.get(f"{one.url}/readyz").status_code == 200
