"""How often something may be tried."""

import asyncio
import hashlib
import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from tutor.errors import Busy, TooManyTries


@dataclass(frozen=True)
class Rule:
    """What is counted, and how much of it is too much."""

    name: str
    """Part of the key, so that rules do not count each other's tries."""
    limits: str
    """In the notation of the `limits` package: `5/minute;20/hour`."""


class Throttle:
    """Counts tries in moving windows, in this process or in a store that several processes share.

    Keys may be anything that a stranger sends: they are kept as hashes of a fixed size.

    Args:
        storage: `memory://`, or another URI of the `limits` package, such as `redis://host`.
    """

    def __init__(self, storage: str = "memory://") -> None:
        self._storage = storage_from_string(storage, wrap_exceptions=True)
        if not isinstance(self._storage, Storage):
            msg = "the storage is called from threads: write its URI without async+"
            raise TypeError(msg)
        self._limiter = MovingWindowRateLimiter(self._storage)

    async def hit(self, rule: Rule, *key: str) -> None:
        """Count one try, unless it is one too many.

        Raises:
            TooManyTries: It is.
            Busy: The shared store does not answer.
        """
        await self._run(self._hit, rule, key)

    async def check(self, rule: Rule, *key: str) -> None:
        """Ask whether one more would be allowed, without counting it. Raises like `hit`."""
        await self._run(self._check, rule, key)

    async def note(self, rule: Rule, *key: str) -> None:
        """Count one try, whether or not it is too many. Raises Busy."""
        await self._run(self._note, rule, key)

    async def left(self, rule: Rule, *key: str) -> tuple[int, float]:
        """Tries that are left, and seconds until one more is. Of a rule with one limit. Raises Busy."""
        hashed = _hashed(key)
        (item,) = parse_many(rule.limits)
        try:
            if isinstance(self._storage, MemoryStorage):
                window = self._limiter.get_window_stats(item, rule.name, hashed)
            else:
                window = await asyncio.to_thread(self._limiter.get_window_stats, item, rule.name, hashed)
        except StorageError as error:
            raise Busy(f"the throttle's store: {error.storage_error}") from error
        return window.remaining, max(0.0, window.reset_time - time.time())

    async def clear(self, rule: Rule, *key: str) -> None:
        """Forget the tries so far. Raises Busy."""
        await self._run(self._clear, rule, key)

    def close(self) -> None:
        """Let go of the shared store's connections."""
        if isinstance(self._storage, RedisStorage):
            self._storage.storage.close()

    async def _run(self, call: Callable[[Rule, str], None], rule: Rule, key: tuple[str, ...]) -> None:
        hashed = _hashed(key)
        try:
            if isinstance(self._storage, MemoryStorage):
                call(rule, hashed)  # microseconds
            else:
                await asyncio.to_thread(call, rule, hashed)
        except StorageError as error:
            raise Busy(f"the throttle's store: {error.storage_error}") from error

    def _hit(self, rule: Rule, key: str) -> None:
        self._check(rule, key)
        for item in parse_many(rule.limits):
            if not self._limiter.hit(item, rule.name, key):  # another thread was first
                raise self._refused(item, rule, key)

    def _check(self, rule: Rule, key: str) -> None:
        for item in parse_many(rule.limits):
            if not self._limiter.test(item, rule.name, key):
                raise self._refused(item, rule, key)

    def _note(self, rule: Rule, key: str) -> None:
        for item in parse_many(rule.limits):
            self._limiter.hit(item, rule.name, key)

    def _clear(self, rule: Rule, key: str) -> None:
        for item in parse_many(rule.limits):
            self._limiter.clear(item, rule.name, key)

    def _refused(self, item: RateLimitItem, rule: Rule, key: str) -> TooManyTries:
        free_at = self._limiter.get_window_stats(item, rule.name, key).reset_time
        wait = max(1.0, free_at - time.time())
        minutes = math.ceil(wait / 60)
        span = "a minute" if minutes == 1 else f"{minutes} minutes"
        text = f"Too many tries. Please wait {span} and try again."
        return TooManyTries(f"{rule.name}: {item}", retry_after=wait, text=text)


def _hashed(key: tuple[str, ...]) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()[:32]


def network(address: str) -> str:
    """Whom an address stands for: an IPv4 address itself, an IPv6 one its /64, which one home has whole."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
