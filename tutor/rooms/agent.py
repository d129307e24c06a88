"""The teacher in a room: LiveKit's session listens and takes turns, our pipeline answers and speaks."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing
from functools import partial

import structlog
from livekit import rtc
from livekit.agents import Agent, ConversationItemAddedEvent, ModelSettings, UserStateChangedEvent, llm

from tutor.domain import turn as events
from tutor.domain.chat import Work
from tutor.domain.command import Command
from tutor.domain.conversation import Via
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner
from tutor.domain.manner import stepped
from tutor.domain.place import Place
from tutor.errors import TutorError
from tutor.rooms import messages
from tutor.rooms.channel import Channel
from tutor.rooms.counts import Counts
from tutor.rooms.ears import Ears
from tutor.rooms.speech import Sentence, Speech, frames
from tutor.rooms.telling import told
from tutor.rooms.turns import endpointing
from tutor.rooms.voice import Voice
from tutor.services.services import Services

log = structlog.get_logger()

_PACE = {Command.SLOWER: -1, Command.FASTER: 1}


class RoomTeacher(Agent):
    """Teaches one learner in one room."""

    def __init__(
        self, services: Services, learner: Learner, place: Place, room: rtc.Room, counts: Counts
    ) -> None:
        super().__init__(instructions="")  # the teacher's own stand in its prompt
        self._services, self._learner, self.place = services, learner, place
        self._counts = counts
        self.channel = Channel(room, learner.id, self._handle, counts)
        self.ears = Ears(
            lambda audio: services.teacher.listen(self.place, audio), self._complain, self._wait_for
        )
        self._voice = Voice(self.channel.tell, self._cut)
        self._asked: dict[str, Speech] = {}
        self._running: set[Speech] = set()

    async def on_enter(self) -> None:
        """Follow what is really played, and tell the page that there is a teacher."""
        if self.session.output.audio is not None:
            self._voice.follow(self.session.output.audio)
        self.session.on("conversation_item_added", self._timed)
        self.session.on("user_state_changed", self._stirred)
        self._counts.opened()
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
        await asyncio.gather(*waiting)
        await self._voice.settled()

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
                    for sentence in self._tell(speech, event):
                        yield sentence
        finally:
            speech.told.set()
            self._running.discard(speech)
            self._counts.turn(speech.via, speech.outcome)

    async def tts_node(
        self,
        text: AsyncIterable[str],
        model_settings: ModelSettings,  # noqa: ARG002 - LiveKit's signature
    ) -> AsyncGenerator[rtc.AudioFrame]:
        """The sound of the sentences that llm_node gave."""
        async for sentence in text:
            if isinstance(sentence, Sentence) and sentence.audio is not None:
                self._voice.sound(sentence.speech)
                for frame in frames(sentence.audio):
                    yield frame

    async def transcription_node(
        self,
        text: AsyncIterable[str],
        model_settings: ModelSettings,  # noqa: ARG002 - LiveKit's signature
    ) -> AsyncGenerator[str]:
        """LiveKit's captions: each sentence when its sound begins, so none that was talked over."""
        heard = self.session.output.audio is not None
        async for sentence in text:
            if heard and isinstance(sentence, Sentence) and sentence.audio is not None:
                await sentence.speech.reach(sentence.at)
            yield sentence

    def _speech_of(self, chat_ctx: llm.ChatContext) -> Speech:
        """The turn that a message begins: one of those that `_reply` announced, or else what was heard."""
        message = next(
            item for item in reversed(chat_ctx.items) if item.type == "message" and item.role == "user"
        )
        if (speech := self._asked.pop(message.id, None)) is not None:
            return speech
        text = message.text_content or ""
        answer = self._services.teacher.answer
        if self.session.input.audio is None:  # typed into LiveKit's console
            return Speech(answer(self._learner, self._spoken_place, text), Via.TEXT)
        heard = answer(
            self._learner,
            self._spoken_place,
            text,
            via=Via.VOICE,
            heard_ms=self.ears.last_ms,
            heard_seconds=self.ears.last_seconds,
        )
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
        self.place = self.place.model_copy(update={"chapter": chapter.slug, "work": Work()})
        self.channel.tell(messages.ChapterOpened(chapter=chapter.slug, title=chapter.title))

    def _complain(self, error: TutorError) -> None:
        log.warning("room_trouble", code=error.code, detail=str(error))
        self.channel.tell(messages.Trouble(code=error.code, text=error.text))

    def _tell(self, speech: Speech, event: events.TurnEvent) -> Iterator[Sentence]:
        """Tell an event to the page; what of it goes on to LiveKit's voice and captions."""
        speech.follow(event)
        if (message := told(speech, event)) is not None:
            self.channel.tell(message)
        match event:
            case events.Delta(text=text) if not self._speaks:
                yield Sentence(text, speech)
            case events.Spoken():
                before = speech.playback.seconds - event.seconds
                yield Sentence(f"{event.text} ", speech, event.audio, before)
            case events.Failed(text=text):
                yield Sentence(text, speech)
            case events.Commanded():
                self._obey(event)

    def _obey(self, order: events.Commanded) -> None:
        """What of a command is the room's to do."""
        if order.chapter:
            self._open(order.chapter)
        manner = stepped(self.place.manner, _PACE.get(order.command, 0))
        self.place = self.place.model_copy(update={"manner": manner})

    async def _cut(self, turn_id: str, heard: str) -> None:
        self._counts.interruption()
        try:
            await self._services.teacher.cut(self._learner, turn_id, heard)
        except TutorError as error:
            self._complain(error)

    def _stirred(self, change: UserStateChangedEvent) -> None:
        """The learner speaks: what was read of them so far says nothing of the next pause."""
        if change.new_state == "speaking":
            self._wait_for(None)

    def _wait_for(self, text: str | None) -> None:
        """Take the next pause for an end as early as these words allow."""
        self.session.update_options(endpointing_opts=endpointing(text))

    def _timed(self, added: ConversationItemAddedEvent) -> None:
        """How long the learner has waited, as LiveKit measured it."""
        if isinstance(added.item, llm.ChatMessage):
            wait = added.item.metrics.get("e2e_latency")
            if wait is not None:
                self._counts.wait(wait)
