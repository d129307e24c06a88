"""What is said while the teacher speaks, and is no interruption."""

import pytest

from tutor.domain.backchannel import backchannel, echo


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Mm-hm.",
            "Mhm.",
            "mm hmm",
            "Hmm.",
            "Uh-huh.",
            "Uh huh",
            "Okay.",
            "OK",
            "ok, ok",
            "Yeah.",
            "Yes.",
            "Yep!",
        ),
        *(
            "Right.",
            "Sure.",
            "I see.",
            "Got it.",
            "Okay, I see.",
            "Alright.",
            "Cool.",
            "Oh.",
            "Ah, okay.",
            "Aha!",
        ),
        *(
            "Makes sense.",
            "Yeah, that makes sense.",
            "",
            " . ",
            "Thank you.",
            "You",
            "Mmm.",
            "Wow",
            "Oh, I see.",
        ),
    ],
)
def test_listening_is_not_interrupting(text: str) -> None:
    """An "mm-hm" would stop the teacher."""
    assert backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Stop.",
            "Wait.",
            "Why?",
            "No.",
            "What?",
            "Hold on.",
            "Okay, but why?",
            "Yes, and what about lists?",
        ),
        *(
            "Repeat that.",
            "Slower, please.",
            "Right, so what is a tuple?",
            "I see a problem.",
            "Next chapter.",
        ),
        *("Yeah yeah yeah yeah yeah yeah", "What is a list?"),
    ],
)
def test_a_question_or_a_command_is(text: str) -> None:
    """The teacher would talk on over a learner who says "wait"."""
    assert not backchannel(text)


SPOKEN = "A while loop repeats its block as long as the condition stays true."


@pytest.mark.parametrize(
    ("heard", "yes"),
    [
        ("repeats its block as long", True),
        ("Repeats its block, as long as.", True),
        ("while loop repeats the block as long", True),
        ("repeats", False),
        ("repeats its block?", False),
        ("block its repeats", False),
        ("What does as long as mean", False),
        ("", False),
    ],
)
def test_the_teachers_own_words_are_an_echo(heard: str, yes: bool) -> None:
    """The teacher would interrupt itself, or take a question about its words for an echo."""
    assert echo(heard, SPOKEN) is yes
