"""What is asked of a chat model, and what comes back, whichever model it is."""

from enum import StrEnum
from typing import Literal

from tutor.domain.course import Chapter
from tutor.domain.style import Style
from tutor.domain.value import Value


class Author(StrEnum):
    """Whose words a message holds, in the wire's own terms."""

    SYSTEM = "system"
    LEARNER = "user"
    TEACHER = "assistant"


class ChatMessage(Value):
    """One message of a conversation, in order."""

    author: Author
    content: str


class Work(Value):
    """What the learner has in front of them: all of it is data, none of it instructions."""

    cell_id: str | None = None
    """The cell in view."""
    code: str = ""
    output: str = ""
    error: str = ""
    """The last line, or all, of a traceback."""
    failing_check: str = ""
    hint_level: int = 0
    """How many hints of the exercise in view are released; the solution is one more than there are hints."""
    answered: bool = False
    """Whether the quiz in view was answered, and its answer explained."""
    tries: int = 0
    """How often the exercise or quiz in view was tried, in this round."""
    solved: tuple[str, ...] = ()
    """Titles of the exercises and quizzes of the open chapter that the learner has solved."""


class Brief(Value):
    """All that a teacher knows when a turn begins."""

    course_slug: str
    course_title: str
    chapter: Chapter | None = None
    """None where the learner is on no chapter."""
    work: Work = Work()
    history: tuple[ChatMessage, ...] = ()
    """Earlier messages of this conversation, oldest first, without the question."""
    question: str
    """The learner's words, or the text of a hidden instruction."""
    hidden: bool = False
    """True where `question` came from the catalogue of instructions, not from the learner."""
    spoken: bool = False
    """True where the answer will be read aloud."""
    note: str = ""
    """What a course site tells the teacher, beside a hidden question: data, like the learner's work."""
    style: Style = Style.GUIDE
    strict: bool = False
    """True where no model could judge the topic: the teacher is told to keep to the subject."""


class ChatRequest(Value):
    """One request to a chat model."""

    turn_id: str
    """For the log; never sent to a provider."""
    learner_id: str = ""
    """Whose daily budget pays; never sent to a provider. Empty: only the site's budget counts."""
    messages: tuple[ChatMessage, ...]
    """System first, the question last."""
    brief: Brief | None = None
    """The same as data, for a model that reads the course itself."""
    max_tokens: int = 700
    json_reply: bool = False
    """True where the answer must be one JSON object."""


class Source(Value):
    """A place in the course that an answer rests on."""

    chapter: str
    """Slug of the chapter."""
    cell_id: str
    title: str
    """Short, for people: `Loops, cell 4`."""


class Token(Value):
    """A piece of the answer, in order. Never empty."""

    kind: Literal["token"] = "token"
    text: str


class Restart(Value):
    """All tokens so far are void: another model answers from the beginning."""

    kind: Literal["restart"] = "restart"
    rung: str
    """The rung that answers now."""


class Finish(Value):
    """The last chunk of a complete answer."""

    kind: Literal["finish"] = "finish"
    rung: str
    """Name of the rung that answered."""
    model: str
    sources: tuple[Source, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """US dollars, failed attempts of this answer included."""
    note: str = ""
    """For the learner, where the answer is less than it could be: a budget is used up, it was cut short."""


Chunk = Token | Restart | Finish
