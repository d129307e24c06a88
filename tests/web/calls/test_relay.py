"""Talking where a firewall lets nothing through but a relay: a real one, Debian's coturn."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.web.calls.conftest import QUIET
from tests.web.conftest import Site
from tutor.adapters.relays import Relays, own

pytestmark = QUIET

SECRET = "shared-by-app-and-relay"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and its log."""
    program = shutil.which("turnserver")
    assert program, "run tests/install-coturn first"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program, "-n", "--listening-ip=127.0.0.1", f"--listening-port={port}", "--allow-loopback-peers",
        "--no-tls", "--no-dtls", "--no-cli", "--use-auth-secret", f"--static-auth-secret={SECRET}",
        "--realm=tests",
        "--verbose", "--log-file=stdout", f"--pidfile={tmp_path / 'pid'}", f"--userdb={tmp_path / 'users'}",
    ]  # fmt: skip
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    yield port, log
    process.terminate()
    process.wait(timeout=10)


async def test_a_turn_is_held_through_a_relay(
    calls: Site, call: Callable[..., Any], relay: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a strict firewall nobody could talk, though the owner has set up a relay."""
    port, log = relay

    provider = Relays("own", own([f"turn:127.0.0.1:{port}?transport=udp"], SecretStr(SECRET)))
    monkeypatch.setitem(vars(calls.services), "relays", provider.configuration)
    async with asyncio.timeout(5):
        while "listener opened" not in log.read_text():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.05)
    async with call(relayed=True) as ada:
        offered = ada.caller.connection.localDescription.sdp
        assert "typ relay" in offered
        assert "typ host" not in offered
        await ada.reads("Listening")
        await ada.say("list")
        await ada.reads("next question")
        assert "list" in (await ada.stored())[0][1].lower()
    assert "ALLOCATE processed, success" in log.read_text()
