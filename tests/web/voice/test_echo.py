"""The teacher's own voice in the learner's microphone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.web.voice.test_talk import recorded, silence
from tutor.adapters.resample import resampled_array
from tutor.web.voice.echo import is_echo, is_mostly_echo

TEACHER = recorded("while_loop")[8000:24_000]
"""A second of speech at 16 kHz."""
RATE = 22_050


def room(sound: NDArray[np.int16], *, loudness: float, noise: float) -> NDArray[np.int16]:
    """What a microphone hears of a loudspeaker: quieter, with reflections from the walls, and noise."""
    walls = np.zeros(1600)
    walls[0] = 1.0
    walls[[113, 331, 672, 1203]] = (0.5, -0.35, 0.3, 0.2)
    heard = loudness * np.convolve(sound.astype(np.float64), walls)[: sound.size]
    return np.clip(heard + np.random.default_rng(0).normal(0, noise, sound.size), -32768, 32767).astype(
        np.int16
    )


@pytest.mark.parametrize("begin", [2000, 6000, 11_000])
@pytest.mark.parametrize(("loudness", "noise"), [(1.0, 0.0), (0.3, 20.0), (0.05, 5.0), (-0.5, 50.0)])
def test_an_echo_is_known_at_any_delay_and_loudness(begin: int, loudness: float, noise: float) -> None:
    """The teacher would fall silent at its own voice."""
    played = resampled_array(TEACHER, 16_000, RATE)
    heard = room(TEACHER, loudness=loudness, noise=noise)[begin : begin + 4000]
    assert is_echo(heard, played, RATE)


def with_late_packets(sound: NDArray[np.int16], share: float) -> NDArray[np.int16]:
    """As a loudspeaker plays it where so many packets of 20 ms come too late."""
    draw = np.random.default_rng(0)
    parts = [
        part
        for begin in range(0, sound.size - 320, 320)
        for part in ([silence(0.02)] if draw.random() < share else []) + [sound[begin : begin + 320]]
    ]
    return np.concatenate(parts)


def test_an_echo_with_gaps_is_known() -> None:
    """On a shaky network the teacher would interrupt itself again and again, and answer its own words."""
    heard = with_late_packets(room(TEACHER, loudness=0.5, noise=20.0), 0.1)
    played = resampled_array(TEACHER, 16_000, RATE)
    pieces = [heard[begin : begin + 4096] for begin in range(1000, 13_000, 1000)]
    assert sum(is_echo(piece, played, RATE) for piece in pieces) >= 0.75 * len(pieces)
    assert is_mostly_echo(heard[2000:12_000], played, RATE)


@pytest.mark.parametrize("name", ["list", "function", "enumerate", "index_error"])
def test_a_short_interruption_is_mostly_no_echo(name: str) -> None:
    """A learner who says a word or two over the teacher would not be heard."""
    played = resampled_array(TEACHER, 16_000, RATE)
    before = room(TEACHER, loudness=0.5, noise=20.0)[11_000:15_800]
    assert not is_mostly_echo(np.concatenate([before, recorded(name)[8000:20_000]]), played, RATE)


@pytest.mark.parametrize("name", ["list", "function", "enumerate", "index_error"])
@pytest.mark.parametrize("begin", [8000, 12_000, 16_000])
def test_somebody_else_is_no_echo(name: str, begin: int) -> None:
    """The teacher would talk on over a learner with a voice like its own."""
    assert not is_echo(recorded(name)[begin : begin + 4000], resampled_array(TEACHER, 16_000, RATE), RATE)


@pytest.mark.parametrize(
    ("heard", "played"),
    [(np.zeros(4000), TEACHER), (TEACHER[:4000], np.zeros(16_000)), (TEACHER, TEACHER[:4000])],
)
def test_nothing_is_an_echo_of_silence(heard: NDArray[np.int16], played: NDArray[np.int16]) -> None:
    """The first words of a conversation would end it with an error."""
    assert not is_echo(heard.astype(np.int16), played.astype(np.int16), 16_000)


@pytest.mark.parametrize("silent", [1000, 2000])
def test_the_beginning_of_an_answer_is_an_echo_too(silent: int) -> None:
    """The teacher would interrupt itself at its first word, of which little was played so far."""
    heard = np.concatenate([np.zeros(silent, dtype=np.int16), TEACHER[: 4000 - silent]])
    assert is_echo(heard, resampled_array(TEACHER[:5000], 16_000, RATE), RATE)
