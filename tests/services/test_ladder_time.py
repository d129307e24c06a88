"""Deadlines, hedging, retries: an answer starts within its budget whatever the rungs do."""

import asyncio
from time import monotonic

import pytest

from tests.servers.ladder_rig import GUIDE, QUICK, SAID, Rig, question, rig, rung, until
from tests.servers.openai_wire import Act
from tutor.domain.chat import Token

HEDGED = QUICK.model_copy(update={"hedge": True, "hedge_after": 0.1, "hedge_share": 0.05})


async def first_word(r: Rig) -> float:
    """Seconds until a learner sees the first word; the answer is left there."""
    began = monotonic()
    stream = r.ladder.stream(question())
    async for chunk in stream:
        if isinstance(chunk, Token):
            break
    took = monotonic() - began
    await stream.aclose()
    return took


async def test_whole_search_has_one_budget() -> None:
    """Eight silent rungs would hold the learner up for eight deadlines."""
    names = [f"r{i}" for i in range(8)]
    async with rig(names, **{name: Act(connect=9) for name in names}) as r:
        assert await first_word(r) < 1.3


async def test_seven_silent_rungs_do_not_hide_the_eighth() -> None:
    """The one rung that works would be asked only after the budget is gone."""
    names = [f"r{i}" for i in range(8)]
    async with rig(names, **{name: Act(connect=9) for name in names[:7]}) as r:
        began = monotonic()
        text, finish, _ = await r.ask()
        assert (text, finish.rung) == (SAID, "r7")
        assert monotonic() - began < 1.3


async def test_only_rung_gets_all_the_time() -> None:
    """A slow rung would be given up at its deadline though there is nobody else to ask."""
    async with rig(["only"], only=Act(first=0.6)) as r:
        assert (await r.ask())[1].rung == "only"


async def test_budget_is_never_below_the_quickest_deadline() -> None:
    """A ladder of one slow local model would never answer."""
    async with rig([rung("local", first_token=2.0)], local=Act(first=1.2)) as r:
        assert (await r.ask())[1].rung == "local"


async def test_slow_rung_gets_its_time_where_the_quick_ones_are_gone() -> None:
    """A slow local model would never answer for an account whose cloud models are retired."""
    rungs = ["cloud", rung("local", first_token=2.0)]
    async with rig(rungs, cloud=Act(status=404), local=Act(first=1.2)) as r:
        await r.ask()
        assert (await r.ask())[1].rung == "local"


async def test_all_dead_is_the_floor() -> None:
    """Where no rung lives the learner would get an error instead of the lesson guide's answer."""
    async with rig(first=Act(status=500), second=Act(status=404)) as r:
        for _ in range(3):
            text, finish, _ = await r.ask()
            assert (text, finish.rung) == (GUIDE, "guide")
        assert r.ladder.counters.events["floor"] == 3


async def test_no_rungs_at_all_is_the_floor() -> None:
    """Without any key the ladder would not answer."""
    async with rig([]) as r:
        assert (await r.ask())[0] == GUIDE


async def test_last_rung_is_tried_again() -> None:
    """One hiccup of the only rung would cost the learner the model's answer."""
    async with rig(["only"], only=[Act(status=500), Act(status=500), Act()]) as r:
        assert (await r.ask())[1].rung == "only"
        assert r.count("only") <= 3


async def test_tries_are_limited() -> None:
    """A dead provider would be hammered for as long as the budget lasts."""
    limits = QUICK.model_copy(update={"pause": 30.0})
    async with rig(["only"], limits=limits, only=Act(status=500)) as r:
        assert (await r.ask())[1].rung == "guide"
        assert r.count("only") == 3


async def test_request_waits_for_a_rung_that_is_about_to_come_back() -> None:
    """For the second after a failure of the only rung every learner would get the guide."""
    limits = QUICK.model_copy(update={"backoff": 0.2})
    async with rig(["only"], limits=limits, only=[Act(status=500), Act()]) as r:
        first = asyncio.ensure_future(r.ask())
        await asyncio.sleep(0.02)
        _, finish, _ = await r.ask()
        assert finish.rung == "only"
        await first


async def test_attempts_is_a_setting() -> None:
    """An owner could not have a rung asked twice before the next one."""
    limits = QUICK.model_copy(update={"attempts": 2})
    async with rig(limits=limits, first=[Act(status=500), Act()]) as r:
        assert (await r.ask())[1].rung == "first"
        assert (r.count("first"), r.count("second")) == (2, 0)


async def test_late_rung_is_hedged_and_loses() -> None:
    """A rung that is late once would hold the learner up until its deadline."""
    async with rig(limits=HEDGED, first=Act(connect=9)) as r:
        assert await first_word(r) < 0.25  # hedge_after, not the deadline of 0.3
        await until(r.wire.asked_of("first")[0].gone.is_set)
        assert r.ladder.counters.events["hedge"] == 1


async def test_hedge_follows_the_rungs_own_p95() -> None:
    """A rung that is always quick would be waited for as long as one that is not."""
    limits = HEDGED.model_copy(update={"hedge_after": 0.28})
    async with rig(limits=limits) as r:
        for _ in range(20):
            await r.ask()
        r.wire.act("first", Act(connect=9))
        assert await first_word(r) < 0.2


async def test_late_rung_may_still_win() -> None:
    """The first word would be thrown away where it is a little late."""
    async with rig(limits=HEDGED, first=Act(first=0.2), second=Act(first=9)) as r:
        assert (await r.ask())[1].rung == "first"
        await until(r.wire.asked_of("second")[0].gone.is_set)
        assert r.ready("second")


async def test_rung_that_keeps_losing_is_left_alone() -> None:
    """A silent rung would cost every learner the time until the hedge."""
    limits = HEDGED.model_copy(update={"pause": 5.0, "hedge_share": 1.0})
    async with rig(limits=limits, first=Act(connect=9)) as r:
        for _ in range(2):
            await first_word(r)
        assert not r.ready("first")
        assert await first_word(r) < 0.08


async def test_hedges_are_few() -> None:
    """A slow hour would double the bill."""
    slow = Act(first=0.13)  # later than the hedge, earlier than the deadline
    async with rig(limits=HEDGED, first=slow, second=Act(first=9)) as r:
        for _ in range(4):
            await asyncio.gather(*(r.ask() for _ in range(10)))
        assert r.count("second") <= 1 + 40 * 0.05


async def test_leaving_learner_stops_the_request() -> None:
    """A model would go on writing, and be paid, for a learner who left."""
    async with rig(["only"], only=Act(words=("word ",) * 50, gap=0.05)) as r:
        stream = r.ladder.stream(question())
        assert isinstance(await anext(stream), Token)
        await stream.aclose()
        await until(r.wire.asked[0].gone.is_set)
        assert r.ready("only")
        assert r.ladder.counters.attempts["only", "cancelled"] == 1


async def test_learner_who_leaves_before_the_first_word() -> None:
    """Requests would go on that nobody waits for, or the rung would be blamed."""
    async with rig(first=Act(connect=9)) as r:
        asking = asyncio.ensure_future(r.ask())
        await until(lambda: bool(r.wire.asked))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await until(r.wire.asked[0].gone.is_set)
        assert r.ready("first")
