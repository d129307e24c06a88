"""The line before the teacher."""

import pytest

from tutor.errors import Busy
from tutor.services.line import Line, Spot


async def first(spot: Spot) -> int:
    """The number that somebody is told first."""
    return await anext(spot.numbers())


async def test_who_finds_a_place_waits_for_nothing() -> None:
    """Every answer would begin a moment later, and with a word about a line that nobody stands in."""
    line = Line(at_once=2, waiting=0)
    with line.enter() as ada, line.enter() as bob:
        assert [number for spot in (ada, bob) async for number in spot.numbers()] == []
        assert line.running == 2
    assert line.running == 0


async def test_numbers_fall_until_it_is_ones_turn() -> None:
    """A learner who waits would not know whether anything moves, or would wait for ever."""
    line = Line(at_once=1, waiting=3, tell_every=0.001)
    first_one, *waiting = (line.enter() for _ in range(4))
    assert [await first(spot) for spot in waiting] == [1, 2, 3]
    told: list[int] = []
    leaving = [first_one, *waiting[:-1]]
    async for number in waiting[-1].numbers():
        told.append(number)
        line.leave(leaving.pop(0))
    assert told == [3, 2, 1]
    assert waiting[-1].running


async def test_who_leaves_gives_the_place_up() -> None:
    """Learners who closed the page would keep the line full, or the next one would never be called."""
    line = Line(at_once=1, waiting=2)
    with line.enter():
        with line.enter() as early:
            late = line.enter()
            assert (await first(early), await first(late)) == (1, 2)
        assert await first(late) == 1
        assert line.waiting == 1
    assert late.running
    line.leave(late)
    assert (line.running, line.waiting) == (0, 0)


async def test_a_full_line_says_so_at_once() -> None:
    """A learner too many would wait in silence, and the memory of the process would grow with them."""
    line = Line(at_once=1, waiting=2)
    spots = [line.enter() for _ in range(3)]
    with pytest.raises(Busy) as refused:
        line.enter()
    assert "2 questions are waiting" in refused.value.text
    assert refused.value.retry_after is not None
    assert 1 <= refused.value.retry_after <= 60
    assert line.waiting == 2
    line.leave(spots[0])
    line.enter()
