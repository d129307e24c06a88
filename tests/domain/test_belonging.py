"""Python says only that a value has no such attribute; a learner wants to know what does."""

import pytest

from tutor.domain.belonging import belongs_elsewhere
from tutor.domain.traceback import PythonError


def _told(message: str) -> str:
    found = belongs_elsewhere(PythonError(name="AttributeError", message=message, line=2))
    return found.says if found else ""


@pytest.mark.parametrize(
    ("message", "type_"),
    [
        ("'list' object has no attribute 'popleft'", "`deque`"),
        ("'str' object has no attribute 'append'", "`list` or `deque`"),
        ("'list' object has no attribute 'upper'", "`str`"),
        ("'dict' object has no attribute 'add'", "`set`"),
        ("'int' object has no attribute 'items'", "`dict`"),
    ],
)
def test_the_right_type_is_named(message: str, type_: str) -> None:
    """A learner who mixed up two types would look for a spelling mistake."""
    assert type_ in _told(message)


@pytest.mark.parametrize(
    "message",
    [
        "'list' object has no attribute 'lenght'",
        "'Account' object has no attribute 'append'",
        "'list' object has no attribute '__foo__'",
        "module 'math' has no attribute 'squareroot'",
    ],
)
def test_nothing_is_guessed(message: str) -> None:
    """A misspelled name, or a class of the learner's own, would be taken for a mixed-up type."""
    assert _told(message) == ""
