"""Where an answer ends that was talked over."""

import pytest

from tutor.domain.playback import Playback, up_to
from tutor.domain.speech import SentenceCutter
from tutor.domain.turn import Delta, Restarted, Spoken


def played(markdown: str, *, letters_a_second: float = 10.0) -> Playback:
    """The whole answer, with a voice that says every letter equally fast."""
    playback, cutter = Playback(), SentenceCutter(hurry=False)
    playback.follow(Delta(text=markdown))
    for sentence in [*cutter.feed(markdown), *cutter.flush()]:
        seconds = len(sentence.text) / letters_a_second
        playback.follow(Spoken(text=sentence.text, seconds=seconds, end=sentence.end))
    return playback


CODE = "Change the number. Look:\n\n```python\nn = n + 1\n```\n\nNow it **really does** end. Try it.\n"


@pytest.mark.parametrize(
    ("markdown", "seconds", "kept"),
    [
        ("A loop goes on. It ends late.", 0.0, ""),
        ("A loop goes on. It ends late.", 0.05, "A"),
        ("A loop goes on. It ends late.", 0.5, "A loop"),
        ("A loop goes on. It ends late.", 1.5, "A loop goes on."),
        ("A loop goes on. It ends late.", 2.0, "A loop goes on. It ends"),
        ("A loop goes on. It ends late.", 99.0, "A loop goes on. It ends late."),
        ("Write `i += 1` in it.", 1.0, "Write `i += 1`"),
        ("Write `i += 1` in it.", 0.4, "Write"),
        (
            "See [the docs](https://docs.python.org/a/b/c/d/e) for it.",
            1.0,
            "See [the docs](https://docs.python.org/a/b/c/d/e)",
        ),
        (CODE, 1.0, "Change the"),
        (CODE, 2.25, "Change the number. Look:"),
        (CODE, 3.0, CODE.partition("\n\nNow")[0]),
        (CODE, 5.2, CODE.partition("\n\nNow")[0] + "\n\nNow"),
        (CODE, 6.0, CODE.partition(" end")[0]),
        ("- One thing.\n- Another thing.", 1.5, "- One thing.\n- Another"),
        ("| a | b |\n|---|---|\n| c | d |\n", 0.7, "| a | b |\n|---|---|\n| c"),
        ("```\nx = 1\n```", 1.0, "```\nx = 1\n```"),
        ("```\nx = 1\n", 1.0, "```\nx = 1"),
        ("", 5.0, ""),
    ],
)
def test_an_answer_ends_at_the_word_that_was_heard_last(markdown: str, seconds: float, kept: str) -> None:
    """The teacher would believe to have said what nobody heard, or lose what was said."""
    assert played(markdown).cut(seconds) == kept


def test_what_is_kept_is_always_a_beginning_and_grows() -> None:
    """A later cut would keep less, or other words than the learner saw."""
    playback = played(CODE)
    kept = [playback.cut(tenth / 10) for tenth in range(0, 100)]
    assert all(CODE.startswith(text) for text in kept)
    assert [len(text) for text in kept] == sorted(len(text) for text in kept)
    assert kept[-1] == CODE.strip()


def test_a_beginning_that_was_taken_back_is_forgotten() -> None:
    """Words of a model that broke would be stored as those of the one that answered."""
    playback = played("Wrong words here.")
    playback.follow(Restarted(rung="second"))
    playback.follow(Delta(text="Right words."))
    playback.follow(Spoken(text="Right words.", seconds=1.0, end=12))
    assert playback.cut(0.1) == "Right"
    assert playback.seconds == 1.0


def test_a_sentence_that_is_not_shown_yet_is_no_error() -> None:
    """A sentence that comes late, after its text was taken back, would break the conversation."""
    playback = Playback()
    playback.follow(Delta(text="Short."))
    playback.follow(Spoken(text="Something much longer.", seconds=2.0, end=400))
    assert playback.cut(5.0) == "Short."


@pytest.mark.parametrize(
    ("characters", "kept"),
    [
        (0, ""),
        (1, "A"),
        (4, "A loop"),
        (6, "A loop"),
        (8, "A loop repeats"),
        (10_000, "A loop repeats `for i in xs` code."),
        (18, "A loop repeats `for i in xs`"),
    ],
)
def test_up_to_the_word_that_was_heard(characters: int, kept: str) -> None:
    """A stopped answer would be stored with half a word, or with words that nobody heard."""
    assert up_to("A loop repeats `for i in xs` code.", characters) == kept
