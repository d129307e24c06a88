"""Asking by sound over the API."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import Site, serve
from tests.web.test_api import refused, stream
from tutor.adapters.wav import encode
from tutor.domain.audio import Audio
from tutor.settings import Settings

SPEECH = Path(__file__).resolve().parents[1] / "data" / "speech"
WAV = {"content-type": "audio/wav"}
Begin = Callable[[httpx.Client], str]


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the local Whisper."""
    folder = tmp_path_factory.mktemp("hearing")
    yield from serve(Settings(_env_file=None, data_dir=folder, stt="local", tts="off", max_audio_seconds=10))


@pytest.mark.models
def test_a_recorded_question_is_answered(hearing: Site, begin: Begin) -> None:
    """A program could not ask by voice."""
    client = hearing.learner()
    url = f"/api/v1/conversations/{begin(client)}"
    sound = (SPEECH / "while_loop.wav").read_bytes()
    events = stream(client.post(f"{url}/recordings?cell_id=cell-4", content=sound, headers=WAV))
    heard, said = events[0], events[-1]
    assert "while loop" in str(heard["text"]).lower()
    assert int(str(heard["ms"])) > 0
    assert said["event"] == "said"
    messages = client.get(f"{url}/messages").json()
    assert [message["text"] for message in messages] == [heard["text"], said["text"]]


@pytest.mark.models
def test_silence_is_said(hearing: Site, begin: Begin) -> None:
    """A muted microphone would be answered with something that nobody asked."""
    client = hearing.learner()
    silence = encode(Audio(pcm=bytes(2 * 16_000), sample_rate=16_000))
    url = f"/api/v1/conversations/{begin(client)}"
    refused(client.post(f"{url}/recordings", content=silence, headers=WAV), 422, "nothing_heard")
    assert client.get(f"{url}/messages").json() == []


@pytest.mark.models
def test_a_long_recording_is_refused(hearing: Site, begin: Begin) -> None:
    """One learner would occupy the transcriber for everybody."""
    client = hearing.learner()
    long = encode(Audio(pcm=bytes(2 * 8000 * 11), sample_rate=8000))
    answer = client.post(f"/api/v1/conversations/{begin(client)}/recordings", content=long, headers=WAV)
    assert "10 seconds" in refused(answer, 413, "audio_too_long")


GOOD = (SPEECH / "list.wav").read_bytes()


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        b"RIFF",
        b"hello, this is text",
        bytes(1000),
        GOOD[:30],
        GOOD[44:],
        b"RIFF" + b"\xff" * 40,
        b"\x7fELF" * 99,
    ],
    ids=["empty", "cut", "text", "zeros", "header", "no header", "garbage", "program"],
)
def test_what_is_no_sound_is_refused(site: Site, begin: Begin, sound: bytes) -> None:
    """A broken upload would be a server error, or reach a decoder that trusts it."""
    client = site.learner()
    answer = client.post(f"/api/v1/conversations/{begin(client)}/recordings", content=sound, headers=WAV)
    refused(answer, 422, "audio_unreadable")


def test_a_site_without_ears_says_so(site: Site, begin: Begin) -> None:
    """A program would wait for words that nobody will hear."""
    client = site.learner()
    answer = client.post(f"/api/v1/conversations/{begin(client)}/recordings", content=GOOD, headers=WAV)
    assert "type" in refused(answer, 422, "nothing_heard")


@pytest.mark.parametrize(
    "query", ["spoken=true", "hint_level=9", "code=" + "x" * 20_001, "cell_id=" + "x" * 81]
)
def test_what_only_the_server_knows_is_refused(site: Site, begin: Begin, query: str) -> None:
    """A client could release an exercise's hints, or make the server speak, in the address of a recording."""
    client = site.learner()
    url = f"/api/v1/conversations/{begin(client)}/recordings?{query}"
    refused(client.post(url, content=GOOD, headers=WAV), 422, "invalid_input")


def test_one_recording_too_many_is_asked_to_come_back(site: Site, begin: Begin) -> None:
    """Recordings that come in at once would fill the memory, 26 MB each, until the process is killed."""
    client = site.learner()
    path = f"/api/v1/conversations/{begin(client)}/recordings"
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\ncontent-length: 9\r\n\r\nslow"
    with ExitStack() as open_ones:
        for _ in range(20):  # more than may, for one of ours may stand in the way of the last
            slow = open_ones.enter_context(socket.create_connection(("127.0.0.1", client.base_url.port or 0)))
            slow.sendall(head.encode())
        while (answer := client.post(path, content=b"no sound")).status_code == 422:
            pass  # until all of them have arrived
        refused(answer, 503, "busy")
        assert int(answer.headers["retry-after"]) >= 1
    while (answer := client.post(path, content=b"no sound")).status_code == 503:
        pass  # until the server has noticed that they left
    refused(answer, 422, "audio_unreadable")
