"""A quick ear on this machine: Moonshine's tiny English model (MIT), from the wheel of moonshine-voice 0.1.0.

Its work grows with the length of the sound, where Whisper always looks at 30 s: a question of 3 s takes
0.08 s on one core, Whisper 0.4 s on two. It hears one word in ten wrong where Whisper with its prompt hears
one in twenty-five, but it knows when: see `domain/draft.py` for what is kept. Only the wheel's model
files are used. Source: https://github.com/moonshine-ai/moonshine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tutor.adapters import vad, weights
from tutor.adapters.lane import Lane
from tutor.adapters.resample import samples_of
from tutor.adapters.stt.beam import Beam
from tutor.domain.audio import Audio, Transcript
from tutor.domain.wording import Wording
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_PACKAGE = "moonshine_voice"
_FOLDER = "assets/tiny-en"
_REMEDY = "pip install --force-reinstall --no-deps moonshine-voice==0.1.0"
_FILES = {
    "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
    "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
}
_BEGIN, _END = 1, 2
_PER_SECOND = 6.5
"""Pieces: nobody speaks faster. More come where the model repeats itself. Source: Moonshine's own code."""
_LONGEST_SECONDS = 12.0
"""Of speech: longer questions are for Whisper."""
_LEAD = vad.RATE // 10
"""Samples of silence put around speech."""
_HEADS, _WIDTH = 8, 36


def missing() -> str:
    """Why it cannot hear; '' where nothing speaks against it. Cheap: imports and loads nothing."""
    folder = weights.folder_of(_PACKAGE)
    if folder is None or not (folder / _FOLDER / "encoder_model.ort").is_file():
        return "its model is not installed; pip install --no-deps moonshine-voice==0.1.0"
    return ""


class MoonshineTranscriber:
    """A Transcriber that tells how sure it is. Loads at first use, hears in a thread of its own."""

    name = "moonshine-tiny.en"

    def __init__(self) -> None:
        self._model: _Model | None = None
        self._lane = Lane("moonshine", limit=16)

    async def warm(self) -> None:
        """Load the model and let it hear half a second once. Raises ModelMissing."""
        await self._lane.run(self._words, np.zeros(vad.RATE // 2, dtype=np.int16))

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:  # noqa: ARG002 - it takes none
        """Hear one utterance at any rate. Silence, noise and long speech give an empty text.

        Raises:
            ModelMissing: The files are absent, changed or unusable.
            Busy: Too many utterances wait already.
        """
        return await self._lane.run(self._transcribe, audio)

    def _transcribe(self, audio: Audio) -> Transcript:
        speech = vad.speech_of(audio)
        if speech is None or speech.seconds > _LONGEST_SECONDS:
            return Transcript(text="", model=self.name, confidence=0.0)
        text, confidence = self._words(np.pad(samples_of(speech), _LEAD))
        return Transcript(text=text, model=self.name, confidence=confidence)

    def _words(self, samples: NDArray[np.int16]) -> tuple[str, float]:
        model = self._model = self._model or _load()
        return model.hear(samples.astype(np.float32) / np.float32(32768))


@dataclass(frozen=True)
class _Model:
    encoder: "InferenceSession"
    decoder: "InferenceSession"
    pieces: list[bytes]
    beam: Beam

    def hear(self, sound: NDArray[np.float32]) -> tuple[str, float]:
        """The likeliest words of 16 kHz sound of shape (n,); how probable its pieces are, as a mean."""
        batch = sound[None]
        (states,) = self.encoder.run(
            None, {"input_values": batch, "attention_mask": np.ones(batch.shape, dtype=np.int64)}
        )
        found = self.beam.search(
            self._stepper(np.asarray(states)), most=int(sound.size / vad.RATE * _PER_SECOND)
        )
        text = b"".join(self.pieces[piece] for piece in found.pieces).decode(errors="replace")
        return " ".join(text.replace("\u2581", " ").split()), found.confidence

    def _stepper(self, states: NDArray[np.float32]) -> Callable[[list[int], list[int]], NDArray[np.float32]]:
        """The decoder over one sound, with its memory of each beginning."""
        names = [put.name for put in self.decoder.get_inputs() if put.name.startswith("past_key_values")]
        outputs = [put.name for put in self.decoder.get_outputs()]
        past: dict[str, NDArray[Any]] = dict.fromkeys(names, np.zeros((1, _HEADS, 0, _WIDTH), np.float32))

        def step(parents: list[int], pieces: list[int]) -> NDArray[np.float32]:
            for name in names if parents else ():
                # What was heard is the same for all; what was said is each one's own.
                past[name] = past[name][parents if ".decoder." in name else [0] * len(parents)]
            last = pieces or [_BEGIN]
            heard = np.repeat(states, len(last), axis=0)
            feed = {
                "input_ids": np.array([[piece] for piece in last], dtype=np.int64),
                "encoder_hidden_states": heard,
                "encoder_attention_mask": np.ones(heard.shape[:2], dtype=np.int64),
                "use_cache_branch": np.array([bool(pieces)]),
            }
            found = dict(zip(outputs, self.decoder.run(None, {**feed, **past}), strict=True))
            for name in names:
                if not pieces or ".decoder." in name:
                    past[name] = np.asarray(found[name.replace("past_key_values", "present")])
            return np.asarray(found["logits"], dtype=np.float32)[:, -1]

        return step


def _load() -> _Model:
    package = weights.folder_of(_PACKAGE)
    if package is None:
        raise ModelMissing(missing())
    folder = package / _FOLDER
    weights.check(folder, _FILES, remedy=_REMEDY)
    pieces = _pieces((folder / "tokenizer.bin").read_bytes())
    phrases = files("tutor.adapters.stt").joinpath("phrases.txt").read_text(encoding="utf-8").splitlines()
    return _Model(
        encoder=_session(folder / "encoder_model.ort"),
        decoder=_session(folder / "decoder_model_merged.ort"),
        pieces=pieces,
        beam=Beam(pieces, end=_END, wording=Wording(phrase.split() for phrase in phrases)),
    )


def _session(path: Path) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A second thread saves nothing here (0.074 against 0.077 s), and the other core has a page to serve.
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _pieces(table: bytes) -> list[bytes]:
    """The spelling of each token: a length (from 128 on in two bytes), then so many bytes."""
    found, at = [], 0
    while at < len(table):
        length, at = table[at], at + 1
        if length >= 128:
            length, at = table[at] * 128 + length - 128, at + 1
        found.append(table[at : at + length])
        at += length
    return found
