"""The breaker of one rung, with a clock that only moves when told to."""

import random

import pytest

from tutor.errors import (
    AnswerUnusable,
    ModelMissing,
    ModelUnknown,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)
from tutor.services.health import Effect, Health, State, effect_of
from tutor.services.hedge import HedgeShare


class Clock:
    """Time as a number."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Steady(random.Random):
    """Chance without any."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock=clock, rng=Steady(), pause=1.0, longest_pause=8.0)


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        (ModelUnknown(), Effect.SKIP),
        (ModelMissing(), Effect.SKIP),
        (ProviderRefusedKey(), Effect.CLOSE_PROVIDER),
        (RateLimited(), Effect.WAIT),
        (RequestRefused(), Effect.NONE),
        (AnswerUnusable(), Effect.DOUBT),
        (ProviderUnreachable(), Effect.BREAK),
        (ProviderTimeout(), Effect.BREAK),
        (ZeroDivisionError(), Effect.BREAK),
    ],
)
def test_table(error: Exception, effect: Effect) -> None:
    """A kind of error would be taken for another."""
    assert effect_of(error) is effect


def test_pauses_grow(health: Health, clock: Clock) -> None:
    """A provider that is down would be asked every second for hours, or after one bad minute never again."""
    pauses = []
    for _ in range(6):
        health.failed(ProviderUnreachable(), began=clock())
        pauses.append(health.wait)
        clock.now += health.wait
        health.begin_probe()
        assert health.state is State.HALF_OPEN
    assert pauses == [1, 2, 4, 8, 8, 8]


def test_pauses_are_jittered(clock: Clock) -> None:
    """All processes of a site would come back at the same moment."""
    rng = random.Random(7)
    waits = set()
    for _ in range(20):
        health = Health(clock=clock, rng=rng, pause=1.0)
        health.failed(ProviderUnreachable(), began=clock())
        waits.add(round(health.wait, 6))
        assert 0.75 <= health.wait <= 1.25
    assert len(waits) > 10


def test_time_alone_does_not_close_it(health: Health, clock: Clock) -> None:
    """The first learner after a pause would be the trial."""
    health.failed(ProviderUnreachable(), began=clock())
    clock.now += 100
    assert not health.ready
    health.begin_probe()
    assert not health.ready
    health.recovered()
    assert health.ready


def test_failures_are_forgotten_slowly(health: Health, clock: Clock) -> None:
    """A rung that flaps would be asked as often as a good one."""
    health.failed(ProviderUnreachable(), began=clock())
    health.recovered()
    health.failed(ProviderUnreachable(), began=clock())
    assert health.wait == 2
    health.recovered()
    for _ in range(10):
        health.succeeded(began=clock(), took=0.1)
    health.failed(ProviderUnreachable(), began=clock())
    assert health.wait == 1


def test_failures_of_one_moment_count_once(health: Health, clock: Clock) -> None:
    """Requests that were sent before the first failure was known would make the pause explode."""
    began = clock()
    clock.now += 0.5
    for _ in range(5):
        health.failed(ProviderTimeout(), began=began)
    assert health.wait == 1


def test_old_success_does_not_close_it(health: Health, clock: Clock) -> None:
    """An answer that began before the failure would be taken for recovery."""
    began = clock()
    clock.now += 0.5
    health.failed(ProviderTimeout(), began=clock())
    health.succeeded(began=began, took=0.6)
    assert not health.ready
    clock.now += 0.1
    health.succeeded(began=clock(), took=0.1)
    assert health.ready


@pytest.mark.parametrize(("said", "wait"), [(7.0, 7.0), (None, 5.0), (0.0, 0.0)])
def test_limit_lasts_as_long_as_it_says(
    health: Health, clock: Clock, said: float | None, wait: float
) -> None:
    """A rung would be asked before it may be, or long after."""
    health.failed(RateLimited(retry_after=said), began=clock())
    assert (health.wait, health.ready) == (wait, wait == 0)
    clock.now += wait
    assert health.ready


def test_longest_limit_holds(health: Health, clock: Clock) -> None:
    """A second, shorter limit, a failure or a probe would open the rung early."""
    health.failed(RateLimited(retry_after=60), began=clock())
    health.failed(RateLimited(retry_after=1), began=clock())
    assert health.wait == 60
    health.failed(ProviderUnreachable(), began=clock())
    assert health.wait == 60


def test_doubts_add_up(health: Health, clock: Clock) -> None:
    """A rung that says nothing useful would be asked first for ever; one empty answer would close it."""
    for _ in range(2):
        assert health.failed(AnswerUnusable(), began=clock()) is Effect.DOUBT
    health.succeeded(began=clock(), took=0.1)
    for _ in range(2):
        health.failed(AnswerUnusable(), began=clock())
    assert health.ready
    assert health.failed(AnswerUnusable(), began=clock()) is Effect.BREAK
    assert not health.ready


def test_lost_races_add_up(health: Health, clock: Clock) -> None:
    """A silent rung that always loses to the hedge would never be found out."""
    health.lost(began=clock())
    assert health.ready
    health.lost(began=clock())
    assert not health.ready


def test_skipped_stays_skipped(health: Health, clock: Clock) -> None:
    """A retired model would come back with time or by a late success."""
    health.failed(ModelUnknown(), began=clock())
    clock.now += 1e6
    health.succeeded(began=clock(), took=0.1)
    health.recovered()
    assert (health.ready, health.wait) == (False, float("inf"))


def test_p95(health: Health, clock: Clock) -> None:
    """Hedging would start too early or too late."""
    for i in range(19):
        health.succeeded(began=clock(), took=i / 100)
    assert health.p95 is None
    for i in range(19, 100):
        health.succeeded(began=clock(), took=i / 100)
    assert health.p95 == pytest.approx(0.95, abs=0.08)


def test_hedges_are_a_share_of_calls() -> None:
    """Hedging would cost more than its share."""
    share = HedgeShare(0.05)
    taken = 0
    for _ in range(1000):
        share.called()
        taken += share.take()
    assert taken <= 51
    for _ in range(10_000):
        share.called()
    assert [share.take() for _ in range(4)] == [True, True, True, False]
    assert not HedgeShare(0.0).take()
