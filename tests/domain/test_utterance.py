"""Where an utterance begins and ends. Time is told by frames of 32 ms."""

import pytest

from tutor.domain.utterance import FRAME_SECONDS, Change, Endpointer, patience

FRAME = bytes(1024)
SOME = 0.9


def run(ears: Endpointer, *steps: tuple[float, float]) -> list[tuple[Change, float]]:
    """Feed (probability, seconds) after another; what was told, with the second when."""
    told, clock = [], 0.0
    for probability, seconds in steps:
        for _ in range(round(seconds / FRAME_SECONDS)):
            clock += FRAME_SECONDS
            change = ears.feed(FRAME, probability)
            if change is not Change.NONE:
                told.append((change, round(clock, 2)))
    return told


def changes(ears: Endpointer, *steps: tuple[float, float]) -> list[Change]:
    return [change for change, _ in run(ears, *steps)]


@pytest.mark.parametrize(
    ("sounded", "text", "seconds"),
    [
        (0.9, "What is a list?", 0.2),
        (0.9, "I have a list of numbers.", 0.2),
        (0.9, "So the variable is", 3.0),
        (0.9, "I want to print the", 3.0),
        (0.9, "So the variable is, um...", 3.0),
        (0.95, "How many weeks until the savings are enough,", 0.2),
        (0.6, "How many weeks until the savings are enough,", 3.0),
        (0.1, "What is a list?", 0.7),
        (0.1, "I have a list of numbers.", 1.6),
        (None, "What is a list?", 0.7),
        (None, "And then um", 3.0),
        (0.9, None, 3.0),
        (None, None, 3.0),
        (0.9, "", 0.2),
        (0.1, "", 0.7),
    ],
)
def test_how_long_a_pause_may_be(sounded: float | None, text: str | None, seconds: float) -> None:
    """A learner who thinks would be cut off, or one who is done would wait."""
    assert patience(sounded, text) == seconds


def test_a_finished_question_ends_a_fifth_of_a_second_after_it() -> None:
    """The teacher would be slow to answer."""
    ears = Endpointer(longest=60)
    assert changes(ears, (0.0, 1.0), (SOME, 2.0), (0.0, 0.16)) == [Change.BEGAN, Change.PAUSED, Change.ASKED]
    ears.sounded(0.97)
    ears.reads("What is a list?")
    assert run(ears, (0.0, 1.0)) == [(Change.ENDED, 0.06)]


def test_a_hesitation_is_waited_for() -> None:
    """A learner who says "so the variable is, um" would be answered before the question came."""
    ears = Endpointer(longest=60)
    changes(ears, (SOME, 2.0), (0.0, 0.2))
    ears.sounded(0.02)
    ears.reads("So the variable is, um...")
    assert Change.ENDED not in changes(ears, (0.0, 2.5))
    assert changes(ears, (SOME, 0.1)) == [Change.RESUMED]


def test_nobody_is_waited_for_longer_than_three_seconds() -> None:
    """A learner who broke off would never get an answer."""
    ears = Endpointer(longest=60)
    run(ears, (SOME, 2.0))
    ended = [at for change, at in run(ears, (0.0, 4.0)) if change is Change.ENDED]
    assert ended == pytest.approx([3.0], abs=0.04)


def test_what_was_made_of_a_pause_is_void_when_the_learner_goes_on() -> None:
    """The answer would go to the first half of a question."""
    ears = Endpointer(longest=60)
    run(ears, (SOME, 1.0), (0.0, 0.2))
    ears.sounded(0.9)
    assert changes(ears, (SOME, 1.0), (0.0, 0.2)) == [Change.RESUMED, Change.PAUSED, Change.ASKED]
    ears.reads("And what is it for?")
    assert Change.ENDED not in changes(ears, (0.0, 0.2)), "the old sound counted for the new pause"


def test_it_asks_again_while_it_waits_for_an_unfinished_sentence() -> None:
    """A wrong first guess of the model would cost the whole three seconds."""
    ears = Endpointer(longest=60)
    run(ears, (SOME, 1.0), (0.0, 0.2))
    ears.sounded(0.1)
    ears.reads("I have a list of numbers.")
    assert changes(ears, (0.0, 0.4)) == [Change.ASKED, Change.ASKED]
    ears.sounded(0.9)
    assert changes(ears, (0.0, 0.1)) == [Change.ENDED]


@pytest.mark.parametrize("seconds", [0.03, 0.06, 0.09])
def test_a_click_begins_nothing(seconds: float) -> None:
    """A click of the keyboard would interrupt the teacher."""
    assert changes(Endpointer(longest=60), (0.0, 1.0), (SOME, seconds), (0.0, 2.0)) == []


def test_a_click_in_a_pause_does_not_count_as_going_on() -> None:
    """The transcript that is ready would be thrown away for a mouse click."""
    ears = Endpointer(longest=60)
    run(ears, (SOME, 1.0), (0.0, 0.2))
    assert changes(ears, (SOME, 0.03), (0.0, 0.1)) == []


def test_endless_speech_ends() -> None:
    """An hour of speech, or music, would fill the memory."""
    ears = Endpointer(longest=5)
    fed = 1
    while ears.feed(FRAME, SOME) is not Change.ENDED:
        fed += 1
    assert fed * FRAME_SECONDS == pytest.approx(5, abs=0.04)
    assert len(ears.take()) == pytest.approx(5 * 32_000, rel=0.02)
    assert ears.sound == b""


def test_an_hour_of_silence_keeps_nothing() -> None:
    """Memory would grow while nobody speaks."""
    ears = Endpointer(longest=60)
    run(ears, (0.0, 3600.0))
    assert len(ears.sound) < 20 * len(FRAME)


def test_the_beginning_of_the_first_word_is_kept() -> None:
    """Whisper would hear "ow do I" for "how do I"."""
    ears = Endpointer(longest=60)
    run(ears, (0.0, 2.0))
    for _ in range(4):
        ears.feed(b"\1" * 1024, SOME)
    assert ears.sound.count(b"\1" * 1024) == 4
    assert 14 * 1024 <= len(ears.sound) <= 15 * 1024


def test_what_is_forgotten_is_gone() -> None:
    """The teacher's own echo would be the beginning of the next question."""
    ears = Endpointer(longest=60)
    run(ears, (SOME, 1.0))
    ears.forget()
    assert not ears.speaking
    assert ears.sound == b""
    assert changes(ears, (SOME, 0.2)) == [Change.BEGAN]
