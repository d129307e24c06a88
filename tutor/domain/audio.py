"""Sound as the project passes it around."""

from pydantic import Field

from tutor.domain.value import Value


class Audio(Value):
    """Mono sound: 16-bit signed little-endian samples at a fixed rate."""

    pcm: bytes = Field(repr=False)
    sample_rate: int = Field(gt=0)
    """Samples per second."""

    @property
    def seconds(self) -> float:
        """How long it lasts, in seconds."""
        return len(self.pcm) / 2 / self.sample_rate


class Transcript(Value):
    """What a transcriber heard."""

    text: str
    """Empty where no words were found."""
    language: str = "en"
    """BCP 47 tag, as the transcriber guessed it."""
    model: str
    """Which transcriber heard it, for the log."""
    confidence: float | None = None
    """Probability from 0 to 1 of the piece it was least sure of; None where it does not tell."""
