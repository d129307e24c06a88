"""The place of a turn, as the page carries it: text that the client may change, checked at every use."""

from pydantic import Field, ValidationError

from tutor.domain.chat import Work
from tutor.domain.manner import Manner
from tutor.domain.place import Place
from tutor.domain.style import Style
from tutor.domain.value import Value
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


_CHECK = "The check says: "
"""How static/runner_cell.js tells a failing check from an error."""


class Shown(Value):
    """What lies on the learner's desk, as the page tells it."""

    cell_id: str = Field(max_length=80)
    code: str = Field(default="", max_length=8000)
    output: str = Field(default="", max_length=8000)
    error: str = Field(default="", max_length=8000)
    voice: str = Field(default="", max_length=80)
    rate: float = Field(default=1.0, ge=0.5, le=2.0)
    """How the learner wants to be spoken to."""
    style: Style | None = None
    """How the learner wants to be taught."""
    at: int = 0
    """When it was told: only there to make two equal messages differ."""

    @property
    def work(self) -> Work:
        """As the teacher gets it. How many hints are open is the server's to say, not the client's."""
        failed = self.error.startswith(_CHECK)
        return Work(
            cell_id=self.cell_id or None,
            code=self.code,
            output=self.output,
            error="" if failed else self.error,
            failing_check=self.error.removeprefix(_CHECK) if failed else "",
        )

    @property
    def manner(self) -> Manner:
        """As the voice gets it."""
        return Manner(voice=self.voice, rate=self.rate)


def place_of(text: str, shown: str = "") -> Place:
    """The place that the page names. Whose conversation it is, the store decides.

    Args:
        text: What `carried` gave.
        shown: A Shown as JSON, or ''.

    Raises:
        InvalidInput: It is no place.
    """
    try:
        place = Place.model_validate_json(text)
        desk = Shown.model_validate_json(shown) if shown else Shown(cell_id="")
    except ValidationError as error:
        raise InvalidInput("no place", text="The page lost its place. Please reload it.") from error
    return place.model_copy(
        update={"work": desk.work, "manner": desk.manner, "style": desk.style, "spoken": False}
    )
