"""What every test shares: a data folder of its own, and no way to the network."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Playwright, sync_playwright

from tutor.settings import Settings

# The same examples every time: a build does not fail by chance. With `--hypothesis-profile long` it looks on.
_BOUNDED = {"deadline": None, "database": None, "suppress_health_check": list(hypothesis.HealthCheck)}
hypothesis.settings.register_profile(
    "short", max_examples=10, stateful_step_count=20, derandomize=True, **_BOUNDED
)
hypothesis.settings.register_profile("long", max_examples=2000, stateful_step_count=60, **_BOUNDED)
hypothesis.settings.load_profile("short")

_LOOPBACK = ("127.", "::1", "localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: beside the event loop that Playwright keeps in this thread, no async test runs."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Any connection that leaves this machine fails the test that makes it."""
    patch = pytest.MonkeyPatch()
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOOPBACK):
            raise AssertionError(f"a test reached for {address[0]}")
        return connect(self, address)

    def local_only(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host and not str(host).startswith((*_LOOPBACK, "0.0.0.0")):
            raise AssertionError(f"a test looked up {host}")
        return resolve(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded)
    patch.setattr(socket, "getaddrinfo", local_only)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no setting and no .env of this machine reaches a test."""
    for name in (
        "GROQ_API_KEY",
        "OPENAI_API_KEY",
        "GROQ_BASE_URL",
        "OPENAI_BASE_URL",
        "DATABASE_URL",
        "SPACE_ID",
        "LIVEKIT_URL",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder that is gone after the test."""
    return Settings(data_dir=tmp_path / "data", log_level="warning")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Drives browsers; there can be only one in a process."""
    with sync_playwright() as driver:
        yield driver
