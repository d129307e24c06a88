"""What the guard says of a message."""

from enum import StrEnum

from tutor.domain.value import Value


class Label(StrEnum):
    """Where a message stands to the subject."""

    ON = "on"
    """About programming, this course, or the conversation about it."""
    SOCIAL = "social"
    """Hello, thanks, goodbye."""
    OFF = "off"
    UNSAFE = "unsafe"
    UNSURE = "unsure"
    """What the local tier cannot know."""


class Harm(StrEnum):
    """What kind of unsafe it is: each is answered in its own way."""

    INJECTION = "injection"
    CRUELTY = "cruelty"
    MALWARE = "malware"
    DISTRESS = "distress"


class Verdict(Value):
    """The guard's judgement of one message."""

    label: Label
    confidence: float
    """From 0 to 1."""
    reason: str
    """A short code for the log and the test table: `code`, `lexicon`, `encoder`, ... Never the message."""
    harm: Harm | None = None
    """Set exactly where the label is unsafe."""
    tier: str = "local"
    """`local` or `ai`."""
