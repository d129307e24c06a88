"""Spoken programming sentences for the bench: made by voices on this machine, kept under bench/out/."""

import asyncio
import re
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.adapters.resample import resampled, resampled_array, samples_of
from tutor.adapters.tts.piper_local import PiperSpeaker
from tutor.adapters.wav import decode, encode
from tutor.domain.audio import Audio

ROOT = Path(__file__).resolve().parent.parent
_SENTENCES = ROOT / "tests" / "data" / "speech" / "sentences.txt"
_KEPT = ROOT / "bench" / "out" / "speech"
RATE = 16_000


@dataclass(frozen=True)
class Sentence:
    """One line of tests/data/speech/sentences.txt."""

    number: int
    chapter: str
    names: tuple[str, ...]
    """In the learner's own code."""
    text: str

    @property
    def held_out(self) -> bool:
        return self.number % 2 == 0


def sentences() -> list[Sentence]:
    """All of them, in order."""
    lines = [line for line in _SENTENCES.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    found = []
    for number, line in enumerate(lines, 1):
        chapter, names, text = (part.strip() for part in line.split("|"))
        found.append(Sentence(number, chapter, tuple(names.split()), text))
    return found


# -- voices ---------------------------------------------------------------------------------------


async def natural(text: str) -> Audio:
    """The Piper voice "joe"."""
    return resampled(await _PIPER.speak(text), RATE)


async def robotic(text: str, *, voice: str = "en-us", speed: int = 160) -> Audio:
    """ESpeak NG, which has to be installed: `apt-get install espeak-ng`. `speed`: words a minute."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", text]
    made = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    return resampled(await asyncio.to_thread(decode, made.stdout, max_seconds=60), RATE)


_PIPER = PiperSpeaker()


def noisy(audio: Audio, *, decibels: float = 20.0) -> Audio:
    """With the hiss of a room, so far below the speech; the same for the same sound."""
    samples = samples_of(audio).astype(np.float64)
    hiss = np.random.default_rng(zlib.crc32(audio.pcm)).standard_normal(samples.size)
    # Brown towards the low end, as fans and rooms are.
    hiss = np.convolve(hiss, np.ones(4) / 4, mode="same")
    loud = np.sqrt(np.mean(samples**2)) / 10 ** (decibels / 20)
    return _audio(samples + hiss / np.std(hiss) * loud)


def telephone(audio: Audio) -> Audio:
    """As an 8 kHz line carries it."""
    narrow = resampled_array(samples_of(audio), RATE, 8000)
    return Audio(pcm=resampled_array(narrow, 8000, RATE).tobytes(), sample_rate=RATE)


def quiet(audio: Audio) -> Audio:
    """From far away: 26 dB softer."""
    return _audio(samples_of(audio) * 0.05)


def _audio(samples: NDArray[np.floating[Any]]) -> Audio:
    return Audio(pcm=samples.clip(-32768, 32767).astype("<i2").tobytes(), sample_rate=RATE)


async def recording(voice: str, text: str) -> Audio:
    """One sentence by one voice: made once, and kept, because Piper draws its rhythm at random."""
    file = _KEPT / f"{voice}-{zlib.crc32(text.encode()):08x}.wav"
    if not file.exists():
        audio = await (natural(text) if voice == "natural" else robotic(text))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode(audio))
    return await asyncio.to_thread(decode, file.read_bytes(), max_seconds=60)


# -- words ----------------------------------------------------------------------------------------

# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_SIGNS = (
    *(("+=", " plus equals "), ("==", " equals equals "), ("!=", " not equal "), ("//", " double slash ")),
    *(("=", " equals "), ("+", " plus "), ("%", " percent "), ("_", " "), ("-", " ")),
)


def normalised(text: str) -> list[str]:
    """Words as they are compared: lower case, no punctuation, signs and numbers as words."""
    text = text.lower().replace("\u2019", "'").replace("'", "")
    for sign, words in _SIGNS:
        text = text.replace(sign, words)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"\d+\.\d+", lambda found: f" {found[0].replace('.', ' point ')} ", text)
    text = re.sub(r"\d+", lambda found: f" {_said(int(found[0]))} ", text)
    return re.sub(r"[^a-z ]", " ", text).split()


def _said(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        return f"{_TENS[number // 10 - 2]} {_SMALL[number % 10] if number % 10 else ''}"
    if number < 1000:
        return f"{_SMALL[number // 100]} hundred {_said(number % 100) if number % 100 else ''}"
    return f"{_said(number // 1000)} thousand {_said(number % 1000) if number % 1000 else ''}"


def mistakes(wanted: list[str], heard: list[str]) -> int:
    """Words to put in, leave out or change: the edit distance."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(wanted, 1):
        before, row[0] = row[0], index
        for other, found in enumerate(heard, 1):
            before, row[other] = (
                row[other],
                min(row[other] + 1, row[other - 1] + 1, before + (word != found)),
            )
    return row[-1]
