"""Credentials for TURN, from a real HTTP server that speaks as the providers do."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from tutor.adapters.relays import Ask, Relays, cloudflare, hugging_face, own, relays, twilio
from tutor.errors import SettingsError
from tutor.settings import Settings

SECRET = SecretStr("a-very-secret-token")
SERVER = {"urls": ["turn:turn.example:3478?transport=udp"], "username": "u", "credential": "c"}


@dataclass
class Provider:
    """A running server: what it answers, and what it was asked."""

    url: str = ""
    status: int = 201
    body: Any = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Authorization."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A server on this machine."""
    state = Provider()

    class Wire(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.do_GET()

        def do_GET(self) -> None:
            state.asked.append((self.command, self.path, self.headers.get("authorization", "")))
            data = state.body if isinstance(state.body, bytes) else json.dumps(state.body).encode()
            self.send_response(state.status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


def asks(name: str, url: str) -> Ask:
    """How a provider is asked, at this address."""
    if name == "cloudflare":
        return cloudflare("key", SECRET, url)
    return twilio("AC1", SECRET, url) if name == "twilio" else hugging_face(SECRET, url)


@pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        (
            "cloudflare",
            "POST",
            "/v1/turn/keys/key/credentials/generate-ice-servers",
            {"iceServers": [SERVER]},
        ),
        ("huggingface", "GET", "/credentials?ttl=7200", {"iceServers": SERVER}),
        (
            "twilio",
            "POST",
            "/2010-04-01/Accounts/AC1/Tokens.json",
            {"ice_servers": [{**SERVER, "url": "turn:x"}]},
        ),
    ],
)
async def test_a_provider_is_asked_as_it_wants(
    provider: Provider, name: str, method: str, path: str, body: Any
) -> None:
    """Learners behind a firewall would have no live connection, though their site pays for relays."""
    provider.body = body
    found = Relays(name, asks(name, provider.url))
    assert await found.configuration() == {"iceServers": [SERVER]}
    assert await found.configuration() == {"iceServers": [SERVER]}
    ((asked, at, authorization),) = provider.asked
    assert (asked, at) == (method, path)
    assert authorization.startswith("Basic " if name == "twilio" else f"Bearer {SECRET.get_secret_value()}")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "no"}),
        (500, b"oops"),
        (200, b"<html>"),
        (200, {}),
        (200, []),
        (200, {"iceServers": [{}]}),
    ],
    ids=["key", "down", "no json", "empty", "a list", "no address"],
)
async def test_a_provider_that_fails_costs_the_relay_alone(
    provider: Provider, status: int, body: Any
) -> None:
    """Voice on the learner's own network would end with the provider, or its key would stand in the log."""
    provider.status, provider.body, now = status, body, [0.0]
    found = Relays("cloudflare", asks("cloudflare", provider.url), clock=lambda: now[0])
    with capture_logs() as lines:
        assert await found.configuration() == {}
        assert await found.configuration() == {}
    assert [line["event"] for line in lines] == ["relay_unavailable"], "each call waits for it again"
    assert SECRET.get_secret_value() not in str(lines)
    now[0], provider.status, provider.body = 61.0, 201, {"iceServers": [SERVER]}
    assert await found.configuration() == {"iceServers": [SERVER]}


async def test_a_provider_that_is_away_costs_the_relay_alone() -> None:
    """As above, where nothing listens."""
    assert await Relays("cloudflare", asks("cloudflare", "http://127.0.0.1:9")).configuration() == {}


async def test_a_relay_of_ones_own_is_asked_nothing() -> None:
    """It would refuse every learner: it works the password out from the name and the secret."""
    ask = own(["turn:a", "turns:b"], SecretStr("north"), clock=lambda: 1_000.5)
    found = await Relays("own", ask).configuration()
    # By openssl dgst -sha1 -hmac north.
    server = {"urls": ["turn:a", "turns:b"], "username": "8200", "credential": "O9eHy1i6GUtt2IE0D0Yg2SrkbOo="}
    assert found == {"iceServers": [server]}


def test_the_provider_is_the_one_that_is_set_up(settings: Settings) -> None:
    """A token that is there for other things would be sent to a third party."""
    settings.hf_token = SECRET
    assert relays(settings).name == "off"
    settings.twilio_account_sid, settings.twilio_auth_token = "AC1", SECRET
    assert relays(settings).name == "twilio"
    settings.turn_url, settings.turn_secret = "turn:relay.example", SECRET
    assert relays(settings).name == "own"
    settings.turn = "huggingface"
    assert relays(settings).name == "huggingface"
    settings.turn = "cloudflare"
    with pytest.raises(SettingsError, match="TUTOR_TURN=cloudflare"):
        relays(settings)
