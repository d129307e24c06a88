"""Sound that comes in instead of one clear question, at 16 kHz."""

import numpy as np
from numpy.typing import NDArray

from tests.web.voice.test_talk import recorded
from tutor.adapters.resample import resampled_array

RATE = 16_000
Sound = NDArray[np.int16]
_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
_NOTE = 0.25


def _sound(samples: NDArray[np.floating]) -> Sound:
    return np.clip(samples, -32768, 32767).astype(np.int16)


def silence(seconds: float) -> Sound:
    """A muted microphone."""
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def noise(seconds: float) -> Sound:
    """A loud fan."""
    return _sound(np.random.default_rng(1).normal(0, 4000, round(seconds * RATE)))


def music(seconds: float) -> Sound:
    """Plucked notes with seven harmonics each, and a drum on every second one."""
    draw = np.random.default_rng(2)
    time = np.arange(round(_NOTE * RATE)) / RATE
    notes = []
    for number in range(round(seconds / _NOTE)):
        pitch = 220 * 2 ** (draw.choice(_SCALE) / 12)
        string = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8)) * np.exp(-4 * time)
        drum = draw.normal(0, 1, time.size) * np.exp(-40 * time) * (number % 2 == 0)
        notes.append(2500 * string + 6000 * drum)
    return _sound(np.concatenate(notes))


def song(seconds: float) -> Sound:
    """A voice that sings vowels and no words: harmonics shaped by two formants, with vibrato."""
    draw = np.random.default_rng(3)
    time = np.arange(round(0.4 * RATE)) / RATE
    fade = np.minimum(1, np.minimum(time / 0.03, (time[-1] - time) / 0.05))
    notes = []
    for _ in range(round(seconds / 0.4)):
        phase = 2 * np.pi * 180 * 2 ** (draw.choice(_SCALE) / 12) * time + 0.5 * np.sin(35 * time)
        low, high = draw.choice([(700, 1100), (300, 2300), (500, 1800)])
        tones = (
            np.sin(k * phase) / (1 + ((180 * k - low) / 120) ** 2)
            + 0.6 * np.sin(k * phase) / (1 + ((180 * k - high) / 150) ** 2)
            for k in range(1, 22)
        )
        notes.append(6000 * fade * sum(tones))
    return _sound(np.concatenate(notes))


def together(one: str, other: str) -> Sound:
    """Two people at once."""
    first, second = recorded(one).astype(np.int32), recorded(other).astype(np.int32)
    length = max(first.size, second.size)
    return _sound(np.pad(first, (0, length - first.size)) + np.pad(second, (0, length - second.size)))


def clipped(name: str) -> Sound:
    """A microphone that is turned up forty times too far."""
    return _sound(recorded(name).astype(np.int32) * 40)


def telephone(name: str) -> Sound:
    """Over a line of 8 kHz."""
    return resampled_array(resampled_array(recorded(name), RATE, 8000), 8000, RATE)
