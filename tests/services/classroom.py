"""A teacher with a real store and the real courses, whose model, guard and ears play a script."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tutor.adapters.courses import FolderCourses
from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.practice import SqlPractice
from tutor.adapters.store.usage import SqlUsage
from tutor.domain.audio import Audio, Transcript
from tutor.domain.chat import ChatMessage, ChatRequest, Chunk, Finish, Source, Token
from tutor.domain.conversation import TurnEnd
from tutor.domain.course import Chapter
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner, Role
from tutor.domain.place import Place
from tutor.domain.topic import Label, Verdict
from tutor.domain.turn import TurnEvent
from tutor.errors import TutorError
from tutor.services.conversation import Teacher
from tutor.services.drain import Drain
from tutor.services.limits import Limits, Most
from tutor.services.line import Line
from tutor.services.narrator import Narrator
from tutor.services.ports import Transcriber
from tutor.services.throttle import Throttle

COURSES = FolderCourses(Path(__file__).resolve().parents[2] / "courses")
"""Read once: a course never changes under a running app."""
SECOND = Audio(pcm=bytes(32_000), sample_rate=16_000)
END = Finish(
    rung="first",
    model="m",
    sources=(Source(chapter="loops", cell_id="c", title="Loops, cell 4"),),
    prompt_tokens=7,
    completion_tokens=3,
)
Step = Chunk | TutorError | float | asyncio.Event


class ScriptedModel:
    """A ChatModel that plays a script: chunks, errors to raise, seconds or events to wait for."""

    name = "scripted"

    def __init__(self, *script: Step) -> None:
        self.script = script
        self.requests: list[ChatRequest] = []
        self.closed = 0

    async def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        self.requests.append(request)
        try:
            for step in self.script:
                match step:
                    case TutorError():
                        raise step
                    case asyncio.Event():
                        await step.wait()
                    case float():
                        await asyncio.sleep(step)
                    case _:
                        yield step
        finally:
            self.closed += 1


@dataclass
class ScriptedGuard:
    """A Guard whose verdicts are set, and which may wait before the second one."""

    local: Verdict
    asked: Verdict | None = None
    until: asyncio.Event | None = None
    seen: list[str] = field(default_factory=list)

    def judge(self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None) -> Verdict:
        self.seen.append(message)
        return self.local

    async def ask(
        self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None
    ) -> Verdict | None:
        if self.until is not None:
            await self.until.wait()
        return self.asked


class Ears:
    """A Transcriber that hears what it is told."""

    name = "ears"

    def __init__(self, text: str = "Why does it never end?") -> None:
        self.text = text
        self.contexts: list[str] = []

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        self.contexts.append(context)
        return Transcript(text=self.text, model=self.name)


class BreakingStore(SqlConversations):
    """A store that fails at the end of a turn."""

    error: TutorError | None = None

    async def close_turn(self, learner_id: str, turn_id: str, end: TurnEnd) -> str:
        if self.error is not None:
            raise self.error
        return await super().close_turn(learner_id, turn_id, end)


def verdict(label: Label, **more: Any) -> Verdict:
    return Verdict(label=label, confidence=0.9, reason="test", **more)


class Class:
    """A teacher with a real store and the real courses, and one learner in the chapter on loops."""

    def __init__(self, store: BreakingStore, learner: Learner, conversation_id: str, file: Path) -> None:
        self.store, self.learner, self.file = store, learner, file
        self.place = Place(conversation_id=conversation_id, course="python-basics", chapter="loops")
        self.practice = SqlPractice(store.database)
        self.model = ScriptedModel(Token(text="Because "), Token(text="n stays 1."), END)
        self.guard = ScriptedGuard(verdict(Label.ON))
        self.ears: Transcriber | None = Ears()
        self.quick_ear: Transcriber | None = None
        self.narrator: Narrator | None = None
        self.courses = COURSES
        self.throttle = Throttle()
        self.line = Line(at_once=8, waiting=8)
        self.turns_per_minute = 30
        self.tokens_per_day = 0
        self.voice_minutes_per_day = 0

    @property
    def limits(self) -> Limits:
        most = Most(self.turns_per_minute, self.tokens_per_day, self.voice_minutes_per_day)
        usage = SqlUsage(self.store.database)
        return Limits(usage, self.throttle, most, now=lambda: datetime.now(UTC))

    @property
    def teacher(self) -> Teacher:
        return Teacher(
            turns=self.store,
            practice=self.practice,
            courses=self.courses,
            guard=self.guard,
            model=self.model,
            transcriber=self.ears,
            quick_ear=self.quick_ear,
            narrator=self.narrator,
            line=self.line,
            drain=Drain(),
            limits=self.limits,
            max_message_chars=8000,
            max_audio_seconds=60,
        )

    def ask(self, text: str = "Why does it never end?", **place: Any) -> AsyncGenerator[TurnEvent]:
        return self.teacher.answer(self.learner, self.place.model_copy(update=place), text)

    def greet(self) -> AsyncGenerator[TurnEvent]:
        course = self.courses.course("python-basics")
        instruction = parse("open_chapter", {"chapter": "loops"}, course=course)
        return self.teacher.follow(self.learner, self.place, instruction)

    async def messages(self) -> list[tuple[str, str]]:
        stored = await self.store.messages(self.learner.id, self.place.conversation_id)
        return [(message.author.value, message.text) for message in stored]

    def turns(self) -> list[dict[str, Any]]:
        """All turns as they lie in the database."""
        return self.rows("SELECT * FROM turns ORDER BY opened_at")

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What the database answers, read past the store."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


@asynccontextmanager
async def classroom(folder: Path) -> AsyncIterator[Class]:
    """A class of one learner, with a database in this folder."""
    file = folder / "tutor.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    learner = await SqlAccounts(database).add_learner(name="Ada", password_hash=None, role=Role.LEARNER)
    store = BreakingStore(database)
    talk = await store.add_conversation(learner.id, course="python-basics", chapter="loops", title="Loops")
    yield Class(store, learner, talk.id, file)
    database.close()


async def events(turn: AsyncGenerator[TurnEvent]) -> list[TurnEvent]:
    async with aclosing(turn):
        return [event async for event in turn]


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for is in the fakes' own lists
            await asyncio.sleep(0.005)


def kinds(turn: list[TurnEvent]) -> list[str]:
    return [event.event for event in turn]
