"""Keeps an answer from reading out the teacher's instructions or a solution that is not released."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import structlog

from tutor.domain import instruction, prompt
from tutor.domain.alike import gives_away, missing, steps
from tutor.domain.chat import Brief, ChatRequest, Chunk, Finish, Restart, Token
from tutor.domain.code_watch import CodeWatch
from tutor.domain.course import Chapter, Code, Exercise, Prose
from tutor.domain.language import guess
from tutor.domain.leak import Secret, Watch, instructions, solution
from tutor.domain.quiz import Quiz, asked
from tutor.domain.refusal import withheld
from tutor.errors import TutorError
from tutor.services.counters import Counters
from tutor.services.opened import close
from tutor.services.ports import ChatModel, CourseSource

log = structlog.get_logger()

_ENOUGH = 3
"""Steps of a solution that are no coincidence, where the learner looks at something else."""


class Discretion:
    """A ChatModel around another one. The page, the store and the voice see only what it lets through.

    Text is held back only while it agrees with something protected, and code until its block is whole. Where
    either gives something away, all of the answer is taken back (`Restart`) and the model is stopped. Instead
    of a solution it is asked once more, for a hint; if that gives it away again, the floor gives a hint.
    """

    def __init__(
        self, model: ChatModel, courses: CourseSource, *, counters: Counters, floor: ChatModel | None = None
    ) -> None:
        self._model = model
        self._courses = courses
        self._counters = counters
        self._floor = floor
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
                        if watch.leaked:
                            break
                        yield chunk
        finally:
            await close(chunks)
        if watch.leaked:
            async with aclosing(self._instead(request, watch.leaked)) as instead:
                async for chunk in instead:
                    yield chunk

    def _watch(self, brief: Brief | None) -> Callable[[], "_Both"]:
        """Makes a watch for each beginning of the answer."""
        if brief is None:
            return lambda: _Both(CodeWatch(lambda _: False), Watch((self._instructions,)))
        secrets = (self._instructions, *_solutions(brief))
        return lambda: _Both(
            CodeWatch(lambda code: _solves(brief, code)),
            Watch(secrets, public=lambda: "\n".join(self._public(brief))),
        )

    async def _instead(self, request: ChatRequest, leaked: str) -> AsyncGenerator[Chunk, None]:
        log.warning("answer_withheld", turn=request.turn_id, held=leaked)
        self._counters.event(f"withheld_{leaked}")
        yield Restart(rung="discretion")
        brief = request.brief
        if leaked == "solution" and brief is not None:
            again = request.model_copy(update={"messages": prompt.only_a_hint(request.messages)})
            hint = await self._whole(self._model, again, brief)
            if hint is None and self._floor is not None and guess(brief.question) in ("", "en"):
                asked = brief.model_copy(update={"question": "Give me a hint.", "hidden": False})
                hint = await self._whole(self._floor, request.model_copy(update={"brief": asked}), brief)
            if hint is not None:
                yield hint[0]
                yield hint[1]
                return
        text = withheld(leaked, brief.chapter if brief else None, brief.question if brief else "")
        yield Token(text=text)
        yield Finish(rung="", model="withheld")

    async def _whole(
        self, model: ChatModel, request: ChatRequest, brief: Brief
    ) -> tuple[Token, Finish] | None:
        """A whole answer, shown only when all of it may be; None where it may not, or there is none."""
        begin = self._watch(brief)
        watch, text = begin(), ""
        chunks = model.stream(request)
        try:
            async for chunk in chunks:
                match chunk:
                    case Token():
                        text += watch.feed(chunk.text)
                    case Restart():
                        watch, text = begin(), ""
                    case Finish():
                        text += watch.flush()
                        return (Token(text=text), chunk) if text.strip() and not watch.leaked else None
                if watch.leaked:
                    return None
        except TutorError as error:
            log.warning("hint_not_given", turn=request.turn_id, code=error.code)
        finally:
            await close(chunks)
        return None

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
            yield from (
                () if cell is seen and _released(brief, cell) else solution(cell.solution, cell.starter)
            )


class _Both:
    """Two watches in a row: what may be a solution in other words, and what is read out word by word."""

    def __init__(self, code: CodeWatch, words: Watch) -> None:
        self._code = code
        self._words = words

    @property
    def leaked(self) -> str:
        return self._words.leaked or self._code.leaked

    def feed(self, piece: str) -> str:
        return self._words.feed(self._code.feed(piece))

    def flush(self) -> str:
        rest = self._words.feed(self._code.flush())
        return "" if self.leaked else rest + self._words.flush()


def _solves(brief: Brief, code: str) -> bool:
    """Whether a block of code is, in its own way, the solution of an exercise that is not released.

    Of the exercise in view every new step counts. Of the others only those with some: `return a * b` alone
    stands in many programs.
    """
    if brief.chapter is None:
        return False
    shown = steps(code)
    if any(not shown - steps(cell.source) for cell in brief.chapter.cells if isinstance(cell, Code)):
        return False  # the lesson's own
    seen = _in_view(brief)
    hints = seen.hints[: max(brief.work.hint_level, 0)] if seen else ()
    for cell in brief.chapter.cells:
        if not isinstance(cell, Exercise) or (cell is seen and _released(brief, cell)):
            continue
        known = (cell.starter, brief.work.code, *map(_code_in, hints)) if cell is seen else (cell.starter,)
        least = 1 if cell is seen else _ENOUGH
        for way in (cell.solution, *cell.others):
            if missing(way, *known).total() >= least and gives_away(code, way, *known):
                return True
    return False


def _code_in(hint: str) -> str:
    """The code that a hint shows, line by line."""
    return "\n".join(line for piece in hint.split("`")[1::2] for line in piece.splitlines())


def _released(brief: Brief, cell: Exercise) -> bool:
    return brief.work.answered or brief.work.hint_level > len(cell.hints)


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
