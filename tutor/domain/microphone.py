"""What a microphone's sound tells of trouble: silent, too loud, too noisy."""

from enum import StrEnum

_SPEECH = 0.5
_FULL_SCALE = 0.99
_NOISY = 0.03
"""Root mean square, as a share of full scale (-30 dB): a loud room."""
_LOUDNESS_SECONDS = 1.0
"""Over which loudness is averaged: music and engines have gaps, and are loud nevertheless."""
_SILENT_SECONDS = 8.0
_NOISY_SECONDS = 12.0
_CLIPPED_SECONDS = 0.6
_TOLD_SECONDS = 60.0


class Trouble(StrEnum):
    """What the learner can mend."""

    SILENT = "No sound comes from your microphone. Check that it is not muted."
    NOISY = "I hear much noise, and no words. A quieter place or a headset helps. You can also type."
    CLIPPED = "Your microphone is very loud. Turn it down a little, or move back."


class Microphone:
    """Watches the sound of one connection, and tells each trouble once a minute at most.

    Args:
        frame_seconds: Length of a frame.
    """

    def __init__(self, *, frame_seconds: float) -> None:
        self._step = frame_seconds
        self._silent = self._noisy = self._clipped = self._clock = 0.0
        self._power = 0.0
        self._told: dict[Trouble, float] = {}

    def feed(self, *, peak: float, level: float, speech: float) -> Trouble | None:
        """Take the next frame.

        Args:
            peak: Its largest sample, from 0 to 1 (full scale).
            level: Its root mean square, from 0 to 1.
            speech: How probable speech is in it.
        """
        self._clock += self._step
        voiced = speech >= _SPEECH
        self._silent = self._silent + self._step if peak == 0 else 0.0
        self._power += (level**2 - self._power) * self._step / _LOUDNESS_SECONDS
        self._noisy = self._noisy + self._step if self._power > _NOISY**2 and not voiced else 0.0
        if voiced:
            change = self._step if peak >= _FULL_SCALE else -self._step
            self._clipped = max(0.0, self._clipped + change)
        if self._silent >= _SILENT_SECONDS:
            return self._tell(Trouble.SILENT)
        if self._noisy >= _NOISY_SECONDS:
            return self._tell(Trouble.NOISY)
        if self._clipped >= _CLIPPED_SECONDS:
            return self._tell(Trouble.CLIPPED)
        return None

    def _tell(self, trouble: Trouble) -> Trouble | None:
        if self._clock < self._told.get(trouble, 0.0):
            return None
        self._told[trouble] = self._clock + _TOLD_SECONDS
        return trouble
