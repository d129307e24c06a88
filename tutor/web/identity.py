"""Who is asking: the signed cookie, read on the server for every request."""

from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from tutor.domain.learner import Learner
from tutor.errors import SignInRequired

COOKIE = "tutor"
_SECURE_COOKIE = f"__Host-{COOKIE}"

current_learner: ContextVar[Learner | None] = ContextVar("current_learner", default=None)
"""Set by the gate for the length of a request; for code that the request reaches without being handed it."""


def token_of(connection: HTTPConnection) -> str | None:
    """The session token of a request: from a bearer header (scripts), else from the cookie (browsers)."""
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return connection.cookies.get(_SECURE_COOKIE) or connection.cookies.get(COOKIE)


def learner_of(connection: HTTPConnection) -> Learner:
    """The learner that the gate found behind a request.

    Raises:
        SignInRequired: There is none.
    """
    learner: Learner | None = getattr(connection.state, "learner", None)
    if learner is None:
        raise getattr(connection.state, "refused", None) or SignInRequired()
    return learner


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser speaks HTTPS, to us or to a proxy before us."""
    forwarded: str = connection.headers.get("x-forwarded-proto", "")
    return (forwarded.split(",")[0].strip() or connection.url.scheme) in ("https", "wss")


def cookie(connection: HTTPConnection, token: str, expires_at: datetime | None) -> str:
    """A Set-Cookie value. With HTTPS it also works inside an iframe, where it is kept for that site alone.

    Args:
        connection: The request that is answered.
        token: The session token.
        expires_at: None removes the cookie.
    """
    seconds = 0 if expires_at is None else max(0, int((expires_at - datetime.now(UTC)).total_seconds()))
    # Browsers refuse Secure cookies on plain http, so a try at home gets a plain one.
    name, how = (
        (_SECURE_COOKIE, "Secure; SameSite=None; Partitioned")
        if is_secure(connection)
        else (COOKIE, "SameSite=Lax")
    )
    return f"{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; {how}"
