"""Passwords as argon2id hashes."""

import asyncio
import os
import sys
import threading
import unicodedata
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from tutor.errors import Busy

T = TypeVar("T")

log = structlog.get_logger()

# The minimum of OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one lane. 30 ms here.
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1


class Argon2Passwords:
    """The PasswordHasher. At most `threads` hashes are under way at once, so hashing can neither take the
    machine's memory nor its time, however many strangers try to sign in.

    Args:
        threads: Hashes at once.
        waiting: Hashes that may wait for one of those places.
    """

    def __init__(self, *, threads: int = 2, waiting: int = 32) -> None:
        self._argon2 = _load_argon2()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords", initializer=_give_way)
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._decoy: str = self._argon2.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to store. Raises Busy."""
        hashed: str = await self._run(self._argon2.hash, _prepared(password))
        return hashed

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether they go together. With None it takes as long and says no. Raises Busy."""
        fits = await self._run(self._fits, _prepared(password), hashed or self._decoy)
        return fits and hashed is not None

    def close(self) -> None:
        """Finish what was asked for. Blocks."""
        self._pool.shutdown()

    def _fits(self, password: bytes, hashed: str) -> bool:
        try:
            return bool(self._argon2.verify(password, hashed))
        except ValueError:  # passlib's, for a hash that is none
            log.warning("password.hash_unreadable")
            self._argon2.verify(password, self._decoy)
            return False

    async def _run(self, call: Any, *args: Any) -> Any:  # noqa: ANN401 - passlib has no types
        if not self._places.acquire(blocking=False):
            raise Busy("too many passwords wait to be hashed")
        try:
            future = self._pool.submit(partial(call, *args))
        except RuntimeError:
            self._places.release()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[Any]) -> None:
        self._places.release()


def _give_way() -> None:
    """Let the rest of the process go first where the processor is short: a sign-in can wait, a voice not."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own to give up
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _prepared(password: str) -> bytes:
    """The same bytes whichever keyboard typed it (NIST SP 800-63B asks for NFKC), whatever is in it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _load_argon2() -> Any:  # noqa: ANN401 - as above
    """Import passlib, whose last release is of 2020.

    It asks for `crypt`, which Python 3.13 drops (passlib then goes without), and for argon2's version in a
    way that argon2-cffi means to drop. Neither touches what is used here, so exactly these two warnings
    are kept out of the log.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crypt' is deprecated", DeprecationWarning)
        warnings.filterwarnings("ignore", "Accessing argon2.__version__ is deprecated", DeprecationWarning)
        from passlib.hash import argon2

        argon2.get_backend()  # loads it, here where the filters hold
        return argon2.using(type="ID", memory_cost=MEMORY_KIB, time_cost=PASSES, parallelism=LANES)
