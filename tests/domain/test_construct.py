"""Python's words in questions and code."""

import pytest

from tutor.domain.construct import in_code, in_markdown, in_question


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Why does my while loop never end?", {"while"}),
        ("what does += do", {"+="}),
        ("what does plus equals do", {"+="}),
        ("difference between = and ==", {"=", "=="}),
        ("how do I use for loops", {"for"}),
        ("this is for you, and not for me", set()),
        ("what is `in` for", {"in"}),
        ("what does my_dict.get() do", {"get"}),
        ("when do I use get instead of brackets", {"get"}),
        ("append or extend?", {"append", "extend"}),
        ("whats the not thing for", {"not"}),
        ("what does not do", {"not"}),
        ("what is the dog for", set()),
        ("what is an f string", {"f-string"}),
        ("what does double slash mean", {"//"}),
        ("", set()),
    ],
)
def test_constructs_of_a_question(text: str, found: set[str]) -> None:
    """English words taken for keywords, or keywords missed, point a search at the wrong passages."""
    assert in_question(text) == found


def test_constructs_of_code_leave_texts_out() -> None:
    """A printed sentence with `while` in it is not a loop."""
    found = in_code('print("while for def")  # return\ntotal += f"{x}"[0]')
    assert found == {"print", "+=", "f-string"}


def test_broken_code_is_read_too() -> None:
    """Learners ask about code that does not parse."""
    assert in_code("for i in range(3\n  pritn(i) ==") >= {"for", "in", "range", "=="}


def test_markdown_counts_only_its_code() -> None:
    """Prose is full of `for` and `in` as English words."""
    assert in_markdown("This is for you: `while x:`\n\n```python\nbreak\n```") == {"while", "break"}
