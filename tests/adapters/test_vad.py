"""Where somebody speaks."""

from pathlib import Path

import numpy as np
import pytest

from tutor.adapters.resample import resampled, samples_of
from tutor.adapters.vad import FRAME, RATE, PauseDetector, Vad, chunks, speech_of
from tutor.adapters.wav import decode
from tutor.domain.audio import Audio

SPEECH = Path(__file__).parents[1] / "data" / "speech"
QUIET = np.zeros(RATE, dtype=np.int16)


@pytest.fixture
def question() -> Audio:
    return decode((SPEECH / "index_error.wav").read_bytes(), max_seconds=10)


def test_frame_by_frame_is_the_same_as_at_once(question):
    """A stream would be judged differently from the same words in a file."""
    samples = samples_of(question)
    samples = samples[: samples.size // FRAME * FRAME]
    stream = Vad()

    one_by_one = [stream(frame) for frame in samples.reshape(-1, FRAME)]

    assert one_by_one == pytest.approx(list(Vad().probabilities(samples)), abs=1e-4)


def test_streams_do_not_mix(question):
    """One learner's speech would begin the turn of another."""
    speaking, silent = Vad(), Vad()
    frames = samples_of(question)[: 40 * FRAME].reshape(-1, FRAME)
    apart = [silent(QUIET[:FRAME]) for _ in frames]

    silent.reset()
    together = [silent(QUIET[:FRAME]) for frame in frames if speaking(frame) >= 0]

    assert together == pytest.approx(apart)


def test_speech_is_found_and_trimmed(question):
    """A question would reach the transcriber with the silence in which Whisper invents words."""
    padded = Audio(
        pcm=QUIET.tobytes() * 2 + resampled(question, RATE).pcm + QUIET.tobytes(), sample_rate=RATE
    )

    speech = speech_of(padded)

    assert speech is not None
    assert question.seconds - 1 < speech.seconds < question.seconds + 0.1


@pytest.mark.parametrize("rate", [16_000, 48_000])
@pytest.mark.parametrize("kind", ["empty", "silence", "noise", "hum", "click"])
def test_no_speech(kind, rate):
    """A quiet microphone, a fan or a door would start a turn."""
    noise = np.random.default_rng(1)
    time = np.arange(2 * rate) / rate
    sound = {
        "empty": np.zeros(0),
        "silence": np.zeros(2 * rate),
        "noise": noise.normal(size=2 * rate) * 3000,
        "hum": np.sin(2 * np.pi * 50 * time) * 8000,
        "click": np.where(time < 0.01, 20_000, 0),
    }[kind]

    assert speech_of(Audio(pcm=sound.astype("<i2").tobytes(), sample_rate=rate)) is None


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([], []),
        ([0.1] * 20, []),
        ([0.0] * 10 + [0.9] * 10 + [0.0] * 10, [(10, 20)]),
        ([0.9] * 5 + [0.4] * 30 + [0.9] * 5, [(0, 40)]),
        ([0.9] * 5 + [0.0] * 5 + [0.9] * 5, [(0, 15)]),
        ([0.9] * 5 + [0.0] * 30 + [0.9] * 5, [(0, 5), (35, 40)]),
    ],
)
def test_stretches_of_speech(probabilities, expected):
    """A short pause for breath would split one question into two, or two be taken for one."""
    found = chunks(np.array(probabilities, dtype=np.float32))

    pad = int(0.1 * RATE)
    end = len(probabilities) * FRAME
    assert [(c["start"], c["end"]) for c in found] == [
        (max(0, first * FRAME - pad), min(end, last * FRAME + pad)) for first, last in expected
    ]


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_fastrtc_is_told_of_speech(question, kind):
    """FastRTC would never hear the end of a turn, or hear one in silence."""
    model = PauseDetector()
    model.warmup()
    samples = samples_of(resampled(question, 48_000))[None, :]
    samples = samples if kind is np.int16 else (samples / 32768).astype(np.float32)

    seconds, found = model.vad((48_000, samples), None)
    silent, none = model.vad((RATE, QUIET.astype(kind)), None)

    assert question.seconds - 1 < seconds <= question.seconds
    assert found
    assert (silent, none) == (0, [])
