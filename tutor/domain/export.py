"""A chapter as a Jupyter notebook, with the learner's own code in it. Format: nbformat 4.5."""

from collections.abc import Iterator, Mapping
from typing import Any

from tutor.domain.course import Chapter, Code, Exercise, Prose
from tutor.domain.quiz import Quiz, asked


def notebook(chapter: Chapter, drafts: Mapping[str, str]) -> dict[str, Any]:
    """The notebook as JSON. Solutions, hints, checks and answers are not in it.

    Args:
        chapter: What there is to read and run.
        drafts: The learner's code, by cell; where there is none, the chapter's.
    """
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "title": chapter.title,
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "cells": list(_cells(chapter, drafts)),
    }


def _cells(chapter: Chapter, drafts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield _text("title", f"# {chapter.title}\n\n{chapter.summary}")
    for cell in chapter.cells:
        # Names of cells may be longer than nbformat allows, and a number is always unique.
        name = f"cell-{cell.number}"
        match cell:
            case Prose(markdown=markdown):
                yield _text(name, markdown)
            case Code(source=source):
                yield _code(name, drafts.get(cell.id, source))
            case Exercise(title=title, task=task, starter=starter):
                yield _text(f"{name}-task", f"### {title}\n\n{task}")
                yield _code(name, drafts.get(cell.id, starter))
            case Quiz():
                yield _text(name, asked(cell))


def _text(name: str, markdown: str) -> dict[str, Any]:
    return {"id": name, "cell_type": "markdown", "metadata": {}, "source": markdown}


def _code(name: str, source: str) -> dict[str, Any]:
    return {
        "id": name,
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
