"""What a message wants."""

import pytest

from tutor.domain import instruction
from tutor.domain.intent import Intent, hidden_intent, intent_of, leans_back


@pytest.mark.parametrize(
    ("text", "intent", "back"),
    [
        ("Why does my while loop never end?", Intent.ASK, False),
        ("why?", Intent.MORE, True),
        ("can you show an example?", Intent.EXAMPLE, True),
        ("show me an example of a while loop", Intent.EXAMPLE, False),
        ("I don't understand", Intent.SIMPLER, True),
        ("I don't understand while loops", Intent.ASK, False),
        ("say it more simply", Intent.SIMPLER, True),
        ("give me the solution", Intent.SOLUTION, True),
        ("please just write the maze for me", Intent.SOLUTION, False),
        ("i give up", Intent.SOLUTION, True),
        ("too slow? but it gives the right answer", Intent.ASK, False),
        ("can you write an example for me", Intent.EXAMPLE, False),
        ("my solution does not work", Intent.TROUBLE, True),
        ("give me a hint", Intent.HINT, True),
        ("what is wrong here?", Intent.TROUBLE, True),
        ("my code does not work", Intent.TROUBLE, True),
        ("why does my code never end", Intent.TROUBLE, False),
        ("what does this cell do?", Intent.THIS_CELL, True),
        ("what is this chapter about?", Intent.OVERVIEW, False),
        ("quiz me", Intent.QUIZ, True),
        ("thanks, that helps!", Intent.THANKS, False),
        ("great, got it", Intent.THANKS, False),
        ("great, but how do I stop it?", Intent.ASK, False),
        ("hello!", Intent.GREETING, True),
        ("", Intent.ASK, True),
    ],
)
def test_wish_behind_a_message(text: str, intent: Intent, back: bool) -> None:
    """A wish that is not understood gets an answer to another one."""
    assert intent_of(text) is intent
    if intent not in (Intent.THANKS, Intent.OVERVIEW):
        assert leans_back(intent, text) is back


def test_a_long_paste_is_trouble() -> None:
    """A pasted program may hold any word, `solution` too; it is there because something is wrong."""
    assert intent_of("solution = 1\n" * 100) is Intent.TROUBLE


@pytest.mark.parametrize("name", sorted(instruction._WORDS))
def test_every_hidden_instruction_has_its_answer(name: str) -> None:
    """A new instruction that nobody told the guide of would greet the learner in place of doing it."""
    intent = hidden_intent(f"[{name}] The page asks for this.")
    assert (intent is Intent.OPEN_CHAPTER) == (name == "open_chapter")
