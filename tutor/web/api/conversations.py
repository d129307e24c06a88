"""Conversations: begun, listed, read, deleted."""

from typing import Annotated

from fastapi import APIRouter, Query

from tutor.domain.conversation import Conversation, Message
from tutor.domain.value import Value
from tutor.services.services import Services
from tutor.web.api.refusal import NOT_HERE
from tutor.web.api.signed import Signed, Slug


class NewConversation(Value):
    """Where a conversation begins."""

    course: Slug
    chapter: Slug


def router(services: Services) -> APIRouter:
    """The routes under /conversations, turns aside."""
    conversations = APIRouter(prefix="/conversations", tags=["conversations"], responses=NOT_HERE)
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
