"""Quiz cells, as authors write them."""

from pathlib import Path

import pytest

from tutor.adapters.course_check import check_courses
from tutor.adapters.course_quiz import Unfit, read_quiz
from tutor.adapters.courses import FolderCourses
from tutor.domain.quiz import Choice, Gaps, Order, Output, Quiz

CHOICE = """### Which?

Look:

```python
# - [ ] no option
```

- [ ] `a` -- Too short.
- [x] b
- [ ] c

**Why:** Because.
"""
OUTPUT = "### What?\n\n```python\nprint(1)\nprint()\nprint(2)\n```\n\n```text\n1\n\n2\n```\n\n**Why:** So.\n"
ORDER = "### Order\n\n```python\na = 1\nfor i in [1]:\n    a += i\na = 9  # extra\n```\n\n**Why:** So.\n"
GAP = '### Fill\n\n```python\nx = {{[1, 2]||list((1, 2))}}\nprint(x{{[0]}}, "{}")\n```\n\n**Why:** So.\n'
HEAD = "---\ntutor:\n  summary: S.\n  minutes: 1\n---\n\n# Title\n\n"


def quiz(source: str, kind: str) -> Quiz:
    return read_quiz(source, kind, cell_id="q", number=1)


def test_a_choice_is_read() -> None:
    """An option would be lost, or the learner would not be told why it is wrong."""
    read = quiz(CHOICE, "choice")
    assert isinstance(read.puzzle, Choice)
    assert [option.text for option in read.puzzle.options] == ["`a`", "b", "c"]
    assert read.puzzle.answer == ("1",)
    assert read.puzzle.remark(("0",)) == "Too short."
    assert (read.title, read.why) == ("Which?", "Because.")
    assert read.text.endswith("# - [ ] no option\n```")


def test_the_other_kinds_are_read() -> None:
    """Code of a quiz would be changed on its way to the page."""
    assert quiz(OUTPUT, "output").puzzle == Output(source="print(1)\nprint()\nprint(2)", printed="1\n\n2")
    order = quiz(ORDER, "order").puzzle
    assert order == Order(lines=("a = 1", "for i in [1]:", "    a += i"), extras=("a = 9",))
    gaps = quiz(GAP, "gap").puzzle
    assert isinstance(gaps, Gaps)
    assert gaps.gaps == (("[1, 2]", "list((1, 2))"), ("[0]",))
    assert gaps.filled(gaps.answer) == 'x = [1, 2]\nprint(x[0], "{}")'


@pytest.mark.parametrize(
    ("source", "kind", "reason"),
    [
        (CHOICE, None, "one of choice, output, order, gap"),
        (CHOICE, ["choice"], "one of choice, output, order, gap"),
        (CHOICE.replace("### Which?", ""), "choice", "needs a heading"),
        (CHOICE.replace("**Why:** Because.", ""), "choice", "**Why:**"),
        (CHOICE.replace("**Why:** Because.", "**Why:** "), "choice", "**Why:**"),
        (CHOICE.replace("[x]", "[ ]"), "choice", "one right option, `- [x]`; this one has 0"),
        (CHOICE.replace("- [ ] c", "- [x] c"), "choice", "this one has 2"),
        (CHOICE.replace("- [ ] c", "- [ ] b"), "choice", "two options are the same"),
        (CHOICE.replace("- [ ] c", "  goes on"), "choice", "stands on one line"),
        (OUTPUT, "choice", "not 0"),
        (OUTPUT.replace("```text", "```"), "output", "one ```text block; it has 0"),
        (ORDER.replace("a = 1\n", ""), "order", "three to eight lines that belong, not 2"),
        (ORDER.replace("a = 9", "a = 1"), "order", "the same as one that belongs"),
        (GAP.replace("{{", "{"), "gap", "there is none"),
        (GAP.replace("{{[0]}}", "{{}}"), "gap", "needs its answer"),
    ],
)
def test_what_is_wrong_is_told(source: str, kind: object, reason: str) -> None:
    """An author would see a crash, or a quiz that nobody can solve."""
    with pytest.raises(Unfit) as told:
        read_quiz(source, kind, cell_id="q", number=1)
    assert reason in str(told.value)


def course(root: Path, chapter: str) -> FolderCourses:
    (root / "one").mkdir()
    (root / "one" / "course.toml").write_text('title = "T"\nsummary = "S"\nchapters = ["first"]\n')
    (root / "one" / "first.md").write_text(HEAD + chapter, encoding="utf-8")
    return FolderCourses(root)


def cell(source: str, kind: str) -> str:
    return f'+++ {{"tags": ["quiz"], "name": "{kind}", "quiz": "{kind}"}}\n\n{source}\n'


def test_quizzes_of_a_chapter_are_cells_that_are_checked(tmp_path: Path) -> None:
    """A good quiz would be refused, or would not be on the page."""
    every = cell(CHOICE, "choice") + cell(OUTPUT, "output") + cell(ORDER, "order") + cell(GAP, "gap")
    courses = course(tmp_path, every)
    assert check_courses(courses) == ()
    assert [one.id for one in courses.chapter("one", "first").cells] == ["choice", "output", "order", "gap"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (cell(OUTPUT.replace("print(1)", "print(3)"), "output"), r"`output` prints '3\n\n2\n', not '1\n\n2'"),
        (cell(OUTPUT.replace("print(1)", "print(x)"), "output"), "fails with its right answer: NameError"),
        (cell(ORDER.replace("a += i", "b += i"), "order"), "`order` fails with its right answer: NameError"),
        (cell(GAP.replace("list((", "liste(("), "gap"), "`gap` fails with its right answer: NameError"),
        (cell(GAP, "gap").replace('"name": "gap", ', ""), "a quiz needs a `name`"),
        (cell(GAP, "gap").replace('"quiz": "gap"', '"quiz": "gaps"'), "one of choice, output, order, gap"),
    ],
)
def test_a_quiz_that_does_not_work_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    """A learner would answer rightly, and be told that it is wrong."""
    (problem,) = check_courses(course(tmp_path, text))
    assert reason in problem.reason
    assert abs(problem.line - HEAD.count("\n")) <= 3
