"""What hears and speaks: speech to text, text to speech, and where speech begins and ends."""

from typing import TYPE_CHECKING, Protocol

from tutor.domain.audio import Audio, Transcript
from tutor.domain.manner import PLAIN, Manner

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Transcriber(Protocol):
    """Speech to text."""

    @property
    def name(self) -> str:
        """For the log and the badge: `whisper-tiny.en`."""

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance.

        Args:
            audio: Up to the limit in the settings.
            context: Words that are likely to be in it, such as the chapter's identifiers.

        Raises:
            ModelMissing: A local model cannot be loaded.
            ProviderError: A remote one could not do it.
        """


class Speaker(Protocol):
    """Text to speech."""

    @property
    def name(self) -> str:
        """For the log and the badge."""

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, already in its speakable form, in a manner that is followed as far as it can be.

        Raises:
            ModelMissing: A local voice cannot be loaded.
            ProviderError: A remote one could not do it.
        """


class VoiceActivity(Protocol):
    """Tells speech from silence in one stream of sound."""

    def __call__(self, frame: "NDArray[np.int16]") -> float:
        """Probability from 0 to 1 of speech in one frame of 512 samples at 16 kHz."""


class EndOfTurn(Protocol):
    """Tells the end of a turn from a hesitation, by the sound of it."""

    async def finished(self, audio: Audio) -> float:
        """Probability from 0 to 1 that the speaker is done.

        Args:
            audio: The turn so far, with the pause at its end.

        Raises:
            ModelMissing: The model cannot be loaded.
        """
