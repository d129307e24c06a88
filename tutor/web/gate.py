"""Who may reach what. Plain ASGI, in front of everything, Gradio's own routes included."""

import re
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote, urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.domain.learner import Learner
from tutor.errors import SignInRequired, TutorError
from tutor.web.identity import current_learner, token_of

log = structlog.get_logger()

WELCOME = "/welcome"

_OPEN = re.compile(
    r"/(healthz|readyz|embed|metrics|robots\.txt|favicon\.ico|manifest\.json|theme\.css|api/.*|(assets|static|svelte|ours)/.*"
    r"|welcome/?|welcome/(config|theme\.css|manifest\.json|favicon\.ico|(assets|static|svelte)/.*)"
    r"|welcome/gradio_api/(info|startup-events|heartbeat/\w+))"
)
"""What is served to anybody. The API asks for the learner by itself, route by route."""

_SIGNED = re.compile(
    r"/|/room(/livekit-client\.umd\.js)?|/account|/progress|/config|/files/.*|/runner/.*"
    r"|/gradio_api/(info|startup-events|reset|cancel|queue/(join|data)|heartbeat/\w+|component_server/?"
    r"|custom_component/.*)"
)
"""What a learner's page needs. Nothing else is served: not Gradio's upload, file, proxy, monitoring, ..."""

_PAGES = frozenset({"/", "/account", "/progress"})
"""Where somebody without a session is asked to sign in, and not told that they must."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Tells the browser what the page may load, and who may show it in a frame."""

    def __init__(self, app: ASGIApp, frame_ancestors: Iterable[str], foreign: str = "") -> None:
        """`foreign`: other hosts that scripts may ask, separated by spaces, or ''."""
        self.app = app
        asked = " ".join(filter(None, ("'self'", foreign)))
        ancestors = " ".join(("'self'", *frame_ancestors))
        self._policy = (
            # Gradio builds its own handlers with inline scripts and `new Function`.
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
            "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
            f"font-src 'self' data:; connect-src {asked}; worker-src 'self' blob:; frame-src 'self' blob:; "
            f"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
        )
        self._headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                # Added to a stricter one that the answer may have: browsers obey both.
                headers.append("content-security-policy", self._policy)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class _TooLargeError(Exception):
    """A body that did not say how long it is has grown past the limit."""


class BodyLimit:
    """Refuses bodies larger than `limit` bytes, announced or streamed."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = HTTPConnection(scope).headers.get("content-length", "0")
        refusal = _refusal("too_large", "That is too large to send.", 413)
        if not announced.isdigit() or int(announced) > self.limit:
            await refusal(scope, receive, send)
            return
        received, answered = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooLargeError:
            if not answered:
                await refusal(scope, receive, send)


class SameOrigin:
    """Refuses changes that another site asks for through a learner's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] in ("http", "websocket"):
            connection = HTTPConnection(scope)
            changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
            if changes and not _same_origin(connection):
                log.warning("cross_site_request", path=scope["path"])
                await _refusal("cross_site", "This request came from another site.", 403)(
                    scope, receive, send
                )
                return
        await self.app(scope, receive, send)


class SessionGate:
    """Finds the learner behind the cookie, and keeps everybody else out of what is not open."""

    def __init__(self, app: ASGIApp, learner: Callable[[str], Awaitable[Learner]]) -> None:
        self.app = app
        self._learner = learner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        connection = HTTPConnection(scope)
        if not (_OPEN.fullmatch(path) or _SIGNED.fullmatch(path)):
            await _refusal("not_found", "There is nothing here.", 404)(scope, receive, send)
            return
        learner, refused = await self._identify(connection)
        connection.state.learner, connection.state.refused = learner, refused
        if learner is None and not _OPEN.fullmatch(path):
            await _sent_to_sign_in(connection, refused)(scope, receive, send)
            return
        reset = current_learner.set(learner)
        try:
            await self.app(scope, receive, send)
        finally:
            current_learner.reset(reset)

    async def _identify(self, connection: HTTPConnection) -> tuple[Learner | None, TutorError | None]:
        token = token_of(connection)
        if token is None:
            return None, None
        try:
            return await self._learner(token), None
        except TutorError as error:
            return None, error


def _same_origin(connection: HTTPConnection) -> bool:
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _sent_to_sign_in(connection: HTTPConnection, refused: TutorError | None) -> Response:
    error = refused or SignInRequired()
    path = connection.url.path
    if path in _PAGES and error.status == SignInRequired.status:
        query = f"?{connection.url.query}" if connection.url.query else ""
        return RedirectResponse(f"{WELCOME}/?next={quote(path + query)}", status_code=303)
    return _refusal(error.code, error.text, error.status)


def _refusal(code: str, text: str, status: int) -> Response:
    return JSONResponse({"code": code, "text": text}, status_code=status)
