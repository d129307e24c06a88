"""How long a chapter takes a beginner, by a stated rule."""

import re
from typing import Final

from tutor.domain.course import Chapter, Code, Exercise, Prose
from tutor.domain.quiz import Quiz

WORDS_A_MINUTE: Final = 150
"""Slower than a novel: the text is new, and names and signs in it are read twice."""
CODE_MINUTES: Final = 1.0
"""To read a cell, say what it will show, run it and compare."""
EXERCISE_MINUTES: Final = 5.0
"""To understand a task, try, look at a check or a hint, and try again."""
OPEN_MINUTES: Final = 10.0
"""For the last exercise of a chapter, which is an open one."""
QUIZ_MINUTES: Final = 1.5
LEAST, MOST = 30, 60
"""Minutes that a chapter should take: less is no lesson, and after an hour nobody takes more in."""

_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"\w+(?:['-]\w+)*")


def minutes(chapter: Chapter) -> int:
    """Minutes that a beginner needs for all cells of a chapter. Its questions are read when they come up."""
    exercises = [cell for cell in chapter.cells if isinstance(cell, Exercise)]
    found = OPEN_MINUTES - EXERCISE_MINUTES if len(exercises) > 1 else 0.0
    for cell in chapter.cells:
        match cell:
            case Prose(markdown=markdown):
                found += _reading(markdown)
            case Code():
                found += CODE_MINUTES
            case Exercise(task=task):
                found += EXERCISE_MINUTES + _reading(task)
            case Quiz(text=text, why=why):
                found += QUIZ_MINUTES + _reading(f"{text} {why}")
    return round(found)


def _reading(markdown: str) -> float:
    # What a picture shows is looked at, not read.
    return len(_WORD.findall(_PICTURE.sub("", markdown))) / WORDS_A_MINUTE
