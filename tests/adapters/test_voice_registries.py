"""Who hears and who speaks, by the settings."""

import subprocess
import sys

import pytest

from tutor.adapters import stt, tts, weights
from tutor.errors import SettingsError
from tutor.settings import Settings

KEYS = {"openai_api_key": "sk-secret", "groq_api_key": "gsk_secret"}


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **({"openai_api_key": None, "groq_api_key": None} | values))


@pytest.mark.parametrize(
    ("values", "hears", "speaks"),
    [
        ({}, ["whisper-tiny.en"], ["piper-en_US-joe-medium"]),
        (
            KEYS,
            ["openai-gpt-transcribe", "groq-whisper-large-v3-turbo", "whisper-tiny.en"],
            ["openai-gpt-4o-mini-tts", "groq-orpheus-v1-english", "piper-en_US-joe-medium"],
        ),
        ({**KEYS, "stt": "off", "tts": "browser"}, [], []),
        ({**KEYS, "stt": "local", "tts": "local"}, ["whisper-tiny.en"], ["piper-en_US-joe-medium"]),
        (
            {**KEYS, "stt": "groq", "tts": "openai"},
            ["groq-whisper-large-v3-turbo"],
            ["openai-gpt-4o-mini-tts"],
        ),
    ],
)
def test_the_order(values, hears, speaks):
    """A site would hear or speak with another provider than its owner chose."""
    chosen = settings(**values)
    assert [one.name for one in stt.transcribers(chosen)] == hears
    assert [one.name for one in tts.speakers(chosen)] == speaks


def test_what_is_missing_is_left_out_and_told(monkeypatch):
    """Without the local packages a site would offer a microphone that never works."""
    monkeypatch.setattr(weights, "find_spec", lambda _: None)

    assert stt.transcribers(settings()) == []
    assert tts.speakers(settings()) == []
    assert "pip install faster-whisper" in stt.missing(settings())["local"]
    assert "pip install piper-tts" in tts.missing(settings())["local"]
    assert stt.missing(settings())["groq"] == "GROQ_API_KEY is not set"


@pytest.mark.parametrize("name", ["openai", "groq"])
def test_a_named_provider_needs_its_key(name):
    """A forgotten key would be noticed only when the first learner speaks."""
    with pytest.raises(SettingsError, match=f"{name.upper()}_API_KEY"):
        stt.transcribers(settings(stt=name))
    with pytest.raises(SettingsError, match=f"{name.upper()}_API_KEY"):
        tts.speakers(settings(tts=name))


def test_choosing_loads_nothing():
    """Starting the app would take seconds longer, and a missing SDK would stop it."""
    code = (
        "import sys; from tutor.adapters import stt, tts; from tutor.settings import Settings;"
        "s = Settings(_env_file=None, openai_api_key='x', groq_api_key='y');"
        "assert len(stt.transcribers(s)) == len(tts.speakers(s)) == 3;"
        "print(sorted({'openai', 'groq', 'av', 'onnxruntime', 'faster_whisper', 'piper'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
