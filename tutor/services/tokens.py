"""Session tokens: JWTs that this program signs and nobody else can."""

import os
import secrets
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import jwt

from tutor.errors import SessionExpired, SettingsError, SignInRequired
from tutor.services.signed import ALGORITHM, KEY_BYTES, LEEWAY, PARTY, NotGenuineError, moment, verified
from tutor.settings import Settings

KIND: Final = "tutor-session"
"""In the header `typ` (RFC 8725, 3.11): no other token signed with this key passes for a session."""
KEY_FILE: Final = "secret.key"
"""In the data folder. One key a line, the first signs."""

_REMEMBERED: Final = 4096
"""Tokens whose signature need not be checked again."""
_REQUIRED: Final = ("iss", "aud", "sub", "jti", "iat", "nbf", "exp")


class Claims(NamedTuple):
    """What a token says, once it is known to be ours."""

    learner_id: str
    session_id: str
    expires_at: datetime


class Tokens:
    """Signs and reads session tokens.

    Args:
        keys: The first signs, all of them check. So a key is replaced by putting a new one before it, and
            dropped when the last session that it signed is over.
        now: The clock.
    """

    def __init__(self, keys: Sequence[bytes], *, now: Callable[[], datetime]) -> None:
        if not keys:
            msg = "a key is needed to sign with"
            raise ValueError(msg)
        self._keys = tuple(keys)
        self._now = now
        # Whose signature was good once has a good one for ever; only what time does to a token is asked anew.
        self._genuine = lru_cache(maxsize=_REMEMBERED)(self._verified)

    def sign(self, claims: Claims) -> str:
        """A token that says so from now on."""
        now = self._now()
        payload = {
            "iss": PARTY,
            "aud": PARTY,
            "sub": claims.learner_id,
            "jti": claims.session_id,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return jwt.encode(payload, self._keys[0], ALGORITHM, headers={"typ": KIND})

    def read(self, token: str) -> Claims:
        """What the token says.

        Raises:
            SignInRequired: It is not one of ours.
            SessionExpired: It was, but its time is over.
        """
        try:
            payload = self._genuine(token)
            expires_at = moment(payload["exp"])
            begins_at = max(moment(payload["nbf"]), moment(payload["iat"]))
        except NotGenuineError as error:
            raise SignInRequired(str(error)) from None
        now = self._now()
        if begins_at - LEEWAY > now:
            raise SignInRequired("the token is of the future")
        if expires_at + LEEWAY <= now:
            raise SessionExpired("the token is over")
        return Claims(payload["sub"], payload["jti"], expires_at)

    def _verified(self, token: str) -> Mapping[str, Any]:
        return verified(token, self._keys, kind=KIND, issuer=PARTY, required=_REQUIRED)


def load_signing_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys that sign sessions: TUTOR_SECRET_KEY, else those in the data folder.

    The file is made at first start, readable by its owner only. Of several processes that start at once one
    makes it, and all of them use it.

    Raises:
        SettingsError: The file cannot be made or read, may be read by others, or holds too short a key.
    """
    if settings.secret_key:
        return tuple(key.get_secret_value().encode() for key in settings.secret_key)
    path = settings.data_dir / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        # Windows has no such modes; there the folder's own rights count
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise _unusable(f"{path} may be read by others; run: chmod 600 {path}")
        lines = path.read_bytes().split()
    except OSError as error:
        raise _unusable(f"{path}: {error.strerror}") from error
    if not lines or min(map(len, lines)) < KEY_BYTES:
        raise _unusable(
            f"{path} holds no key, or one of less than {KEY_BYTES} bytes; delete it to get another"
        )
    return tuple(lines)


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all; leave one that another process made meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)  # unlike a rename, never replaces what is there
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def _unusable(why: str) -> SettingsError:
    text = f"The key that signs sessions cannot be used: {why}. Or set TUTOR_SECRET_KEY."
    return SettingsError(text, text=text)
