"""Which names this site answers to.

A browser takes a page's name for its identity. So somebody whose own name leads to this machine's address
(DNS rebinding) could let their page speak with an app on a visitor's computer or in a school's network, as
if it were its own. Only the `Host` header tells the difference.
"""

import ipaddress
from collections.abc import Iterable

import structlog
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger()

_MONITORED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by the machine's address, whatever its names are."""


class KnownHosts:
    """Refuses requests for names that are not ours.

    With `allowed`, these names and the machine's own (`localhost`, 127.0.0.1) are answered, and no other. A
    name may begin with `*.` for all below it; `*` allows any.

    Without it, nobody has told us our name. Then a change is refused that a browser asks for over plain http
    under a full name: with https the certificate proves the name, and what has no dot (`localhost`, a
    container) or is an address cannot be pointed elsewhere by a stranger. Over https, and on this machine,
    browsers send `Sec-Fetch-Site`, which no page can forge.
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str] = ()) -> None:
        self.app = app
        self._allowed = tuple(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] in ("http", "websocket") and scope["path"] not in _MONITORED:
            connection = HTTPConnection(scope)
            host = _name(connection.headers.get("host", ""))
            if not self._answers(host, connection):
                log.warning("unknown_host", path=scope["path"])
                text = (
                    "This site does not know the name in your address bar. "
                    "Its owner can add it to TUTOR_ALLOWED_HOSTS."
                )
                await JSONResponse({"code": "unknown_host", "text": text}, 421)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _answers(self, host: str, connection: HTTPConnection) -> bool:
        if not self._allowed:
            return _local(host) or not _plain_change(connection)
        return _loopback(host) or any(_fits(host, name) for name in self._allowed)


def _name(host: str) -> str:
    """Without the port, and in small letters: `[::1]:7860` is `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")


def _fits(host: str, name: str) -> bool:
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _local(host: str) -> bool:
    return "." not in host or host.endswith(".localhost") or _address(host) is not None


def _plain_change(connection: HTTPConnection) -> bool:
    """Whether a page that came over plain http asks for it; programs send no `Origin`."""
    headers = connection.headers
    return "sec-fetch-site" not in headers and headers.get("origin", "").startswith("http://")
