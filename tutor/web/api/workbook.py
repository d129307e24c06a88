"""The part of the API that belongs to a learner's own copy of a chapter: code, checks, hints, quizzes."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse
from pydantic import Field

from tutor.domain.course import Exercise
from tutor.domain.export import notebook
from tutor.domain.hints import Hint, opened, steps
from tutor.domain.place import CellPlace
from tutor.domain.practice import Practice
from tutor.domain.quiz import Quiz, shown
from tutor.domain.value import Value
from tutor.services.services import Services
from tutor.services.workbook import MAX_CODE, Judged, Pages
from tutor.web.api.refusal import NOT_HERE, TAKEN
from tutor.web.api.signed import Signed
from tutor.web.pages.markup import course_markdown

_NOTEBOOK = "application/x-ipynb+json"
_Slug = Annotated[str, Path(max_length=80)]
_Text = Annotated[str, Field(max_length=4000)]


class HintView(Value):
    """An open hint, as the page shows it."""

    number: int
    name: str
    html: str


class AnswerView(Value):
    """The right answer of a quiz that is over."""

    found: bool
    """False where it was shown instead."""
    answer: tuple[str, ...]
    """In the form in which a learner gives it."""
    lines: tuple[str, ...]
    """The same for people."""
    why: str
    """HTML."""


class CellView(Value):
    """Where a learner stands in a cell."""

    done: bool
    """Whether it was ever solved, or ran."""
    solved: bool
    """In this round."""
    due: bool
    tries: int
    hints: tuple[HintView, ...] = ()
    answer: AnswerView | None = None


class PagesView(Value):
    """What a learner has in a chapter."""

    drafts: dict[str, str]
    cells: dict[str, CellView]


class VerdictView(Value):
    """What an answer brought."""

    right: bool
    remark: str
    """HTML; '' where there is none."""
    cell: CellView


class NewCode(Value):
    """The learner's own code of a cell."""

    code: str = Field(max_length=MAX_CODE)


class Outcome(Value):
    """How a check ended, in the learner's browser."""

    passed: bool


class Wish(Value):
    """Which hint is wanted."""

    number: int


class NewAnswer(Value):
    """An answer of a quiz: a position, the text that is printed, lines in order, or one text a gap."""

    answer: tuple[_Text, ...] = Field(max_length=40)


def cell_place(course: _Slug, chapter: _Slug, cell: _Slug) -> CellPlace:
    """The cell in the address."""
    return CellPlace(course, chapter, cell)


_Markdown = Callable[[str], str]
_Cell = Annotated[CellPlace, Depends(cell_place)]


def router(services: Services) -> APIRouter:
    """The routes."""
    work = APIRouter(prefix="/courses/{course}/chapters/{chapter}", tags=["workbook"], responses=NOT_HERE)
    book = services.workbook

    async def view(place: CellPlace, practice: Practice) -> CellView:
        chapter = services.courses.chapter(place.course, place.chapter)
        return _cell_view(chapter.cell(place.cell_id), practice, course_markdown(place.course), due=False)

    @work.get("/work")
    async def pages(learner: Signed, course: _Slug, chapter: _Slug) -> PagesView:
        """All that the learner has in a chapter."""
        return _pages_view(await book.pages(learner, course, chapter), course_markdown(course))

    @work.get("/notebook", responses={200: {"content": {_NOTEBOOK: {}}}})
    async def download(learner: Signed, course: _Slug, chapter: _Slug) -> JSONResponse:
        """The chapter with the learner's own code, as a Jupyter notebook."""
        found = await book.pages(learner, course, chapter)
        headers = {"content-disposition": f'attachment; filename="{found.chapter.slug}.ipynb"'}
        return JSONResponse(notebook(found.chapter, found.drafts), headers=headers, media_type=_NOTEBOOK)

    @work.put("/cells/{cell}/code", status_code=204)
    async def keep(learner: Signed, place: _Cell, new: NewCode) -> None:
        await book.keep(learner, place, new.code)

    @work.delete("/cells/{cell}/code", status_code=204)
    async def reset(learner: Signed, place: _Cell) -> None:
        await book.reset(learner, place)

    @work.post("/cells/{cell}/runs")
    async def ran(learner: Signed, place: _Cell) -> CellView:
        """A code cell came to its end."""
        return await view(place, await book.ran(learner, place))

    @work.post("/cells/{cell}/checks")
    async def checked(learner: Signed, place: _Cell, outcome: Outcome) -> CellView:
        """An exercise was checked."""
        return await view(place, await book.checked(learner, place, passed=outcome.passed))

    @work.post("/cells/{cell}/hints", responses=TAKEN)
    async def hint(learner: Signed, place: _Cell, wish: Wish) -> tuple[HintView, ...]:
        """Open a hint; gives all that are open."""
        return _hints(await book.hint(learner, place, wish.number), course_markdown(place.course))

    @work.post("/cells/{cell}/answers")
    async def answer(learner: Signed, place: _Cell, new: NewAnswer) -> VerdictView:
        """Answer a quiz."""
        judged: Judged = await book.answer(learner, place, new.answer)
        cell = await view(place, judged.practice)
        told = judged.remark and not judged.right
        said = course_markdown(place.course)(judged.remark) if told else ""
        return VerdictView(right=judged.right, remark=said, cell=cell)

    @work.post("/cells/{cell}/answers/shown")
    async def show(learner: Signed, place: _Cell) -> CellView:
        """Show the answer of a quiz."""
        return await view(place, await book.show(learner, place))

    @work.post("/cells/{cell}/again")
    async def again(learner: Signed, place: _Cell) -> CellView:
        """Begin an exercise or a quiz from the start."""
        return await view(place, await book.again(learner, place))

    return work


def _pages_view(pages: Pages, markdown: _Markdown) -> PagesView:
    cells = {
        cell_id: _cell_view(pages.chapter.cell(cell_id), practice, markdown, due=cell_id in pages.due)
        for cell_id, practice in pages.practice.items()
        if pages.chapter.cell(cell_id) is not None
    }
    return PagesView(drafts=pages.drafts, cells=cells)


def _cell_view(cell: object, practice: Practice, markdown: _Markdown, *, due: bool) -> CellView:
    hints: tuple[HintView, ...] = ()
    answer = None
    if isinstance(cell, Exercise):
        hints = _hints(opened(cell, min(practice.hints, steps(cell))), markdown)
    elif isinstance(cell, Quiz) and practice.over:
        answer = AnswerView(
            found=practice.solved,
            answer=cell.puzzle.answer,
            lines=shown(cell.puzzle),
            why=markdown(cell.why),
        )
    return CellView(
        done=practice.done_at is not None,
        solved=practice.solved,
        due=due,
        tries=practice.tries,
        hints=hints,
        answer=answer,
    )


def _hints(hints: tuple[Hint, ...], markdown: _Markdown) -> tuple[HintView, ...]:
    return tuple(HintView(number=hint.number, name=hint.name, html=markdown(hint.markdown)) for hint in hints)
