"""Room tokens: who may enter which room, until when, and with which teacher in it.

A token is a short-lived JWT that LiveKit checks. What the worker believes of a learner stands in it as
participant attributes, which the server signed and the learner's client cannot change.
"""

import hashlib
from datetime import timedelta
from typing import Final

from pydantic import ValidationError

from tutor.domain.conversation import Conversation
from tutor.domain.learner import Learner
from tutor.domain.value import Value
from tutor.errors import RoomsOff, TutorError
from tutor.settings import Settings

LIFETIME: Final = timedelta(minutes=5)
"""Long enough to join. LiveKit itself renews the token of somebody who is in the room."""
_KEY: Final = "tutor."
"""How the names of our attributes begin, beside those of LiveKit."""


class NotOurs(TutorError):
    """Somebody in a room whose attributes do not fit it."""

    code = "room_visitor_unknown"
    status = 403


class Ticket(Value):
    """What a learner's page needs to enter its room."""

    url: str
    """Of the LiveKit server, as a browser reaches it."""
    room: str
    token: str
    conversation_id: str
    expires_in: int
    """Seconds in which the token lets somebody in."""


class Visitor(Value):
    """A learner in a room, as the server signed it."""

    learner: str
    name: str
    conversation: str
    course: str
    chapter: str

    def belongs_in(self, room: str) -> bool:
        """Whether this is the one room in which this visitor belongs."""
        return room == room_name(site_of(room), self.learner, self.conversation)


def room_name(site: str, learner_id: str, conversation_id: str) -> str:
    """The name of the room for a conversation: the same each time, and it tells nobody whose it is.

    Args:
        site: `Settings.rooms_name`.
        learner_id: Whose conversation it is.
        conversation_id: Which.
    """
    digest = hashlib.blake2b(f"{learner_id} {conversation_id}".encode(), digest_size=16, person=b"tutor-room")
    return f"{site}-{digest.hexdigest()}"


def site_of(room: str) -> str:
    """The site that a room belongs to; on a LiveKit server there may be others."""
    return room.rpartition("-")[0]


def ticket(settings: Settings, learner: Learner, conversation: Conversation, *, chapter: str = "") -> Ticket:
    """Let a learner into the room of one of their conversations.

    Args:
        settings: Must name a LiveKit server.
        learner: Who is signed in.
        conversation: As the store gave it for this learner.
        chapter: Slug of the chapter that is open; empty where it is the conversation's own.

    Raises:
        RoomsOff: No LiveKit server is set.
    """
    from livekit import api

    if not settings.has_rooms:
        raise RoomsOff
    visitor = Visitor(
        learner=learner.id,
        name=learner.name,
        conversation=conversation.id,
        course=conversation.course,
        chapter=chapter or conversation.chapter,
    )
    room = room_name(settings.rooms_name, learner.id, conversation.id)
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_publish_data=True,
        can_subscribe=True,
        can_update_own_metadata=False,  # or a client could say that it is another learner
    )
    token = (
        api.AccessToken(settings.livekit_api_key, _secret(settings))
        .with_identity(learner.id)
        .with_name(learner.name)
        .with_ttl(LIFETIME)
        .with_attributes({_KEY + name: value for name, value in visitor.model_dump().items()})
        .with_grants(grants)
        # Heard where the token is the first to enter a room; later a worker's watch sees to it (watch.py).
        .with_room_config(
            api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=settings.rooms_name)])
        )
        .to_jwt()
    )
    return Ticket(
        url=settings.livekit_public_url or settings.livekit_url,
        room=room,
        token=token,
        conversation_id=conversation.id,
        expires_in=int(LIFETIME.total_seconds()),
    )


def visitor(attributes: dict[str, str], room: str) -> Visitor:
    """Who a participant is.

    Args:
        attributes: The participant's, as LiveKit hands them on from the token.
        room: Name of the room in which they are.

    Raises:
        NotOurs: They are not from a token of ours, or from one for another room.
    """
    known = {name.removeprefix(_KEY): value for name, value in attributes.items() if name.startswith(_KEY)}
    try:
        found = Visitor.model_validate(known)
    except ValidationError as error:
        raise NotOurs(f"attributes: {error.error_count()} faults") from None
    if not found.belongs_in(room):
        raise NotOurs("attributes of another room")
    return found


def _secret(settings: Settings) -> str:
    return settings.livekit_api_secret.get_secret_value() if settings.livekit_api_secret else ""
