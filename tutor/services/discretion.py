"""Keeps an answer from reading out the teacher's instructions or a solution that is not released."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import structlog

from tutor.domain import instruction, prompt
from tutor.domain.chat import Brief, ChatRequest, Chunk, Finish, Restart, Token
from tutor.domain.course import Chapter, Code, Exercise, Prose
from tutor.domain.leak import Secret, Watch, instructions, solution
from tutor.domain.quiz import Quiz, asked
from tutor.domain.refusal import withheld
from tutor.errors import TutorError
from tutor.services.counters import Counters
from tutor.services.opened import close
from tutor.services.ports import ChatModel, CourseSource

log = structlog.get_logger()


class Discretion:
    """A ChatModel around another one. The page, the store and the voice see only what it lets through.

    Text is held back only while it agrees with something protected. Where it becomes a quotation, all of the
    answer is taken back (`Restart`), the model is stopped, and one kind sentence stands in its place.
    """

    def __init__(self, model: ChatModel, courses: CourseSource, *, counters: Counters) -> None:
        self._model = model
        self._courses = courses
        self._counters = counters
        self._instructions = instructions((*prompt.own_words(), *instruction.own_words()))
        Watch((self._instructions,)).feed("x")  # makes its index now, not in the first learner's answer

    @property
    def name(self) -> str:
        """For the log and the badge: who really answers."""
        return self._model.name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """The model's answer, or the beginning of it and then a Restart and what is said in its place."""
        begin = self._watch(request.brief)
        watch = begin()
        chunks = self._model.stream(request)
        try:
            async for chunk in chunks:
                match chunk:
                    case Token(text=text):
                        if out := watch.feed(text):
                            yield chunk if out == text else Token(text=out)
                        if watch.leaked:
                            break
                    case Restart():
                        watch = begin()
                        yield chunk
                    case Finish():
                        if rest := watch.flush():
                            yield Token(text=rest)
                        yield chunk
        finally:
            await close(chunks)
        if watch.leaked:
            async with aclosing(self._instead(request, watch.leaked)) as instead:
                async for chunk in instead:
                    yield chunk

    def _watch(self, brief: Brief | None) -> Callable[[], Watch]:
        """Makes a watch for each beginning of the answer."""
        if brief is None:
            return lambda: Watch((self._instructions,))
        secrets = (self._instructions, *_solutions(brief))
        return lambda: Watch(secrets, public=lambda: "\n".join(self._public(brief)))

    async def _instead(self, request: ChatRequest, leaked: str) -> AsyncGenerator[Chunk, None]:
        log.warning("answer_withheld", turn=request.turn_id, held=leaked)
        self._counters.event(f"withheld_{leaked}")
        brief = request.brief
        text = withheld(leaked, brief.chapter if brief else None, brief.question if brief else "")
        yield Restart(rung="discretion")
        yield Token(text=text)
        yield Finish(rung="", model="withheld")

    def _public(self, brief: Brief) -> Iterator[str]:
        """What may be quoted: what the learner sees, and what the learner wrote or was told before."""
        try:
            chapters = self._courses.course(brief.course_slug).chapters
        except TutorError:  # a course that was taken away while a learner is in it
            chapters = ()
        yield from (brief.work.code, "" if brief.hidden else brief.question)
        yield from (message.content for message in brief.history)
        for chapter in (*chapters, *filter(None, [brief.chapter])):
            yield from _visible(chapter)
        seen = _in_view(brief)
        if seen is not None:
            yield from seen.hints[: max(brief.work.hint_level, 0)]


def _solutions(brief: Brief) -> Iterator[Secret]:
    """Of all exercises of the open chapter whose solution is not released."""
    if brief.chapter is None:
        return
    seen = _in_view(brief)
    for cell in brief.chapter.cells:
        if isinstance(cell, Exercise):
            released = cell is seen and (brief.work.answered or brief.work.hint_level > len(cell.hints))
            yield from () if released else solution(cell.solution, cell.starter)


def _in_view(brief: Brief) -> Exercise | None:
    """The exercise that the learner looks at: the hint level is its."""
    chapter, cell_id = brief.chapter, brief.work.cell_id
    cell = chapter.cell(cell_id) if chapter and cell_id else None
    return cell if isinstance(cell, Exercise) else None


def _visible(chapter: Chapter) -> Iterator[str]:
    for cell in chapter.cells:
        match cell:
            case Prose(markdown=text):
                yield text
            case Code(source=source):
                yield source
            case Exercise():
                yield from (cell.task, cell.starter)
                yield from (check.source for check in cell.checks if not check.hidden)
            case Quiz():
                yield asked(cell)
    yield from (question.answer for question in chapter.questions)
    yield from (told for one in chapter.misconceptions for told in (one.belief, one.probe, one.help))
