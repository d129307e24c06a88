"""OpenAI's and Groq's voices against a real server on this machine."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr

from tests.servers.audio_wire import AudioWire, Fault, audio_wire
from tutor.adapters.tts.groq import GroqSpeaker
from tutor.adapters.tts.openai import OpenAISpeaker
from tutor.errors import AnswerUnusable, ProviderTimeout, RateLimited

KEY = SecretStr("gsk_secret")
Speakers = dict[str, OpenAISpeaker | GroqSpeaker]


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
async def speakers(wire: AudioWire) -> AsyncIterator[Speakers]:
    made: Speakers = {
        "openai": OpenAISpeaker(KEY, base_url=f"{wire.url}/v1", timeout=0.5),
        "groq": GroqSpeaker(KEY, base_url=f"{wire.url}/openai/v1", timeout=0.5),
    }
    yield made
    for speaker in made.values():
        await speaker.aclose()


@pytest.mark.parametrize("name", ["openai", "groq"])
async def test_a_sentence_becomes_sound(wire, speakers, name):
    """The sound would be asked for in a format that is then played at the wrong speed."""
    audio = await speakers[name].speak("Well done.")

    assert audio.sample_rate == 24_000
    assert audio.seconds == pytest.approx(0.1)
    assert wire.requests[0].fields["input"] == ["Well done."]


async def test_a_long_sentence_is_said_in_pieces(wire, speakers):
    """Groq refuses more than 200 characters, so a long sentence would stay silent."""
    audio = await speakers["groq"].speak("one two three " * 30)

    said = [request.fields["input"][0] for request in wire.requests]
    assert len(said) == 3
    assert max(map(len, said)) <= 200
    assert audio.seconds == pytest.approx(0.3)


async def test_brackets_are_no_stage_directions(wire, speakers):
    """Orpheus would whisper, or laugh, where an answer speaks of a list."""
    await speakers["groq"].speak("The list [whisper] holds <laugh> it.")

    assert not set("[]<>") & set(wire.requests[0].fields["input"][0])


@pytest.mark.parametrize("name", ["openai", "groq"])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(raw=b""), AnswerUnusable),
        (Fault(raw=b'{"error": "no sound"}'), AnswerUnusable),
        (Fault(delay=0.9), ProviderTimeout),
    ],
    ids=["empty", "json", "slow"],
)
async def test_an_answer_without_sound(wire, speakers, name, fault, expected):
    """Bytes that are no sound would be played to the learner as noise."""
    wire.fault = fault

    with pytest.raises(expected):
        await speakers[name].speak("Well done.")


async def test_the_wait_is_passed_on(wire, speakers):
    """The voice would be asked again before its limit is over."""
    wire.fault = Fault(status=429, headers={"retry-after": "7"})

    with pytest.raises(RateLimited) as caught:
        await speakers["groq"].speak("Well done.")

    assert caught.value.retry_after == 7
