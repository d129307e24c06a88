"""The check that runs a course before learners do."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tutor.adapters.course_check import check_courses
from tutor.adapters.courses import FolderCourses

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "data" / "courses"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of courses that a test may spoil."""
    shutil.copytree(TINY, tmp_path / "courses")
    return tmp_path / "courses"


def rewrite(root: Path, old: str, new: str) -> None:
    path = root / "tiny" / "first.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(root: Path, text: str) -> int:
    lines = (root / "tiny" / "first.md").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_good_course_has_no_problems() -> None:
    """The check would cry wolf, and authors would stop to look."""
    assert check_courses(FolderCourses(TINY)) == ()


def test_every_cell_and_solution_of_our_course_runs() -> None:
    """A learner would run a cell of our own course that fails, or an exercise that nobody can solve."""
    assert check_courses(FolderCourses(ROOT / "courses")) == ()


AGAIN = """
+++ {"tags": ["exercise"], "name": "again"}

### Again

Add.

```{code-cell} python
:tags: [starter]
one = 4
both = 0
```

```{code-cell} python
:tags: [check]
assert _again(one=7)["both"] == 8, "not 8"
```

+++ {"tags": ["hint"]}

Add.

```{code-cell} python
:tags: [solution]
one = 4
both = SOLUTION
```
"""


def test_checks_try_other_values_as_in_the_browser(root: Path) -> None:
    """An author's check that runs the code again with other values would pass here and fail for learners."""
    path = root / "tiny" / "first.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + AGAIN.replace("SOLUTION", "one + 1"), encoding="utf-8")
    assert check_courses(FolderCourses(root)) == ()
    path.write_text(text + AGAIN.replace("SOLUTION", "5"), encoding="utf-8")
    (problem,) = check_courses(FolderCourses(root))
    assert "AssertionError: not 8" in problem.reason


@pytest.mark.parametrize(
    ("old", "new", "reason", "place"),
    [
        ("total = 1 + 1", "total = 1 + one", "`one-and-one` fails: NameError", ":name: one-and-one"),
        ("total = 1 + 1", "total = 1 +", "`one-and-one` fails: SyntaxError", ":name: one-and-one"),
        ("total = 1 + 1", "total = input()", "`one-and-one` fails: EOFError", ":name: one-and-one"),
        ("total = 1 + 1", "raise SystemExit", "`one-and-one` fails: SystemExit", ":name: one-and-one"),
        ('1 + "1"', "1 + 1", "it raises nothing", "raises-exception"),
        ("answer = 0", "answer = 4", "the starter of the exercise `add-two` passes", "## Add 2"),
        ("answer = 2 + 2", "answer = 5", "2 and 2 make 4, not 5.", "## Add 2"),
        ("answer = 0", "answer = globals().get('total', 0) * 2", "run after the chapter", "## Add 2"),
        ("answer = 2 + 2", "answer = total + total", "run alone: NameError", "## Add 2"),
        ("total = 1 + 1", "import os; os._exit(0)", "ended Python itself", ":name: one-and-one"),
    ],
)
def test_what_does_not_run_is_told(root: Path, old: str, new: str, reason: str, place: str) -> None:
    """A cell or an exercise that does not work would reach the learners, or the author could not find it."""
    line = line_of(root, place)
    rewrite(root, old, new)
    (problem,) = check_courses(FolderCourses(root))
    assert reason in problem.reason
    assert abs(problem.line - line) <= 2
    assert problem.path.name == "first.md"


def test_an_endless_cell_is_stopped_and_named(root: Path) -> None:
    """The check would hang for ever, or would not tell which cell hangs."""
    rewrite(root, "answer = 2 + 2", "while True: pass")
    (problem,) = check_courses(FolderCourses(root), timeout=1.0)
    assert "the solution of the exercise `add-two` did not end in 1 seconds" in problem.reason


def test_cells_see_no_secret_and_leave_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell could read a key of the owner, or write into the course."""
    monkeypatch.setenv("GROQ_API_KEY", str(root / "secret"))
    rewrite(root, "print(total)", "import os; open(os.environ.get('GROQ_API_KEY', 'x'), 'w').close()")
    rewrite(root, '1 + "1"', "assert not os.path.exists('x')")
    monkeypatch.chdir(root / "tiny")
    before = sorted(root.rglob("*"))
    assert check_courses(FolderCourses(root)) == ()
    assert sorted(root.rglob("*")) == before


def test_what_cannot_be_read_is_told_too(root: Path) -> None:
    """An author would believe that a chapter without a title is fine."""
    rewrite(root, "# Adding\n", "Adding\n")
    (problem,) = check_courses(FolderCourses(root))
    assert "no title" in problem.reason


def test_the_example_of_the_handbook_is_a_course(tmp_path: Path) -> None:
    """A teacher would copy an example from docs/authoring.md that does not work."""
    handbook = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    (tmp_path / "my-course" / "figures").mkdir(parents=True)
    (tmp_path / "my-course" / "figures" / "apples.svg").write_text("<svg/>")
    for name, pattern in (
        ("course.toml", "```toml\n(.*?)```"),
        ("first-steps.md", "````markdown\n(.*?)````"),
    ):
        written = re.search(pattern, handbook, re.DOTALL)
        assert written
        (tmp_path / "my-course" / name).write_text(written.group(1), encoding="utf-8")
    assert check_courses(FolderCourses(tmp_path)) == ()


TYPED = """
```{code-cell} python
:input: ["Ada"]
:name: greet

name = input("Who? ")
assert name == "Ada"
```

+++ {"tags": ["exercise"], "name": "hello"}

### Hello

Greet.

```{code-cell} python
:tags: [starter]
:input: ["Ada"]

name = input("Who? ")
```

```{code-cell} python
:tags: [check]

assert _output == "Who? \\nHello Ada\\n", _output
```

```{code-cell} python
:tags: [hidden-check]
:input: ["Bob", "Eve"]

assert _output == "Who? \\nHello Bob\\n", _output
assert input() == "Eve"
```

+++ {"tags": ["hint"]}

Print.

```{code-cell} python
:tags: [solution]

name = input("Who? ")
print("Hello", name)
```
"""


def typed_course(root: Path, chapter: str) -> FolderCourses:
    path = root / "tiny" / "first.md"
    head, end, _ = path.read_text(encoding="utf-8").partition("# Adding\n")
    path.write_text(head + end + chapter, encoding="utf-8")
    return FolderCourses(root)


def test_lines_of_input_stand_in_for_the_keyboard(root: Path) -> None:
    """No chapter could use `input`, or a hidden check could not try another answer."""
    assert check_courses(typed_course(root, TYPED)) == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"Hello", name)\n', '"Hello Ada")\n', "does not pass, run alone: AssertionError: Who?"),
        (':input: ["Ada"]\n:name', ":name", "`greet` fails: EOFError"),
        (':input: ["Ada"]\n:name', ':input: "Ada"\n:name', "`input` must be a list of texts"),
        (':input: ["Ada"]\n:name', ':input: ["A\\nda"]\n:name', "is one line"),
        (":tags: [solution]\n", ':tags: [solution]\n:input: ["Eve"]\n', "must be the same"),
    ],
)
def test_wrong_input_is_told(root: Path, old: str, new: str, reason: str) -> None:
    """An exercise that nobody can pass would reach learners."""
    assert old in TYPED
    problems = check_courses(typed_course(root, TYPED.replace(old, new, 1)))
    assert any(reason in problem.reason for problem in problems)


@pytest.mark.parametrize(
    ("packages", "reason"),
    [
        ("[no-such-package-here]", "pip install no-such-package-here"),
        ("pytest", "must be a list"),
        ("['../x']", "no name of a package"),
        ("[pytest]", ""),
    ],
)
def test_packages_of_a_chapter(root: Path, packages: str, reason: str) -> None:
    """An author would read of a failing import, not of the package that is missing here."""
    rewrite(root, "  minutes: 30\n", f"  minutes: 30\n  packages: {packages}\n")
    problems = check_courses(FolderCourses(root))
    assert [reason in problem.reason for problem in problems] == ([True] if reason else [])


def test_the_learners_own_python_checks_too(root: Path) -> None:
    """A cell that works in CPython alone would fail in every learner's browser."""
    pyodide = Path(sys.prefix) / "pyodide"
    assert check_courses(typed_course(root, TYPED), timeout=60, pyodide=pyodide) == ()
    rewrite(root, 'assert name == "Ada"', "import subprocess; subprocess.run(['true'])")
    (problem,) = check_courses(FolderCourses(root), timeout=60, pyodide=pyodide)
    assert "`greet` fails: OSError" in problem.reason
