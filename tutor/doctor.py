"""What is configured, what works, what is missing and how to get it. Beside wiring, it sees every adapter."""

from dataclasses import dataclass

from tutor.adapters.course_check import check_courses
from tutor.adapters.courses import FolderCourses
from tutor.adapters.store.engine import Database
from tutor.errors import TutorError
from tutor.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    what: str
    works: bool
    state: str
    remedy: str = ""
    optional: bool = False
    """True where the app does its main job without it."""

    def __str__(self) -> str:
        mark = "ok" if self.works else "off" if self.optional else "BROKEN"
        line = f"{mark:7} {self.what}: {self.state}"
        return f"{line}\n        -> {self.remedy}" if self.remedy and not self.works else line


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything, and change nothing."""
    findings = [_courses(settings), await _database(settings)]
    return findings


def _courses(settings: Settings) -> Finding:
    source = FolderCourses(settings.courses_dir)
    problems = check_courses(source)
    if problems:
        return Finding("courses", False, str(problems[0]), "python -m tutor courses check")
    chapters = sum(len(course.chapters) for course in source.courses())
    if not chapters:
        return Finding("courses", False, f"none in {settings.courses_dir}", "set TUTOR_COURSES_DIR")
    return Finding("courses", True, f"{len(source.courses())} courses, {chapters} chapters")


async def _database(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        await database.ping()
    except TutorError as error:
        return Finding("database", False, str(error), "check DATABASE_URL and the rights of TUTOR_DATA_DIR")
    finally:
        database.close()
    return Finding("database", True, "answers")
