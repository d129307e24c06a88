"""A chapter as a notebook to take away."""

import json

import nbformat

from tests.domain.test_hints import EXERCISE
from tutor.domain.course import Chapter, Code, Prose
from tutor.domain.export import notebook
from tutor.domain.quiz import Choice, Option, Quiz

PUZZLE = Choice(options=(Option(text="a"), Option(text="RIGHT-ONE", right=True, why="")))
CHAPTER = Chapter(
    slug="one",
    number=1,
    title="One",
    summary="S.",
    minutes=1,
    cells=(
        Prose(id="text", number=1, markdown="Read."),
        Code(id="a-name-" + "x" * 90, number=2, source="original()"),
        EXERCISE.model_copy(update={"number": 3}),
        Quiz(id="q", number=4, title="Which?", text="", puzzle=PUZZLE, why="EXPLAINED"),
    ),
)


def test_the_notebook_holds_the_learners_code_and_no_answers() -> None:
    """Jupyter would refuse the file, the learner's work would be missing, or the solution would be in it."""
    made = notebook(CHAPTER, {"e": "mine()", "gone": "x"})
    nbformat.validate(nbformat.from_dict(made))
    sources = [cell["source"] for cell in made["cells"]]
    assert sources[0] == "# One\n\nS."
    assert sources[2] == "original()"
    assert sources[4] == "mine()"
    assert "- RIGHT-ONE" in sources[5]
    written = json.dumps(made)
    assert not any(secret in written for secret in ("SOLVED", "ONE\\n", "TWO", "EXPLAINED", "assert"))
