"""JWTs with one pinned algorithm, kind and pair of parties: what sessions and course sites sign alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt

ALGORITHM: Final = "HS256"
"""Pinned: a token cannot choose how it is checked."""
KEY_BYTES: Final = 32
"""As many as HS256's hash has (RFC 7518, 3.2)."""
PARTY: Final = "ai-programming-teacher"
"""What this program calls itself as a party."""
LEEWAY: Final = timedelta(seconds=10)
"""How far the clocks of two machines may be apart."""


class NotGenuineError(Exception):
    """A token that is not what it has to be. `str(error)` says why, and holds nothing of the token."""


class UnknownKeyError(NotGenuineError):
    """None of these keys signed it; another one may have."""


def verified(
    token: str,
    keys: Sequence[bytes],
    *,
    kind: str,
    issuer: str,
    required: Sequence[str],
    most_chars: int = 2048,
) -> dict[str, Any]:
    """The payload of a token with a signature, kind and parties that are right. Looks at no clock.

    Args:
        token: From a stranger.
        keys: Any of them may have signed it.
        kind: In the header `typ` (RFC 8725, 3.11): no other token signed with the same key passes for it.
        issuer: Who must have signed it; the audience is always this program, and nobody else.
        required: Claims that must be there.
        most_chars: A longer token is not looked at.

    Raises:
        NotGenuineError: It is not right; UnknownKeyError where only the signature is not.
    """
    if len(token) > most_chars or not token.isascii():
        raise NotGenuineError("no token of ours looks like this")
    for key in keys:
        try:
            whole = jwt.decode_complete(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=PARTY,
                issuer=issuer,
                # The times are the caller's to check, against the clock that was passed in.
                options={
                    "require": list(required),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "strict_aud": True,
                },
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise NotGenuineError(f"token refused: {type(error).__name__}") from None
        if whole["header"].get("typ") != kind:
            raise NotGenuineError("a token, but of another kind")
        payload: dict[str, Any] = whole["payload"]
        return payload
    raise UnknownKeyError("no key of ours signed this token")


def moment(seconds: object) -> datetime:
    """A time in a token. Raises NotGenuineError where it is none."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise NotGenuineError("a time in the token is no number")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotGenuineError("a time in the token is out of all bounds") from None
