"""What is kept of a conversation."""

from datetime import datetime
from enum import StrEnum

from tutor.domain.chat import Author, Source
from tutor.domain.value import Value


class Via(StrEnum):
    """How a turn came in."""

    TEXT = "text"
    VOICE = "voice"
    INSTRUCTION = "instruction"
    """A hidden instruction of the page: audited, never shown as a message."""


class Outcome(StrEnum):
    """How a turn ended."""

    OPEN = "open"
    """Not ended: it runs, or the process died in it."""
    ANSWERED = "answered"
    DECLINED = "declined"
    INTERRUPTED = "interrupted"
    """The learner stopped it, or left; what was said until then is kept."""
    FAILED = "failed"


class Conversation(Value):
    """A conversation of one learner."""

    id: str
    title: str
    """The beginning of its first question, or the chapter's title."""
    course: str
    chapter: str
    """Slugs of where it was begun."""
    created_at: datetime
    updated_at: datetime


class Message(Value):
    """One message of a conversation, as stored."""

    id: str
    turn_id: str
    author: Author
    text: str
    rung: str = ""
    """Who answered; empty for a learner's message."""
    sources: tuple[Source, ...] = ()
    created_at: datetime


class TurnEnd(Value):
    """What is stored when a turn ends, in one transaction."""

    outcome: Outcome
    text: str = ""
    """What the learner got to read or hear."""
    rung: str = ""
    model: str = ""
    sources: tuple[Source, ...] = ()
    verdict: str = ""
    """Label of the guard's verdict."""
    tier: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """US dollars."""
    heard_ms: int = 0
    guard_ms: int = 0
    first_token_ms: int = 0
    total_ms: int = 0
    error_code: str = ""
