"""The way into LiveKit rooms."""

from fastapi import APIRouter, Response

from tutor.domain.value import Value
from tutor.rooms.tokens import Ticket, ticket
from tutor.services.services import Services
from tutor.web.api.refusal import NOT_HERE
from tutor.web.api.signed import Signed, Slug


class NewRoom(Value):
    """The room of a conversation."""

    conversation_id: Slug
    chapter: Slug = ""
    """The one that is open; empty: that in which the conversation was begun."""


def router(services: Services) -> APIRouter:
    """The routes under /rooms."""
    rooms = APIRouter(prefix="/rooms", tags=["rooms"], responses=NOT_HERE)

    @rooms.post("/token")
    async def enter(learner: Signed, response: Response, new: NewRoom) -> Ticket:
        """Let the learner into the LiveKit room of one of their conversations."""
        conversation = await services.turns.conversation(learner.id, new.conversation_id)
        chapter = new.chapter and services.courses.chapter(conversation.course, new.chapter).slug
        response.headers["cache-control"] = "no-store"
        return ticket(services.settings, learner, conversation, chapter=chapter)

    return rooms
