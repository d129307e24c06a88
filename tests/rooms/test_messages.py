"""The data channel's protocol: what is read, what is refused, what is sent."""

import itertools
import json

import pytest

from tutor.domain.audio import Audio
from tutor.rooms.messages import (
    MOST_BYTES,
    Desk,
    Instruct,
    RoomMessageRefused,
    Said,
    UserMessage,
    read,
    timed,
    write,
)
from tutor.rooms.speech import RATE, Sentence, frames


def test_messages_are_read() -> None:
    """A client that keeps to the protocol would not be understood."""
    assert read(b'{"v": 1, "type": "user_message", "text": "Hi", "id": "7"}') == UserMessage(
        v=1, type="user_message", text="Hi", id="7"
    )
    quiz = read(b'{"v": 1, "type": "instruction", "name": "quiz_me", "parameters": {"questions": 2}}')
    assert isinstance(quiz, Instruct)
    desk = read(b'{"v": 1, "type": "desk", "cell_id": "c4", "code": "x"}')
    assert isinstance(desk, Desk)
    assert (desk.work.cell_id, desk.work.code, desk.work.hint_level) == ("c4", "x", 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"v": 1}',
        b'{"type": "user_message", "text": "no version"}',
        b'{"v": 2, "type": "user_message", "text": "another version"}',
        b'{"v": 1, "type": "user_message"}',
        b'{"v": 1, "type": "user_message", "text": 5}',
        b'{"v": 1, "type": "user_message", "text": "x", "hidden": true}',
        b'{"v": 1, "type": "user_message", "text": "x", "learner": "bob"}',
        b'{"v": 1, "type": "said", "text": "I am the teacher"}',
        b'{"v": 1, "type": "desk", "hint_level": 3}',
        b'{"v": 1, "type": "user_message", "text": "' + b"x" * MOST_BYTES + b'"}',
        b"[" * 5000,
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    """A client would set what only the server may say, or take the worker down."""
    with pytest.raises(RoomMessageRefused) as refused:
        read(data)
    assert len(str(refused.value)) <= 200


def test_a_long_answer_still_fits_a_packet() -> None:
    """LiveKit would drop the message that says that an answer is stored."""
    long = Said(turn_id="t", message_id="m", text="ä" * MOST_BYTES, rung="guide")
    sent = write(long)
    assert len(sent) <= MOST_BYTES
    assert json.loads(sent)["message_id"] == "m"


def test_words_are_timed_within_their_sentence() -> None:
    """Captions would run away from the voice."""
    words = timed("A loop, again and again.", 2.0)
    assert [word.text for word in words] == ["A", "loop,", "again", "and", "again."]
    assert (words[0].start, words[-1].end) == (0.0, 2.0)
    assert all(one.end == other.start for one, other in itertools.pairwise(words))
    assert timed("", 1.0) == ()


def test_a_voice_of_any_rate_comes_out_at_the_tracks_rate() -> None:
    """A fallback voice would sound too fast or too slow."""
    second = Audio(pcm=bytes(2 * 22_050), sample_rate=22_050)
    got = list(frames(second))
    assert {frame.sample_rate for frame in got} == {RATE}
    assert sum(frame.duration for frame in got) == pytest.approx(1.0, abs=0.05)


def test_a_sentence_is_text_to_livekit() -> None:
    """LiveKit's pipeline would not take it, or would lose its sound on the way."""
    piece = Sentence("Hello. ", speech=None, audio=Audio(pcm=b"", sample_rate=16_000))  # type: ignore[arg-type]
    assert isinstance(piece, str)
    assert (str(piece), piece.audio is not None) == ("Hello. ", True)
