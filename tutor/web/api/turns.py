"""Turns: questions by text and by sound, hidden instructions, and answers that were stopped."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from tutor.domain.chat import Work
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner
from tutor.domain.manner import Manner
from tutor.domain.place import Place
from tutor.domain.style import Style
from tutor.domain.turn import TurnEvent
from tutor.domain.value import Value
from tutor.errors import AudioUnreadable, InstructionRefused
from tutor.services.line import Line
from tutor.services.services import Services
from tutor.web.api.refusal import NOT_HERE
from tutor.web.api.signed import Signed, Slug
from tutor.web.sse import event_stream

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "The events of the turn.", "model": TurnEvent}
}


class Where(Value):
    """The open chapter and what lies on the learner's desk. All of it optional."""

    course: Slug = ""
    """Empty: the course in which the conversation was begun."""
    chapter: Slug = ""
    """Empty: the chapter in which the conversation was begun."""
    cell_id: Slug | None = None
    code: str = Field(default="", max_length=20_000)
    output: str = Field(default="", max_length=20_000)
    error: str = Field(default="", max_length=20_000)
    failing_check: str = Field(default="", max_length=4_000)
    """What the failing check of an exercise says."""
    style: Style | None = None
    """How the learner wants to be taught, as far as the owner allows it."""

    @property
    def work(self) -> Work:
        """As the teacher gets it. How many hints are open is the server's to say, not the client's."""
        return Work(
            cell_id=self.cell_id,
            code=self.code,
            output=self.output,
            error=self.error,
            failing_check=self.failing_check,
        )


class Recording(Where):
    """How a spoken question is to be answered."""

    aloud: bool = False
    """Whether the answer is spoken too: every `spoken` event then has its sound, as WAV in base64."""
    voice: str = Field(default="", max_length=80)
    """One of `/voice`'s; empty: the one that this site prefers."""
    rate: float = Field(default=1.0, ge=0.5, le=2.0)
    """Share of the voice's own pace."""


class Stopped(Value):
    """How far a spoken answer was played before the learner stopped it."""

    characters: int = Field(ge=0, le=1_000_000)
    """As `end` of `spoken` events counts them."""


class NewTurn(Where):
    """A question."""

    text: str


class NewInstruction(Where):
    """A hidden instruction: a name from the catalogue with its parameters, or a site's token."""

    name: str = Field(default="", max_length=40)
    parameters: dict[str, str | int] = Field(default_factory=dict)
    token: str = Field(default="", max_length=16_000)


_MOST_SOUNDS = 16
"""Recordings that are taken in at the same time: each may be 26 MB, and is held until it is decoded."""

_SOUND_SECONDS = 30.0
"""For which a recording may take to arrive: sent byte by byte it would keep a place for ever."""


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(_SOUND_SECONDS):
            return await request.body()
    except TimeoutError:
        raise AudioUnreadable("it took too long to arrive") from None


def router(services: Services) -> APIRouter:
    """The routes that carry a turn, each in its conversation."""
    turns = APIRouter(prefix="/conversations/{conversation_id}", tags=["turns"], responses=NOT_HERE)
    teacher = services.teacher
    sounds = Line(at_once=_MOST_SOUNDS, waiting=0)

    async def place(learner: Learner, conversation_id: str, where: Where) -> Place:
        conversation = await services.turns.conversation(learner.id, conversation_id)
        return Place(
            conversation_id=conversation.id,
            course=where.course or conversation.course,
            chapter=where.chapter or conversation.chapter,
            work=where.work,
            style=where.style,
        )

    @turns.post("/turns", responses=_EVENTS)
    async def ask(learner: Signed, conversation_id: str, turn: NewTurn) -> Response:
        """Ask by text; answered as server-sent events."""
        where = await place(learner, conversation_id, turn)
        return await event_stream(teacher.answer(learner, where, turn.text))

    @turns.put("/turns/{turn_id}", responses=_EVENTS)
    async def edit(learner: Signed, conversation_id: str, turn_id: str, turn: NewTurn) -> Response:
        """Ask a question anew, in other words, in place of that turn and of all since."""
        where = await place(learner, conversation_id, turn)
        return await event_stream(teacher.edit(learner, where, turn_id, turn.text))

    @turns.post(
        "/recordings",
        responses=_EVENTS,
        openapi_extra={"requestBody": {"required": True, "content": {"audio/*": {}}}},
    )
    async def hear(
        request: Request, learner: Signed, conversation_id: str, where: Annotated[Recording, Query()]
    ) -> Response:
        """Ask by sound (WAV, WebM, Ogg, MP3, M4A or FLAC); answered as server-sent events."""
        manner = Manner(voice=where.voice, rate=where.rate)
        here = await place(learner, conversation_id, where)
        here = here.model_copy(update={"spoken": where.aloud, "manner": manner})
        with sounds.enter():
            audio = await services.read_audio(await _body(request))
        return await event_stream(teacher.hear(learner, here, audio), wav=services.write_audio)

    @turns.post("/turns/{turn_id}/heard", status_code=204)
    async def heard(learner: Signed, conversation_id: str, turn_id: str, until: Stopped) -> None:
        """Keep of a spoken answer what was heard: the learner stopped the rest."""
        await teacher.cut_at(learner, conversation_id, turn_id, until.characters)

    @turns.post("/instructions", responses=_EVENTS)
    async def follow(learner: Signed, conversation_id: str, new: NewInstruction) -> Response:
        """Send a hidden instruction, or a token of a course site; answered as server-sent events."""
        here = await place(learner, conversation_id, new)
        if new.token and (new.name or new.parameters):
            raise InstructionRefused("a token and a name")
        instruction = (
            await services.sites.note(new.token, learner, here)
            if new.token
            else parse(new.name, new.parameters, course=services.courses.course(here.course))
        )
        return await event_stream(teacher.follow(learner, here, instruction))

    return turns
