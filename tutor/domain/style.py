"""How the teacher teaches: three ways, of which the learner chooses one and an owner may allow some."""

from collections.abc import Sequence
from enum import StrEnum


class Style(StrEnum):
    """A way to answer. In none of them is the solution of an exercise given before it is released."""

    GUIDE = "guide"
    """One step or hint, then a question: the learner finds the answer."""
    EXPLAIN = "explain"
    """The whole idea, with an example, then a question that checks it."""
    ANSWER = "answer"
    """The plain answer, and nothing else."""


NAMES = {Style.GUIDE: "Guide me", Style.EXPLAIN: "Explain", Style.ANSWER: "Just answer"}
"""As learners read them."""


def allowed(wanted: Style | None, styles: Sequence[Style]) -> Style:
    """The wanted style where the owner allows it; else the first that is allowed."""
    return wanted if wanted is not None and wanted in styles else styles[0]
