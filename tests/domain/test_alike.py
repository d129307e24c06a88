"""A solution in other clothes is still the solution; an example of the same idea is not."""

from pathlib import Path

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.domain.alike import gives_away, missing, steps
from tutor.domain.course import Code, Exercise

COURSES = FolderCourses(Path(__file__).parents[2] / "courses")
EVENS = "total = 0\nfor number in range(2, 101, 2):\n    total += number\n\nprint(total)"
STARTER = "total = 0\nfor number in range(2, 10, 2):\n    print(number)\n\nprint(total)"
LEAP = """
def leap(y):
    if y % 400 == 0:
        return True
    elif y % 100 == 0:
        return False
    return y % 4 == 0
"""
LEAP_AGAIN = """
def f(a):
    if a % 400 == 0:
        return True
    if 0 == a % 100:
        return False
    r = a % 4 == 0
    return r
"""


@pytest.mark.parametrize(
    ("solution", "code"),
    [
        (EVENS, "s=0\nfor n in range(2, 101, 2):\n    s = s + n  # add\nprint(s)"),
        (EVENS, "s = 0\nfor n in range(2, 101, 2): s = n + s"),
        (EVENS, "i = 2\ns = 0\nwhile i <= 100:\n    s += i\n    i += 2\nprint(s)"),
        (EVENS, "for k in range(2, 101, 2):\n    t += k\nprint('and so on'"),
        (LEAP, LEAP_AGAIN),
        ("def f(xs):\n    return xs[0] > 3", "def g(a):\n    return 3 < a[0]"),
        ("a = 1\nb = 2", "y = 2\nx = 1"),
        ("if not a == b:\n    print(1)", "if x != y:\n    print(1)"),
        ("def f(a, b):\n    return a * b", "def g(x, y):\n    result = y * x\n    return result"),
    ],
)  # fmt: skip
def test_the_same_in_other_words(solution: str, code: str) -> None:
    """A model that renames the variables would give the solution away."""
    assert gives_away(code, solution, STARTER if solution is EVENS else "")


@pytest.mark.parametrize(
    "code",
    [
        "total = 0\nfor number in range(1, 6):\n    total += number",
        "for number in range(2, 101, 2):\n    print(number)",
        "total += number",
        "not Python at all",
        "",
        "\0",
        "(" * 5000,
    ],
)
def test_a_part_or_another_example_is_not(code: str) -> None:
    """The teacher could show no example at all."""
    assert not gives_away(code, EVENS, STARTER)


def test_nothing_is_left_where_the_learner_has_it() -> None:
    """The teacher could not talk about the learner's own right code."""
    assert not missing(EVENS, "t = 0\nfor n in range(2, 101, 2):\n    t += n\nprint(t)")


def test_every_solution_is_known_again() -> None:
    """A form of Python that the comparison cannot read would let that exercise's solution pass."""
    for course in COURSES.courses():
        for chapter in course.chapters:
            for cell in chapter.cells:
                if isinstance(cell, Exercise):
                    assert steps(cell.solution), cell.id
                    assert gives_away(cell.solution, cell.solution, cell.starter), cell.id


def test_lessons_give_no_solution_away() -> None:
    """A cell of the lesson that counts as a solution could not be quoted."""
    found = [
        (chapter.slug, cell.id, one.id)
        for course in COURSES.courses()
        for chapter in course.chapters
        for cell in chapter.cells
        if isinstance(cell, Exercise) and missing(cell.solution, cell.starter).total() >= 3
        for one in chapter.cells
        if isinstance(one, Code) and gives_away(one.source, cell.solution, cell.starter)
    ]
    assert found == []
