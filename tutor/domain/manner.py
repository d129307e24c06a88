"""How a learner wants to be spoken to."""

from pydantic import Field

from tutor.domain.value import Value

BROWSER = "browser"
"""The voice that the learner's own device brings: the server makes no sound then."""


class Manner(Value):
    """Voice and pace. What a voice does not know it leaves out."""

    voice: str = Field(default="", max_length=80)
    """Name of a voice, or BROWSER; '' for the one that this site prefers."""
    rate: float = Field(default=1.0, ge=0.5, le=2.0)
    """Share of the voice's own pace: 0.8 is slower, 1.3 is faster."""


PLAIN = Manner()

SPEEDS = (0.8, 0.9, 1.0, 1.15, 1.3)
"""What a learner chooses from, and what "slower" and "faster" walk along."""


def stepped(manner: Manner, steps: int) -> Manner:
    """The same manner, so many speeds faster; slower where negative. At the last speed it stays."""
    now = next((at for at, speed in enumerate(SPEEDS) if speed >= manner.rate), len(SPEEDS) - 1)
    at = min(len(SPEEDS) - 1, max(0, now + steps))
    return manner.model_copy(update={"rate": SPEEDS[at]})
