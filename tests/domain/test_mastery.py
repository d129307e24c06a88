"""When something learned comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from tutor.domain.mastery import Grade, Memory, grade, reviewed

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def days(memory: Memory) -> float:
    return (memory.due - memory.reviewed) / timedelta(days=1)


def test_what_went_well_comes_back_later() -> None:
    """What is known would be asked every day, and what is forgotten hardly ever."""
    waits = [days(reviewed(None, how, now=NOW)) for how in Grade]
    assert waits == sorted(waits)
    assert waits[0] >= 1
    assert waits[0] < waits[-1]


def test_each_success_makes_the_wait_longer_and_a_failure_short() -> None:
    """A learner would repeat the same exercise for ever, or not after they forgot it."""
    memory, waits = None, []
    for _ in range(4):
        memory = reviewed(memory, Grade.GOOD, now=memory.due if memory else NOW)
        waits.append(days(memory))
    assert waits == sorted(set(waits))
    assert memory is not None
    assert days(reviewed(memory, Grade.AGAIN, now=memory.due)) < waits[1]


def test_the_same_review_gives_the_same_day() -> None:
    """Chance in the schedule: two devices would show two different lists."""
    assert len({reviewed(None, Grade.GOOD, now=NOW).due for _ in range(20)}) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"tries": 1, "hints": 0, "solution_shown": False, "first_time": True}, Grade.GOOD),
        ({"tries": 1, "hints": 0, "solution_shown": False, "first_time": False}, Grade.EASY),
        ({"tries": 3, "hints": 0, "solution_shown": False, "first_time": False}, Grade.GOOD),
        ({"tries": 4, "hints": 0, "solution_shown": False, "first_time": True}, Grade.HARD),
        ({"tries": 1, "hints": 1, "solution_shown": False, "first_time": True}, Grade.HARD),
        ({"tries": 1, "hints": 4, "solution_shown": True, "first_time": True}, Grade.AGAIN),
    ],
)
def test_how_well_it_went(told: dict[str, int], expected: Grade) -> None:
    """Hints and failed checks would not bring an exercise back sooner."""
    assert grade(**told) is expected  # type: ignore[arg-type]  # int and bool, as they stand
