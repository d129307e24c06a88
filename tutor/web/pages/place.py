"""The place of a turn, as the page carries it: text that the client may change, checked at every use."""

from pydantic import ValidationError

from tutor.domain.chat import Work
from tutor.domain.place import Place
from tutor.errors import InvalidInput
from tutor.services.lessons import Lesson


def place(lesson: Lesson) -> Place:
    """Where an open lesson is."""
    return Place(
        conversation_id=lesson.conversation.id, course=lesson.course.slug, chapter=lesson.chapter.slug
    )


def carried(place: Place) -> str:
    """What the page remembers of a place."""
    return place.model_dump_json(include={"conversation_id", "course", "chapter"})


def place_of(text: str, cell: str = "") -> Place:
    """The place that the page names. Whose conversation it is, the store decides.

    Raises:
        InvalidInput: It is no place.
    """
    try:
        place = Place.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput("no place", text="The page lost its place. Please reload it.") from error
    return place.model_copy(update={"work": Work(cell_id=cell[:80] or None), "spoken": False})
