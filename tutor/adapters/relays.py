"""TURN: relays for learners whose network lets no sound through to the server, and who provides them."""

import base64
import hmac
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import structlog
from pydantic import BaseModel, Field, SecretStr, ValidationError

from tutor.errors import SettingsError
from tutor.settings import Settings

log = structlog.get_logger()

_TTL = 2 * 3600
"""Seconds that credentials hold: longer than a call may last."""
_FRESH = 600
"""Seconds for which one answer of the provider serves every call."""
_AGAIN = 60
"""Seconds after a failure before the provider is asked again."""
_TIMEOUT = 3.0
"""Seconds: a learner waits for it, and does without where it takes longer."""

Ask = Callable[[httpx.AsyncClient], Awaitable[dict[str, Any]]]
"""Gives `{"iceServers": ...}`, or what Twilio makes of it. Raises httpx.HTTPError or ValueError."""


class _IceServer(BaseModel):
    """As a browser takes it. What else a provider sends along is left out."""

    urls: str | list[str] = Field(min_length=1)
    username: str = ""
    credential: str = ""


class _IceServers(BaseModel):
    servers: list[_IceServer] = Field(min_length=1)


class Relays:
    """Credentials of one provider, kept for a while. Without a provider: no relay."""

    def __init__(self, name: str, ask: Ask | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._ask, self._clock = ask, clock
        self._known: list[dict[str, Any]] = []
        self._until = float("-inf")

    async def configuration(self) -> dict[str, Any]:
        """An RTCConfiguration for a browser. A provider that fails means no relay, and a line in the log."""
        if self._ask is not None and self._clock() >= self._until:
            self._known = await self._fetch(self._ask)
            self._until = self._clock() + (_FRESH if self._known else _AGAIN)
        return {"iceServers": self._known} if self._known else {}

    async def _fetch(self, ask: Ask) -> list[dict[str, Any]]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                answer = await ask(client)
            found = answer.get("iceServers") or answer.get("ice_servers") or []
            servers = _IceServers(servers=[found] if isinstance(found, dict) else found).servers
        except (httpx.HTTPError, ValueError, AttributeError, ValidationError) as error:
            # Never the error's own text: it could hold an address with a key in it.
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
            log.warning("relay_unavailable", provider=self.name, error=type(error).__name__, status=status)
            return []
        return [server.model_dump(exclude_defaults=True) for server in servers]


def relays(settings: Settings) -> Relays:
    """The provider that the settings name; with `auto` the first that is set up.

    Raises:
        SettingsError: One is asked for by name, and its keys are not there.
    """
    made = {
        "cloudflare": _cloudflare(settings),
        "twilio": _twilio(settings),
        "huggingface": _hugging_face(settings),
        "own": _own(settings),
    }
    if settings.turn == "off":
        return Relays("off", None)
    if settings.turn == "auto":
        # Not Hugging Face: HF_TOKEN is often there for other things, and would go to a third party.
        name = next((name for name in ("own", "cloudflare", "twilio") if made[name]), "off")
        return Relays(name, made.get(name))
    if made[settings.turn] is None:
        text = f"TUTOR_TURN={settings.turn} needs its keys; see docs/voice.md."
        raise SettingsError(text, text=text)
    return Relays(settings.turn, made[settings.turn])


def _cloudflare(settings: Settings) -> Ask | None:
    key, token = settings.cloudflare_turn_key_id, settings.cloudflare_turn_key_api_token
    return cloudflare(key, token) if key and token else None


def _twilio(settings: Settings) -> Ask | None:
    account, token = settings.twilio_account_sid, settings.twilio_auth_token
    return twilio(account, token) if account and token else None


def _hugging_face(settings: Settings) -> Ask | None:
    return hugging_face(settings.hf_token) if settings.hf_token else None


def _own(settings: Settings) -> Ask | None:
    address, secret = settings.turn_url, settings.turn_secret
    return own(address.split(), secret) if address and secret else None


def cloudflare(key_id: str, token: SecretStr, base_url: str = "https://rtc.live.cloudflare.com") -> Ask:
    """As https://developers.cloudflare.com/realtime/turn/generate-credentials/ says."""
    url = f"{base_url}/v1/turn/keys/{key_id}/credentials/generate-ice-servers"

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return _read(await client.post(url, headers=_bearer(token), json={"ttl": _TTL}))

    return ask


def hugging_face(token: SecretStr, base_url: str = "https://turn.fastrtc.org") -> Ask:
    """FastRTC's own service, for accounts of Hugging Face; https://fastrtc.org/deployment/ tells of it."""

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        url = f"{base_url}/credentials"
        return _read(await client.get(url, headers=_bearer(token), params={"ttl": _TTL}))

    return ask


def twilio(account: str, token: SecretStr, base_url: str = "https://api.twilio.com") -> Ask:
    """As https://www.twilio.com/docs/stun-turn/api says."""
    url = f"{base_url}/2010-04-01/Accounts/{account}/Tokens.json"

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        return _read(await client.post(url, auth=(account, token.get_secret_value()), data={"Ttl": _TTL}))

    return ask


def own(urls: list[str], secret: SecretStr, clock: Callable[[], float] = time.time) -> Ask:
    """A server that shares a secret with us, as coturn does with `use-auth-secret`: nobody has to be asked.

    The name is the second at which it ends, the password its HMAC-SHA1, as
    https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00 says.
    """

    async def ask(_: httpx.AsyncClient) -> dict[str, Any]:
        name = str(int(clock()) + _TTL)
        mac = hmac.digest(secret.get_secret_value().encode(), name.encode(), "sha1")
        credential = base64.b64encode(mac).decode()
        return {"iceServers": {"urls": urls, "username": name, "credential": credential}}

    return ask


def _read(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _bearer(token: SecretStr) -> dict[str, str]:
    return {"authorization": f"Bearer {token.get_secret_value()}"}
