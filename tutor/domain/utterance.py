"""Where an utterance begins and ends, from frame to frame.

Its end is told by three things: the length of the pause, how the speech before it sounded, and whether its
words break off. Each alone is wrong often: people pause in the middle, and finish with a rising voice.
"""

from enum import StrEnum

from tutor.domain.unfinished import trails_off

FRAME_SECONDS = 0.032

_SPEECH = 0.5
"""From this probability on a frame is speech."""
_ONSET_FRAMES = 4
"""Speech frames (0.13 s) that make a beginning: shorter is a click or a cough."""
_STIR_FRAMES = 2
"""Speech frames that may become one."""
_PAUSE_FRAMES = 3
"""Silent frames (0.1 s) that make a pause. Of 161 sentences in a natural voice nine have one inside; six have
one of 0.16 s."""
_ASK_FRAMES = 5
"""Silent frames (0.16 s) after which an end sounds like one."""
_ASK_AGAIN_FRAMES = 6
"""Between two questions whether this is the end (0.19 s)."""
_RESUMED_FRAMES = 2
_PRE_ROLL_FRAMES = 10
"""Frames before the beginning that belong to it (0.3 s): first consonants are quiet."""

_AT_ONCE = 0.2
_VOICE_ONLY = 0.7
"""Seconds of pause that are an end where nothing but silence is known."""
_QUESTION = 0.7
_STATEMENT = 1.6
_LONGEST_PAUSE = 3.0
_FINISHED = 0.5
_SURELY_FINISHED = 0.9
"""From here on the sound is believed even where a transcriber has put a comma at the end."""


class Change(StrEnum):
    """What a frame told."""

    NONE = "none"
    BEGAN = "began"
    PAUSED = "paused"
    """The first moment of a pause: it may be the end. Time to transcribe."""
    ASKED = "asked"
    """The pause goes on, and it is not known to be the end. Time to ask how it sounded."""
    RESUMED = "resumed"
    """It was not the end: what was made of the pause is void."""
    ENDED = "ended"


def patience(sounded: float | None, text: str | None) -> float:
    """Seconds of silence to wait for before a pause is the end.

    Args:
        sounded: How probable an end is by the sound; None where nobody could tell.
        text: What was said; None where it is not known yet, for it is waited for then.
    """
    if text is None:
        return _LONGEST_PAUSE
    surely = (sounded or 0.0) >= _SURELY_FINISHED
    if trails_off(text.removesuffix(",") if surely else text):
        return _LONGEST_PAUSE
    if sounded is None:
        return _VOICE_ONLY
    if sounded >= _FINISHED:
        return _AT_ONCE
    return _QUESTION if text.rstrip().endswith("?") or not text.strip() else _STATEMENT


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
        self._sounded: float | None = None
        self._text: str | None = None
        self.speaking = False
        """Whether an utterance has begun and not ended."""

    @property
    def stirring(self) -> bool:
        """Whether an utterance may be about to begin."""
        return not self.speaking and self._speech >= _STIR_FRAMES

    @property
    def paused(self) -> bool:
        """Whether the utterance may have ended."""
        return self.speaking and self._silence >= _PAUSE_FRAMES

    @property
    def text(self) -> str | None:
        """In a pause, the words before it; None where they are not known."""
        return self._text if self.paused else None

    @property
    def sound(self) -> bytes:
        """The utterance so far."""
        return b"".join(self._frames)

    def sounded(self, finished: float) -> None:
        """Take an answer to the question whether the pause sounds like an end, from 0 to 1."""
        self._sounded = finished

    def reads(self, text: str) -> None:
        """Take the words of the utterance up to the pause."""
        self._text = text

    def feed(self, frame: bytes, probability: float) -> Change:
        """Take the next frame, with how probable speech is in it."""
        self._frames.append(frame)
        is_speech = probability >= _SPEECH
        if not self.speaking:
            return self._waiting(is_speech=is_speech)
        if len(self._frames) >= self._longest:
            return self._end()
        return self._resumed() if is_speech else self._silent()

    def _waiting(self, *, is_speech: bool) -> Change:
        self._speech = self._speech + 1 if is_speech else 0
        if self._speech < _ONSET_FRAMES:
            del self._frames[: -_PRE_ROLL_FRAMES - _ONSET_FRAMES]
            return Change.NONE
        self.speaking, self._silence = True, 0
        self._void()
        return Change.BEGAN

    def _resumed(self) -> Change:
        """Speech; in a pause it takes more than a click to end it."""
        self._speech += 1
        if not self.paused:
            self._silence = 0
            return Change.NONE
        if self._speech < _RESUMED_FRAMES:
            return Change.NONE
        self._silence = 0
        self._void()
        return Change.RESUMED

    def _silent(self) -> Change:
        self._speech = 0
        self._silence += 1
        if self._silence < _PAUSE_FRAMES:
            return Change.NONE
        if self._silence == _PAUSE_FRAMES:
            return Change.PAUSED
        if self._silence * FRAME_SECONDS >= patience(self._sounded, self._text):
            return self._end()
        asked = (self._silence - _ASK_FRAMES) % _ASK_AGAIN_FRAMES == 0
        return Change.ASKED if asked and (self._sounded or 0.0) < _FINISHED else Change.NONE

    def _end(self) -> Change:
        self.speaking, self._speech = False, 0
        return Change.ENDED

    def _void(self) -> None:
        self._sounded = self._text = None

    def forget(self) -> None:
        """What was taken in so far was nobody's utterance."""
        self._frames = []
        self._end()

    def take(self) -> bytes:
        """The utterance that has ended; the next one begins empty."""
        sound, self._frames = self.sound, []
        return sound
