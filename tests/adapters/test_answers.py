"""The checks of our exercises, tried with what learners hand in: tests/data/answers."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tutor.adapters import course_run
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Exercise

ROOT = Path(__file__).parents[2]
COURSES = FolderCourses(ROOT / "courses")


def _told(course: str) -> list[tuple[Exercise, str, bool]]:
    """Exercise, code, and whether it is right."""
    text = (ROOT / "tests" / "data" / "answers" / f"{course}.toml").read_text(encoding="utf-8")
    found = []
    for chapter, exercises in tomllib.loads(text).items():
        for name, answers in exercises.items():
            cell = COURSES.chapter(course, chapter).cell(name)
            assert isinstance(cell, Exercise), name
            found += [
                (cell, code, right) for right in (False, True) for code in answers[("wrong", "right")[right]]
            ]
    return found


@pytest.mark.parametrize("course", ["python-basics", "algorithms"])
def test_right_answers_pass_and_wrong_ones_do_not(course: str, tmp_path: Path) -> None:
    """A learner would be praised for a mistake, or be told that a good way of their own is wrong."""
    told = _told(course)
    exercises = {
        cell
        for chapter in COURSES.course(course).chapters
        for cell in chapter.cells
        if isinstance(cell, Exercise)
    }
    assert {cell.id for cell, _, right in told if right} == {cell.id for cell in exercises}, (
        "one is not tried"
    )
    steps = []
    for cell, code, _ in told:
        checks = [{"source": check.source, "input": check.input} for check in cell.checks]
        steps.append({"kind": "exercise", "parts": [{"source": code, "input": cell.input}, *checks]})
    command = [sys.executable, "-I", "-B", "-W", "ignore", str(Path(course_run.__file__))]
    run = subprocess.run(
        command, input=json.dumps(steps).encode(), capture_output=True, cwd=tmp_path, check=True
    )
    answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert len(answers) == len(told)
    amiss = []
    for (cell, code, right), runs in zip(told, answers, strict=True):
        error = runs[0]["error"]
        if right != (error is None):
            amiss.append(f"{cell.id}, {'right' if right else 'wrong'}:\n{code}\n-> {error}")
    assert not amiss, "\n\n".join(amiss)
