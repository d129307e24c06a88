"""The data channel's protocol: JSON in both directions, on one topic. docs/rooms.md tells it to programs."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from tutor.domain.chat import Source, Work
from tutor.domain.command import Command
from tutor.domain.conversation import Via
from tutor.domain.topic import Label
from tutor.domain.value import Value
from tutor.errors import InvalidInput

TOPIC: Final = "tutor"
"""Of the data packets that learner and teacher exchange."""
WORKER_TOPIC: Final = "tutor.worker"
"""Of those that a worker sends to its own teachers, over the server's API; no client can."""
MOST_BYTES: Final = 15_000
"""Of one message, in either direction: what LiveKit recommends for one reliable packet."""

_Slug = Annotated[str, Field(max_length=80)]


class RoomMessageRefused(InvalidInput):
    """What came in over the data channel is no message of the protocol."""

    code = "room_message_refused"
    text = "The page sent something that the teacher could not read. Please reload it."


class _Message(Value):
    """What every message has."""

    v: Literal[1]
    """The protocol's version. Another one is refused, not guessed at."""


class _FromLearner(_Message):
    id: str = Field(default="", max_length=64)
    """The client's own; comes back in the answer."""


class UserMessage(_FromLearner):
    """The learner typed something."""

    type: Literal["user_message"]
    text: str


class Instruct(_FromLearner):
    """A hidden instruction: a name from the catalogue with its parameters, never words."""

    type: Literal["instruction"]
    name: str = Field(max_length=40)
    parameters: dict[str, str | int] = Field(default_factory=dict)


class OpenChapter(_FromLearner):
    """The learner opened another chapter of the course."""

    type: Literal["chapter"]
    chapter: _Slug


class Desk(_FromLearner):
    """What lies on the learner's desk now; of use to every question from here on."""

    type: Literal["desk"]
    cell_id: _Slug | None = None
    code: str = ""
    output: str = ""
    error: str = ""

    @property
    def work(self) -> Work:
        """As the teacher gets it. How many hints are open is the server's to say, not the client's."""
        return Work(cell_id=self.cell_id, code=self.code, output=self.output, error=self.error)


class Stop(_FromLearner):
    """Be silent."""

    type: Literal["stop"]


class Hello(_FromLearner):
    """Say Ready again: for a page that was not there when the teacher came."""

    type: Literal["hello"]


Incoming: TypeAlias = Annotated[
    UserMessage | Instruct | OpenChapter | Desk | Stop | Hello, Field(discriminator="type")
]
_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Incoming)


def read(data: bytes) -> Incoming:
    """A message from the learner's client.

    Raises:
        RoomMessageRefused: It is too long, no JSON, of another version, or not of the protocol.
    """
    if len(data) > MOST_BYTES:
        raise RoomMessageRefused(f"{len(data)} bytes")
    try:
        return _INCOMING.validate_json(data)
    except ValidationError as error:
        faults = ", ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors())
        raise RoomMessageRefused(faults[:200]) from None


class _FromTeacher(Value):
    v: Literal[1] = 1
    turn_id: str = ""
    """Of the turn that it belongs to; empty for an instruction's turn and outside of turns."""


class Ready(_FromTeacher):
    """A teacher is in the room: after joining, after taking the room over, and when asked with Hello."""

    type: Literal["ready"] = "ready"
    conversation_id: str
    course: str
    chapter: str
    hears: bool
    speaks: bool


class UserMessageEcho(_FromTeacher):
    """The learner's words, and proof that they are stored. Never sent for a hidden instruction."""

    type: Literal["user_message_echo"] = "user_message_echo"
    text: str
    conversation_id: str
    via: Via


class Delta(_FromTeacher):
    """The next piece of the answer, in Markdown."""

    type: Literal["delta"] = "delta"
    text: str


class Restarted(_FromTeacher):
    """Take back every delta of this turn: the answer begins again."""

    type: Literal["restarted"] = "restarted"


class Said(_FromTeacher):
    """The whole answer, stored."""

    type: Literal["said"] = "said"
    message_id: str
    text: str
    """Empty where it is too long for one packet: the deltas have it."""
    rung: str
    sources: tuple[Source, ...] = ()
    note: str = ""


class Declined(_FromTeacher):
    """The guard did not let the message through; `text` is what the learner reads instead."""

    type: Literal["declined"] = "declined"
    text: str
    label: Label


class Commanded(_FromTeacher):
    """The learner said a command; see tutor.domain.turn.Commanded."""

    type: Literal["commanded"] = "commanded"
    command: Command
    text: str
    chapter: str


class Word(Value):
    """One spoken word and when it sounds, in seconds from the beginning of its sentence."""

    text: str
    start: float
    end: float


class Caption(_FromTeacher):
    """One sentence that is going to be heard. Words are timed by their length."""

    type: Literal["caption"] = "caption"
    index: int
    at: float
    """Seconds between the first sound of the turn and the first of this sentence."""
    seconds: float
    text: str
    words: tuple[Word, ...]


class Speaking(_FromTeacher):
    """The first sound of a turn leaves now: captions count from here."""

    type: Literal["speaking"] = "speaking"


class Interrupted(_FromTeacher):
    """The learner talked over the answer. `text` is what they heard of it, as it is stored."""

    type: Literal["interrupted"] = "interrupted"
    text: str


class ChapterOpened(_FromTeacher):
    """The teacher teaches this chapter now."""

    type: Literal["chapter"] = "chapter"
    chapter: str
    title: str


class Trouble(_FromTeacher):
    """Something was refused, or went wrong. The conversation goes on."""

    type: Literal["error"] = "error"
    code: str
    text: str
    """For the learner."""
    id: str = ""
    """Of the message that was refused, where it could be read."""


Outgoing: TypeAlias = (
    Ready | UserMessageEcho | Delta | Restarted | Said | Declined | Commanded | Caption | Speaking
    | Interrupted | ChapterOpened | Trouble
)  # fmt: skip


def write(message: Outgoing) -> bytes:
    """A message as it is sent, in one packet."""
    data = message.model_dump_json().encode()
    if len(data) > MOST_BYTES and isinstance(message, Said):
        return message.model_copy(update={"text": "", "sources": ()}).model_dump_json().encode()
    return data


def timed(text: str, seconds: float) -> tuple[Word, ...]:
    """The words of a sentence with their times: a longer word takes longer, a pause follows a mark."""
    words = text.split()
    weights = [len(word) + 1 + 3 * word.endswith((".", ",", "!", "?", ":", ";")) for word in words]
    each = seconds / (sum(weights) or 1)
    timed_words, at = [], 0.0
    for word, weight in zip(words, weights, strict=True):
        timed_words.append(Word(text=word, start=round(at, 2), end=round(at + weight * each, 2)))
        at += weight * each
    return tuple(timed_words)
