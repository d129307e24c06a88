"""Cutting chapters, and saying their text to a learner."""

import pytest

from tutor.domain.course import Chapter, Check, Code, Exercise, Misconception, Prose, Question
from tutor.domain.passage import Kind, Passage, passages
from tutor.domain.quoting import brief_text, mended, pieces, probe_question, quoted

WITH_CODE = "It repeats:\n\n```python\n# no heading\nx = 1\n\ny = 2\n```"
CHAPTER = Chapter(
    slug="loops",
    number=3,
    title="Loops",
    summary="Repeat.",
    minutes=30,
    cells=(
        Prose(id="cell-1", number=1, markdown=f"Before all headings.\n\n## While\n\n{WITH_CODE}\n\nAfter."),
        Code(id="run", number=2, source="print(1)\n"),
        Prose(
            id="cell-3",
            number=3,
            markdown="![A chart.](figures/a.svg)\n\n## What you know now\n\n- One.\n- Two.",
        ),
        Exercise(
            id="try",
            number=4,
            title="Try it",
            task="Do it.",
            starter="x",
            checks=(Check(source="assert x"),),
            hints=("HINT",),
            solution="SOLUTION",
        ),
    ),
    misconceptions=(Misconception(belief="B.", probe="P", help="H"),),
    questions=(Question(id="why", question="Why?", answer="Because."),),
)


def test_every_part_becomes_a_passage() -> None:
    """A part that is no passage can never be found."""
    found = [(one.kind, one.id, one.heading) for one in passages(CHAPTER)]
    assert found == [
        (Kind.PROSE, "cell-1", ""),
        (Kind.PROSE, "cell-1", "While"),
        (Kind.CODE, "run", "While"),
        (Kind.RECAP, "cell-3", "What you know now"),
        (Kind.TASK, "try", "Try it"),
        (Kind.QUESTION, "why", ""),
        (Kind.MISCONCEPTION, "misconception-1", ""),
    ]


def test_code_stays_with_its_sentence() -> None:
    """Half a code block, or a comment taken for a heading, is nonsense when quoted."""
    text = passages(CHAPTER)[1].text
    assert text.startswith(WITH_CODE)


def test_hints_and_solutions_are_no_passages() -> None:
    """What is a passage gets quoted."""
    whole = repr(passages(CHAPTER))
    assert "SOLUTION" not in whole
    assert "HINT" not in whole


def test_empty_chapter_has_no_passages() -> None:
    """A chapter that is being written must not break the course."""
    assert passages(CHAPTER.model_copy(update={"cells": (), "misconceptions": (), "questions": ()})) == ()


def mixup(probe: str, told: str, belief: str = "It is so.") -> Passage:
    return Passage(
        Kind.MISCONCEPTION, "misconception-1", "loops", "Loops", "", 0, "", told, belief, probe=probe
    )


@pytest.mark.parametrize(
    ("probe", "asked"),
    [
        (
            'Ask: "Which line changes the variable?" If the learner cannot say, this is it.',
            "Which line changes the variable?",
        ),
        (
            "Ask what `x` is after `x = f(5)`. With this idea, the learner says 5.",
            "Try to say what `x` is after `x = f(5)`.",
        ),
        ("Ask for `len(a)` after `a = [1]`.", "Try to say what you get for `len(a)` after `a = [1]`."),
        (
            "With `a = 1` and `b = 2`, ask for both after `a = b`.",
            "With `a = 1` and `b = 2`, try to say what you get for both after `a = b`.",
        ),
        ('Ask: "How often does this line run?" and point at the `print`.', ""),
        (
            'Ask for the type of `age` after `age = input("Age? ")` for 12.',
            'Try to say what you get for the type of `age` after `age = input("Age? ")` for 12.',
        ),
        ("Ask what `numbers` is after this line.", ""),
        ("Let the learner tell the order of the output.", ""),
        ("", ""),
    ],
)
def test_probe_becomes_a_question_to_the_learner(probe: str, asked: str) -> None:
    """Advice to a teacher, read to a learner, is confusing; so is `this line` without a finger."""
    assert probe_question(mixup(probe, "")) == asked


def test_help_speaks_to_the_learner() -> None:
    """'Let the learner run it' is not what a learner should read."""
    told = "Let the learner run it and count. The learner sees 4. Then say the rule: a range stops early."
    assert mended(mixup("", told)) == "Run it and count. A range stops early."


def test_help_that_answers_the_probe_comes_with_it() -> None:
    """'It prints 6.' alone says nothing."""
    found = quoted(mixup("Ask what `f()` prints.", "It prints 6."))
    assert "Think about what `f()` prints. It prints 6." in found


@pytest.mark.parametrize(
    "text", ["", "One. Two! Three?", "`a.b` is x.\n\n- one\n- two\n\n```python\nx = 1.5\n```", "no end"]
)
def test_pieces_lose_nothing(text: str) -> None:
    """A stream that drops a character breaks Markdown."""
    assert "".join(pieces(text)) == text


def test_brief_text_leaves_code_out() -> None:
    """Code that is read aloud helps nobody."""
    assert (
        brief_text("It repeats. Look:\n\n```python\nx = 1\n```\n\nThen *it* ends.", 3)
        == "It repeats. Then *it* ends."
    )
