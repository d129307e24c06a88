"""What the guard says of a message, and when it says it."""

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


class Chances(Value):
    """How likely each reading of a message is. The seven sum to 1."""

    on: float
    social: float
    off: float
    injection: float
    cruelty: float
    malware: float
    distress: float

    @property
    def unsafe(self) -> float:
        """That it is unsafe in one way or another."""
        return self.injection + self.cruelty + self.malware + self.distress

    @property
    def declined(self) -> float:
        """That it should not be answered, for one reason or the other."""
        return self.off + self.unsafe

    @property
    def worst(self) -> Harm:
        """The likeliest kind of harm."""
        return max(Harm, key=lambda harm: float(getattr(self, harm.value)))


class Thresholds(Value):
    """From which chance on a label is decided; below, it is unsure."""

    on: float = 0.85
    social: float = 0.85
    off: float = 0.9
    """Holds for off and unsafe together."""
    unsafe: float = 0.6


def decide(chances: Chances, thresholds: Thresholds, *, reason: str) -> Verdict:
    """The verdict that these chances support: a label that reaches its threshold, or unsure.

    Args:
        chances: From the topic model.
        thresholds: Chosen with the model, on messages that it was not trained on.
        reason: What the chances rest on, for the log.
    """
    if chances.unsafe >= thresholds.unsafe:
        return Verdict(label=Label.UNSAFE, confidence=chances.unsafe, reason=reason, harm=chances.worst)
    if chances.declined >= thresholds.off:
        # Whether off or unsafe may stay open: neither is answered.
        if chances.off >= chances.unsafe:
            return Verdict(label=Label.OFF, confidence=chances.declined, reason=reason)
        return Verdict(label=Label.UNSAFE, confidence=chances.declined, reason=reason, harm=chances.worst)
    label, chance = max(((Label.ON, chances.on), (Label.SOCIAL, chances.social)), key=lambda pair: pair[1])
    if chance >= float(getattr(thresholds, label.value)):
        return Verdict(label=label, confidence=chance, reason=reason)
    return Verdict(label=Label.UNSURE, confidence=max(chance, chances.off, chances.unsafe), reason=reason)
