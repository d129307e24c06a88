"""What is configured, what works, what is missing and how to get it. Beside wiring, it sees every adapter."""

import asyncio
import platform
import sys
from collections.abc import Sequence

from tutor import __version__
from tutor.adapters.course_check import check_courses
from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.doctor.database import look_at_database
from tutor.doctor.finding import Finding
from tutor.doctor.folder import look_at_folder, look_at_key, look_at_pyodide
from tutor.doctor.models import look_at_models
from tutor.doctor.voices import look_at_hearing, look_at_speaking, look_at_turns
from tutor.errors import ModelMissing
from tutor.services.mode import Mode, Readiness
from tutor.settings import Settings

__all__ = ["Finding", "examine"]


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, and change nothing.

    Local models are loaded, because only that shows that they work; remote ones are asked for their list.
    """
    courses, database, (models, answering), hearing, speaking, search = await asyncio.gather(
        asyncio.to_thread(_courses, settings),
        asyncio.to_thread(look_at_database, settings),
        look_at_models(settings),
        look_at_hearing(settings),
        look_at_speaking(settings),
        asyncio.to_thread(_search),
    )
    turns = await look_at_turns(settings)
    mode = Mode(models=answering, hears=_readiness(hearing), speaks=_readiness(speaking))
    return [
        _python(),
        look_at_folder(settings),
        look_at_key(settings),
        database,
        courses,
        look_at_pyodide(settings),
        search,
        *models,
        *hearing,
        *turns,
        *speaking,
        Finding("mode", True, mode.banner),
    ]


def _python() -> Finding:
    state = f"{platform.python_version()}, with version {__version__} of this app"
    return Finding("python", sys.version_info >= (3, 11), state, "install Python 3.11")


def _courses(settings: Settings) -> Finding:
    source = FolderCourses(settings.courses_dir)
    problems = check_courses(source)
    if problems:
        more = f", and {len(problems) - 1} more" if problems[1:] else ""
        return Finding("courses", False, f"{problems[0]}{more}", "see all: python -m tutor courses check")
    chapters = sum(len(course.chapters) for course in source.courses())
    if not chapters:
        return Finding("courses", False, f"none in {settings.courses_dir}", "set TUTOR_COURSES_DIR")
    return Finding("courses", True, f"{len(source.courses())} with {chapters} chapters; every cell runs")


def _search() -> Finding:
    """The guide and the guard understand meaning with it; without it they compare words."""
    try:
        StaticEncoder().warm()
        SentenceEncoder().warm()
    except ModelMissing as error:
        return Finding(
            "search by meaning", False, str(error), "pip install -r requirements.txt", optional=True
        )
    return Finding("search by meaning", True, "sentence vectors load")


def _readiness(findings: Sequence[Finding]) -> Readiness:
    if any(finding.works for finding in findings):
        return Readiness.READY
    return Readiness.OFF if all(finding.optional for finding in findings) else Readiness.FAILED
