"""Runs a course as a learner would: every cell must do what it says, every exercise must be solvable."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tutor.adapters.courses import FolderCourses, Problem
from tutor.domain.course import Chapter, Code, Exercise

TIMEOUT = 20.0
"""Seconds that one chapter may take, with all its cells and exercises."""

# Reads steps from standard input and answers with one line of JSON each, so that a step that never ends
# can be told from those before it. Exercises run twice: alone, and after the chapter's cells.
_RUNNER = r"""
import contextlib, io, json, sys

def run(sources, space):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for source in sources:
            try:
                exec(compile(source, "<cell>", "exec"), space)
            except BaseException as error:
                return f"{type(error).__name__}: {error}"
            space.setdefault("_output", out.getvalue())
    return None

chapter = {"__name__": "__main__"}
for step in json.load(sys.stdin):
    if step["exercise"]:
        alone = run(step["sources"], {"__name__": "__main__"})
        space = {name: value for name, value in chapter.items() if name != "_output"}
        results = [alone, run(step["sources"], space)]
    else:
        chapter.pop("_output", None)
        results = [run(step["sources"], chapter)]
    print(json.dumps(results), file=sys.__stdout__, flush=True)
"""


class _Step(NamedTuple):
    cell: Code | Exercise
    part: str
    """`cell`, `starter` or `solution`."""
    sources: tuple[str, ...]
    """What to run, in order, in one namespace."""


def check_courses(courses: FolderCourses, *, timeout: float = TIMEOUT) -> tuple[Problem, ...]:
    """Everything that is wrong in any course: what cannot be read, and what does not run as it should.

    Runs the code of the courses with this Python, so check only courses whose authors you trust.
    """
    found = list(courses.problems())
    for course in courses.courses():
        for chapter in course.chapters:
            found.extend(check_chapter(courses, course.slug, chapter, timeout=timeout))
    return tuple(found)


def check_chapter(
    courses: FolderCourses, course_slug: str, chapter: Chapter, *, timeout: float = TIMEOUT
) -> tuple[Problem, ...]:
    """What does not run as it should in one chapter. `timeout` is in seconds."""
    steps = _steps(chapter)
    answers, ending = _run(steps, timeout)
    found = []
    for step, answer in zip(steps, answers, strict=False):
        if reason := _wrong(step, answer):
            found.append((step, reason))
    if len(answers) < len(steps):
        found.append((steps[len(answers)], ending))
    return tuple(_problem(courses, course_slug, chapter, step, reason) for step, reason in found)


def _steps(chapter: Chapter) -> list[_Step]:
    cells = [cell for cell in chapter.cells if isinstance(cell, Code)]
    steps = [_Step(cell, "cell", (cell.source,)) for cell in cells]
    for exercise in chapter.cells:
        if isinstance(exercise, Exercise):
            checks = tuple(check.source for check in exercise.checks)
            steps.append(_Step(exercise, "starter", (exercise.starter, *checks)))
            steps.append(_Step(exercise, "solution", (exercise.solution, *checks)))
    return steps


def _run(steps: list[_Step], timeout: float) -> tuple[list[list[str | None]], str]:
    """The answers of the steps that ended, and why the next one did not, if any is missing."""
    told = json.dumps([{"exercise": step.part != "cell", "sources": step.sources} for step in steps])
    # No secret of the environment reaches the cells; Windows cannot start Python without SYSTEMROOT.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-W", "ignore", "-c", _RUNNER]
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
        except subprocess.TimeoutExpired as error:
            output = error.stdout or b""
            ending = f"did not end in {timeout:g} seconds; does it loop for ever?"
    lines = output.decode(errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("[")], ending


def _wrong(step: _Step, answer: list[str | None]) -> str:
    """What is wrong with this step, or an empty text. `answer` holds an error, or None, for each run."""
    where = ("run alone", "run after the chapter's cells")
    if isinstance(step.cell, Code):
        if step.cell.raises and not answer[0]:
            return "is tagged `raises-exception`, but it raises nothing"
        return f"fails: {answer[0]}" if answer[0] and not step.cell.raises else ""
    for told, place in zip(answer, where, strict=True):
        if step.part == "starter" and not told:
            return f"passes all checks already, {place}"
        if step.part == "solution" and told:
            return f"does not pass, {place}: {told}"
    return ""


def _problem(courses: FolderCourses, course_slug: str, chapter: Chapter, step: _Step, reason: str) -> Problem:
    path, line = courses.where(course_slug, chapter.slug, step.cell.id)
    subject = (
        f"the cell `{step.cell.id}`"
        if step.part == "cell"
        else f"the {step.part} of the exercise `{step.cell.id}`"
    )
    return Problem(path=path, line=line, reason=f"{subject} {reason}")
