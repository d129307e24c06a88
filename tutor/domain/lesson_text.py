"""A chapter as text for a model, in blocks, the most useful for this moment first."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from tutor.domain.chat import Work
from tutor.domain.construct import in_question
from tutor.domain.course import Cell, Chapter, Code, Exercise, Misconception, Prose, Question
from tutor.domain.quiz import Quiz, asked, shown
from tutor.domain.terms import query_terms, terms

NEAR = 4
"""The title, the cell in view and its neighbours come before everything else."""
_NEAREST = 3
"""So many questions and wrong ideas, the nearest to the learner's words, come before cells out of view."""
_Told = TypeVar("_Told")


def cell_blocks(chapter: Chapter, work: Work) -> Iterator[str]:
    """Blocks of Markdown: the title, the cell in view and its neighbours, then the other cells.

    Hints and solution are told for the exercise in view alone, as far as they are released. The answer of a
    quiz is told for the one in view alone, once it was answered.
    """
    yield f"# Chapter {chapter.number}: {chapter.title}\n{chapter.summary}"
    seen = chapter.cell(work.cell_id) if work.cell_id else None
    for cell in sorted(chapter.cells, key=lambda cell: abs(cell.number - seen.number) if seen else 0):
        yield _cell(cell, work, in_view=cell is seen)


def told_blocks(chapter: Chapter) -> Iterator[tuple[frozenset[str], str]]:
    """Wrong ideas, and questions with their answers: the words by which each is found, and its block."""
    for idea in chapter.misconceptions:
        found = f"{idea.belief} {' '.join(idea.signals)}"
        yield frozenset(terms(found)) | in_question(found), _misconception(idea)
    for one in chapter.questions:
        found = f"{one.question} {' '.join(one.signals)}"
        yield frozenset(terms(found)) | in_question(found), _question(one)


def nearest(
    told: Sequence[tuple[frozenset[str], _Told]], question: str
) -> tuple[tuple[_Told, ...], tuple[_Told, ...]]:
    """What shares most words with a question; and the rest, in its order."""
    asked = query_terms(question).keys() | in_question(question)
    ranked = sorted(range(len(told)), key=lambda place: -len(asked & told[place][0]))
    first = ranked[:_NEAREST]
    later = (told[place][1] for place in range(len(told)) if place not in first)
    return tuple(told[place][1] for place in first), tuple(later)


def _cell(cell: Cell, work: Work, *, in_view: bool) -> str:
    head = f"Cell {cell.number} (#{cell.id})" + (", in view" if in_view else "")
    match cell:
        case Prose(markdown=text):
            return f"{head}:\n{text}"
        case Code(source=source, raises=raises):
            return f"{head}, code{', fails on purpose' if raises else ''}:\n{_code(source)}"
        case Exercise():
            return f"{head}, exercise:\n{_exercise(cell, work, in_view=in_view)}"
        case Quiz():
            return f"{head}, quiz:\n{_quiz(cell, work, in_view=in_view)}"


def _exercise(cell: Exercise, work: Work, *, in_view: bool) -> str:
    parts = [f"### {cell.title}", cell.task]
    if not in_view:
        return "\n".join(parts)
    parts += ["Code to begin from:", _code(cell.starter)]
    parts += [f"Check: {check.source}" for check in cell.checks if not check.hidden]
    level = min(max(work.hint_level, 0), len(cell.hints))
    parts.append(f"Hints released: {level} of {len(cell.hints)}.")
    parts += [f"Hint {number}: {hint}" for number, hint in enumerate(cell.hints[:level], 1)]
    if work.hint_level > len(cell.hints):
        parts += ["The solution is released:", _code(cell.solution)]
    return "\n".join(parts)


def _quiz(cell: Quiz, work: Work, *, in_view: bool) -> str:
    if not in_view:
        return f"### {cell.title}"
    if not work.answered:
        return f"{asked(cell)}\nNot answered yet: help to think it through, and do not tell the answer."
    answer = "\n".join(shown(cell.puzzle))
    return f"{asked(cell)}\nAnswered. The right answer:\n{answer}\n{cell.why}"


def _code(source: str) -> str:
    return f"```python\n{source.strip()}\n```"


def _misconception(found: Misconception) -> str:
    return f"A wrong idea to watch for: {found.belief}\nFind out: {found.probe}\nHelp: {found.help}"


def _question(found: Question) -> str:
    return f"Learners ask: {found.question}\n{found.answer}"
