"""The words that a transcriber is told to expect."""

from tutor.domain.course import Cell, Chapter, Code, Exercise, Prose
from tutor.domain.vocabulary import vocabulary


def _chapter(*cells: Cell) -> Chapter:
    return Chapter(slug="loops", number=1, title="Loops", summary="Repeat.", minutes=30, cells=cells)


def _code(source: str) -> Code:
    return Code(id="c", number=1, source=source)


def test_names_of_the_lesson_come_first_by_use() -> None:
    """A transcriber would write `wile` and `get count` for words that the lesson is full of."""
    chapter = _chapter(_code("count = 0\nwhile count < 3:\n    count += 1\n    print(count)"))
    assert vocabulary(chapter) == "Python lesson: Loops. Words: count, print, while."


def test_comments_and_texts_are_no_names() -> None:
    """Every word of a comment would push the real names out."""
    chapter = _chapter(_code("total = 'never this' # nor this\nprint(\"or that\", total)"))
    assert vocabulary(chapter) == "Python lesson: Loops. Words: total, print."


def test_the_solution_is_not_given_away() -> None:
    """A provider would be sent the solution of an exercise with every recording."""
    exercise = Exercise(
        id="e",
        number=2,
        title="Sum",
        task="Add up.",
        starter="numbers = []",
        checks=(),
        hints=("Use sum_of_all.",),
        solution="secret_name = sum(numbers)",
    )
    words = vocabulary(_chapter(Prose(id="p", number=1, markdown="Read prose_word."), exercise))
    assert words == "Python lesson: Loops. Words: numbers."


def test_it_stays_short() -> None:
    """Whisper keeps 224 tokens of context: a long list would push out its own beginning."""
    many = "\n".join(f"name_{number:03} = 1" for number in range(500))
    assert vocabulary(_chapter(_code(many)), limit=40).count("name_") == 40


def test_without_a_lesson_it_still_says_the_subject() -> None:
    """Outside a chapter a transcriber would know nothing; without code the line would end in `Words: .`."""
    assert vocabulary(None) == "Python programming."
    assert vocabulary(_chapter(Prose(id="p", number=1, markdown="Words."))) == "Loops."
