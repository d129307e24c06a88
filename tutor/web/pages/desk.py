"""What happens on the lesson page. Every handler reads the learner from the request, never from the page."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial, wraps
from time import time_ns
from typing import Any, ParamSpec, TypeVar

import gradio as gr
import structlog

from tutor.domain.chat import Author
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner, Role
from tutor.domain.speech import speakable
from tutor.domain.turn import Commanded, TurnEvent
from tutor.errors import ConversationUnknown, SignInRequired, TutorError
from tutor.services.lessons import Lesson
from tutor.services.services import Services
from tutor.web.identity import learner_of
from tutor.web.pages.chat import Bubble, bubbles, growing, with_options
from tutor.web.pages.harmless import as_written
from tutor.web.pages.header import banner_html, header_html
from tutor.web.pages.lesson import chapters_html, lesson_html
from tutor.web.pages.order import noting, order_words
from tutor.web.pages.place import carried, place, place_of

log = structlog.get_logger()

Update = Any
"""What Gradio takes for one output: a value, or gr.update(...)."""

READY_TO_ASK = gr.update(submit_btn=True, stop_btn=False)
"""The box while nobody is answering."""
_SUGGESTED = 3


_P = ParamSpec("_P")
_T = TypeVar("_T")


def _told(
    handler: Callable[_P, AsyncGenerator[_T]],
) -> Callable[_P, AsyncGenerator[_T]]:
    """A handler whose errors the learner is told in words; Gradio shows nothing of other errors."""

    @wraps(handler)
    async def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> AsyncGenerator[_T]:
        try:
            async with aclosing(handler(*args, **kwargs)) as updates:
                async for update in updates:
                    yield update
        except TutorError as error:
            log.warning("page_refused", code=error.code, detail=str(error))
            raise gr.Error(error.text, print_exception=False) from error

    return wrapped


class Desk:
    """The handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @_told
    async def load(self, request: gr.Request) -> AsyncGenerator[tuple[Update, ...]]:
        """The page opens: header, banner, then what `open` gives."""
        learner = _learner(request)
        query = dict(request.query_params)
        lesson = await self._lesson(learner, query.get("course", ""), query.get("chapter", ""))
        top: tuple[Update, ...] = (header_html(learner), banner_html(self._services.mode))
        async for shown in self._opened(learner, lesson):
            yield (*top, *shown)
            top = (gr.skip(), gr.skip())

    @_told
    async def open(self, target: str, request: gr.Request) -> AsyncGenerator[tuple[Update, ...]]:
        """Another chapter. `target` is `course/chapter`, from a link of the page."""
        learner = _learner(request)
        course, _, chapter = target.partition("/")
        async for shown in self._opened(learner, await self._lesson(learner, course, chapter)):
            yield shown

    async def _opened(self, learner: Learner, lesson: Lesson) -> AsyncGenerator[tuple[Update, ...]]:
        """The lesson; then, where it is time to, the teacher's greeting."""
        yield await self._shown(learner, lesson)
        if not lesson.greet:
            return
        instruction = parse("open_chapter", {"chapter": lesson.chapter.slug}, course=lesson.course)
        events = self._services.teacher.follow(learner, place(lesson), instruction, visit=lesson.visit)
        conversation: list[Bubble] = []
        async for conversation in self._growing(learner, lesson.conversation.id, events):
            yield _only(conversation)
        yield _only(with_options(conversation, _suggestions(lesson)))

    @_told
    async def ask(
        self, text: str, where: str, work: str, request: gr.Request
    ) -> AsyncGenerator[tuple[Update, Update, Update, Update]]:
        """The learner asks by typing. Gives conversation, (emptied) box, past ones, and an order."""
        learner = _learner(request)
        here = place_of(where, work)
        orders: list[Commanded] = []
        events = noting(self._services.teacher.answer(learner, here, text), orders)
        box: Update = gr.update(value="", submit_btn=False, stop_btn=True)
        async for shown in self._growing(learner, here.conversation_id, events):
            yield shown, box, gr.skip(), gr.skip()
            box = gr.skip()
        order = order_words(orders[-1]) if orders else gr.skip()
        yield gr.skip(), READY_TO_ASK, await self._past(learner, here.conversation_id), order

    @_told
    async def edit(
        self, where: str, work: str, change: gr.EditData, request: gr.Request
    ) -> AsyncGenerator[list[Bubble]]:
        """The learner changed the words of a question: it is asked again, in place of what it was."""
        learner = _learner(request)
        here = place_of(where, work)
        messages = await self._services.turns.messages(learner.id, here.conversation_id)
        index = change.index if isinstance(change.index, int) else -1
        if not 0 <= index < len(messages):
            raise ConversationUnknown("no such message")
        turn_id, text = messages[index].turn_id, as_written(str(change.value))
        events = self._services.teacher.edit(learner, here, turn_id, text)
        async for shown in self._growing(learner, here.conversation_id, events, first=index):
            yield shown

    @_told
    async def read_aloud(self, where: str, request: gr.Request) -> AsyncGenerator[str]:
        """The last answer as it is spoken, for learners who want typed answers read by their own device."""
        learner = _learner(request)
        here = place_of(where)
        last = (await self._services.turns.messages(learner.id, here.conversation_id, limit=1))[-1:]
        words = [speakable(message.text) for message in last if message.author is Author.TEACHER]
        if words:
            yield json.dumps({"read": words[0], "at": time_ns()})  # the time makes two equal answers differ

    @_told
    async def reread(self, where: str, request: gr.Request) -> AsyncGenerator[tuple[Update, Update]]:
        """The conversation has grown beside this page: it, and the past ones."""
        learner = _learner(request)
        here = place_of(where)
        messages = await self._services.turns.messages(learner.id, here.conversation_id)
        yield bubbles(messages), await self._past(learner, here.conversation_id)

    @_told
    async def explain(self, shown: str, where: str, request: gr.Request) -> AsyncGenerator[list[Bubble]]:
        """The learner pressed Ask beside a cell, or below its error."""
        learner = _learner(request)
        here = place_of(where, shown)
        name = "explain_error" if here.work.error else "explain_cell"
        parameters: dict[str, object] = {"chapter": here.chapter, "cell": here.work.cell_id}
        instruction = parse(name, parameters, course=self._services.courses.course(here.course))
        events = self._services.teacher.follow(learner, here, instruction)
        async for conversation in self._growing(learner, here.conversation_id, events):
            yield conversation

    @_told
    async def begin(self, where: str, request: gr.Request) -> AsyncGenerator[tuple[Update, Update, Update]]:
        """A new conversation in the open chapter: place, conversation, past conversations."""
        learner = _learner(request)
        here = place_of(where)
        chapter = self._services.courses.chapter(here.course, here.chapter)
        fresh = await self._services.turns.add_conversation(
            learner.id, course=here.course, chapter=here.chapter, title=chapter.title
        )
        moved = here.model_copy(update={"conversation_id": fresh.id})
        yield carried(moved), [], await self._past(learner, fresh.id)

    @_told
    async def turn_back(
        self, conversation_id: str, request: gr.Request
    ) -> AsyncGenerator[tuple[Update, ...]]:
        """A past conversation, in the chapter where it was held."""
        learner = _learner(request)
        past = await self._services.turns.conversation(learner.id, conversation_id)
        lesson = await self._services.lessons.open(learner, past.course, past.chapter)
        yield await self._shown(learner, lesson.model_copy(update={"conversation": past, "greet": False}))

    async def _lesson(self, learner: Learner, course: str, chapter: str) -> Lesson:
        lessons = self._services.lessons
        if not (course and chapter):
            return await lessons.resume(learner)
        try:
            return await lessons.open(learner, course, chapter)
        except TutorError as error:
            log.warning("chapter_not_opened", code=error.code, detail=str(error))
            # What is wrong in a course file is its author's to know.
            gr.Warning(f"{error.text} {error}" if learner.role is Role.OWNER else error.text)
            return await lessons.resume(learner)

    async def _shown(self, learner: Learner, lesson: Lesson) -> tuple[Update, ...]:
        """Chapters, lesson, place, conversation, past conversations."""
        problems = self._services.courses.problems() if learner.role is Role.OWNER else ()
        messages = await self._services.turns.messages(learner.id, lesson.conversation.id)
        conversation = bubbles(messages)
        if not any(message.author == "user" for message in messages):
            conversation = with_options(conversation, _suggestions(lesson))
        return (
            chapters_html(self._services.courses.courses(), lesson, problems),
            lesson_html(lesson),
            carried(place(lesson)),
            conversation,
            await self._past(learner, lesson.conversation.id),
        )

    async def _past(self, learner: Learner, current: str) -> Update:
        past = await self._services.turns.conversations(learner.id)
        choices = [(conversation.title, conversation.id) for conversation in past]
        if all(value != current for _, value in choices):
            choices.insert(0, ("New conversation", current))
        return gr.update(choices=choices, value=current)

    async def _growing(
        self,
        learner: Learner,
        conversation_id: str,
        events: AsyncGenerator[TurnEvent],
        *,
        first: int | None = None,
    ) -> AsyncGenerator[list[Bubble]]:
        stored = partial(self._services.turns.messages, learner.id, conversation_id)
        async with aclosing(growing(stored, events, first=first)) as pictures:
            async for shown in pictures:
                yield shown


def _only(conversation: list[Bubble]) -> tuple[Update, ...]:
    """What `_shown` gives, with nothing new but the conversation."""
    return (gr.skip(), gr.skip(), gr.skip(), conversation, gr.skip())


def _learner(request: gr.Request) -> Learner:
    if request.request is None:
        raise SignInRequired("an event without a request")
    return learner_of(request.request)


def _suggestions(lesson: Lesson) -> list[str]:
    return [question.question for question in lesson.chapter.questions[:_SUGGESTED]]
