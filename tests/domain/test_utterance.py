"""Where an utterance begins and ends."""

from tutor.domain.utterance import FRAME_SECONDS, Change, Endpointer

FRAME = 1024
"""Bytes of 512 samples."""


def _frame(number: int) -> bytes:
    return number.to_bytes(2, "little") * (FRAME // 2)


class Stream:
    """Frames that carry their number, so that what was taken can be told."""

    def __init__(self, longest: float = 60) -> None:
        self.endpointer = Endpointer(longest=longest)
        self.number = 0
        self.taken: list[list[int]] = []
        """Numbers of the frames of every utterance."""
        self.changes: list[tuple[int, Change]] = []

    def send(self, frames: int, *, speech: bool) -> None:
        for _ in range(frames):
            change = self.endpointer.feed(_frame(self.number), 0.9 if speech else 0.1)
            if change is not Change.NONE:
                self.changes.append((self.number, change))
            if change is Change.ENDED:
                sound = self.endpointer.take()
                starts = range(0, len(sound), FRAME)
                self.taken.append([int.from_bytes(sound[at : at + 2], "little") for at in starts])
            self.number += 1


def test_a_sentence_is_taken_whole() -> None:
    """The first consonant or the last word of a question would be missing."""
    stream = Stream()
    stream.send(50, speech=False)
    stream.send(40, speech=True)
    stream.send(30, speech=False)
    assert stream.changes == [(53, Change.BEGAN), (111, Change.ENDED)]
    assert stream.taken == [list(range(39, 112))], "0.3 s before the first speech, to the end of the pause"


def test_silence_is_not_kept() -> None:
    """An open microphone in a quiet room would fill the memory."""
    stream = Stream()
    stream.send(20_000, speech=False)
    assert not stream.changes
    assert len(stream.endpointer.take()) <= 14 * FRAME


def test_a_click_is_not_speech() -> None:
    """A cough or a key would interrupt the teacher."""
    stream = Stream()
    for _ in range(50):
        stream.send(3, speech=True)
        stream.send(1, speech=False)
    assert not stream.changes


def test_a_thinking_pause_does_not_end_it() -> None:
    """A beginner who stops to think would be cut off in the middle of the question."""
    stream = Stream()
    stream.send(10, speech=True)
    stream.send(21, speech=False)
    stream.send(5, speech=True)
    stream.send(21, speech=False)
    assert [change for _, change in stream.changes] == [Change.BEGAN]
    stream.send(1, speech=False)
    assert stream.changes[-1] == (57, Change.ENDED)


def test_the_longest_is_kept() -> None:
    """Somebody who never pauses would never be answered, and the recording would grow without end."""
    longest = 5.0
    stream = Stream(longest=longest)
    stream.send(1000, speech=True)
    first = stream.changes[:2]
    assert [change for _, change in first] == [Change.BEGAN, Change.ENDED]
    assert first[1][0] * FRAME_SECONDS <= longest
    assert all(change in (Change.BEGAN, Change.ENDED) for _, change in stream.changes)


def test_the_next_one_begins_empty() -> None:
    """A second question would repeat the first."""
    stream = Stream()
    stream.send(20, speech=True)
    stream.send(22, speech=False)
    stream.send(20, speech=True)
    stream.send(22, speech=False)
    assert [(frames[0], frames[-1]) for frames in stream.taken] == [(0, 41), (42, 83)]
