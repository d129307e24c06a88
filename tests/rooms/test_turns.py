"""When a pause ends a learner's turn in a room."""

import pytest

from tutor.rooms.turns import endpointing


@pytest.mark.parametrize(
    ("text", "sure", "unsure"),
    [
        ("Why does my while loop never end?", 0.2, 0.7),
        ("I do not understand this loop.", 0.2, 1.6),
        ("I wanted to ask about the", 3.0, 3.0),
        (None, 3.0, 3.0),
    ],
)
def test_the_words_before_a_pause_tell_how_long_it_may_be(
    text: str | None, sure: float, unsure: float
) -> None:
    """A clear question would wait for seconds, and one that breaks off be answered before its end."""
    options = endpointing(text)
    assert (options["min_delay"], options["max_delay"]) == (sure, unsure)
