"""The map of a course, what is due, and days of practice."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tutor.domain import journey
from tutor.domain.course import Chapter, Check, Code, Course, Exercise, Prose
from tutor.domain.mastery import Memory
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Event, Practice
from tutor.domain.quiz import Choice, Option, Quiz

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PUZZLE = Choice(options=(Option(text="a"), Option(text="b", right=True)))
CHAPTER = Chapter(
    slug="loops",
    number=1,
    title="Loops",
    summary="S",
    minutes=1,
    cells=(
        Prose(id="text", number=1, markdown="Text"),
        Code(id="code", number=2, source="1"),
        Exercise(
            id="task",
            number=3,
            title="Task",
            task="Do",
            starter="",
            checks=(Check(source=""),),
            hints=("h",),
            solution="",
        ),
        Quiz(
            id="quiz", number=4, title="Which", text="", puzzle=Choice(options=(Option(text="a"),)), why="w"
        ),
    ),
)
COURSE = Course(slug="python", title="Python", summary="S", chapters=(CHAPTER,))


def memory(due_in: timedelta) -> Memory:
    return Memory(stability=1, difficulty=5, reviewed=NOW - timedelta(days=3), due=NOW + due_in)


def place(cell: str, chapter: str = "loops") -> CellPlace:
    return CellPlace("python", chapter, cell)


def did(days_ago: float, deed: Deed = Deed.CHECK, *, passed: bool = False) -> Event:
    at = NOW - timedelta(days=days_ago)
    return Event(deed=deed, passed=passed, course="python", chapter="loops", cell_id="task", at=at)


def test_the_map_shows_what_there_is_to_do() -> None:
    """Text would count as a step, or something done would look open."""
    stands = {
        "code": Practice(done_at=NOW),
        "task": Practice(done_at=NOW, memory=memory(-timedelta(hours=1))),
        "quiz": Practice(tries=2),
        "gone": Practice(done_at=NOW),
    }
    shown = journey.chapter_map(CHAPTER, stands, now=NOW)
    assert [(step.cell_id, step.state.value) for step in shown.steps] == [
        ("code", "done"),
        ("task", "due"),
        ("quiz", "open"),
    ]
    assert shown.done == 2


def test_what_is_due_comes_in_its_order() -> None:
    """A review would ask for cells that are gone, that are not due, or the newest first."""
    stands = {
        place("quiz"): Practice(memory=memory(-timedelta(days=1))),
        place("task"): Practice(memory=memory(-timedelta(days=2))),
        place("task", "gone"): Practice(memory=memory(-timedelta(days=9))),
        place("code"): Practice(done_at=NOW),
    }
    assert [one.place.cell_id for one in journey.due([COURSE], stands, now=NOW)] == ["task", "quiz"]
    later = {place("task"): Practice(memory=memory(timedelta(days=4)))}
    assert journey.due([COURSE], later, now=NOW) == ()
    assert journey.next_due(later.values(), now=NOW) == NOW + timedelta(days=4)
    assert journey.next_due([Practice()], now=NOW) is None


def test_days_are_the_learners_own() -> None:
    """Somebody who practises in the evening would find it on the next day."""
    late = Event(
        deed=Deed.CHECK,
        passed=True,
        course="c",
        chapter="c",
        cell_id="c",
        at=datetime(2026, 11, 2, 2, tzinfo=UTC),
    )
    for zone, day in ((UTC, 2), (ZoneInfo("America/New_York"), 1)):
        shown = journey.days([late], zone=zone, today=date(2026, 11, 2))
        assert len(shown) == journey.SPAN
        assert [one.day for one in shown if one.active] == [date(2026, 11, day)]
        assert sum(one.solved for one in shown) == 1


def test_a_failed_check_is_work_but_no_success() -> None:
    """A hard day would look like a day off, or like a success."""
    shown = journey.days([did(0), did(1, Deed.RUN), did(1, passed=True)], zone=UTC, today=NOW.date())
    assert [(one.active, one.solved) for one in shown[-2:]] == [(True, 2), (True, 0)]


@pytest.mark.parametrize(
    ("ago", "days"),
    [((), 0), ((0,), 1), ((0, 1, 2), 3), ((1, 2), 2), ((2, 3), 0), ((0, 2), 1), (tuple(range(90)), 84)],
)
def test_a_streak_lasts_until_a_whole_day_is_missed(ago: tuple[int, ...], days: int) -> None:
    """A streak would break in the morning, before the day has begun."""
    shown = journey.days([did(one) for one in ago], zone=UTC, today=NOW.date())
    assert journey.streak(shown) == days
