"""The pipeline of a turn: one path for the page, the voice, the rooms, the API and the command line."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from math import ceil
from time import perf_counter
from weakref import WeakValueDictionary

import anyio
import structlog

from tutor.domain.audio import Audio
from tutor.domain.chat import Author
from tutor.domain.command import Command, command
from tutor.domain.command_reply import commanded
from tutor.domain.conversation import Via
from tutor.domain.instruction import GoOn, Instruction, left_off, render
from tutor.domain.learner import Learner
from tutor.domain.message import readable
from tutor.domain.place import Place
from tutor.domain.playback import up_to
from tutor.domain.site_note import SiteNote
from tutor.domain.style import Style
from tutor.domain.turn import Delta, Failed, Following, Heard, Spoken, TurnEvent
from tutor.domain.visit import FIRST_VISIT, Visit
from tutor.errors import ConversationUnknown, SiteClosing, TutorError
from tutor.services.answering import Answering
from tutor.services.briefing import Briefing
from tutor.services.drain import Drain
from tutor.services.limits import Limits
from tutor.services.line import Line
from tutor.services.listening import Listening
from tutor.services.narrator import Narrator
from tutor.services.ports import ChatModel, CourseSource, Guard, PracticeStore, Transcriber, TurnStore
from tutor.services.running_turn import RunningTurn
from tutor.services.turn_runner import TurnRunner

log = structlog.get_logger()

_RECENT = 12
"""Messages among which the last answer is looked for, to repeat it."""


class Teacher:
    """Answers learners. Every method yields the events of one turn and never raises a TutorError.

    Closing the iterator early stops the turn; what was shown until then is stored.
    """

    def __init__(
        self,
        *,
        turns: TurnStore,
        practice: PracticeStore,
        courses: CourseSource,
        guard: Guard,
        model: ChatModel,
        transcriber: Transcriber | None,
        quick_ear: Transcriber | None = None,
        narrator: Narrator | None,
        limits: Limits,
        line: Line,
        drain: Drain,
        max_message_chars: int,
        max_audio_seconds: int,
        prompt_budget: int = 6000,
        styles: Sequence[Style] = tuple(Style),
    ) -> None:
        self._turns = turns
        self._courses = courses
        self.listen = Listening(transcriber, courses, quick=quick_ear, longest=max_audio_seconds)
        """Hears without answering: `hear` begins with it; a room listens first and asks later."""
        self._brief = Briefing(turns, practice, courses, styles=styles)
        self._answering = Answering(guard, model, budget=prompt_budget)
        self._runner = TurnRunner(turns)
        self._narrator = narrator
        self._limits = limits
        self.line = line
        """Who waits for an answer, and who gets one now."""
        self._drain = drain
        self._max_message_chars = max_message_chars
        self._live: WeakValueDictionary[tuple[str, str], RunningTurn] = WeakValueDictionary()

    def answer(
        self,
        learner: Learner,
        place: Place,
        text: str,
        *,
        via: Via = Via.TEXT,
        heard_ms: int = 0,
        heard_seconds: float = 0.0,
    ) -> AsyncGenerator[TurnEvent]:
        """Answer what a learner typed; or said, where the front has heard it already (`listen`).

        Args:
            learner: Who asks.
            place: Where.
            text: The question.
            via: Whether it was typed or said.
            heard_ms: Milliseconds that hearing took.
            heard_seconds: Of sound that was heard.
        """
        return self._events(self._asked(learner, place, text, via, heard_ms), learner, place, heard_seconds)

    def edit(self, learner: Learner, place: Place, turn_id: str, text: str) -> AsyncGenerator[TurnEvent]:
        """Answer a question in other words: the new turn stands in place of that one and of all since."""
        return self._events(self._edited(learner, place, turn_id, text), learner, place)

    def hear(self, learner: Learner, place: Place, audio: Audio) -> AsyncGenerator[TurnEvent]:
        """Answer what a learner said."""
        return self._events(self._hear(learner, place, audio), learner, place, audio.seconds)

    def follow(
        self,
        learner: Learner,
        place: Place,
        instruction: Instruction | SiteNote,
        *,
        visit: Visit = FIRST_VISIT,
    ) -> AsyncGenerator[TurnEvent]:
        """Carry out a hidden instruction of the page or a course site: audited, not stored as a message."""
        return self._events(self._follow(learner, place, instruction, visit), learner, place)

    async def cut(self, learner: Learner, turn_id: str, played: str) -> None:
        """Keep of a spoken answer what was played: the learner talked over the rest, and never heard it.

        Args:
            learner: Whose turn it is.
            turn_id: Of `Heard`; a turn that has ended.
            played: The beginning of the answer, as `Playback.cut` gives it.

        Raises:
            ConversationUnknown: No such turn of this learner.
            StoreUnavailable: It could not be stored.
        """
        await self._turns.cut_turn(learner.id, turn_id, played)

    async def cut_at(self, learner: Learner, conversation_id: str, turn_id: str, characters: int) -> None:
        """As `cut`, for a front that knows the place in the answer and not its words.

        Args:
            learner: Whose turn it is.
            conversation_id: Where.
            turn_id: Of `Heard`; a turn that has ended, among the last ones.
            characters: How much of the answer was played, counted as `Spoken.end` counts.

        Raises:
            ConversationUnknown: There is no such answer of this learner's.
            StoreUnavailable: It could not be stored.
        """
        stored = await self._turns.messages(learner.id, conversation_id, limit=_RECENT)
        for message in reversed(stored):
            if message.turn_id == turn_id and message.author is Author.TEACHER:
                return await self.cut(learner, turn_id, up_to(message.text, characters))
        raise ConversationUnknown("no such answer")

    async def _events(
        self, turn: AsyncGenerator[TurnEvent], learner: Learner, place: Place, heard_seconds: float = 0.0
    ) -> AsyncGenerator[TurnEvent]:
        """The outer edge of every turn: speaks along where that is wanted, and turns errors into events."""
        events = self._narrator.along(turn, place.manner) if place.spoken and self._narrator else turn
        left, sound = False, 0.0
        try:
            async with aclosing(events):
                async for event in events:
                    match event:
                        case Heard():
                            sound += heard_seconds
                        case Spoken(seconds=seconds):
                            sound += seconds
                    left = True  # and stays so where nobody comes back from here
                    yield event
                    left = False
                    if self._drain.over:
                        raise SiteClosing
        except TutorError as error:
            log.warning("turn_failed", code=error.code, detail=str(error))
            if not left:
                again = ceil(error.retry_after or 0)
                yield Failed(code=error.code, text=error.text, retry_after=again)
        finally:
            if sound:
                await self._note_sound(learner, sound)

    async def _hear(self, learner: Learner, place: Place, audio: Audio) -> AsyncGenerator[TurnEvent]:
        await self._limits.admit(learner, by_voice=True)
        began = perf_counter()
        transcript = await self.listen(place, audio)
        text = readable(transcript.text, limit=self._max_message_chars)
        heard_ms = round((perf_counter() - began) * 1000)
        async with aclosing(self._understood(learner, place, text, Via.VOICE, heard_ms)) as events:
            async for event in events:
                yield event

    async def _asked(
        self, learner: Learner, place: Place, text: str, via: Via, heard_ms: int
    ) -> AsyncGenerator[TurnEvent]:
        text = readable(text, limit=self._max_message_chars)
        if command(text) is None:
            await self._limits.admit(learner, by_voice=via is Via.VOICE)
        async with aclosing(self._understood(learner, place, text, via, heard_ms)) as events:
            async for event in events:
                yield event

    async def _edited(
        self, learner: Learner, place: Place, turn_id: str, text: str
    ) -> AsyncGenerator[TurnEvent]:
        text = readable(text, limit=self._max_message_chars)
        await self._limits.admit(learner)
        if (live := self._live.get((learner.id, place.conversation_id))) is not None:
            live.stopped = True
        events = self._answer(learner, place, text, via=Via.TEXT, replaces=turn_id)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _understood(
        self, learner: Learner, place: Place, text: str, via: Via, heard_ms: int
    ) -> AsyncGenerator[TurnEvent]:
        """A command is done at once; everything else is answered."""
        order = command(text)
        turn = (
            self._obey(learner, place, order)
            if order is not None
            else self._answer(learner, place, text, via=via, heard_ms=heard_ms)
        )
        async with aclosing(turn) as events:
            async for event in events:
                yield event

    async def _answer(
        self,
        learner: Learner,
        place: Place,
        text: str,
        *,
        via: Via,
        heard_ms: int = 0,
        replaces: str = "",
    ) -> AsyncGenerator[TurnEvent]:
        with self.line.enter() as spot:
            brief = await self._brief(learner, place, text, until=replaces)
            turn = RunningTurn(learner.id, brief, heard_ms=heard_ms)
            turn.id = await self._turns.open_turn(
                learner.id, place.conversation_id, text=text, via=via, replaces=replaces
            )
            self._live[learner.id, place.conversation_id] = turn
            yield Heard(text=text, conversation_id=place.conversation_id, turn_id=turn.id, ms=heard_ms)
            async with aclosing(self._runner.run(turn, spot, self._answering.guarded(turn))) as events:
                async for event in events:
                    yield event

    async def _obey(self, learner: Learner, place: Place, order: Command) -> AsyncGenerator[TurnEvent]:
        """Do what was commanded, at once: no guard looks at it, and nothing of it is stored."""
        yield commanded(order, self._courses.course(place.course), place.chapter)
        match order:
            case Command.STOP:
                if (turn := self._live.get((learner.id, place.conversation_id))) is not None:
                    turn.stopped = True
            case Command.REPEAT:
                stored = await self._turns.messages(learner.id, place.conversation_id, limit=_RECENT)
                said = [message.text for message in stored if message.author is Author.TEACHER]
                yield Delta(text=said[-1] if said else "I have not said anything yet. Ask me a question.")
            case Command.GO_ON:
                async with aclosing(self._follow(learner, place, GoOn(), FIRST_VISIT)) as events:
                    async for event in events:
                        yield event

    async def _follow(
        self, learner: Learner, place: Place, instruction: Instruction | SiteNote, visit: Visit
    ) -> AsyncGenerator[TurnEvent]:
        await self._limits.admit(learner)
        course = self._courses.course(place.course)
        chapter = self._courses.chapter(place.course, place.chapter) if place.chapter else None
        since = (
            left_off(chapter, previous_visit=visit.before, last_chapter=visit.came_from) if chapter else ""
        )
        text = render(instruction, course=course, chapter=chapter, left_off=since)
        note, site = (instruction.text, instruction.site) if isinstance(instruction, SiteNote) else ("", "")
        with self.line.enter() as spot:
            known = await self._brief(learner, place, text)
            turn = RunningTurn(learner.id, known.model_copy(update={"hidden": True, "note": note}))
            turn.id = await self._turns.open_turn(
                learner.id,
                place.conversation_id,
                text=note,
                via=Via.INSTRUCTION,
                instruction=instruction.name,
                site=site,
            )
            self._live[learner.id, place.conversation_id] = turn
            yield Following(instruction=instruction.name, turn_id=turn.id)
            async with aclosing(self._runner.run(turn, spot, self._answering.taught(turn))) as events:
                async for event in events:
                    yield event

    async def _note_sound(self, learner: Learner, seconds: float) -> None:
        """Count the sound of a turn, once, however the turn ended."""
        with anyio.CancelScope(shield=True):
            try:
                await self._limits.talked(learner, seconds)
            except TutorError as error:  # the turn itself is stored
                log.warning("sound_not_counted", code=error.code, detail=str(error))
