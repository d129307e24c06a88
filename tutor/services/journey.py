"""How far a learner has come, over all courses."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from tutor.domain import journey as rules
from tutor.domain.course import Course
from tutor.domain.journey import SPAN, ChapterMap, Day, Due
from tutor.domain.learner import Learner
from tutor.domain.value import Value
from tutor.services.ports import CourseSource, PracticeStore


class CourseMap(Value):
    """A course with the steps of its chapters."""

    slug: str
    title: str
    chapters: tuple[ChapterMap, ...]


class Overview(Value):
    """All that the progress page shows."""

    courses: tuple[CourseMap, ...]
    due: tuple[Due, ...]
    """What to review today, the longest due first."""
    next_due: datetime | None
    """When the next thing will be due."""
    days: tuple[Day, ...]
    streak: int
    """Days of practice in a row."""


class Journey:
    """The use case. Raises StoreUnavailable."""

    def __init__(
        self, *, courses: CourseSource, practice: PracticeStore, now: Callable[[], datetime]
    ) -> None:
        self._courses = courses
        self._practice = practice
        self._now = now

    async def overview(self, learner: Learner, zone: tzinfo) -> Overview:
        """Where the learner stands; days begin at midnight in `zone`."""
        now = self._now()
        courses = self._courses.courses()
        stands = await self._practice.practice(learner.id)
        events = await self._practice.events(learner.id, since=now - timedelta(days=SPAN + 1))
        shown = rules.days(events, zone=zone, today=now.astimezone(zone).date())

        def mapped(course: Course) -> CourseMap:
            maps = []
            for chapter in course.chapters:
                here = {
                    place.cell_id: one
                    for place, one in stands.items()
                    if (place.course, place.chapter) == (course.slug, chapter.slug)
                }
                maps.append(rules.chapter_map(chapter, here, now=now))
            return CourseMap(slug=course.slug, title=course.title, chapters=tuple(maps))

        return Overview(
            courses=tuple(map(mapped, courses)),
            due=rules.due(courses, stands, now=now),
            next_due=rules.next_due(stands.values(), now=now),
            days=shown,
            streak=rules.streak(shown),
        )
