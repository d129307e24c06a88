"""Tries are counted apart, and whoever is refused is told for how long."""

import asyncio

import pytest
from limits.errors import StorageError

from tests.servers import redis
from tutor.errors import Busy, TooManyTries
from tutor.services.throttle import Rule, Throttle, network

TWICE = Rule("twice", "2/minute")


async def test_one_too_many() -> None:
    """Guessing would go on for ever, or the first try be refused."""
    throttle = Throttle()
    await throttle.hit(TWICE, "ada")
    await throttle.hit(TWICE, "ada")
    with pytest.raises(TooManyTries, match="2 per 1 minute") as refusal:
        await throttle.hit(TWICE, "ada")
    assert 50 < refusal.value.retry_after <= 60
    assert "a minute" in refusal.value.text


async def test_keys_and_rules_are_counted_apart() -> None:
    """One learner's tries would lock another out."""
    throttle = Throttle()
    for _ in range(2):
        await throttle.hit(TWICE, "a", "b")
    await throttle.hit(TWICE, "a")
    await throttle.hit(TWICE, "b", "a")
    await throttle.hit(TWICE, "a/b")
    await throttle.hit(Rule("another", "2/minute"), "a", "b")
    with pytest.raises(TooManyTries):
        await throttle.hit(TWICE, "a", "b")


async def test_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner would stay locked out, or twice the tries be possible around a full minute."""
    throttle = Throttle()
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    await throttle.hit(TWICE, "ada")
    now += 59
    await throttle.hit(TWICE, "ada")
    now += 2
    await throttle.hit(TWICE, "ada")
    with pytest.raises(TooManyTries) as refusal:
        await throttle.hit(TWICE, "ada")
    assert refusal.value.retry_after == pytest.approx(58, abs=1)


async def test_several_limits() -> None:
    """Slow guessing would pass under the short limit."""
    throttle = Throttle()
    rule = Rule("both", "100/minute;3/hour")
    for _ in range(3):
        await throttle.hit(rule, "ada")
    with pytest.raises(TooManyTries, match="hour") as refusal:
        await throttle.hit(rule, "ada")
    assert refusal.value.retry_after > 3500
    assert "60 minutes" in refusal.value.text


async def test_check_does_not_count_and_note_does_not_refuse() -> None:
    """Looking would use a try up, or counting a failure would hide what went wrong."""
    throttle = Throttle()
    for _ in range(5):
        await throttle.check(TWICE, "ada")
    for _ in range(5):
        await throttle.note(TWICE, "ada")
    with pytest.raises(TooManyTries):
        await throttle.check(TWICE, "ada")


async def test_clear() -> None:
    """A learner who got it right at last would still be refused the next time."""
    throttle = Throttle()
    for _ in range(2):
        await throttle.hit(TWICE, "ada")
    await throttle.clear(TWICE, "ada")
    await throttle.hit(TWICE, "ada")


async def test_any_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that a stranger makes up would crash the sign-in or fill the memory."""
    throttle = Throttle()
    for key in ("", "\x00", "\ud800", "x" * 1_000_000):
        await throttle.hit(TWICE, key)
    assert max(map(len, throttle._storage.events)) < 100


async def test_parallel_tries_are_all_counted() -> None:
    """Trying a thousand times at once would count as once."""
    throttle = Throttle()
    tries = (throttle.hit(TWICE, "ada") for _ in range(50))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == 2


async def test_shared_store_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its Redis the site would crash, or let everybody try without limit."""
    throttle = Throttle()

    def down(*_: object) -> None:
        raise StorageError(ConnectionError("refused"))

    monkeypatch.setattr(throttle._storage, "get_moving_window", down)
    with pytest.raises(Busy, match="refused"):
        await throttle.hit(TWICE, "ada")


def test_storage_for_event_loops_is_refused() -> None:
    """A wrong storage URI would fail at the first sign-in in place of the start."""
    with pytest.raises(TypeError, match="async"):
        Throttle("async+memory://")


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_network(address: str, whom: str) -> None:
    """Whoever has an IPv6 network could try from a new address each time."""
    assert network(address) == whom


async def test_processes_that_share_a_redis_count_together() -> None:
    """With three workers a guesser would get three times the tries; without Redis the site would say why."""
    with redis.running() as url:
        first, second = Throttle(url), Throttle(url)
        await first.hit(TWICE, "ada")
        await second.hit(TWICE, "ada")
        for throttle in (first, second):
            with pytest.raises(TooManyTries) as refusal:
                await throttle.hit(TWICE, "ada")
            assert 50 < refusal.value.retry_after <= 60
        await first.clear(TWICE, "ada")
        await second.hit(TWICE, "ada")
        await second.hit(TWICE, "grace")
    with pytest.raises(Busy):
        await first.hit(TWICE, "ada")
    for throttle in (first, second):
        throttle.close()
