"""The teacher in a room: LiveKit's session listens and takes turns, our pipeline answers and speaks."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing
from functools import partial

import structlog
from livekit import rtc
from livekit.agents import Agent, ModelSettings, llm
from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackStartedEvent

from tutor.domain import turn as events
from tutor.domain.conversation import Via
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner
from tutor.domain.place import Place
from tutor.errors import Busy, TutorError
from tutor.rooms import messages
from tutor.rooms.channel import Channel
from tutor.rooms.ears import Ears
from tutor.rooms.messages import timed
from tutor.rooms.speech import Sentence, Speech, frames
from tutor.services.services import Services

log = structlog.get_logger()


class RoomTeacher(Agent):
    """Teaches one learner in one room."""

    def __init__(self, services: Services, learner: Learner, place: Place, room: rtc.Room) -> None:
        super().__init__(instructions="")  # the teacher's own stand in its prompt
        self._services, self._learner, self.place = services, learner, place
        self.channel = Channel(room, learner.id, self._handle)
        self.ears = Ears(lambda audio: services.teacher.listen(self.place, audio), self._complain)
        self._asked: dict[str, Speech] = {}
        self._running: set[Speech] = set()
        self._sounding: deque[Speech] = deque()
        self._cuts: set[asyncio.Task[None]] = set()

    async def on_enter(self) -> None:
        """Follow what is really played, and tell the page that there is a teacher."""
        if self.session.output.audio is not None:
            self.session.output.audio.on("playback_started", self._begun)
            self.session.output.audio.on("playback_finished", self._finished)
        self.greet()

    async def ask(self, text: str) -> None:
        """Answer what the learner typed, in words and aloud."""
        answer = partial(self._services.teacher.answer, self._learner, self._spoken_place, text)
        await self._reply(Speech(answer(), Via.TEXT), text)

    async def typed(self, text: str, identity: str) -> None:
        """The same for LiveKit's stock chat; only the learner of this room is answered."""
        if identity == self._learner.id:
            await self.ask(text)

    async def quiet(self) -> None:
        """Wait until nobody speaks, no answer is on its way, and every word of it is stored."""
        await self.session.wait_for_idle()
        waiting = [asyncio.create_task(speech.told.wait()) for speech in self._running]
        await asyncio.gather(*waiting, *self._cuts)

    # -- LiveKit's pipeline -------------------------------------------------------------------------------

    async def llm_node(
        self,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],  # noqa: ARG002 - LiveKit's signature; the teacher has none
        model_settings: ModelSettings,  # noqa: ARG002 - the ladder has its own
    ) -> AsyncGenerator[str]:
        """One turn of the pipeline. Yields what is to be spoken; tells the learner's page the rest."""
        speech = self._speech_of(chat_ctx)
        self._running.add(speech)
        try:
            async with aclosing(speech.events) as turn:
                async for event in turn:
                    speech.playback.follow(event)
                    for sentence in self._tell(speech, event):
                        yield sentence
        finally:
            speech.told.set()
            self._running.discard(speech)

    async def tts_node(
        self,
        text: AsyncIterable[str],
        model_settings: ModelSettings,  # noqa: ARG002 - LiveKit's signature
    ) -> AsyncGenerator[rtc.AudioFrame]:
        """The sound of the sentences that llm_node gave."""
        async for sentence in text:
            if isinstance(sentence, Sentence) and sentence.audio is not None:
                if sentence.speech not in self._sounding:
                    self._sound(sentence.speech)
                for frame in frames(sentence.audio):
                    yield frame

    def _speech_of(self, chat_ctx: llm.ChatContext) -> Speech:
        """The turn that a message begins: one of those that `_reply` announced, or else what was heard."""
        message = next(
            item for item in reversed(chat_ctx.items) if item.type == "message" and item.role == "user"
        )
        if (speech := self._asked.pop(message.id, None)) is not None:
            return speech
        text = message.text_content or ""
        answer = self._services.teacher.answer
        heard = answer(self._learner, self._spoken_place, text, via=Via.VOICE, heard_ms=self.ears.last_ms)
        return Speech(heard, Via.VOICE)

    async def _reply(self, speech: Speech, text: str) -> None:
        message = llm.ChatMessage(role="user", content=[text])
        self._asked[message.id] = speech
        await self.session.interrupt()
        self.session.generate_reply(user_input=message)

    @property
    def _spoken_place(self) -> Place:
        return self.place.model_copy(update={"spoken": self._speaks})

    @property
    def _speaks(self) -> bool:
        return self._services.mode.has_voice

    # -- The learner's page -------------------------------------------------------------------------------

    async def _handle(self, message: messages.Incoming) -> None:
        match message:
            case messages.UserMessage(text=text):
                await self.ask(text)
            case messages.Instruct(name=name, parameters=parameters):
                course = self._services.courses.course(self.place.course)
                instruction = parse(name, parameters, course=course)
                turn = self._services.teacher.follow(self._learner, self._spoken_place, instruction)
                await self._reply(Speech(turn, Via.INSTRUCTION), f"[{instruction.name}]")
            case messages.OpenChapter(chapter=chapter):
                self._open(chapter)
            case messages.Desk():
                self.place = self.place.model_copy(update={"work": message.work})
            case messages.Stop():
                await self.session.interrupt()
            case messages.Hello():
                self.greet()

    def greet(self) -> None:
        """Tell the page that there is a teacher, and where it is."""
        self.channel.tell(
            messages.Ready(
                conversation_id=self.place.conversation_id,
                course=self.place.course,
                chapter=self.place.chapter,
                hears=self.session.input.audio is not None,
                speaks=self._speaks,
            )
        )

    def _open(self, slug: str) -> None:
        chapter = self._services.courses.chapter(self.place.course, slug)
        self.place = Place(
            conversation_id=self.place.conversation_id, course=self.place.course, chapter=chapter.slug
        )
        self.channel.tell(messages.ChapterOpened(chapter=chapter.slug, title=chapter.title))

    def _complain(self, error: TutorError) -> None:
        log.warning("room_trouble", code=error.code, detail=str(error))
        self.channel.tell(messages.Trouble(code=error.code, text=error.text))

    def _tell(self, speech: Speech, event: events.TurnEvent) -> Iterator[Sentence]:
        """Tell an event to the page; what of it goes on to LiveKit's voice and captions."""
        turn, tell = speech.turn_id, self.channel.tell
        match event:
            case events.Heard(text=text, conversation_id=conversation, turn_id=turn):
                speech.turn_id = turn
                tell(
                    messages.UserMessageEcho(
                        turn_id=turn, text=text, conversation_id=conversation, via=speech.via
                    )
                )
            case events.Delta(text=text):
                tell(messages.Delta(turn_id=turn, text=text))
                if not self._speaks:
                    yield Sentence(text, speech)
            case events.Restarted():
                tell(messages.Restarted(turn_id=turn))
            case events.Spoken():
                tell(self._caption(speech, event))
                speech.sentences += 1
                yield Sentence(f"{event.text} ", speech, event.audio)
            case events.Said():
                kept = event.model_dump(include={"message_id", "text", "rung", "note"})
                tell(messages.Said(turn_id=turn, sources=event.sources, **kept))
            case events.Declined(text=text, label=label):
                tell(messages.Declined(turn_id=turn, text=text, label=label))
            case events.Commanded(command=command, text=text, chapter=chapter):
                tell(messages.Commanded(turn_id=turn, command=command, text=text, chapter=chapter))
                if chapter:
                    self._open(chapter)
            case events.Waiting(text=text):
                tell(messages.Trouble(turn_id=turn, code=Busy.code, text=text))
            case events.Failed(code=code, text=text):
                tell(messages.Trouble(turn_id=turn, code=code, text=text))
                yield Sentence(text, speech)

    @staticmethod
    def _caption(speech: Speech, spoken: events.Spoken) -> messages.Caption:
        return messages.Caption(
            turn_id=speech.turn_id,
            index=speech.sentences,
            at=round(speech.playback.seconds - spoken.seconds, 2),
            seconds=spoken.seconds,
            text=spoken.text,
            words=timed(spoken.text, spoken.seconds),
        )

    # -- What was really played ---------------------------------------------------------------------------

    def _sound(self, speech: Speech) -> None:
        """One that was interrupted before its first sound never begins: the next one takes its place."""
        self._sounding = deque([*(other for other in self._sounding if other.begun), speech])

    def _begun(self, _: PlaybackStartedEvent) -> None:
        if self._sounding:
            self._sounding[0].begun = True
            self.channel.tell(messages.Speaking(turn_id=self._sounding[0].turn_id))

    def _finished(self, played: PlaybackFinishedEvent) -> None:
        if not self._sounding or not self._sounding[0].begun:
            return
        speech = self._sounding.popleft()
        if played.interrupted:
            task = asyncio.create_task(self._cut(speech, played.playback_position))
            self._cuts.add(task)
            task.add_done_callback(self._cuts.discard)

    async def _cut(self, speech: Speech, seconds: float) -> None:
        """Keep of an answer what was heard. One to a typed question stays: the learner can read it."""
        await speech.told.wait()
        heard = speech.playback.cut(seconds)
        if speech.via is Via.VOICE and speech.turn_id:
            try:
                await self._services.teacher.cut(self._learner, speech.turn_id, heard)
            except TutorError as error:
                self._complain(error)
        self.channel.tell(messages.Interrupted(turn_id=speech.turn_id, text=heard))
