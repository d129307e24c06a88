"""Which names the site answers to."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.web.conftest import Site
from tutor.settings import Settings
from tutor.web.hosts import KnownHosts


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("in")(scope, receive, send)


async def ask(allowed: tuple[str, ...], host: str, path: str = "/", **headers: str) -> int:
    transport = httpx.ASGITransport(KnownHosts(_app, allowed))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return (await client.post(path, headers=sent)).status_code


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        (("learn.example",), "learn.example", 200),
        (("learn.example",), "LEARN.example:443", 200),
        (("learn.example",), "learn.example.", 200),
        (("learn.example",), "evil.example", 421),
        (("learn.example",), "learn.example.evil.example", 421),
        (("learn.example",), "10.0.0.7", 421),
        (("learn.example",), "", 421),
        (("learn.example",), "localhost:7860", 200),
        (("learn.example",), "[::1]:7860", 200),
        (("*.hf.space",), "a-b.hf.space", 200),
        (("*.hf.space",), "hf.space.evil.example", 421),
        (("*.hf.space",), "evilhf.space", 421),
        (("*",), "anything.example", 200),
    ],
)
async def test_only_named_hosts(allowed: tuple[str, ...], host: str, status: int) -> None:
    """A stranger's name that leads here would be answered, or the owner's would not."""
    assert await ask(allowed, host) == status


async def test_monitors_ask_by_address() -> None:
    """A cluster's probes, which know an address only, would find the app dead."""
    for path in ("/healthz", "/readyz", "/metrics"):
        assert await ask(("learn.example",), "10.0.0.7:7860", path) == 200


@pytest.mark.parametrize(
    "host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "tutor", "192.168.1.5:7860"]
)
async def test_home_needs_no_setting(host: str) -> None:
    """A try at home, in a container or in a school's network would fail before anybody read of settings."""
    assert await ask((), host, origin=f"http://{host}") == 200


async def test_proxies_and_spaces_need_no_setting() -> None:
    """Behind a proxy with https, and on Hugging Face, learners could not sign in."""
    assert await ask((), "learn.example", origin="https://learn.example", sec_fetch_site="same-origin") == 200
    assert await ask((), "learn.example") == 200, "a program"


def test_a_name_that_was_pointed_here_changes_nothing(site: Site) -> None:
    """A page elsewhere, whose name leads to this machine, could ask the teacher at the owner's cost."""
    client = site.visitor()
    rebound = {"host": "evil.example:7860", "origin": "http://evil.example:7860"}
    answer = client.post("/api/v1/auth/guest", headers=rebound)
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["https://learn.example", "learn.example/path", "*x.example", "a b"])
def test_a_name_that_is_none(name: str) -> None:
    """A slip in the setting would lock every learner out, without a word to the owner."""
    with pytest.raises(ValueError, match="is not the name of a host"):
        Settings(allowed_hosts=name)
