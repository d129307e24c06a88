"""Where a turn happens."""

from tutor.domain.chat import Work
from tutor.domain.value import Value


class Place(Value):
    """The conversation, the open chapter, and what lies on the learner's desk there."""

    conversation_id: str
    course: str
    chapter: str = ""
    """Slug of the open chapter; empty where none is open."""
    work: Work = Work()
    spoken: bool = False
    """True where the answer is to be read aloud by the server."""
