"""A learner comes to a chapter."""

from datetime import datetime

from tutor.domain.course import Chapter
from tutor.domain.value import Value


class Visit(Value):
    """What is known when a chapter is opened."""

    before: datetime | None = None
    """When this learner had the chapter open before."""
    came_from: Chapter | None = None
    """The chapter that was open last, where it is another one."""


FIRST_VISIT = Visit()
