"""Whether somebody has finished speaking: Smart Turn v3.2 (BSD-2-Clause), which pipecat-ai's wheel carries.

It hears how a sentence is said, not its words: a learner who hesitates sounds unlike one who is done.
Source: https://github.com/pipecat-ai/smart-turn. Its input is Whisper's log-mel picture of the last 8 s.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tutor.adapters import weights
from tutor.adapters.lane import Lane
from tutor.adapters.resample import resampled_array, samples_of
from tutor.domain.audio import Audio
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

RATE = 16_000
_WINDOW = 8 * RATE
_FOLDER = "audio/turn/smart_turn/data"
_FILES = {"smart-turn-v3.2-cpu.onnx": "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"}
_QUIETEST = 1e-7
"""Added to the variance, as in training: silence would be divided by zero."""


def missing() -> str:
    """Why the end of a turn cannot be told; '' where nothing speaks against it. Imports and loads nothing."""
    for module, package in (("faster_whisper", "faster-whisper"), ("pipecat", "pipecat-ai")):
        if weights.folder_of(module) is None:
            return f"{package} is not installed; pip install {package}"
    return ""


class SmartTurn:
    """An EndOfTurn. Loads at first use; runs in a thread of its own, one question at a time."""

    def __init__(self) -> None:
        self._lane = Lane("turn-end", limit=16)

    async def warm(self) -> None:
        """Load the model and ask it once. Raises ModelMissing."""
        await self.finished(Audio(pcm=bytes(2 * RATE), sample_rate=RATE))

    async def finished(self, audio: Audio) -> float:
        """Probability from 0 to 1 that a turn is over, from its sound and the pause after it.

        Takes about 40 ms on one core.

        Raises:
            ModelMissing: The model is absent or changed.
            Busy: Too many questions wait already.
        """
        return await self._lane.run(_finished, audio)


def _finished(audio: Audio) -> float:
    sound = resampled_array(samples_of(audio), audio.sample_rate, RATE)[-_WINDOW:].astype(np.float32)
    sound = np.pad(sound / np.float32(32768), (_WINDOW - sound.size, 0))
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + _QUIETEST)
    (probability,) = _session().run(None, {"input_features": features(sound)[None]})
    return float(np.asarray(probability).reshape(-1)[0])


def features(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel features of shape (80, 800), of 8 s at 16 kHz."""
    return np.asarray(_extractor()(sound, padding=0), dtype=np.float32)


@lru_cache(maxsize=1)
def _extractor() -> Any:  # noqa: ANN401 - faster-whisper has no types
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor()


@lru_cache(maxsize=1)
def _session() -> "InferenceSession":
    package = weights.folder_of("pipecat")
    if package is None or (reason := missing()):
        raise ModelMissing(missing() or reason)
    weights.check(package / _FOLDER, _FILES, remedy="pip install --force-reinstall pipecat-ai")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    (name,) = _FILES
    return onnxruntime.InferenceSession(
        str(package / _FOLDER / name), options, providers=["CPUExecutionProvider"]
    )
