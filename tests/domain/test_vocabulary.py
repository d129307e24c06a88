"""The words that a transcriber is told to expect."""

from tutor.domain.chat import Work
from tutor.domain.course import Cell, Chapter, Code, Exercise, Prose
from tutor.domain.vocabulary import names, prose_words, vocabulary


def _chapter(*cells: Cell) -> Chapter:
    return Chapter(slug="loops", number=1, title="Loops", summary="Repeat.", minutes=30, cells=cells)


def _code(source: str) -> Code:
    return Code(id="c", number=1, source=source)


def test_names_of_the_lesson_come_first_by_use() -> None:
    """A transcriber would write `wile` and `get count` for words that the lesson is full of."""
    chapter = _chapter(_code("count = 0\nwhile count < 3:\n    count += 1\n    print(count)"))
    assert vocabulary(chapter) == "count, print, while"


def test_the_learners_own_names_come_before_all() -> None:
    """A learner who asks about their own function would be asked back what they mean."""
    chapter = _chapter(_code("total = 1"))
    work = Work(code="def greet_all(names):\n    for name in names:\n        print(name)")
    assert names(chapter, work) == ("name", "names", "def", "for", "greet_all", "print", "total")
    assert "greet all" in vocabulary(chapter, work), "nobody says an underscore"


def test_comments_and_texts_are_no_names() -> None:
    """Every word of a comment would push the real names out."""
    chapter = _chapter(_code("total = 'never this' # nor this\nprint(\"or that\", total)"))
    assert vocabulary(chapter) == "total, print"


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
    chapter = _chapter(Prose(id="p", number=1, markdown="Read prose_word."), exercise)
    assert vocabulary(chapter) == "numbers"
    assert prose_words(chapter) >= {"read", "prose", "word", "sum", "add", "up"}
    assert not prose_words(chapter) & {"use", "secret", "of", "all"}


def test_it_stays_short() -> None:
    """Whisper keeps 224 tokens of context: a long list would push out its own end."""
    many = "\n".join(f"name_{chr(97 + n // 26)}{chr(97 + n % 26)} = 1" for n in range(500))
    assert len(names(_chapter(_code(many)), limit=24)) == 24
    assert len(names(None, Work(code=many))) == 12


def test_without_a_lesson_there_is_no_context() -> None:
    """Outside a chapter, or without code in it, a turn would fail."""
    assert vocabulary(None) == vocabulary(_chapter(Prose(id="p", number=1, markdown="Words."))) == ""
