"""One room's job: from the learner who is found in it to the last word that is stored."""

import asyncio
from typing import Final

import structlog
from livekit import agents, api, rtc
from livekit.agents import AgentSession
from livekit.agents.voice import room_io

from tutor.domain.learner import Learner
from tutor.domain.place import Place
from tutor.rooms.agent import RoomTeacher
from tutor.rooms.counts import Counts
from tutor.rooms.lease import Holder, lease_of
from tutor.rooms.messages import WORKER_TOPIC
from tutor.rooms.session import session
from tutor.rooms.speech import RATE
from tutor.rooms.tokens import NotOurs, Visitor, visitor
from tutor.services.services import Services

log = structlog.get_logger()

_COMING: Final = 20.0
"""Seconds that a teacher waits for the learner whose room it was called to."""
_BACK: Final = 15.0
"""Seconds that a teacher waits for a learner who left: a page that is loaded anew is back before that."""


class Job:
    """Teaches in one room."""

    def __init__(self, ctx: agents.JobContext, services: Services, counts: Counts) -> None:
        self._ctx, self._services, self._counts = ctx, services, counts
        self._holder = Holder(ctx.api, ctx.room.name, ctx.job.id)
        self._leaving: asyncio.TimerHandle | None = None
        self._draining: asyncio.Task[None] | None = None
        self._teacher: RoomTeacher | None = None
        self._found: asyncio.Future[Visitor | None] = asyncio.get_running_loop().create_future()
        """The learner; None where the wait was given up."""

    async def run(self) -> None:
        """Join the room, find the learner, teach. The job goes on until somebody shuts it down."""
        await self._ctx.connect(auto_subscribe=agents.AutoSubscribe.AUDIO_ONLY)
        if self._taken():
            log.info("room_taken")
            self._ctx.shutdown("somebody teaches here already")
            return
        self._holder.hold()
        self._ctx.room.on("data_received", self._told)
        await self._relieve()
        learner = await self._learner()
        if learner is None:
            log.info("room_without_learner")
            self._ctx.shutdown("no learner came")
            return
        # Whoever taught here before may have died in a turn.
        await self._services.turns.recover(learner.conversation)
        teacher = RoomTeacher(
            self._services,
            Learner(id=learner.learner, name=learner.name),
            Place(conversation_id=learner.conversation, course=learner.course, chapter=learner.chapter),
            self._ctx.room,
            self._counts,
        )
        self._teacher = teacher
        self._ctx.room.on("participant_disconnected", lambda one: self._left(one, learner))
        self._ctx.room.on("participant_connected", lambda one: self._came(one, learner))
        teacher.channel.open()
        hears = self._services.mode.hears != "off"
        await session(teacher).start(
            teacher,
            room=self._ctx.room,
            room_options=room_io.RoomOptions(
                participant_identity=learner.learner,
                text_input=room_io.TextInputOptions(text_input_cb=self._typed),
                audio_input=room_io.AudioInputOptions(sample_rate=16_000) if hears else False,
                audio_output=room_io.AudioOutputOptions(sample_rate=RATE, track_name="teacher")
                if self._services.mode.has_voice
                else False,
                # Ours come in time by themselves (`RoomTeacher.transcription_node`). LiveKit measures the
                # speed of speech for it, on this loop: 0.1 s for a sentence, in which no sound leaves.
                text_output=room_io.TextOutputOptions(sync_transcription=False),
                close_on_disconnect=False,
            ),
            record=False,  # what a learner says is kept in one place: the store
            session_host=False,  # or a client in the room could drive the session past the guard
        )
        log.info("room_open")

    def _taken(self) -> bool:
        """Whether another teacher took the room while this one was on its way, on a machine that is busy.

        Whoever called this one wrote a claim over the lease before: a lease that is held now is a live one.
        """
        lease = lease_of(self._ctx.room.metadata)
        return lease is not None and lease.state == "held" and lease.holder != self._ctx.job.id

    async def _relieve(self) -> None:
        """Put out every teacher that is here already: one that died, or one that was called beside this one.

        Of two that come at once, the server lets one in first, and only the other finds somebody.
        """
        for one in self._ctx.room.remote_participants.values():
            if one.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                former = api.RoomParticipantIdentity(room=self._ctx.room.name, identity=one.identity)
                try:
                    await self._ctx.api.room.remove_participant(former)
                except api.TwirpError as error:  # it went by itself
                    log.info("room_relieved", detail=str(error)[:200])

    async def _learner(self) -> Visitor | None:
        """The learner of this room. Somebody else in it is no reason to answer."""
        self._ctx.room.on("participant_connected", self._look)
        for one in self._ctx.room.remote_participants.values():
            self._look(one)
        asyncio.get_running_loop().call_later(_COMING, self._give_up)
        learner = await self._found
        self._ctx.room.off("participant_connected", self._look)
        return learner

    def _look(self, one: rtc.RemoteParticipant) -> None:
        if one.kind != rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD or self._found.done():
            return
        try:
            self._found.set_result(visitor(one.attributes, self._ctx.room.name))
        except NotOurs as error:
            log.warning("room_stranger", detail=str(error))

    def _give_up(self) -> None:
        if not self._found.done():
            self._found.set_result(None)

    async def _typed(self, _: AgentSession[None], event: room_io.TextInputEvent) -> None:
        """Text from LiveKit's stock chat, on the topic lk.chat."""
        if self._teacher is not None and event.participant is not None:
            await self._teacher.typed(event.text, event.participant.identity)

    def _left(self, one: rtc.RemoteParticipant, learner: Visitor) -> None:
        if one.identity == learner.learner:
            self._leaving = asyncio.get_running_loop().call_later(
                _BACK, self._ctx.shutdown, "the learner left"
            )

    def _came(self, one: rtc.RemoteParticipant, learner: Visitor) -> None:
        if one.identity == learner.learner and self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
            if self._teacher is not None:
                self._teacher.greet()

    def _told(self, packet: rtc.DataPacket) -> None:
        """A word from our worker. Only the server's API can send without being a participant."""
        if packet.participant is None and packet.topic == WORKER_TOPIC and self._draining is None:
            self._draining = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        """Finish what is being said, then leave the room to another worker's teacher."""
        log.info("room_draining")
        self._give_up()
        if self._teacher is not None and self._leaving is None:
            await self._teacher.quiet()
        await self._holder.release()
        self._ctx.shutdown("handed over")

    async def end(self, reason: str) -> None:
        """The room is over: what is waiting is sent, and it is counted."""
        if self._teacher is not None:
            await self._teacher.channel.close()
            self._counts.closed()
        log.info("room_closed", reason=reason)
