"""Code in an answer is shown when it is whole, and prose at once."""

import pytest

from tutor.domain.code_watch import CodeWatch

ANSWER = "Look at `x`.\n\n```python\nx = 1\n```\nand\n~~~\ny = 2\n~~~\nDone?"


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_all_of_it_comes_out(size: int) -> None:
    """A piece of the answer would be lost where a block begins or ends."""
    watch = CodeWatch(lambda _: False)
    pieces = [watch.feed(ANSWER[i : i + size]) for i in range(0, len(ANSWER), size)]
    assert "".join(pieces) + watch.flush() == ANSWER


@pytest.mark.parametrize("size", [1, 3, 100])
def test_nothing_of_a_held_block_comes_out(size: int) -> None:
    """The first lines of a solution would be read before it is recognised."""
    watch = CodeWatch(lambda code: "y = 2" in code)
    out = "".join(watch.feed(ANSWER[i : i + size]) for i in range(0, len(ANSWER), size)) + watch.flush()
    assert watch.leaked == "solution"
    assert "x = 1" in out
    assert "y =" not in out


def test_blocks_are_looked_at_together() -> None:
    """A solution in two blocks would pass, half by half."""
    asked: list[str] = []
    watch = CodeWatch(lambda code: bool(asked.append(code)))
    watch.feed("```\na\n```\n```\nb\n```\n")
    assert asked == ["a\n", "b\n", "a\n\nb\n"]


def test_a_block_without_an_end_is_looked_at() -> None:
    """An answer that was cut short would show its solution."""
    watch = CodeWatch(lambda code: "x" in code)
    assert watch.feed("Hm.\n```python\nx = 1") == "Hm.\n"
    assert watch.flush() == ""
    assert watch.leaked


def test_prose_does_not_wait() -> None:
    """Every answer would come in one lump."""
    watch = CodeWatch(lambda _: True)
    assert [watch.feed(word) for word in ("Your ", "loop\n", "ends `x`", ".")] == [
        "Your ",
        "loop\n",
        "ends `x`",
        ".",
    ]
