"""The quick ear on this machine."""

from pathlib import Path

import numpy as np
import pytest

from tutor.adapters import weights
from tutor.adapters.stt import moonshine_local, quick
from tutor.adapters.stt.moonshine_local import MoonshineTranscriber, missing
from tutor.adapters.wav import decode
from tutor.domain.audio import Audio
from tutor.errors import ModelMissing
from tutor.settings import Settings

SPEECH = Path(__file__).parents[2] / "data" / "speech"


@pytest.fixture(scope="module")
def moonshine() -> MoonshineTranscriber:
    return MoonshineTranscriber()


def spoken(name: str) -> Audio:
    return decode((SPEECH / f"{name}.wav").read_bytes(), max_seconds=10)


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "expected"),
    [("enumerate", "What does enumerate return?"), ("function", "How do I call a function?")],
)
async def test_a_clear_question_is_heard_with_confidence(
    moonshine: MoonshineTranscriber, name: str, expected: str
) -> None:
    """Nothing would ever be answered quickly."""
    heard = await moonshine.transcribe(spoken(name))
    assert heard.text == expected
    assert heard.confidence is not None
    assert 0.7 < heard.confidence <= 1


@pytest.mark.models
async def test_silence_and_long_speech_are_left_to_others(moonshine: MoonshineTranscriber) -> None:
    """It would invent words, or take longer than the careful one."""
    quiet = Audio(pcm=bytes(32_000), sample_rate=16_000)
    again = spoken("while_loop")
    long = Audio(pcm=again.pcm * 8, sample_rate=again.sample_rate)
    for audio in (quiet, long):
        heard = await moonshine.transcribe(audio)
        assert (heard.text, heard.confidence) == ("", 0.0)


@pytest.mark.models
async def test_speech_in_noise_is_heard_with_less_confidence(moonshine: MoonshineTranscriber) -> None:
    """A guess would be taken for what was said."""
    clear = spoken("while_loop")
    samples = np.frombuffer(clear.pcm, dtype="<i2").astype(np.float64)
    hiss = np.random.default_rng(1).normal(0, samples.std(), samples.size)
    noisy = Audio(
        pcm=(samples + hiss).clip(-32768, 32767).astype("<i2").tobytes(), sample_rate=clear.sample_rate
    )
    sure = (await moonshine.transcribe(clear)).confidence
    unsure = (await moonshine.transcribe(noisy)).confidence
    assert sure is not None
    assert unsure is not None
    assert unsure < sure


async def test_changed_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that somebody exchanged would be run."""
    folder = tmp_path / "assets" / "tiny-en"
    folder.mkdir(parents=True)
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (folder / name).write_bytes(b"other")
    monkeypatch.setattr(weights, "folder_of", lambda _: tmp_path)
    with pytest.raises(ModelMissing, match="not the file"):
        await MoonshineTranscriber().warm()


def test_it_goes_only_before_the_packaged_english_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """German speech would be written down as English, or a site without the files would fail."""

    def settings(**changes: str) -> Settings:
        return Settings(_env_file=None, data_dir=tmp_path, **changes)

    assert quick(settings(stt="local")) is not None
    assert quick(settings(stt="local", whisper_model="base")) is None
    assert quick(settings(stt="groq", groq_api_key="gsk_x")) is None
    assert quick(settings(stt="off")) is None
    monkeypatch.setattr(moonshine_local.weights, "folder_of", lambda _: None)
    assert missing()
