"""What this site can do right now, for people to see."""

from dataclasses import dataclass
from enum import StrEnum


class Readiness(StrEnum):
    """The state of one local model."""

    OFF = "off"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass
class Mode:
    """Changes while local models load; read by the banner, the API and `doctor`."""

    models: tuple[str, ...]
    """Rungs that are configured, in order; empty where only the lesson guide answers."""
    hears: Readiness
    speaks: Readiness
    searches: Readiness = Readiness.LOADING
    """The encoder behind the guard and the guide."""

    @property
    def has_voice(self) -> bool:
        """Whether the server speaks by itself; if not, the learner's browser may."""
        return self.speaks in (Readiness.LOADING, Readiness.READY)

    @property
    def banner(self) -> str:
        """One or two sentences on who answers and whether voice works."""
        answers = (
            "A language model answers."
            if self.models
            else "No language model is connected: answers come from the text of this course."
        )
        return f"{answers} {self._voice()}"

    def _voice(self) -> str:
        states = (self.hears, self.speaks)
        if Readiness.FAILED in states:
            return "Voice has a problem; you can type."
        if Readiness.LOADING in states:
            return "Voice is getting ready."
        if self.hears is Readiness.OFF:
            return "Voice is off; you can type."
        return "You can speak, too."
