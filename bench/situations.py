"""Moments of a lesson, with what a good answer says and what it must not say: tests/data/teaching."""

import re
import tomllib
from pathlib import Path

from tutor.domain.chat import Author, Brief, ChatMessage, Work
from tutor.domain.course import Course
from tutor.domain.value import Value

FOLDER = Path(__file__).parents[1] / "tests" / "data" / "teaching"

Point = tuple[str, str]
"""What is said, in words for a judge; and a regular expression that an answer saying it contains."""


class Situation(Value):
    """What a learner has in front of them, and asks."""

    course: str = "python-basics"
    chapter: str
    cell: str = ""
    code: str = ""
    output: str = ""
    error: str = ""
    check: str = ""
    """What the failing check says."""
    hint_level: int = 0
    history: tuple[str, ...] = ()
    """Learner and teacher in turns; the learner begins."""
    question: str
    points: tuple[Point, ...]
    never: tuple[Point, ...] = ()

    def brief(self, course: Course) -> Brief:
        """As a teacher gets it."""
        return Brief(
            course_slug=course.slug,
            course_title=course.title,
            chapter=course.chapter(self.chapter),
            work=Work(
                cell_id=self.cell or None,
                code=self.code,
                output=self.output,
                error=self.error,
                failing_check=self.check,
                hint_level=self.hint_level,
            ),
            history=tuple(
                ChatMessage(author=(Author.LEARNER, Author.TEACHER)[turn % 2], content=text)
                for turn, text in enumerate(self.history)
            ),
            question=self.question,
        )


def situations(folder: Path = FOLDER) -> list[Situation]:
    """All of a folder, in the order of its files."""
    found = (tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.toml")))
    return [Situation.model_validate(one) for file in found for one in file["situation"]]


class Score(Value):
    """How an answer did."""

    made: tuple[str, ...]
    missed: tuple[str, ...]
    broken: tuple[str, ...]
    """What it must not say, and says."""


def by_words(situation: Situation, answer: str) -> Score:
    """The judge without a model: a point counts where its expression is found."""
    made = [words for words, pattern in situation.points if _finds(pattern, answer)]
    return Score(
        made=tuple(made),
        missed=tuple(words for words, _ in situation.points if words not in made),
        broken=tuple(words for words, pattern in situation.never if _finds(pattern, answer)),
    )


def _finds(pattern: str, answer: str) -> bool:
    return re.search(pattern, answer, re.IGNORECASE | re.DOTALL) is not None
