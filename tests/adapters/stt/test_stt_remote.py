"""OpenAI's and Groq's transcribers against a real server on this machine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from tests.servers.audio_wire import AudioWire, Fault, audio_wire
from tutor.adapters.stt.groq import GroqTranscriber
from tutor.adapters.stt.openai import OpenAITranscriber
from tutor.adapters.wav import decode
from tutor.domain.audio import Audio
from tutor.errors import (
    ModelUnknown,
    ProviderError,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

SPEECH = Path(__file__).parents[2] / "data" / "speech"
KEY = SecretStr("gsk_secret")
Transcribers = dict[str, OpenAITranscriber | GroqTranscriber]


@pytest.fixture(scope="module")
def _server() -> Iterator[AudioWire]:
    with audio_wire() as wire:
        yield wire


@pytest.fixture
def wire(_server: AudioWire) -> AudioWire:
    _server.fault = None
    _server.requests.clear()
    return _server


@pytest.fixture
def question() -> Audio:
    return decode((SPEECH / "while_loop.wav").read_bytes(), max_seconds=10)


@pytest.fixture
async def transcribers(wire: AudioWire) -> AsyncIterator[Transcribers]:
    made: Transcribers = {
        "openai": OpenAITranscriber(KEY, base_url=f"{wire.url}/v1", timeout=0.5),
        "openai-old": OpenAITranscriber(KEY, base_url=f"{wire.url}/v1", model="whisper-1", timeout=0.5),
        "groq": GroqTranscriber(KEY, base_url=wire.url, timeout=0.5),
    }
    yield made
    for transcriber in made.values():
        await transcriber.aclose()


@pytest.mark.parametrize("name", ["openai", "openai-old", "groq"])
async def test_words_come_back(wire, transcribers, question, name):
    """A question would be uploaded in a way the provider cannot read, or its words lost."""
    transcript = await transcribers[name].transcribe(question, context="enumerate, zip")

    assert transcript.text == "Why does my while loop never end?"
    assert transcript.model == transcribers[name].name
    [request] = wire.requests
    assert request.key == KEY.get_secret_value()
    assert decode(request.upload, max_seconds=10).sample_rate == 16_000


@pytest.mark.parametrize(
    ("name", "path", "fields"),
    [
        (
            "openai",
            "/v1/audio/transcriptions",
            {"model": ["gpt-transcribe"], "languages[]": ["en"], "keywords[]": ["enumerate", "zip"]},
        ),
        (
            "openai-old",
            "/v1/audio/transcriptions",
            {"model": ["whisper-1"], "language": ["en"], "prompt": ["enumerate, zip"]},
        ),
        (
            "groq",
            "/openai/v1/audio/transcriptions",
            {"model": ["whisper-large-v3-turbo"], "language": ["en"], "prompt": ["enumerate, zip"]},
        ),
    ],
)
async def test_context_is_sent_the_model_s_way(wire, transcribers, question, name, path, fields):
    """The chapter's identifiers would not help the model, or make it refuse the request."""
    await transcribers[name].transcribe(question, context="enumerate, zip")

    [request] = wire.requests
    assert request.path == path
    assert {key: request.fields.get(key) for key in fields} == fields


@pytest.mark.parametrize("name", ["openai", "groq"])
async def test_silence_is_not_sent(wire, transcribers, name):
    """Silence would cost money and come back as "Thank you."."""
    silence = Audio(pcm=np.zeros(48_000, dtype="<i2").tobytes(), sample_rate=48_000)

    assert (await transcribers[name].transcribe(silence)).text == ""
    assert wire.requests == []


@pytest.mark.parametrize("name", ["openai", "groq"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(status=401), ProviderRefusedKey),
        (Fault(status=403), ProviderRefusedKey),
        (Fault(status=404), ModelUnknown),
        (Fault(status=400), RequestRefused),
        (Fault(status=400, body={"error": {"code": "model_decommissioned"}}), ModelUnknown),
        (Fault(status=400, body={"error": {"code": "model_terms_required"}}), ProviderRefusedKey),
        (Fault(status=413), RequestRefused),
        (Fault(status=422), RequestRefused),
        (Fault(status=429), RateLimited),
        (Fault(status=500), ProviderUnreachable),
        (Fault(status=503, raw=b"<html>bad gateway</html>"), ProviderUnreachable),
        (Fault(status=302, headers={"location": "https://elsewhere.example/"}), ProviderError),
        (Fault(delay=0.9), ProviderTimeout),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Fault) else None,
)
async def test_faults_become_our_errors(wire, transcribers, question, name, fault, expected):
    """A provider's fault would show the SDK's error to the learner, or the key in the log."""
    wire.fault = fault

    with pytest.raises(expected) as caught:
        await transcribers[name].transcribe(question)

    assert "secret" not in str(caught.value)
    assert "hello" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert len(wire.requests) == 1, "the SDK must not try again by itself"


async def test_nobody_answers(question):
    """A provider that is down would raise the HTTP client's own error."""
    deaf = GroqTranscriber(KEY, base_url="http://127.0.0.1:9", timeout=0.5)
    with pytest.raises(ProviderUnreachable):
        await deaf.transcribe(question)
    await deaf.aclose()


async def test_a_key_that_no_header_can_hold(wire, question):
    """A key that was pasted with a stray character would end in a traceback that quotes it."""
    broken = OpenAITranscriber(SecretStr("sk-…"), base_url=f"{wire.url}/v1")
    with pytest.raises(ProviderRefusedKey):
        await broken.transcribe(question)
    await broken.aclose()
