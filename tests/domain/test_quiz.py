"""Which answers of a quiz are right, and what a learner sees before answering."""

import pytest

from tutor.domain.chat import Work
from tutor.domain.course import Chapter
from tutor.domain.lesson_text import cell_blocks
from tutor.domain.passage import passages
from tutor.domain.quiz import Answer, Choice, Gaps, Option, Order, Output, Puzzle, Quiz, asked

CHOICE = Choice(options=(Option(text="one", why="WHY-NOT"), Option(text="two", right=True)))
OUTPUT = Output(source="print(1)", printed="PRINTED\n  2")
ORDER = Order(lines=("a = 1", "if a:", "    print(a)"), extras=("b = 2",))
GAPS = Gaps(pieces=("for i in ", ":\n    print(", ")"), gaps=(("range(3)", "[0, 1, 2]"), ("'RIGHT'",)))


def quiz(puzzle: Puzzle) -> Quiz:
    return Quiz(id="q", number=1, title="Title", text="Text", puzzle=puzzle, why="EXPLAINED")


@pytest.mark.parametrize(
    ("puzzle", "answer", "right"),
    [
        (CHOICE, ("1",), True),
        (CHOICE, ("0",), False),
        (CHOICE, (), False),
        (CHOICE, ("0", "1"), False),
        (OUTPUT, ("PRINTED\n  2",), True),
        (OUTPUT, ("PRINTED  \r\n  2 \n\n",), True),
        (OUTPUT, ("PRINTED\n2",), False),
        (OUTPUT, ("printed\n  2",), False),
        (ORDER, ("a = 1", "if a:", "    print(a)"), True),
        (ORDER, ("a = 1", "if a:", "    print(a)", "b = 2"), False),
        (ORDER, ("if a:", "a = 1", "    print(a)"), False),
        (ORDER, ("a = 1", "if a:"), False),
        (GAPS, ("range(3)", "'RIGHT'"), True),
        (GAPS, (" range( 3 ) ", '"RIGHT"'), True),
        (GAPS, ("[0,1,2]", '"RIGHT"'), True),
        (GAPS, ("range(4)", '"RIGHT"'), False),
        (GAPS, ("range(3", '"RIGHT"'), False),
        (GAPS, ("range(3)",), False),
        (GAPS, ("", ""), False),
    ],
)
def test_answers_are_judged(puzzle: Puzzle, answer: Answer, right: bool) -> None:
    """A right answer would be refused for a blank, or a wrong one taken."""
    assert puzzle.accepts(answer) is right


def test_words_do_not_run_together_in_a_gap() -> None:
    """`notx` would be taken for `not x`."""
    gaps = Gaps(pieces=("print(", ")"), gaps=(("not x",),))
    assert gaps.accepts(("not  x",))
    assert not gaps.accepts(("notx",))


@pytest.mark.parametrize("puzzle", [CHOICE, OUTPUT, ORDER, GAPS])
def test_every_kind_accepts_its_own_answer(puzzle: Puzzle) -> None:
    """The answer that is shown as right would be refused."""
    assert puzzle.accepts(puzzle.answer)


@pytest.mark.parametrize("seed", [str(number) for number in range(20)])
def test_the_lines_are_mixed_but_all_there(seed: str) -> None:
    """The order would be solved already, would lose a line, or would change with every look."""
    mixed = ORDER.shuffled(seed)
    assert sorted(mixed) == sorted((*ORDER.lines, *ORDER.extras))
    assert mixed[:3] != ORDER.lines
    assert mixed == ORDER.shuffled(seed)


@pytest.mark.parametrize("puzzle", [CHOICE, OUTPUT, ORDER, GAPS])
def test_nothing_tells_the_answer_before_it_was_given(puzzle: Puzzle) -> None:
    """Page, prompt or lesson guide would give an answer away."""
    one = quiz(puzzle)
    chapter = Chapter(slug="c", number=1, title="C", summary="S", minutes=1, cells=(one,))
    told = [asked(one), *(passage.text for passage in passages(chapter))]
    told += cell_blocks(chapter, Work(cell_id="q"))
    told += cell_blocks(chapter, Work(answered=True))
    for secret in ("EXPLAINED", "WHY-NOT", "PRINTED", "RIGHT", "range(3)", "\n".join(ORDER.lines)):
        assert not any(secret in text for text in told)


def test_an_answered_quiz_may_be_talked_about() -> None:
    """The teacher could not explain an answer that the page has shown."""
    chapter = Chapter(slug="c", number=1, title="C", summary="S", minutes=1, cells=(quiz(GAPS),))
    told = "\n".join(cell_blocks(chapter, Work(cell_id="q", answered=True)))
    assert "for i in range(3):\n    print('RIGHT')" in told
    assert "EXPLAINED" in told
