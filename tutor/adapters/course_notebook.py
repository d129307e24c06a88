"""The cells of one notebook, made into a Chapter or into the list of what is wrong with it."""

import re
from pathlib import Path
from typing import NamedTuple

from tutor.adapters.course_front import front_matter
from tutor.adapters.course_quiz import Unfit, read_quiz
from tutor.adapters.notebook import (
    Notebook,
    NotebookCell,
    Unreadable,
    outside_fences,
    read_notebook,
    split_heading,
)
from tutor.domain.course import Cell, Chapter, Check, Code, Exercise, Misconception, Prose, Question
from tutor.domain.problem import Problem

SLUG = re.compile(r"[a-z0-9-]+")

_PARTS = ("starter", "check", "hidden-check", "hint", "solution", "other-solution")
_TAGS = {
    "markdown": {"exercise", "hint", "misconception", "question", "quiz"},
    "code": {"starter", "check", "hidden-check", "solution", "other-solution", "raises-exception"},
}
_LABELS = ("Belief", "Find out", "Help")
_LABEL = re.compile(rf"\*\*({'|'.join(_LABELS)}):\*\*")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")


class ReadChapter(NamedTuple):
    """What reading one file gave: a chapter without problems, or no chapter and at least one problem."""

    chapter: Chapter | None
    problems: tuple[Problem, ...]
    lines: dict[str, int]
    """From the id of a cell to the line in which it begins."""


def read_chapter(path: Path, *, slug: str, number: int) -> ReadChapter:
    """Read the file at `path`; never raises for what is in it. Figures are looked up beside the file."""
    reader = _Reader(path)
    chapter = None
    try:
        chapter = reader.chapter(read_notebook(path), slug=slug, number=number)
    except Unreadable as error:
        reader.problem(error.line, error.reason)
    return ReadChapter(None if reader.problems else chapter, tuple(reader.problems), reader.lines)


class _Marked(NamedTuple):
    """A cell with what its metadata says."""

    kind: str
    source: str
    tag: str
    name: str
    signals: tuple[str, ...]
    input: tuple[str, ...]
    quiz: object
    line: int


class _Reader:
    """Walks over the cells of one file once, and collects what they are and what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self.cells: list[Cell] = []
        self.misconceptions: list[Misconception] = []
        self.questions: list[Question] = []
        self.title = ""

    def problem(self, line: int, reason: str) -> None:
        self.problems.append(Problem(path=self.path, line=line, reason=reason))

    def chapter(self, notebook: Notebook, *, slug: str, number: int) -> Chapter:
        """The chapter as far as it could be read; it counts only if there are no problems."""
        front = front_matter(notebook.metadata)
        for reason in front.reasons:
            self.problem(1, reason)
        waiting = [self._marked(cell) for cell in notebook.cells if cell.kind in _TAGS]
        while waiting:
            first, group = waiting.pop(0), []
            while first.tag == "exercise" and waiting and waiting[0].tag in _PARTS:
                group.append(waiting.pop(0))
            self._cell(first, group)
        if not self.title:
            self.problem(1, "the chapter has no title: begin the first text cell with `# Title`")
        return Chapter(
            slug=slug,
            number=number,
            title=self.title,
            summary=front.summary,
            minutes=front.minutes,
            packages=front.packages,
            cells=tuple(self.cells),
            misconceptions=tuple(self.misconceptions),
            questions=tuple(self.questions),
        )

    def _marked(self, cell: NotebookCell) -> _Marked:
        tags, signals, lines = (self._texts(cell, key) for key in ("tags", "signals", "input"))
        name = cell.metadata.get("name", "")
        for tag in tags:
            if tag not in _TAGS[cell.kind]:
                known = ", ".join(sorted(_TAGS[cell.kind]))
                self.problem(cell.line, f"unknown tag `{tag}` on a {cell.kind} cell; known here: {known}")
        if len(tags) > 1:
            self.problem(cell.line, "a cell has one tag at most")
        if not isinstance(name, str) or (name and not SLUG.fullmatch(name)):
            self.problem(cell.line, f"the name `{name}` may hold only a-z, 0-9 and -")
        if lines and cell.kind != "code":
            self.problem(cell.line, "`input` belongs to a code cell: lines to type where it calls `input`")
        if any(sign in line for line in lines for sign in "\r\n"):
            self.problem(cell.line, "a line of `input` is one line")
        tag = tags[0] if tags else ""
        return _Marked(
            cell.kind, cell.source, tag, str(name), signals, lines, cell.metadata.get("quiz"), cell.line
        )

    def _texts(self, cell: NotebookCell, key: str) -> tuple[str, ...]:
        told = cell.metadata.get(key, [])
        if isinstance(told, list) and all(isinstance(one, str) for one in told):
            return tuple(told)
        self.problem(cell.line, f"`{key}` must be a list of texts")
        return ()

    def _cell(self, cell: _Marked, group: list[_Marked]) -> None:
        for one in (cell, *group):
            if one.kind == "markdown":
                self._images(one)
        if cell.tag in _PARTS:
            self.problem(cell.line, f"this `{cell.tag}` cell belongs to no exercise: put it right behind one")
        elif cell.tag == "exercise":
            self._exercise(cell, group)
        elif cell.tag == "quiz":
            self._quiz(cell)
        elif cell.tag == "misconception":
            self._misconception(cell)
        elif cell.tag == "question":
            self._question(cell)
        elif cell.kind == "code":
            cell_id, number = self._place(cell)
            raises = cell.tag == "raises-exception"
            code = Code(id=cell_id, number=number, source=cell.source, raises=raises, input=cell.input)
            self.cells.append(code)
        else:
            self._prose(cell)

    def _place(self, cell: _Marked) -> tuple[str, int]:
        """Id and number of the next cell on the page."""
        number = len(self.cells) + 1
        return self._take(cell, cell.name or f"cell-{number}"), number

    def _take(self, cell: _Marked, cell_id: str) -> str:
        if cell_id in self.lines:
            self.problem(cell.line, f"the id `{cell_id}` is already used on line {self.lines[cell_id]}")
        self.lines.setdefault(cell_id, cell.line)
        return cell_id

    def _prose(self, cell: _Marked) -> None:
        text = cell.source
        if not self.title and not self.cells and text.startswith("# "):
            self.title, text = split_heading(text)  # the page shows the title; it is not part of a cell
        if text.strip():
            cell_id, number = self._place(cell)
            self.cells.append(Prose(id=cell_id, number=number, markdown=text))

    def _exercise(self, cell: _Marked, group: list[_Marked]) -> None:
        title, task = split_heading(cell.source)
        parts = {tag: [one.source for one in group if one.tag == tag] for tag in _PARTS}
        if not cell.name:
            self.problem(cell.line, "an exercise needs a `name` in its metadata")
        if not title or not task:
            self.problem(cell.line, "an exercise needs a heading as its title, and a task below it")
        for tag in ("starter", "solution"):
            if len(parts[tag]) != 1:
                self.problem(cell.line, f"an exercise needs one `{tag}` cell; this one has {len(parts[tag])}")
        if not parts["check"] and not parts["hidden-check"]:
            self.problem(cell.line, "an exercise needs a `check` or `hidden-check` cell")
        if not parts["hint"]:
            self.problem(cell.line, "an exercise needs `hint` cells: a nudge, a pointer, a worked part")
        cell_id, number = self._place(cell)
        exercise = Exercise(
            id=cell_id,
            number=number,
            title=title,
            task=task,
            starter="".join(parts["starter"]),
            checks=tuple(
                Check(source=one.source, hidden=one.tag == "hidden-check", input=one.input)
                for one in group
                if one.tag in ("check", "hidden-check")
            ),
            hints=tuple(parts["hint"]),
            solution="".join(parts["solution"]),
            others=tuple(parts["other-solution"]),
            input=self._typed(group),
        )
        self.cells.append(exercise)

    def _typed(self, group: list[_Marked]) -> tuple[str, ...]:
        """What is typed into an exercise: the lines of its starter, of its solution, or the same of both."""
        told = [one for one in group if one.tag in ("starter", "solution") and one.input]
        if len({one.input for one in told}) > 1:
            self.problem(told[1].line, "the `input` of starter and solution must be the same")
        return told[0].input if told else ()

    def _quiz(self, cell: _Marked) -> None:
        if not cell.name:
            self.problem(cell.line, "a quiz needs a `name` in its metadata")
        cell_id, number = self._place(cell)
        try:
            self.cells.append(read_quiz(cell.source, cell.quiz, cell_id=cell_id, number=number))
        except Unfit as error:
            self.problem(cell.line, str(error))

    def _misconception(self, cell: _Marked) -> None:
        _, *pieces = _LABEL.split(cell.source)
        told = {label: text.strip() for label, text in zip(pieces[::2], pieces[1::2], strict=True)}
        for label in _LABELS:
            if not told.get(label):
                self.problem(cell.line, f"a misconception needs the part **{label}:**")
        belief, probe, mend = (told.get(label, "") for label in _LABELS)
        found = Misconception(belief=belief, probe=probe, help=mend, signals=cell.signals)
        self.misconceptions.append(found)

    def _question(self, cell: _Marked) -> None:
        question, answer = split_heading(cell.source)
        if not question or not answer:
            self.problem(cell.line, "a question needs a heading that asks it, and the answer below it")
        slug = re.sub(r"[^a-z0-9]+", "-", question.lower()).strip("-")
        cell_id = self._take(cell, cell.name or slug or f"question-{cell.line}")
        self.questions.append(Question(id=cell_id, question=question, answer=answer, signals=cell.signals))

    def _images(self, cell: _Marked) -> None:
        folder = self.path.parent.resolve()
        text = "\n".join(line for _, line in outside_fences(cell.source))
        for alt, target in _IMAGE.findall(text):
            if not alt.strip():
                self.problem(cell.line, f"the image {target} has no text in its [ ]: say what it shows")
            if ":" in target or target.startswith("/"):
                self.problem(cell.line, f"the image {target} must be a file of the course: figures/x.svg")
            elif not (folder / target).resolve().is_relative_to(folder) or not (folder / target).is_file():
                self.problem(cell.line, f"the image {target} does not exist")
