"""Courses, as a learner may see them."""

from fastapi import APIRouter

from tutor.services.services import Services
from tutor.web.api.refusal import NOT_HERE
from tutor.web.api.signed import Signed
from tutor.web.views import ChapterView, CourseView, chapter_view, course_view


def router(services: Services) -> APIRouter:
    """The routes under /courses."""
    courses = APIRouter(prefix="/courses", tags=["courses"], responses=NOT_HERE)

    @courses.get("")
    async def every_course(_: Signed) -> list[CourseView]:
        return [course_view(course) for course in services.courses.courses()]

    @courses.get("/{course}")
    async def one_course(_: Signed, course: str) -> CourseView:
        return course_view(services.courses.course(course))

    @courses.get("/{course}/chapters/{chapter}")
    async def one_chapter(_: Signed, course: str, chapter: str) -> ChapterView:
        return chapter_view(services.courses.chapter(course, chapter))

    return courses
