"""Where courses come from."""

from pathlib import Path
from typing import Protocol

from tutor.domain.course import Chapter, Course
from tutor.domain.problem import Problem


class CourseSource(Protocol):
    """Where courses come from."""

    def courses(self) -> tuple[Course, ...]:
        """All courses, with the chapters that can be read."""

    def course(self, slug: str) -> Course:
        """One course. Raises ChapterUnknown."""

    def chapter(self, course_slug: str, chapter_slug: str) -> Chapter:
        """One chapter. Raises ChapterUnknown or CourseBroken."""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in any course, for its author."""

    def file(self, course_slug: str, relative_path: str) -> Path:
        """A picture or data file beside the chapters. Raises NotFound."""
