"""What the errors of a database mean, in our own errors."""

from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tutor.errors import StoreFull, StoreUnavailable

_FULL: Final = (
    "database or disk is full",  # SQLITE_FULL
    "no space left on device",  # ENOSPC, from the system or from PostgreSQL
    "disk quota exceeded",  # EDQUOT
    "could not extend file",  # PostgreSQL
)
_ERRORS: Final[tuple[tuple[type[Exception], tuple[str, ...], type[StoreUnavailable]], ...]] = (
    # the first row that fits: error, one of these words in it (none: any), ours
    (DBAPIError, _FULL, StoreFull),
    (OSError, _FULL, StoreFull),
    (DBAPIError, (), StoreUnavailable),  # no connection, a lock, a damaged file
    (PoolTimeout, (), StoreUnavailable),
    (OSError, (), StoreUnavailable),
)
KNOWN: Final = tuple({kind for kind, _, _ in _ERRORS})
"""Errors that are translated."""
NOT_THE_DATABASE: Final = (IntegrityError, ProgrammingError, DataError)
"""Of the kind DBAPIError as well, but said of what we asked for: waiting would not help."""


def meant(error: Exception) -> Exception:
    """What a transaction ended with, as its caller gets it: ours where it is the database's fault."""
    if isinstance(error, KNOWN) and not isinstance(error, NOT_THE_DATABASE):
        return translated(error)
    return error


def translated(error: Exception) -> StoreUnavailable:
    """What an error of the database means to the rest of the program."""
    words = str(getattr(error, "orig", None) or error)
    for kind, signs, ours in _ERRORS:
        if isinstance(error, kind) and (not signs or any(sign in words.lower() for sign in signs)):
            return ours(f"{type(error).__name__}: {words.partition(chr(10))[0]}")
    return StoreUnavailable(type(error).__name__)
