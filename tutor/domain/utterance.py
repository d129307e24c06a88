"""Where an utterance begins and ends, from frame to frame."""

from enum import StrEnum

FRAME_SECONDS = 0.032

_SPEECH = 0.5
"""From this probability on a frame is speech."""
_ONSET_FRAMES = 4
"""Speech frames (0.13 s) that make a beginning: shorter is a click or a cough."""
_END_FRAMES = 22
"""Silent frames (0.7 s) that make an end: beginners pause between words."""
_PRE_ROLL_FRAMES = 10
"""Frames before the beginning that belong to it (0.3 s): first consonants are quiet."""


class Change(StrEnum):
    """What a frame told."""

    NONE = "none"
    BEGAN = "began"
    ENDED = "ended"


class Endpointer:
    """Collects the frames of one utterance at a time.

    Args:
        longest: Seconds after which an utterance ends even without a pause.
    """

    def __init__(self, *, longest: float) -> None:
        self._longest = int(longest / FRAME_SECONDS)
        self._frames: list[bytes] = []
        self._speech = 0
        self._silence = 0
        self.speaking = False

    def feed(self, frame: bytes, probability: float) -> Change:
        """Take the next frame, with how probable speech is in it."""
        self._frames.append(frame)
        is_speech = probability >= _SPEECH
        if not self.speaking:
            self._speech = self._speech + 1 if is_speech else 0
            if self._speech < _ONSET_FRAMES:
                del self._frames[: -_PRE_ROLL_FRAMES - _ONSET_FRAMES]
                return Change.NONE
            self.speaking, self._silence = True, 0
            return Change.BEGAN
        self._silence = 0 if is_speech else self._silence + 1
        if self._silence >= _END_FRAMES or len(self._frames) >= self._longest:
            self.speaking, self._speech = False, 0
            return Change.ENDED
        return Change.NONE

    def take(self) -> bytes:
        """The utterance that has ended; the next one begins empty."""
        sound = b"".join(self._frames)
        self._frames = []
        return sound
