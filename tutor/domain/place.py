"""Where a turn happens."""

from typing import NamedTuple

from tutor.domain.chat import Work
from tutor.domain.manner import PLAIN, Manner
from tutor.domain.style import Style
from tutor.domain.value import Value


class Place(Value):
    """The conversation, the open chapter, and what lies on the learner's desk there."""

    conversation_id: str
    course: str
    chapter: str = ""
    """Slug of the open chapter; empty where none is open."""
    work: Work = Work()
    spoken: bool = False
    """True where the answer is to be read aloud, sentence by sentence."""
    manner: Manner = PLAIN
    """How it is read aloud."""
    style: Style | None = None
    """How the learner wants to be taught; None: as the site prefers."""


class CellPlace(NamedTuple):
    """A cell among all courses."""

    course: str
    chapter: str
    cell_id: str
