"""The events of one turn. Every front shows these and nothing else; the API sends them as they stand."""

from typing import Annotated, Literal

from pydantic import Field

from tutor.domain.audio import Audio
from tutor.domain.chat import Source
from tutor.domain.command import Command
from tutor.domain.topic import Label
from tutor.domain.value import Value


class Heard(Value):
    """The learner's words, and proof that they are stored. The first event of a turn with words."""

    event: Literal["heard"] = "heard"
    text: str
    conversation_id: str
    turn_id: str
    ms: int = 0
    """Milliseconds that hearing took; 0 for typed text."""


class Waiting(Value):
    """All places are taken: the question is stored, and waits. Comes again as the number falls.

    To leave the line, close the stream.
    """

    event: Literal["waiting"] = "waiting"
    number: int
    """1 for the next one."""
    text: str
    """For the learner."""


class Following(Value):
    """A hidden instruction is carried out: the first event of a turn that has no words of the learner."""

    event: Literal["following"] = "following"
    instruction: str
    """Its name in the catalogue."""
    turn_id: str


class Declined(Value):
    """The guard did not let the message through; `text` is what the learner reads instead."""

    event: Literal["declined"] = "declined"
    text: str
    label: Label
    tier: str


class Delta(Value):
    """The next piece of the answer, in Markdown."""

    event: Literal["delta"] = "delta"
    text: str


class Restarted(Value):
    """Take back every delta so far: the answer begins again from another rung."""

    event: Literal["restarted"] = "restarted"
    rung: str


class Said(Value):
    """The whole answer, stored."""

    event: Literal["said"] = "said"
    text: str
    rung: str
    model: str
    sources: tuple[Source, ...] = ()
    first_token_ms: int
    """From the stored question to the first piece of the answer, in milliseconds."""
    total_ms: int
    message_id: str
    note: str = ""
    """For the learner, where the answer is less than it could be, such as when a budget is used up."""


class Spoken(Value):
    """One sentence, ready to be played."""

    event: Literal["spoken"] = "spoken"
    text: str
    """As it is spoken, not as it is shown."""
    seconds: float
    end: int = 0
    """Characters of the answer, as it is shown, that have been said with this sentence."""
    audio: Audio | None = Field(default=None, exclude=True, repr=False)


class Commanded(Value):
    """The learner said a command, such as "repeat". It is no question: nothing of it is stored.

    What has words to say again (repeat, go on) is followed by Delta and Said. The rest is the front's to do:
    fall silent, speak at another rate, open a chapter.
    """

    event: Literal["commanded"] = "commanded"
    command: Command
    text: str = ""
    """For the learner; empty where an answer follows."""
    chapter: str = ""
    """Slug of the chapter to open; empty where there is none to open."""


class Failed(Value):
    """The turn ended without an answer. What the learner said is stored."""

    event: Literal["failed"] = "failed"
    code: str
    text: str
    """For the learner."""
    retry_after: int = 0
    """Seconds after which to try again; 0 where nobody knows."""


TurnEvent = Annotated[
    Heard | Following | Waiting | Commanded | Declined | Delta | Restarted | Said | Spoken | Failed,
    Field(discriminator="event"),
]
