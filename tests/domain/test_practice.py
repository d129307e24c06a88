"""Rounds of an exercise or a quiz: how they go on, end, and begin again."""

from datetime import UTC, datetime, timedelta

from tutor.domain import practice as rules
from tutor.domain.practice import Practice

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def tried(before: Practice, *, passed: bool, now: datetime = NOW) -> Practice:
    return rules.tried(before, passed=passed, solution=4, now=now)


def test_a_round_is_counted_and_ends_when_it_is_solved() -> None:
    """Tries would be lost, or a check after the end would count as another success."""
    solved = tried(tried(Practice(), passed=False), passed=True)
    assert (solved.tries, solved.solved, solved.done_at) == (2, True, NOW)
    assert solved.memory is not None
    assert tried(solved, passed=True, now=NOW + timedelta(days=99)) == solved


def test_a_failed_check_is_remembered_as_nothing_else() -> None:
    """An exercise that was never solved would come up for review."""
    failed = tried(Practice(), passed=False)
    assert failed == Practice(tries=1)
    assert not failed.due(NOW + timedelta(days=999))


def test_the_solution_brings_it_back_soonest() -> None:
    """Who copies the solution would be asked as late as who found it."""
    alone, copied = (tried(rules.hinted(Practice(), hints), passed=True) for hints in (0, 4))
    assert alone.memory is not None
    assert copied.memory is not None
    assert copied.memory.due < alone.memory.due


def test_a_new_round_is_empty_but_forgets_nothing() -> None:
    """Starting again would keep the hints open, or lose when it was done."""
    solved = tried(rules.hinted(Practice(), 2), passed=True)
    fresh = rules.again(solved)
    assert (fresh.tries, fresh.hints, fresh.solved) == (0, 0, False)
    assert (fresh.done_at, fresh.memory) == (solved.done_at, solved.memory)


def test_practice_before_its_time_proves_nothing() -> None:
    """Solving it five times in a row would put it off for months."""
    solved = tried(Practice(), passed=True)
    at_once = tried(rules.again(solved), passed=True)
    assert solved.memory is not None
    assert at_once.memory == solved.memory
    later = tried(rules.again(solved), passed=True, now=solved.memory.due)
    assert later.memory is not None
    assert later.memory.due > solved.memory.due


def test_a_shown_answer_ends_the_round() -> None:
    """A quiz could be answered rightly right after its answer was shown."""
    seen = rules.shown(rules.tried(Practice(), passed=False, solution=0, now=NOW), now=NOW)
    assert seen.over
    assert not seen.solved
    assert rules.tried(seen, passed=True, solution=0, now=NOW) == seen
    assert seen.due(NOW + timedelta(days=2))


def test_a_code_cell_is_done_when_it_ran() -> None:
    """The map would not show what was run, or a cell would come up for review."""
    first = rules.ran(Practice(), now=NOW)
    assert rules.ran(first, now=NOW + timedelta(days=1)).done_at == NOW
    assert first.memory is None
