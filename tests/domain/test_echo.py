"""What a message takes up of the words before it."""

import pytest

from tutor.domain.echo import taken_up


@pytest.mark.parametrize(
    ("message", "earlier", "share"),
    [
        ("is Rome right?", 'capitals = {"Italy": "Rome", "France": "Paris"}', 0.5),
        ("the bananas are missing", 'items = ["apples", "banana"]', 0.5),
        ("what is that", "what is a loop", 0.0),
        ("リストの最後", "リストは値を並べる", 0.4),
        ("", "anything", 0.0),
    ],
)
def test_words_of_content_are_compared_without_their_endings(
    message: str, earlier: str, share: float
) -> None:
    """Small words count as taken up, or a plural does not: a question on an example seems off-topic."""
    assert taken_up(message, earlier)[1] == pytest.approx(share, abs=0.1)


def test_many_words_count_as_one_at_most() -> None:
    """A long message that repeats all of it outweighs every other signal."""
    text = "apples bananas cherries lemons oranges"
    assert taken_up(text, text) == (1.0, 1.0)
