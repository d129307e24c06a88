"""Where a learner stands in one cell, and how what they do changes that."""

from datetime import datetime
from enum import StrEnum

from tutor.domain.mastery import Grade, Memory, grade, reviewed
from tutor.domain.value import Value


class Deed(StrEnum):
    """What a learner did in a cell."""

    RUN = "run"
    """A code cell came to its end."""
    CHECK = "check"
    ANSWER = "answer"
    HINT = "hint"
    SHOW = "show"
    """The answer of a quiz was shown instead of found."""
    AGAIN = "again"
    """A new round, from the start."""


class Practice(Value):
    """One cell. A round begins empty, and ends when the cell is solved or its answer is shown."""

    tries: int = 0
    """In this round."""
    hints: int = 0
    """Open in this round; one more than there are hints where the solution is."""
    solved: bool = False
    """In this round."""
    shown: bool = False
    """Whether a quiz's answer was shown in this round, instead of found."""
    done_at: datetime | None = None
    """When it was solved or shown for the first time."""
    memory: Memory | None = None
    """None where it was never solved, and for cells that only run."""

    @property
    def over(self) -> bool:
        """Whether this round has come to its end."""
        return self.solved or self.shown

    def due(self, now: datetime) -> bool:
        """Whether it is time to practise it again."""
        return self.memory is not None and self.memory.due <= now


class Event(Value):
    """Something that a learner did, and when."""

    deed: Deed
    passed: bool = False
    course: str
    chapter: str
    cell_id: str
    at: datetime


def ran(practice: Practice, *, now: datetime) -> Practice:
    """A code cell came to its end."""
    return practice.model_copy(update={"solved": True, "done_at": practice.done_at or now})


def tried(practice: Practice, *, passed: bool, solution: int, now: datetime) -> Practice:
    """An exercise was checked, or a quiz answered. What is over stays as it is.

    Args:
        practice: Before.
        passed: Whether it was right.
        solution: The level of hints at which the solution is open; 0 where there is none.
        now: The time.
    """
    if practice.over:
        return practice
    after = practice.model_copy(update={"tries": practice.tries + 1})
    if not passed:
        return after
    how = grade(
        tries=after.tries,
        hints=after.hints,
        solution_shown=0 < solution <= after.hints,
        first_time=practice.memory is None,
    )
    return _ended(after, how, now).model_copy(update={"solved": True})


def hinted(practice: Practice, number: int) -> Practice:
    """A hint was opened: this one, and all before it."""
    return practice.model_copy(update={"hints": max(practice.hints, number)})


def shown(practice: Practice, *, now: datetime) -> Practice:
    """The answer of a quiz was shown."""
    if practice.over:
        return practice
    return _ended(practice, Grade.AGAIN, now).model_copy(update={"shown": True})


def again(practice: Practice) -> Practice:
    """A new round; what is remembered stays."""
    return Practice(done_at=practice.done_at, memory=practice.memory)


def _ended(practice: Practice, how: Grade, now: datetime) -> Practice:
    """Practice before it is due changes nothing: repeating it at once proves nothing."""
    memory = practice.memory
    if memory is None or memory.due <= now:
        memory = reviewed(memory, how, now=now)
    return practice.model_copy(update={"done_at": practice.done_at or now, "memory": memory})
