"""Whether words break off."""

import pytest

from tutor.domain.unfinished import trails_off


@pytest.mark.parametrize(
    "text",
    [
        "So the variable is",
        "So the variable is...",
        "So the variable is, um",
        "Um",
        "I want to",
        "I want to print the",
        "My loop never ends and",
        "I have a list of",
        "When I run it, I get",
        "I know that it works, but",
        "How do I",
        "What is the",
        "It is called a,",
        "It prints one, two,",
        "The first one is \u2014",
        "So, like",
        "Can you explain how the",
        "I do not understand how.",
        "Is there a way to?",
        "What is the difference between?",
        "I wanted to ask about.",
    ],
)
def test_words_that_ask_for_more(text: str) -> None:
    """A learner who looks for a word would be interrupted."""
    assert trails_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is a list?",
        "What is it for?",
        "What does it belong to?",
        "I do not know what it is.",
        "Where does the value come from?",
        "It prints three.",
        "Thank you.",
        "Stop",
        "Go on.",
        "My loop never ends.",
        "Why does it do that?",
        "But why?",
        "My for loop prints plant only once, why?",
        "Explain that.",
        "How?",
        "Is it like that?",
        "range",
    ],
)
def test_words_that_are_complete(text: str) -> None:
    """A learner would wait three seconds for an answer."""
    assert not trails_off(text)
