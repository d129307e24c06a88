"""The words that a transcriber should expect: names in the learner's own code, then those of the chapter."""

import re
from collections.abc import Iterator

from tutor.domain.chat import Work
from tutor.domain.course import Chapter, Code, Course, Exercise, Prose

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]{2,}")
_COMMENT_OR_TEXT = re.compile(r"#.*|'[^'\n]*'|\"[^\"\n]*\"")
_NEVER_SAID = re.compile(r"__|\d")
_LETTERS = re.compile(r"[a-z]+")
_OWN = 12
"""Names of the learner's own code at most; they come first."""


def names(chapter: Chapter | None, work: Work | None = None, *, limit: int = 24) -> tuple[str, ...]:
    """Names in code: the learner's own, then the chapter's, each most used first."""
    own = _by_use([work.code])[:_OWN] if work else []
    cells = chapter.cells if chapter else ()
    sources = [
        cell.source if isinstance(cell, Code) else cell.starter
        for cell in cells
        if isinstance(cell, Code | Exercise)
    ]
    return tuple(dict.fromkeys([*own, *_by_use(sources)]))[:limit]


def vocabulary(chapter: Chapter | None, work: Work | None = None) -> str:
    """The same as a line of context for a transcriber, `_` as a space: `user name, total, print`."""
    return ", ".join(name.replace("_", " ").strip() for name in names(chapter, work))


def prose_words(chapter: Chapter | None) -> frozenset[str]:
    """The words of the chapter's text, lower case: they are likely to be said."""
    texts = [
        cell.markdown if isinstance(cell, Prose) else f"{cell.title} {cell.task}"
        for cell in (chapter.cells if chapter else ())
        if isinstance(cell, Prose | Exercise)
    ]
    return frozenset(_LETTERS.findall(" ".join(texts).lower()))


def all_words(course: Course) -> frozenset[str]:
    """Every word of a course, its code and what its learners say included, in lower case."""
    found: set[str] = set()
    for chapter in course.chapters:
        found |= prose_words(chapter)
        found |= set(_LETTERS.findall("\n".join(_around(chapter)).lower()))
    return frozenset(found)


def _around(chapter: Chapter) -> Iterator[str]:
    """What stands beside the prose."""
    for cell in chapter.cells:
        if isinstance(cell, Code):
            yield cell.source
        elif isinstance(cell, Exercise):
            yield from (cell.starter, cell.solution, *cell.hints)
    for question in chapter.questions:
        yield from (question.question, question.answer)
    for idea in chapter.misconceptions:
        yield from (idea.belief, idea.help)


def _by_use(sources: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for source in sources:
        for word in _IDENTIFIER.findall(_COMMENT_OR_TEXT.sub("", source)):
            if not _NEVER_SAID.search(word):
                counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))
