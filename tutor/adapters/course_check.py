"""Runs a course as a learner would: every cell must do what it says, every exercise must be solvable."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from tutor.adapters import course_run
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Chapter, Code, Exercise
from tutor.domain.problem import Problem
from tutor.domain.quiz import Choice, Gaps, Order, Output, Puzzle, Quiz

TIMEOUT = 20.0
"""Seconds that one chapter may take, with all its cells and exercises."""

_RUNNER = Path(course_run.__file__)


class _Part(NamedTuple):
    """A piece of code, with the lines that are typed while it runs."""

    source: str
    input: tuple[str, ...] = ()


class _Step(NamedTuple):
    cell: Code | Exercise | Quiz
    part: str
    """`cell`, `starter`, `solution` or `quiz`."""
    parts: tuple[_Part, ...]
    """What to run, in order."""


def check_courses(
    courses: FolderCourses, *, timeout: float = TIMEOUT, pyodide: Path | None = None
) -> tuple[Problem, ...]:
    """Everything that is wrong in any course: what cannot be read, and what does not run as it should.

    Runs the code of the courses on this machine, so check only courses whose authors you trust.

    Args:
        courses: What to check.
        timeout: Seconds for each chapter.
        pyodide: Folder with Pyodide's files: the learners' own Python, run by Node. None: this Python.
    """
    found = list(courses.problems())
    for course in courses.courses():
        for chapter in course.chapters:
            found.extend(check_chapter(courses, course.slug, chapter, timeout=timeout, pyodide=pyodide))
    return tuple(found)


def check_chapter(
    courses: FolderCourses,
    course_slug: str,
    chapter: Chapter,
    *,
    timeout: float = TIMEOUT,
    pyodide: Path | None = None,
) -> tuple[Problem, ...]:
    """What does not run as it should in one chapter; see `check_courses`."""
    if missing := [name for name in chapter.packages if not _installed(name)]:
        path, _ = courses.where(course_slug, chapter.slug, "")
        reason = f"needs packages that are not installed here; pip install {' '.join(missing)}"
        return (Problem(path=path, line=1, reason=reason),)
    steps = _steps(chapter)
    answers, ending = _run(steps, timeout, pyodide)
    found = []
    for step, answer in zip(steps, answers, strict=False):
        if reason := _wrong(step, answer):
            found.append((step, reason))
    if len(answers) < len(steps):
        found.append((steps[len(answers)], ending))
    return tuple(_problem(courses, course_slug, chapter, step, reason) for step, reason in found)


def _steps(chapter: Chapter) -> list[_Step]:
    """Code cells first: an exercise must work after all of them, and a quiz needs none."""
    cells = [cell for cell in chapter.cells if isinstance(cell, Code)]
    steps = [_Step(cell, "cell", (_Part(cell.source, cell.input),)) for cell in cells]
    for cell in chapter.cells:
        if isinstance(cell, Exercise):
            checks = tuple(_Part(check.source, check.input) for check in cell.checks)
            solutions = (("solution", source) for source in (cell.solution, *cell.others))
            for part, source in (("starter", cell.starter), *solutions):
                steps.append(_Step(cell, part, (_Part(source, cell.input), *checks)))
        elif isinstance(cell, Quiz):
            steps.extend(_Step(cell, "quiz", (_Part(source),)) for source in _quiz_sources(cell))
    return steps


def _quiz_sources(quiz: Quiz) -> tuple[str, ...]:
    """Code that must run: with a right answer, and with every other right answer in one of its gaps."""
    match quiz.puzzle:
        case Choice():
            return ()
        case Output(source=source):
            return (source,)
        case Order(lines=lines):
            return ("\n".join(lines),)
        case Gaps(gaps=gaps, answer=answer) as puzzle:
            others = (
                (*answer[:place], other, *answer[place + 1 :])
                for place, right in enumerate(gaps)
                for other in right[1:]
            )
            return tuple(puzzle.filled(one) for one in (answer, *others))


def _installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


_KINDS = {"cell": "cell", "starter": "exercise", "solution": "exercise", "quiz": "alone"}


def _run(steps: list[_Step], timeout: float, pyodide: Path | None) -> tuple[list[list[course_run.Run]], str]:
    """The answers of the steps that ended, and why the next one did not, if any is missing."""
    told = json.dumps([_told(step) for step in steps])
    # No secret of the environment reaches the cells; Windows cannot start Python without SYSTEMROOT.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-W", "ignore", str(_RUNNER)]
    if pyodide is not None:
        node = shutil.which("node") or "node"
        command = [node, str(_RUNNER.with_suffix(".mjs")), str(pyodide.resolve()), str(_RUNNER)]
    ending = "ended Python itself; a cell must not do that"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            output = subprocess.run(  # noqa: S603 - our own runner; the course's author is trusted
                command,
                input=told.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(folder),
                env=environment,
                timeout=timeout,
                check=False,
            ).stdout
        except FileNotFoundError:
            output, ending = b"", "was not run: node is not installed"
        except subprocess.TimeoutExpired as error:
            output = error.stdout or b""
            ending = f"did not end in {timeout:g} seconds; does it loop for ever?"
    lines = output.decode(errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("[")], ending


def _told(step: _Step) -> dict[str, Any]:
    parts = [{"source": part.source, "input": part.input} for part in step.parts]
    return {"kind": _KINDS[step.part], "parts": parts}


def _wrong(step: _Step, runs: list[course_run.Run]) -> str:
    """What is wrong with this step, or an empty text."""
    error = runs[0]["error"]
    match step.cell:
        case Code(raises=True):
            return "" if error else "is tagged `raises-exception`, but it raises nothing"
        case Code():
            return f"fails: {error}" if error else ""
        case Quiz(puzzle=puzzle):
            return _wrong_quiz(puzzle, runs[0])
    where = ("run alone", "run after the chapter's cells")
    for run, place in zip(runs, where, strict=True):
        if step.part == "starter" and not run["error"]:
            return f"passes all checks already, {place}"
        if step.part == "solution" and run["error"]:
            return f"does not pass, {place}: {run['error']}"
    return ""


def _wrong_quiz(puzzle: Puzzle, run: course_run.Run) -> str:
    if run["error"]:
        return f"fails with its right answer: {run['error']}"
    printed = run["printed"] or ""
    if isinstance(puzzle, Output) and not puzzle.accepts((printed,)):
        return f"prints {printed!r}, not {puzzle.printed!r}"
    return ""


def _problem(courses: FolderCourses, course_slug: str, chapter: Chapter, step: _Step, reason: str) -> Problem:
    path, line = courses.where(course_slug, chapter.slug, step.cell.id)
    subjects = {"cell": "the cell", "quiz": "the quiz"}
    subject = f"{subjects.get(step.part, f'the {step.part} of the exercise')} `{step.cell.id}`"
    return Problem(path=path, line=line, reason=f"{subject} {reason}")
