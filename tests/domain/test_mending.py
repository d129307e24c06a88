"""Slips of transcribers: what is mended, and what is left alone."""

import pytest

from tutor.domain.mending import mended
from tutor.domain.sounds import alike, key

_NAMES = ("greet", "user_name", "fruits", "price", "temperatures")


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("What is a four loop?", "What is a for loop?"),
        ("What is a wild loop?", "What is a while loop?"),
        ("Why does my wow-loop never end?", "Why does my while loop never end?"),
        ("The walloop ends.", "The while loop ends."),
        ("Is a faloop faster?", "Is a for loop faster?"),
        ("What is a less comprehension?", "What is a list comprehension?"),
        ("I get an inventation error.", "I get an indentation error."),
        ("What is pie thon?", "What is Python?"),
        ("What does deaf greet do?", "What does def greet do?"),
        ("What does deaf mean?", "What does def mean?"),
        ("prince hello word", "print hello world"),
        ("What does for I and range 5 do?", "What does for I in range 5 do?"),
        ("What does L if mean?", "What does elif mean?"),
        ("What does past do in Python?", "What does pass do in Python?"),
        ("What does try and accept do?", "What does try and except do?"),
        ("What is a billion?", "What is a boolean?"),
        ("What is a doc string?", "What is a docstring?"),
        ("I get an indentation error online four.", "I get an indentation error on line four."),
        ("How do I append an element to at least?", "How do I append an element to a list?"),
        ("Does a pen change the list?", "Does append change the list?"),
        ("Why does my function return 9?", "Why does my function return none?"),
        ("What does the Majulo operator do?", "What does the modulo operator do?"),
        ("How do I use a numerator for loops?", "How do I use enumerate for loops?"),
        ("How do I open a CSD file?", "How do I open a CSV file?"),
        ("What is fibonachi?", "What is fibonacci?"),
        ("What does the fruitz list hold?", "What does the fruits list hold?"),
        ("What is a nasty dictionary?", "What is a nested dictionary?"),
        ("What is an tuple and a iteration?", "What is a tuple and an iteration?"),
    ],
)
def test_a_slip_is_mended(heard: str, said: str) -> None:
    """The teacher would answer what the learner never asked, or decline it as off-topic."""
    assert mended(heard, names=_NAMES) == said


@pytest.mark.parametrize(
    "text",
    [
        "I have four loops of rope and a wild idea.",
        "The deaf man cannot hear the program.",
        "Print at least three numbers.",
        "A pen costs one euro.",
        "How do I buy things online?",
        "There are a billion people.",
        "What is the numerator of a fraction?",
        "I accept the terms.",
        "In the past it worked.",
        "The assignment passes the class as an argument of Scunthorpe.",
        "How do I analyse a document about cocoa and grapes?",
        "for i in range(5): print(i)",
        "the price of the prize",
        "Why do I press enter to double the table?",
        "an f string and a unit test in an hour",
        "",
    ],
)
def test_what_was_said_is_left_alone(text: str) -> None:
    """A learner would read words that they never said."""
    assert mended(text, names=_NAMES, known=("prize", "print")) == text


def test_a_known_word_is_never_taken_for_a_name() -> None:
    """A word of the lesson would turn into a name that sounds like it."""
    assert mended("Is the fruitz ripe?", names=_NAMES) == "Is the fruits ripe?"
    assert mended("Is the fruitz ripe?", names=_NAMES, known=("fruitz",)) == "Is the fruitz ripe?"


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("Look up a number in the phone, dick, shall I read?", "Look up a number in the phone, dictionary?"),
        ("What does shit return?", "What does set return?"),
        ("Bitch the files", "Batch the files"),
        ("My bastard loop", "My loop"),
        ("The ass keyword", "The as keyword"),
    ],
)
def test_no_slip_is_rude(heard: str, said: str) -> None:
    """A learner, maybe a child, would read a rude word as their own."""
    assert mended(heard) == said


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("fibonachi", "fibonacci", True),
        ("tupple", "tuple", True),
        ("fruitz", "fruits", True),
        ("prise", "price", True),
        ("press", "price", False),
        ("table", "tuple", False),
        ("lantern", "letter", False),
        ("account", "count", False),
        ("on", "in", False),
    ],
)
def test_words_that_sound_alike(one: str, other: str, same: bool) -> None:
    """Mending would put in what was never said, or miss what was."""
    assert alike(one, other) is same


def test_a_key_is_made_of_consonants() -> None:
    """Two spellings of a sound would not meet."""
    assert (key("write"), key("phone"), key("cycle"), key("iteration")) == ("rt", "fn", "skl", "AtrXn")
