"""The pipeline of a turn: one path for the page, the voice, the rooms, the API and the command line."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import takewhile
from time import perf_counter
from weakref import WeakValueDictionary

import anyio
import structlog

from tutor.domain.audio import Audio, Transcript
from tutor.domain.chat import Author, Brief, ChatMessage, ChatRequest, Chunk, Finish, Restart, Token, Work
from tutor.domain.command import Command, command
from tutor.domain.command_reply import commanded
from tutor.domain.conversation import Outcome, Via
from tutor.domain.course import Chapter
from tutor.domain.instruction import GoOn, Instruction, left_off, render
from tutor.domain.learner import Learner
from tutor.domain.mending import mended
from tutor.domain.message import readable
from tutor.domain.place import CellPlace, Place
from tutor.domain.practice import Practice
from tutor.domain.prompt import messages
from tutor.domain.refusal import refusal
from tutor.domain.site_note import SiteNote
from tutor.domain.topic import Label, Verdict
from tutor.domain.turn import Declined, Delta, Failed, Heard, Restarted, TurnEvent
from tutor.domain.visit import FIRST_VISIT, Visit
from tutor.domain.vocabulary import names, prose_words, vocabulary
from tutor.errors import AnswerUnusable, AudioTooLong, NothingHeard, SiteClosing, TooManyTries, TutorError
from tutor.log import pseudonym
from tutor.services.drain import Drain
from tutor.services.narrator import Narrator
from tutor.services.ports import ChatModel, CourseSource, Guard, PracticeStore, Transcriber, TurnStore
from tutor.services.running_turn import RunningTurn
from tutor.services.throttle import Rule, Throttle

log = structlog.get_logger()

_HISTORY = 12
"""Messages of the conversation that a model sees: six exchanges, which fit every rung's context."""
_DRAFT_EVERY = 1.0
"""Seconds of an answer that may be lost where the process is killed in it."""
_EDITABLE = 200
"""How many messages ago a question may be that is asked anew."""
_DECLINED = (Label.OFF, Label.UNSAFE)


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
        narrator: Narrator | None,
        throttle: Throttle,
        drain: Drain,
        turns_per_minute: int,
        max_message_chars: int,
        max_audio_seconds: int,
        prompt_budget: int = 6000,
    ) -> None:
        self._turns = turns
        self._practice = practice
        self._courses = courses
        self._guard = guard
        self._model = model
        self._transcriber = transcriber
        self._narrator = narrator
        self._throttle = throttle
        self._drain = drain
        self._pace = Rule("turns", f"{turns_per_minute}/minute")
        self._max_message_chars = max_message_chars
        self._max_audio_seconds = max_audio_seconds
        self._prompt_budget = prompt_budget
        self._live: WeakValueDictionary[tuple[str, str], RunningTurn] = WeakValueDictionary()

    def answer(
        self, learner: Learner, place: Place, text: str, *, via: Via = Via.TEXT, heard_ms: int = 0
    ) -> AsyncGenerator[TurnEvent]:
        """Answer what a learner typed; or said, where the front has heard it already (`listen`)."""
        return self._events(self._asked(learner, place, text, via, heard_ms), place)

    def edit(self, learner: Learner, place: Place, turn_id: str, text: str) -> AsyncGenerator[TurnEvent]:
        """Answer a question in other words: the new turn stands in place of that one and of all since."""
        return self._events(self._edited(learner, place, turn_id, text), place)

    def hear(self, learner: Learner, place: Place, audio: Audio) -> AsyncGenerator[TurnEvent]:
        """Answer what a learner said."""
        return self._events(self._hear(learner, place, audio), place)

    def follow(
        self,
        learner: Learner,
        place: Place,
        instruction: Instruction | SiteNote,
        *,
        visit: Visit = FIRST_VISIT,
    ) -> AsyncGenerator[TurnEvent]:
        """Carry out a hidden instruction of the page or a course site: audited, not stored as a message."""
        return self._events(self._follow(learner, place, instruction, visit), place)

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

    async def _events(self, turn: AsyncGenerator[TurnEvent], place: Place) -> AsyncGenerator[TurnEvent]:
        """The outer edge of every turn: speaks along where that is wanted, and turns errors into events."""
        events = self._narrator.along(turn, place.manner) if place.spoken and self._narrator else turn
        left = False
        try:
            async with aclosing(events):
                async for event in events:
                    left = True  # and stays so where nobody comes back from here
                    yield event
                    left = False
                    if self._drain.over:
                        raise SiteClosing
        except TutorError as error:
            log.warning("turn_failed", code=error.code, detail=str(error))
            if not left:
                yield Failed(code=error.code, text=error.text)

    async def listen(self, place: Place, audio: Audio) -> Transcript:
        """The words in a recording. `hear` begins with it; a room listens first and asks later.

        Raises:
            NothingHeard: No words, or nobody who could hear them.
            AudioTooLong: More than the settings allow.
            ProviderError: The transcriber could not do it.
        """
        if self._transcriber is None:
            raise NothingHeard("no transcriber", text="This site cannot hear yet. Please type your question.")
        if audio.seconds > self._max_audio_seconds:
            raise AudioTooLong(
                f"{audio.seconds:.0f} s", text=AudioTooLong.text.format(limit=self._max_audio_seconds)
            )
        chapter = self._chapter(place)
        heard = await self._transcriber.transcribe(audio, context=vocabulary(chapter, place.work))
        likely = {"names": names(chapter, place.work), "known": prose_words(chapter)}
        transcript = heard.model_copy(update={"text": mended(heard.text, **likely)})
        if not transcript.text.strip():
            raise NothingHeard(f"{audio.seconds:.1f} s of sound")
        return transcript

    async def _hear(self, learner: Learner, place: Place, audio: Audio) -> AsyncGenerator[TurnEvent]:
        await self._admit(learner)
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
            await self._admit(learner)
        async with aclosing(self._understood(learner, place, text, via, heard_ms)) as events:
            async for event in events:
                yield event

    async def _edited(
        self, learner: Learner, place: Place, turn_id: str, text: str
    ) -> AsyncGenerator[TurnEvent]:
        text = readable(text, limit=self._max_message_chars)
        await self._admit(learner)
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
        brief = await self._brief(learner, place, text, until=replaces)
        turn = RunningTurn(learner.id, brief, heard_ms=heard_ms)
        turn.id = await self._turns.open_turn(
            learner.id, place.conversation_id, text=text, via=via, replaces=replaces
        )
        self._live[learner.id, place.conversation_id] = turn
        yield Heard(text=text, conversation_id=place.conversation_id, turn_id=turn.id, ms=heard_ms)
        async with aclosing(self._run(learner, turn, self._guarded(turn))) as events:
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
                stored = await self._turns.messages(learner.id, place.conversation_id, limit=_HISTORY)
                said = [message.text for message in stored if message.author is Author.TEACHER]
                yield Delta(text=said[-1] if said else "I have not said anything yet. Ask me a question.")
            case Command.GO_ON:
                async with aclosing(self._follow(learner, place, GoOn(), FIRST_VISIT)) as events:
                    async for event in events:
                        yield event

    async def _follow(
        self, learner: Learner, place: Place, instruction: Instruction | SiteNote, visit: Visit
    ) -> AsyncGenerator[TurnEvent]:
        await self._admit(learner)
        course = self._courses.course(place.course)
        chapter = self._chapter(place)
        known = (
            left_off(chapter, previous_visit=visit.before, last_chapter=visit.came_from) if chapter else ""
        )
        text = render(instruction, course=course, chapter=chapter, left_off=known)
        note, site = (instruction.text, instruction.site) if isinstance(instruction, SiteNote) else ("", "")
        brief = (await self._brief(learner, place, text)).model_copy(update={"hidden": True, "note": note})
        turn = RunningTurn(learner.id, brief)
        turn.id = await self._turns.open_turn(
            learner.id,
            place.conversation_id,
            text=note,
            via=Via.INSTRUCTION,
            instruction=instruction.name,
            site=site,
        )
        self._live[learner.id, place.conversation_id] = turn
        async with aclosing(self._run(learner, turn, self._taught(turn))) as events:
            async for event in events:
                yield event

    async def _run(
        self, learner: Learner, turn: RunningTurn, events: AsyncGenerator[TurnEvent]
    ) -> AsyncGenerator[TurnEvent]:
        """Pass the events on, and store how the turn ended, however it ends."""
        try:
            async with aclosing(events):
                async for event in events:
                    if turn.stopped:
                        break
                    turn.show(event)
                    await self._keep_draft(turn)
                    yield event
        except TutorError as error:
            turn.outcome, turn.error_code = Outcome.FAILED, error.code
            raise
        finally:
            # A learner who leaves cancels this task; what was said is stored all the same.
            with anyio.CancelScope(shield=True):
                turn.message_id = await self._turns.close_turn(learner.id, turn.id, turn.end())
            self._log(learner, turn)
        if turn.finish is not None:
            yield turn.said()

    async def _keep_draft(self, turn: RunningTurn) -> None:
        if turn.text and perf_counter() - turn.drafted >= _DRAFT_EVERY:
            turn.drafted = perf_counter()
            try:
                await self._turns.keep_draft(turn.learner_id, turn.id, turn.text)
            except TutorError as error:  # the end of the turn is stored all the same, or fails by itself
                log.warning("draft_not_kept", code=error.code, detail=str(error))

    async def _guarded(self, turn: RunningTurn) -> AsyncGenerator[TurnEvent]:
        """Let the guard look first; an unsure verdict is asked for while the answer already begins."""
        brief = turn.brief
        began = turn.ms
        turn.verdict = self._guard.judge(brief.question, brief.history, brief.chapter)
        turn.guard_ms = turn.ms - began
        if turn.verdict.label in _DECLINED:
            yield self._declined(turn, turn.verdict)
            return
        if turn.verdict.label is not Label.UNSURE:
            async with aclosing(self._taught(turn)) as answer:
                async for event in answer:
                    yield event
            return
        turn.brief = brief.model_copy(update={"strict": True})
        asking = asyncio.ensure_future(self._guard.ask(brief.question, brief.history, brief.chapter))
        answer = self._taught(turn)
        first = asyncio.ensure_future(anext(answer, None))
        try:
            turn.verdict = await asking or turn.verdict
            if turn.verdict.label not in _DECLINED:
                if (opening := await first) is not None:
                    yield opening
                async for event in answer:
                    yield event
                return
        finally:
            asking.cancel()
            first.cancel()
            await asyncio.gather(asking, first, return_exceptions=True)
            await answer.aclose()
        # Only now: an answer that ended meanwhile would otherwise count as the end of this turn.
        yield self._declined(turn, turn.verdict)

    def _declined(self, turn: RunningTurn, verdict: Verdict) -> Declined:
        turn.outcome, turn.finish = Outcome.DECLINED, None
        text = refusal(verdict, turn.brief.chapter, turn.brief.question)
        return Declined(text=text, label=verdict.label, tier=verdict.tier)

    async def _taught(self, turn: RunningTurn) -> AsyncGenerator[TurnEvent]:
        """The answer of the model, as events."""
        request = ChatRequest(
            turn_id=turn.id,
            learner_id=turn.learner_id,
            messages=messages(turn.brief, budget=self._prompt_budget),
            brief=turn.brief,
        )
        async with aclosing(_closable(self._model.stream(request))) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Token(text=text):
                        yield Delta(text=text)
                    case Restart(rung=rung):
                        yield Restarted(rung=rung)
                    case Finish():
                        turn.finish, turn.outcome = chunk, Outcome.ANSWERED
        if turn.finish is None:
            raise AnswerUnusable("the answer ended without a Finish")

    async def _admit(self, learner: Learner) -> None:
        try:
            await self._throttle.hit(self._pace, learner.id)
        except TooManyTries as error:
            text = "That was many questions in one minute. Take a breath, then ask again."
            raise TooManyTries(str(error), retry_after=error.retry_after, text=text) from error

    def _chapter(self, place: Place) -> Chapter | None:
        return self._courses.chapter(place.course, place.chapter) if place.chapter else None

    async def _brief(self, learner: Learner, place: Place, question: str, until: str = "") -> Brief:
        """`until`: id of the turn that the question replaces; the model sees nothing from there on."""
        limit = _EDITABLE if until else _HISTORY
        stored = await self._turns.messages(learner.id, place.conversation_id, limit=limit)
        stored = tuple(takewhile(lambda message: message.turn_id != until, stored))[-_HISTORY:]
        return Brief(
            course_slug=place.course,
            course_title=self._courses.course(place.course).title,
            chapter=self._chapter(place),
            work=await self._desk(learner, place),
            history=tuple(ChatMessage(author=message.author, content=message.text) for message in stored),
            question=question,
            spoken=place.spoken,
        )

    async def _desk(self, learner: Learner, place: Place) -> Work:
        """The learner's work, with what is open of the cell in view: that is the store's to say."""
        if not (place.chapter and place.work.cell_id):
            return place.work
        stands = await self._practice.practice(learner.id, course=place.course, chapter=place.chapter)
        here = stands.get(CellPlace(place.course, place.chapter, place.work.cell_id), Practice())
        return place.work.model_copy(update={"hint_level": here.hints, "answered": here.over})

    @staticmethod
    def _log(learner: Learner, turn: RunningTurn) -> None:
        end = turn.end().model_dump(exclude={"text", "sources"}, exclude_defaults=True)
        log.info("turn", turn=turn.id, learner=pseudonym(learner.id), **end)


async def _closable(chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk]:
    """Any iterator as one that can be closed, which closes the iterator too."""
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
