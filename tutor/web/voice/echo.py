"""The teacher's own voice, heard again by the learner's microphone."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_RATE = 16_000
_LIKE = 0.65
"""Likeness from which on two sounds are one. Measured on 60 pieces of speech each: for an echo in a room 0.8
in the middle; where one packet in ten comes too late, four of five are above; for other words of the same
voice 0.63 at most."""
_GRAIN = 16
"""Samples (1 ms) that are looked at as one delay."""
_SLACK = 40
"""Grains (40 ms) by which the second half may be later or sooner than the first: where a packet is late, a
loudspeaker pauses, and the echo is of two pieces."""
_HOP = 2048
_MOST_SECONDS = 2.0
_MOSTLY = 0.6

Samples = NDArray[np.int16]


def is_echo(heard: Samples, played: Samples, rate: int) -> bool:
    """Whether a sound is in what was played just before, at any delay and loudness.

    Args:
        heard: From the microphone, at 16 kHz, shape (n,).
        played: Shape (m,). Before it was silence.
        rate: Of `played`, in Hz.
    """
    if not heard.any() or not played.any():
        return False
    count = int(played.size * _RATE / rate)
    source = np.interp(np.arange(count) * rate / _RATE, np.arange(played.size), played)
    source = np.concatenate([np.zeros(heard.size), source])
    half = heard.size // 2 // _GRAIN * _GRAIN
    begin, end = heard[:half].astype(np.float64), heard[half:].astype(np.float64)
    first, second = _likeness(begin, source), _likeness(end, source)[half // _GRAIN :]
    second = sliding_window_view(np.pad(second, _SLACK), 2 * _SLACK + 1).max(axis=1)
    shared = min(first.size, second.size)
    weight = float(np.sum(begin**2) / (np.sum(begin**2) + np.sum(end**2)))
    return bool(np.max(weight * first[:shared] + (1 - weight) * second[:shared]) >= _LIKE)


def is_mostly_echo(heard: Samples, played: Samples, rate: int) -> bool:
    """Whether most of a short utterance is. A longer one is none: the teacher falls silent when it begins.

    Args:
        heard: At 16 kHz, with the silence around it.
        played: Until the utterance had begun.
        rate: Of `played`, in Hz.
    """
    if heard.size > _MOST_SECONDS * _RATE:
        return False
    pieces = sliding_window_view(heard, 2 * _HOP)[::_HOP] if heard.size >= 2 * _HOP else heard[None]
    loudness = np.sqrt(np.mean(pieces.astype(np.float64) ** 2, axis=1))
    voiced = [piece for piece, loud in zip(pieces, loudness, strict=True) if loud > loudness.max() / 4]
    return sum(is_echo(piece, played, rate) for piece in voiced) >= _MOSTLY * len(voiced)


def _likeness(sound: NDArray[np.float64], source: NDArray[np.float64]) -> NDArray[np.float64]:
    """How alike a sound is to its source at each delay, from 0 to 1, the best of each grain."""
    size = 1 << (source.size + sound.size - 1).bit_length()
    matches = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(sound, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(source**2)])
    window = energy[sound.size :] - energy[: -sound.size]
    loudness = np.sqrt(np.maximum(window, 1.0) * max(1.0, float(np.sum(sound**2))))
    alike = np.abs(matches[: window.size]) / loudness
    return np.asarray(alike[: alike.size // _GRAIN * _GRAIN].reshape(-1, _GRAIN).max(axis=1))
