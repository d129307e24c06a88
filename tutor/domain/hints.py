"""The hints of an exercise, in the order in which they are opened; the solution is the last."""

from tutor.domain.course import Exercise
from tutor.domain.value import Value

_NAMES = ("A nudge", "Where to look", "A worked part")


class Hint(Value):
    """A hint that is open."""

    number: int
    """Counted from 1; one more than there are hints for the solution."""
    name: str
    markdown: str


def steps(exercise: Exercise) -> int:
    """How many there are, the solution included."""
    return len(exercise.hints) + 1


def name(exercise: Exercise, number: int) -> str:
    """What a hint is called."""
    if number > len(exercise.hints):
        return "The solution"
    return _NAMES[number - 1] if number <= len(_NAMES) else f"Hint {number}"


def opened(exercise: Exercise, level: int) -> tuple[Hint, ...]:
    """Those that are open at this level, in order."""
    texts = (*exercise.hints, f"```python\n{exercise.solution.strip()}\n```")
    return tuple(
        Hint(number=number, name=name(exercise, number), markdown=text)
        for number, text in enumerate(texts[: max(level, 0)], 1)
    )
