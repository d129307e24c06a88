"""Commands: told from questions by their wording alone."""

import json
from pathlib import Path

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.domain.command import Command, command
from tutor.domain.command_reply import commanded

_ROOT = Path(__file__).resolve().parents[2]
_COURSE = FolderCourses(_ROOT / "courses").course("python-basics")
_WORDINGS = {
    Command.STOP: (
        "stop",
        "Stop!",
        "STOP.",
        "Please stop.",
        "ok stop now",
        "stop talking please",
        "wait",
        "Hold on.",
        "be quiet",
        "that's enough, thanks",
        "never mind",
        "Stop, stop!",
        "Can you stop?",
        "stop it",
    ),
    Command.REPEAT: (
        "repeat",
        "Repeat that, please.",
        "say that again",
        "Can you say that again?",
        "again",
        "pardon?",
        "Once more please",
        "what did you say?",
        "Sorry, I didn't catch that.",
        "could you repeat that?",
        "I didn\u2019t hear you",
        "come again?",
        "repeat your last sentence",
    ),
    Command.SLOWER: (
        "slower",
        "slower please",
        "a bit slower",
        "speak more slowly",
        "slow down",
        "you're too fast",
        "Can you speak a little slower, please?",
        "not so fast!",
        "You talk too fast.",
    ),
    Command.FASTER: (
        "faster",
        "Faster, please.",
        "speed up",
        "a little faster",
        "you are too slow",
        "talk faster",
    ),
    Command.GO_ON: (
        "go on",
        "Go on.",
        "please continue",
        "continue",
        "carry on",
        "keep going",
        "OK, go on",
        "go ahead",
        "let's go on",
        "Can you go on?",
    ),
    Command.NEXT_CHAPTER: (
        "next chapter",
        "Next chapter, please.",
        "let's go to the next chapter",
        "go to next chapter",
        "open the next chapter",
        "can we go to the next chapter?",
        "skip this chapter",
        "next lesson",
        "I want to go to the next chapter",
        "move on to the next chapter",
    ),
    Command.PREVIOUS_CHAPTER: (
        "previous chapter",
        "go back to the previous chapter",
        "the previous chapter please",
        "go back one chapter",
        "take me back to the last chapter",
        "back to the previous lesson",
    ),
}
_QUESTIONS = (
    "stop the loop",
    "How do I stop the loop?",
    "how do I repeat a line?",
    "go on, what is range?",
    "stop!?",
    "what does continue do",
    "continue statement",
    "`continue`",
    "break",
    "stop = 3",
    "stop()",
    "repeat 5",
    "next",
    "what is in the next chapter",
    "Is recursion in the next chapter?",
    "why is my program slower",
    "make it faster",
    "my loop is too slow",
    "which one is faster",
    "faster?",
    "continue?",
    "slower than a set",
    "again the error",
    "say hello again",
    "it says pardon",
    "how can I go back one step",
    "go on a list",
    "wait for the input",
    "what did you say about slices",
    "repeat that with a for loop",
    "stop iteration",
    "never mind the indentation error",
    "what happens if I repeat the call",
    "do not stop",
    "don't repeat yourself",
    "range(start, stop)",
    "start stop step",
    "no",
    "yes",
    "",
    "   ",
    "please",
    "ok",
    "thank you",
    "thanks again",
    "Why?",
    "the last chapter",
    "previous value",
    "next item",
    "say that again with an example",
    "continue with dictionaries",
    "can you repeat the string three times?",
    "repeat the string",
    "hold the result",
    "please stop my while loop from running",
    "go to the next chapter and tell me what a dictionary is for and how I can use it for names",
)


@pytest.mark.parametrize(("wanted", "text"), [(k, text) for k, texts in _WORDINGS.items() for text in texts])
def test_a_command_is_understood(wanted: Command, text: str) -> None:
    """A learner who says stop would be taught about stopping."""
    assert command(text) is wanted


@pytest.mark.parametrize("text", _QUESTIONS)
def test_a_question_is_none(text: str) -> None:
    """A question that begins like a command would never be answered."""
    assert command(text) is None


def test_no_example_of_the_guard_is_a_command() -> None:
    """Among some thousand messages of learners, a real question would be taken for a command."""
    lines = [
        json.loads(line)["message"]
        for file in (_ROOT / "tests/data/guard").glob("o*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    taken = {text for text in lines if command(text)}
    assert {text for text in taken if len(text.split()) > 5} == set()
    assert len(taken) < len(lines) / 100, taken


@pytest.mark.parametrize(
    ("order", "chapter", "opens"),
    [
        (Command.NEXT_CHAPTER, _COURSE.chapters[0].slug, _COURSE.chapters[1].slug),
        (Command.NEXT_CHAPTER, _COURSE.chapters[-1].slug, ""),
        (Command.PREVIOUS_CHAPTER, _COURSE.chapters[1].slug, _COURSE.chapters[0].slug),
        (Command.PREVIOUS_CHAPTER, _COURSE.chapters[0].slug, ""),
        (Command.NEXT_CHAPTER, "", _COURSE.chapters[0].slug),
        (Command.SLOWER, _COURSE.chapters[0].slug, ""),
    ],
)
def test_the_chapter_to_open(order: Command, chapter: str, opens: str) -> None:
    """A learner at the end of the course would be sent nowhere, without a word."""
    told = commanded(order, _COURSE, chapter)
    assert told.chapter == opens
    assert told.text
