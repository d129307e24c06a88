"""The lesson guide: answers from the course and the learner's own code, whatever else is out of reach."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import structlog

from tutor.adapters import lesson_answers, lesson_steps
from tutor.adapters.lesson_index import LessonIndex
from tutor.adapters.lesson_scene import Scene
from tutor.adapters.lesson_trouble import to_own_work, to_trouble
from tutor.domain.chat import Brief, ChatRequest, Chunk, Finish, Token
from tutor.domain.course import Chapter
from tutor.domain.intent import Intent
from tutor.domain.quoting import pieces
from tutor.domain.reply import Reply, reply
from tutor.errors import TutorError
from tutor.services.ports import CourseSource, Encoder

log = structlog.get_logger()

NAME = "guide"
MODEL = "lesson guide"

_NO_LESSON = reply(
    "I have no lesson text to answer from here, and no model is connected.",
    "Open a chapter from the list, and ask me about anything in it.",
)
_ANSWERS: dict[Intent, Callable[[Scene], Reply]] = {
    Intent.GREETING: lesson_steps.greeting,
    Intent.THANKS: lesson_steps.thanks,
    Intent.SOLUTION: lesson_steps.no_solution,
    Intent.HINT: lesson_steps.hint,
    Intent.TROUBLE: to_trouble,
    Intent.EXAMPLE: lesson_answers.with_example,
    Intent.SIMPLER: lesson_answers.said_otherwise,
    Intent.MORE: lesson_answers.said_otherwise,
    Intent.THIS_CELL: lesson_answers.at_cell,
    Intent.OVERVIEW: lesson_steps.overview,
    Intent.QUIZ: lesson_steps.quiz,
    Intent.PRACTISE: lesson_steps.practise,
    Intent.OPEN_CHAPTER: lesson_steps.welcome,
    Intent.NEXT_SECTION: lesson_steps.next_section,
    Intent.CELEBRATE: lesson_steps.celebrate,
    Intent.REVIEW: lesson_steps.review,
}
_OPEN_TO_TOPICS = (Intent.THIS_CELL, Intent.SIMPLER, Intent.MORE, Intent.TROUBLE)
"""With a topic of its own such a message is a question: "I do not understand break"."""


class GuideModel:
    """A ChatModel that cannot fail: the floor under every ladder.

    Everything it says stands in the course, or is seen in the learner's code. It never quotes a solution, and
    hints only as far as they are released.
    """

    def __init__(self, courses: CourseSource, encoder: Encoder) -> None:
        self._courses = courses
        self._encoder = encoder
        self._indexes: dict[str, tuple[tuple[Chapter, ...], LessonIndex]] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """For the log and the badge."""
        return NAME

    def warm(self) -> None:
        """Load the encoder and index every course, so that the first question does not wait."""
        for course in self._courses.courses():
            self._index(course.slug, course.chapters)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Answer `request.brief`, sentence by sentence. Never raises; without a brief it says so."""
        if request.json_reply:  # nobody should ask this of a guide, but an object is what was asked for
            yield Token(text="{}")
            yield Finish(rung=NAME, model=MODEL)
            return
        # In a thread: the first question of a course builds its index.
        found = await asyncio.to_thread(self.answer, request.brief)
        for piece in pieces(found.markdown):
            yield Token(text=piece)
        yield Finish(rung=NAME, model=MODEL, sources=found.sources)

    def answer(self, brief: Brief | None) -> Reply:
        """The whole answer at once. Never raises."""
        if brief is None:
            return _NO_LESSON
        try:
            chapters = self._chapters(brief)
            return _answer(Scene(brief, self._index(brief.course_slug, chapters))) if chapters else _NO_LESSON
        except Exception:
            # The last rung: whatever is wrong, the learner gets an answer and the log the reason.
            log.exception("guide_failed", course=brief.course_slug)
            return _NO_LESSON

    def _chapters(self, brief: Brief) -> tuple[Chapter, ...]:
        """The course's chapters, the open one as it was opened."""
        opened = brief.chapter
        try:
            chapters = self._courses.course(brief.course_slug).chapters
        except TutorError as error:
            log.warning("guide_without_course", code=error.code, detail=str(error))
            chapters = ()
        if opened is not None and opened not in chapters:
            chapters = (*(one for one in chapters if one.slug != opened.slug), opened)
        return chapters

    def _index(self, course: str, chapters: tuple[Chapter, ...]) -> LessonIndex:
        """The index of these chapters; made again only when one of them changed."""
        with self._lock:
            kept = self._indexes.get(course)
            if kept is None or kept[0] != chapters:
                kept = chapters, LessonIndex(chapters, self._encoder)
                self._indexes[course] = kept
            return kept[1]


def _answer(scene: Scene) -> Reply:
    intent = scene.intent
    if not scene.brief.hidden:
        if scene.offered is not None:
            return lesson_answers.with_step(scene, scene.offered, scene.question)
        about_topic = not scene.leans_back
        if intent is Intent.ASK and scene.leans_back:
            return lesson_answers.to_reply(scene) or _to_vague(scene)
        if (
            intent in _OPEN_TO_TOPICS
            and about_topic
            and not (intent is Intent.TROUBLE and _in_trouble(scene))
        ):
            intent = Intent.ASK
        if intent in (Intent.HINT, Intent.SOLUTION) and about_topic and scene.exercise is None:
            intent = Intent.ASK
    if intent is Intent.ASK:
        return _to_ask(scene)
    return _ANSWERS[intent](scene)


def _in_trouble(scene: Scene) -> bool:
    return scene.error is not None or bool(scene.brief.work.failing_check.strip())


def _to_ask(scene: Scene) -> Reply:
    """A question; where the last message was a question back, it may be the answer to that."""
    error = scene.error
    if error is not None and error.name in scene.question:
        return to_trouble(scene)
    if (own := to_own_work(scene)) is not None:
        return own
    answered = None if lesson_answers.is_question(scene) else lesson_answers.to_reply(scene)
    return answered or lesson_answers.to_question(scene)


def _to_vague(scene: Scene) -> Reply:
    """Too little to search for: the error, the cell in view, or what was spoken of."""
    if _in_trouble(scene) or scene.observations:
        return to_trouble(scene)
    if scene.spoken_of:
        return lesson_answers.said_otherwise(scene)
    return lesson_answers.at_cell(scene)
