"""The hints of an exercise, in order."""

from tutor.domain.course import Check, Exercise
from tutor.domain.hints import opened, steps

EXERCISE = Exercise(
    id="e",
    number=1,
    title="T",
    task="Do.",
    starter="x",
    checks=(Check(source="assert x"),),
    hints=("ONE", "TWO"),
    solution="SOLVED\n",
)


def test_each_level_opens_one_more_and_the_last_is_the_solution() -> None:
    """A hint would be skipped, or the solution shown too early."""
    assert steps(EXERCISE) == 3
    assert [len(opened(EXERCISE, level)) for level in (-1, 0, 1, 2, 3, 9)] == [0, 0, 1, 2, 3, 3]
    assert [hint.name for hint in opened(EXERCISE, 3)] == ["A nudge", "Where to look", "The solution"]
    assert "SOLVED" not in str(opened(EXERCISE, 2))
    assert opened(EXERCISE, 3)[2].markdown == "```python\nSOLVED\n```"
