"""Opening a chapter: where the learner stands, and the conversation that goes on there."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tutor.domain.conversation import Conversation
from tutor.domain.course import Chapter, Course
from tutor.domain.learner import Learner
from tutor.domain.value import Value
from tutor.domain.visit import Visit
from tutor.errors import ChapterUnknown, TutorError
from tutor.services.ports import CourseSource, ProgressStore, TurnStore

_ABSENCE = timedelta(hours=6)
"""After this long a learner is greeted again."""


class Lesson(Value):
    """An open chapter, for one learner."""

    course: Course
    chapter: Chapter
    conversation: Conversation
    visit: Visit
    greet: bool
    """Whether the teacher should speak first."""
    visited: frozenset[str]
    """Slugs of the chapters of this course that the learner ever had open."""


class Lessons:
    """Opens chapters."""

    def __init__(
        self,
        *,
        courses: CourseSource,
        turns: TurnStore,
        progress: ProgressStore,
        now: Callable[[], datetime],
    ) -> None:
        self._courses = courses
        self._turns = turns
        self._progress = progress
        self._now = now

    async def resume(self, learner: Learner) -> Lesson:
        """Open the chapter that was open last; for a new learner, the first chapter of the first course.

        Raises:
            ChapterUnknown: There is no course at all.
        """
        last = await self._progress.last_visit(learner.id)
        if last is not None and self._readable(*last):
            return await self.open(learner, *last)
        for course in self._courses.courses():
            if course.chapters:
                return await self.open(learner, course.slug, course.chapters[0].slug)
        raise ChapterUnknown("no course has a chapter", text="There is no course here yet.")

    async def open(self, learner: Learner, course_slug: str, chapter_slug: str) -> Lesson:
        """Open a chapter, and go on with the last conversation that was begun in it.

        Raises:
            ChapterUnknown, CourseBroken, StoreUnavailable.
        """
        course = self._courses.course(course_slug)
        chapter = self._courses.chapter(course_slug, chapter_slug)
        last = await self._progress.last_visit(learner.id)
        before = await self._progress.visit(learner.id, course=course_slug, chapter=chapter_slug)
        conversation = await self._latest(learner, course_slug, chapter_slug)
        fresh = conversation is None
        if conversation is None:
            conversation = await self._turns.add_conversation(
                learner.id, course=course_slug, chapter=chapter_slug, title=chapter.title
            )
        return Lesson(
            course=course,
            chapter=chapter,
            conversation=conversation,
            visit=Visit(before=before, came_from=self._came_from(last, course, chapter)),
            greet=fresh or self._now() - conversation.updated_at > _ABSENCE,
            visited=await self._progress.visited(learner.id, course=course_slug),
        )

    async def _latest(self, learner: Learner, course: str, chapter: str) -> Conversation | None:
        conversations = await self._turns.conversations(learner.id)
        return next((c for c in conversations if (c.course, c.chapter) == (course, chapter)), None)

    def _readable(self, course: str, chapter: str) -> bool:
        try:
            self._courses.chapter(course, chapter)
        except TutorError:
            return False
        return True

    @staticmethod
    def _came_from(last: tuple[str, str] | None, course: Course, chapter: Chapter) -> Chapter | None:
        if last is None or last[0] != course.slug or last[1] == chapter.slug:
            return None
        return course.chapter(last[1])
