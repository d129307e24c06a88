"""A new course, as `courses new` makes it."""

from pathlib import Path

import pytest

from tutor.adapters.course_check import check_courses
from tutor.adapters.course_template import new_course
from tutor.adapters.courses import FolderCourses
from tutor.errors import InvalidInput


def test_a_new_course_works_as_it_is(tmp_path: Path) -> None:
    """An author would begin with a course that has mistakes of ours, or lacks a kind of cell."""
    chapter = new_course(tmp_path / "courses", "my-course")
    assert chapter.is_file()
    courses = FolderCourses(tmp_path / "courses")
    assert check_courses(courses) == ()
    (course,) = courses.courses()
    assert course.title == "My course"
    assert {cell.kind for cell in course.chapters[0].cells} == {"prose", "code", "exercise", "quiz"}


@pytest.mark.parametrize("name", ["../up", "My Course", "", "a/b", "a\n"])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    """A course would be written outside of the folder of courses, or where it is never read."""
    with pytest.raises(InvalidInput):
        new_course(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_course_is_never_overwritten(tmp_path: Path) -> None:
    """A second `courses new` would wipe an author's work."""
    chapter = new_course(tmp_path, "mine")
    chapter.write_text("work")
    with pytest.raises(InvalidInput) as told:
        new_course(tmp_path, "mine")
    assert "already" in told.value.text
    assert chapter.read_text() == "work"
