"""When something learned is due again: FSRS, the scheduler of Anki, as the package `fsrs` has it.

Source: https://github.com/open-spaced-repetition/py-fsrs. A practised exercise comes back after days, not
minutes, so the scheduler has no steps within a day; and it adds no chance to its intervals.
"""

from datetime import datetime
from enum import IntEnum

from fsrs import Card, Rating, Scheduler, State

from tutor.domain.value import Value


class Grade(IntEnum):
    """How well something was recalled, in FSRS's own numbers."""

    AGAIN = 1
    """It was not: the answer or the solution was shown."""
    HARD = 2
    """With hints, or after many tries."""
    GOOD = 3
    EASY = 4
    """At once, and not for the first time."""


class Memory(Value):
    """What is known of a learner's memory of one exercise or quiz."""

    stability: float
    """Days until it is recalled with a chance of 90%."""
    difficulty: float
    """From 1, easy, to 10."""
    reviewed: datetime
    due: datetime


MANY_TRIES = 3
"""After more tries than this it was hard."""

_SCHEDULER = Scheduler(
    desired_retention=0.9, learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False
)


def reviewed(memory: Memory | None, grade: Grade, *, now: datetime) -> Memory:
    """The memory after a review; None stands for what was never practised. `now` has a time zone."""
    card = Card(card_id=1, due=now)
    if memory is not None:
        card = Card(
            card_id=1,
            state=State.Review,
            stability=memory.stability,
            difficulty=memory.difficulty,
            due=memory.due,
            last_review=memory.reviewed,
        )
    card, _ = _SCHEDULER.review_card(card, Rating(grade), now)
    assert card.stability is not None and card.difficulty is not None  # noqa: S101, PT018 - it was reviewed
    return Memory(stability=card.stability, difficulty=card.difficulty, reviewed=now, due=card.due)


def grade(*, tries: int, hints: int, solution_shown: bool, first_time: bool) -> Grade:
    """How well it went.

    Args:
        tries: Checks or answers until it was right, that one included.
        hints: Hints that were open by then.
        solution_shown: Whether the whole answer was.
        first_time: Whether it was practised for the first time.
    """
    if solution_shown:
        return Grade.AGAIN
    if hints or tries > MANY_TRIES:
        return Grade.HARD
    return Grade.EASY if tries == 1 and not first_time else Grade.GOOD
