"""The JSON API, /api/v1: everything the page can do, for programs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from tutor.domain.chat import Work
from tutor.domain.conversation import Conversation, Message
from tutor.domain.instruction import parse
from tutor.domain.learner import Learner
from tutor.domain.manner import Manner
from tutor.domain.place import Place
from tutor.domain.style import Style
from tutor.domain.turn import TurnEvent
from tutor.domain.value import Value
from tutor.errors import InstructionRefused
from tutor.rooms.tokens import Ticket, ticket
from tutor.services.accounts import Session
from tutor.services.ports import StoredRow
from tutor.services.services import Services
from tutor.web import workbook_api
from tutor.web.identity import cookie, learner_of, token_of
from tutor.web.sse import event_stream
from tutor.web.views import ChapterView, CourseView, chapter_view, course_view

Signed = Annotated[Learner, Depends(learner_of)]
_Slug = Annotated[str, Field(max_length=80)]


class Credentials(Value):
    """A name and a password."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class Goodbye(Value):
    """A learner who wants to be forgotten. Guests have no password."""

    password: str = Field(default="", max_length=1000)


class NewPassword(Value):
    """A change of password."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class SignedIn(Value):
    """An open session. Browsers get it as a cookie; programs send the token as a bearer."""

    learner: Learner
    token: str
    expires_at: str


class ModeView(Value):
    """Who answers, and whether voice works."""

    models: tuple[str, ...]
    hears: str
    speaks: str
    banner: str


class Where(Value):
    """The open chapter and what lies on the learner's desk. All of it optional."""

    course: _Slug = ""
    """Empty: the course in which the conversation was begun."""
    chapter: _Slug = ""
    """Empty: the chapter in which the conversation was begun."""
    cell_id: _Slug | None = None
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


class VoiceView(Value):
    """Whether a learner can talk now."""

    hears: str
    speaks: str
    voices: tuple[str, ...]
    places: int
    """How many learners can have a live connection at once."""
    free: int
    """How many of these are left for this learner; without one, recordings can still be sent."""


class NewTurn(Where):
    """A question."""

    text: str


class NewInstruction(Where):
    """A hidden instruction: a name from the catalogue with its parameters, or a site's token."""

    name: str = Field(default="", max_length=40)
    parameters: dict[str, str | int] = Field(default_factory=dict)
    token: str = Field(default="", max_length=16_000)


class NewConversation(Value):
    """Where a conversation begins."""

    course: _Slug
    chapter: _Slug


class NewRoom(Value):
    """The room of a conversation."""

    conversation_id: _Slug
    chapter: _Slug = ""
    """The one that is open; empty: that in which the conversation was begun."""


_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "The events of the turn.", "model": TurnEvent}
}


def router(services: Services) -> APIRouter:
    """All routes."""
    api = APIRouter(prefix="/api/v1")
    for part in (
        _auth(services),
        _courses(services),
        _voice(services),
        _conversations(services),
        _turns(services),
        _rooms(services),
    ):
        api.include_router(part)
    api.include_router(workbook_api.router(services))
    return api


def _auth(services: Services) -> APIRouter:
    auth = APIRouter(prefix="/auth", tags=["auth"])
    accounts = services.accounts

    def signed_in(request: Request, response: Response, session: Session) -> SignedIn:
        response.headers["set-cookie"] = cookie(request, session.token, session.expires_at)
        response.headers["cache-control"] = "no-store"
        return SignedIn(
            learner=session.learner, token=session.token, expires_at=session.expires_at.isoformat()
        )

    @auth.post("/sign-up", status_code=201)
    async def sign_up(request: Request, response: Response, who: Credentials) -> SignedIn:
        session = await accounts.sign_up(who.name, who.password, _address(request))
        return signed_in(request, response, session)

    @auth.post("/sign-in")
    async def sign_in(request: Request, response: Response, who: Credentials) -> SignedIn:
        session = await accounts.sign_in(who.name, who.password, _address(request))
        return signed_in(request, response, session)

    @auth.post("/guest", status_code=201)
    async def guest(request: Request, response: Response) -> SignedIn:
        return signed_in(request, response, await accounts.guest(_address(request)))

    @auth.post("/sign-out", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        token = token_of(request)
        if token is not None:
            await accounts.sign_out(token)
        response.headers["set-cookie"] = cookie(request, "", None)

    @auth.post("/password")
    async def password(
        request: Request, response: Response, learner: Signed, change: NewPassword
    ) -> SignedIn:
        session = await accounts.change_password(learner, change.old, change.new)
        return signed_in(request, response, session)

    @auth.get("/me/data")
    async def data(response: Response, learner: Signed) -> dict[str, tuple[StoredRow, ...]]:
        """Everything that is kept of the learner, by table."""
        response.headers["content-disposition"] = 'attachment; filename="my-lessons.json"'
        response.headers["cache-control"] = "no-store"
        return await services.privacy.everything(learner)

    @auth.post("/me/delete", status_code=204)
    async def delete(request: Request, response: Response, learner: Signed, who: Goodbye) -> None:
        """Delete the learner with all that is theirs, at once and for good."""
        await accounts.delete(learner, who.password)
        response.headers["set-cookie"] = cookie(request, "", None)

    @auth.get("/me")
    async def me(learner: Signed) -> Learner:
        return learner

    return auth


def _courses(services: Services) -> APIRouter:
    courses = APIRouter(tags=["courses"])

    @courses.get("/mode")
    async def mode() -> ModeView:
        now = services.mode
        return ModeView(models=now.models, hears=now.hears, speaks=now.speaks, banner=now.banner)

    @courses.get("/courses")
    async def every_course(_: Signed) -> list[CourseView]:
        return [course_view(course) for course in services.courses.courses()]

    @courses.get("/courses/{course}")
    async def one_course(_: Signed, course: str) -> CourseView:
        return course_view(services.courses.course(course))

    @courses.get("/courses/{course}/chapters/{chapter}")
    async def one_chapter(_: Signed, course: str, chapter: str) -> ChapterView:
        return chapter_view(services.courses.chapter(course, chapter))

    return courses


def _voice(services: Services) -> APIRouter:
    voice = APIRouter(tags=["turns"])

    @voice.get("/voice")
    async def talking(learner: Signed) -> VoiceView:
        """Whether there is a place for a live connection, and in which voices the teacher can answer."""
        mode = services.mode
        return VoiceView(
            hears=mode.hears,
            speaks=mode.speaks,
            voices=services.voices,
            places=services.voice_seats.limit,
            free=services.voice_seats.free_for(learner.id),
        )

    return voice


def _conversations(services: Services) -> APIRouter:
    conversations = APIRouter(prefix="/conversations", tags=["conversations"])
    turns = services.turns

    @conversations.get("")
    async def every_conversation(
        learner: Signed, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> tuple[Conversation, ...]:
        return await turns.conversations(learner.id, limit=limit)

    @conversations.post("", status_code=201)
    async def begin(learner: Signed, new: NewConversation) -> Conversation:
        chapter = services.courses.chapter(new.course, new.chapter)
        return await turns.add_conversation(
            learner.id, course=new.course, chapter=new.chapter, title=chapter.title
        )

    @conversations.get("/{conversation_id}")
    async def one_conversation(learner: Signed, conversation_id: str) -> Conversation:
        return await turns.conversation(learner.id, conversation_id)

    @conversations.get("/{conversation_id}/messages")
    async def messages(
        learner: Signed, conversation_id: str, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> tuple[Message, ...]:
        return await turns.messages(learner.id, conversation_id, limit=limit)

    @conversations.delete("/{conversation_id}", status_code=204)
    async def delete(learner: Signed, conversation_id: str) -> None:
        await turns.delete_conversation(learner.id, conversation_id)

    return conversations


def _turns(services: Services) -> APIRouter:
    turns = APIRouter(prefix="/conversations/{conversation_id}", tags=["turns"])
    teacher = services.teacher

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
        audio = await services.read_audio(await request.body())
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


def _rooms(services: Services) -> APIRouter:
    rooms = APIRouter(prefix="/rooms", tags=["rooms"])

    @rooms.post("/token")
    async def enter(learner: Signed, response: Response, new: NewRoom) -> Ticket:
        """Let the learner into the LiveKit room of one of their conversations."""
        conversation = await services.turns.conversation(learner.id, new.conversation_id)
        chapter = new.chapter and services.courses.chapter(conversation.course, new.chapter).slug
        response.headers["cache-control"] = "no-store"
        return ticket(services.settings, learner, conversation, chapter=chapter)

    return rooms


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
