"""What a front is told of a command: what the learner reads, and which chapter to open."""

from tutor.domain.command import Command
from tutor.domain.course import Course
from tutor.domain.turn import Commanded

_REPLIES = {
    Command.STOP: "Stopped.",
    Command.SLOWER: "I will speak more slowly.",
    Command.FASTER: "I will speak faster.",
}
_STEPS = {Command.NEXT_CHAPTER: 1, Command.PREVIOUS_CHAPTER: -1}


def commanded(order: Command, course: Course, chapter: str) -> Commanded:
    """What a front is told of a command.

    Args:
        order: The command.
        course: Where the learner is.
        chapter: Slug of the open chapter; '' where none is open.
    """
    step = _STEPS.get(order)
    if step is None:
        return Commanded(command=order, text=_REPLIES.get(order, ""))
    slugs = [one.slug for one in course.chapters]
    place = slugs.index(chapter) + step if chapter in slugs else 0
    if not 0 <= place < len(slugs):
        return Commanded(
            command=order,
            text="This is the last chapter." if step > 0 else "This is the first chapter.",
        )
    return Commanded(
        command=order,
        text=f"Chapter {course.chapters[place].number}: {course.chapters[place].title}.",
        chapter=slugs[place],
    )
