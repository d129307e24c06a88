"""A chapter cut into pieces that can be found and quoted."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from tutor.domain.course import Chapter, Code, Exercise, Misconception, Prose, Question
from tutor.domain.quiz import Quiz

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(.+?)\s*#*$")
_IMAGE = re.compile(r"^!\[[^\]]*\]\([^)]*\)$")
_RECAP = re.compile(r"what you know|recap|summary|in short|what you learned|remember", re.IGNORECASE)
_ENOUGH = 420
"""Characters after which a passage is long enough to stand alone; shorter neighbours are joined."""


class Kind(StrEnum):
    """What a passage is."""

    QUESTION = "question"
    MISCONCEPTION = "misconception"
    PROSE = "prose"
    CODE = "code"
    TASK = "task"
    RECAP = "recap"


class Passage(NamedTuple):
    """One piece of a chapter, as the course has it. A solution, a hint or a quiz's answer is never one."""

    kind: Kind
    id: str
    """Of the cell or question; `misconception-2` for the second one of its chapter."""
    chapter: str
    """Slug of the chapter."""
    chapter_title: str
    cell_id: str
    """Where it stands; '' for a question or misconception, which stand on no cell themselves."""
    number: int
    """The number of that cell; 0 where there is none."""
    heading: str
    """The heading above it, or ''."""
    text: str
    """What may be quoted, in Markdown."""
    asks: str = ""
    """The question it answers, or the belief it mends, in a learner's words."""
    probe: str = ""
    """How a teacher finds out whether a learner holds the belief."""
    signals: tuple[str, ...] = ()
    """Words that point here, as the author chose them."""
    lead: str = ""
    """What stands right before it; helps to find it, is not quoted."""


def passages(chapter: Chapter) -> tuple[Passage, ...]:
    """All passages of a chapter, in the order of the page; questions and misconceptions last."""
    return (
        *_of_cells(chapter),
        *(_of_question(chapter, found) for found in chapter.questions),
        *(_of_misconception(chapter, *one) for one in enumerate(chapter.misconceptions, 1)),
    )


def _of_cells(chapter: Chapter) -> Iterator[Passage]:
    heading = lead = ""
    for cell in chapter.cells:
        where = (chapter.slug, chapter.title, cell.id, cell.number)
        match cell:
            case Prose(markdown=markdown):
                for title, text in _sections(markdown, heading):
                    heading, lead = title, text or lead
                    if text:
                        kind = Kind.RECAP if _RECAP.search(title) else Kind.PROSE
                        yield Passage(kind, cell.id, *where, heading, text)
            case Code(source=source):
                yield Passage(Kind.CODE, cell.id, *where, heading, as_code(source), lead=lead)
            case Exercise(title=title, task=task):
                yield Passage(Kind.TASK, cell.id, *where, title, task.strip())
            case Quiz(title=title, text=text):
                # Not its options: wrong ones would be quoted as if the course said so.
                yield Passage(Kind.TASK, cell.id, *where, title, f"{title}\n\n{text}".strip())


def _of_question(chapter: Chapter, found: Question) -> Passage:
    return Passage(
        Kind.QUESTION, found.id, chapter.slug, chapter.title, "", 0, "", found.answer.strip(), found.question,
        signals=found.signals,
    )  # fmt: skip


def _of_misconception(chapter: Chapter, number: int, found: Misconception) -> Passage:
    return Passage(
        Kind.MISCONCEPTION, f"misconception-{number}", chapter.slug, chapter.title, "", 0, "",
        found.help.strip(), found.belief, probe=found.probe.strip(), signals=found.signals,
    )  # fmt: skip


def as_code(source: str) -> str:
    """Python source as a Markdown block."""
    return f"```python\n{source.strip()}\n```"


def _sections(markdown: str, heading: str) -> Iterator[tuple[str, str]]:
    """Pairs of heading and text: paragraphs, joined while they are short or belong together."""
    held: list[str] = []
    for block in _blocks(markdown):
        title = _HEADING.match(block)
        if title or (held and len("\n\n".join(held)) >= _ENOUGH and not _belongs(held[-1], block)):
            yield heading, "\n\n".join(held)
            held = []
        if title:
            heading = title[1]
            yield heading, ""
        elif not _IMAGE.match(block):
            held.append(block)
    yield heading, "\n\n".join(held)


def _belongs(before: str, block: str) -> bool:
    return before.endswith(":") or bool(_FENCE.match(block))


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, lists, headings and fenced blocks, one after another."""
    held: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and (not line.strip() or _HEADING.match(line)):
            if held:
                yield "\n".join(held)
            held = [line] if line.strip() else []
            if held:
                yield held.pop()
            continue
        held.append(line)
    if held:
        yield "\n".join(held)
