"""Finding the passage that fits a question, on the real course."""

import json
from pathlib import Path
from time import process_time

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.lesson_answers import SURE
from tutor.adapters.lesson_index import LessonIndex, Query
from tutor.domain.construct import in_code, in_question
from tutor.domain.course import Chapter
from tutor.domain.traceback import error_names, read_error

ROOT = Path(__file__).parents[2]
ROWS = [
    json.loads(line)
    for line in (ROOT / "tests/data/guide/questions.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Each: the open chapter, a question, the passages that answer it (none: the course does not); `held_out`
marks those that nothing was tuned on."""


@pytest.fixture(scope="module")
def chapters() -> tuple[Chapter, ...]:
    return FolderCourses(ROOT / "courses").course("python-basics").chapters


@pytest.fixture(scope="module")
def index(chapters: tuple[Chapter, ...]) -> LessonIndex:
    return LessonIndex(chapters, StaticEncoder())


def best(index: LessonIndex, row: dict[str, str]) -> tuple[str, float]:
    error = read_error(row.get("error", ""))
    text = row["question"] + (f" {error.name} {error.message}" if error else "")
    code = row.get("code", "")
    names = error_names(row["question"]) | ({error.name} if error else set())
    constructs = in_question(text) or in_code(code)
    hit = index.search(Query(text, constructs, names, code, row["chapter"]))[0]
    chapter = "" if hit.passage.chapter == row["chapter"] else f"{hit.passage.chapter}/"
    return chapter + hit.passage.id, hit.score


@pytest.mark.parametrize(("held_out", "floor"), [(False, 0.87), (True, 0.83)])
def test_recall_at_one(index: LessonIndex, held_out: bool, floor: float) -> None:
    """The guide quotes the first passage: every miss is an answer beside the question."""
    rows = [row for row in ROWS if row["expect"] and row.get("held_out", False) is held_out]
    missed = [(row["question"], found) for row in rows if (found := best(index, row)[0]) not in row["expect"]]
    assert 1 - len(missed) / len(rows) >= floor, missed


def test_what_the_course_does_not_say_stays_below_sure(index: LessonIndex) -> None:
    """A passage on loops, given as the answer to a question on pandas, is a false statement."""
    foreign = [row for row in ROWS if not row["expect"]]
    assert len(foreign) >= 15
    wrong = [(row["question"], score) for row in foreign if (score := best(index, row)[1]) >= SURE]
    assert not wrong


@pytest.mark.parametrize("course", ["python-basics", "algorithms"])
def test_every_question_of_a_course_finds_its_own_answer(course: str) -> None:
    """The page offers these questions; the one thing the guide must never miss is what it offered."""
    chapters = FolderCourses(ROOT / "courses").course(course).chapters
    index = LessonIndex(chapters, StaticEncoder())
    missed = [
        (asked.question, found)
        for chapter in chapters
        for asked in chapter.questions
        if (found := best(index, {"chapter": chapter.slug, "question": asked.question})[0]) != asked.id
    ]
    assert not missed


def test_every_passage_has_a_place(index: LessonIndex, chapters: tuple[Chapter, ...]) -> None:
    """A source that is no cell of its chapter is a link that leads nowhere."""
    ids = {(chapter.slug, cell.id) for chapter in chapters for cell in chapter.cells}
    assert all((one.chapter, one.cell_id) in ids for one in map(index.placed, index.passages))


def test_fifty_chapters_are_indexed_in_time(chapters: tuple[Chapter, ...]) -> None:
    """A large course must not hold up the start."""
    copies = tuple(
        chapter.model_copy(update={"slug": f"{chapter.slug}-{number}"})
        for number in range(50 // len(chapters) + 1)
        for chapter in chapters
    )[:50]
    encoder = StaticEncoder()
    encoder.warm()
    began = process_time()
    LessonIndex(copies, encoder)
    assert process_time() - began < 5


def test_without_vectors_words_still_find(chapters: tuple[Chapter, ...], tmp_path: Path) -> None:
    """If the vectors are not installed the guide is all that is left: it must work on words alone."""
    index = LessonIndex(chapters, StaticEncoder(tmp_path))
    rows = [row for row in ROWS if row["expect"]]
    hit = sum(best(index, row)[0] in row["expect"] for row in rows)
    assert hit / len(rows) >= 0.7


def test_nothing_to_search_in() -> None:
    """A course whose chapters are all broken must not raise."""
    assert LessonIndex((), StaticEncoder()).search(Query("anything")) == ()
