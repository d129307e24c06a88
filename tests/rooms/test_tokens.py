"""Who may enter which room, and what a worker believes of them."""

from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from tests.rooms.conftest import KEY, SECRET
from tutor.domain.conversation import Conversation
from tutor.domain.learner import Learner
from tutor.errors import RoomsOff
from tutor.rooms.tokens import NotOurs, room_name, site_of, ticket, visitor
from tutor.settings import Settings

ADA, BOB = Learner(id="ada", name="Ada"), Learner(id="bob", name="Bob")
NOW = datetime(2026, 11, 3, tzinfo=UTC)
TALK = Conversation(
    id="talk", title="Loops", course="python-basics", chapter="loops", created_at=NOW, updated_at=NOW
)


@pytest.fixture
def with_rooms(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, livekit_url="ws://livekit:7880", livekit_api_key=KEY, livekit_api_secret=SECRET,
        livekit_public_url="wss://livekit.example",
    )  # fmt: skip


def test_a_token_opens_one_room_for_a_short_time(with_rooms: Settings) -> None:
    """A token that leaks would open other rooms, or this one for ever, or let its holder pose as another."""
    given = ticket(with_rooms, ADA, TALK, chapter="lists")
    claims = jwt.decode(given.token, SECRET, algorithms=["HS256"])
    assert (given.url, given.room, claims["sub"]) == (
        "wss://livekit.example",
        room_name("tutor", "ada", "talk"),
        "ada",
    )
    assert claims["exp"] - claims["nbf"] <= 300
    grants = claims["video"]
    assert (grants["roomJoin"], grants["room"], grants["canPublishSources"]) == (
        True, given.room, ["microphone"],
    )  # fmt: skip
    assert grants["canUpdateOwnMetadata"] is False
    assert not {"roomAdmin", "roomCreate", "roomList", "roomRecord", "ingressAdmin"} & grants.keys()
    assert claims["roomConfig"]["agents"] == [{"agentName": "tutor"}]

    known = visitor(claims["attributes"], given.room)
    assert (known.learner, known.conversation, known.course, known.chapter) == (
        "ada", "talk", "python-basics", "lists",
    )  # fmt: skip


def test_rooms_are_apart() -> None:
    """Two learners, or two conversations, would meet in one room; or its name would tell whose it is."""
    people = [("ada", "talk"), ("bob", "talk"), ("ada", "other"), ("ad", "a talk")]
    names = {room_name(site, *who) for who in people for site in ("tutor", "tutor-b")}
    assert len(names) == 8
    assert {site_of(name) for name in names} == {"tutor", "tutor-b"}
    assert not any("ada" in name or "talk" in name for name in names)


@pytest.mark.parametrize(
    "change", [{"tutor.learner": "bob"}, {"tutor.conversation": "other"}, {"tutor.x": "1"}]
)
def test_attributes_of_another_room_are_not_believed(with_rooms: Settings, change: dict[str, str]) -> None:
    """Whoever gets a participant of their own into a room would be taught as somebody else."""
    given = ticket(with_rooms, ADA, TALK)
    attributes = jwt.decode(given.token, SECRET, algorithms=["HS256"])["attributes"]
    with pytest.raises(NotOurs):
        visitor({**attributes, **change}, given.room)
    with pytest.raises(NotOurs):
        visitor({}, given.room)


def test_without_a_server_there_are_no_rooms(settings: Settings) -> None:
    """A site without LiveKit would hand out tokens that open nothing."""
    with pytest.raises(RoomsOff):
        ticket(settings, ADA, TALK)


@pytest.mark.parametrize("url", ["https://livekit.example", "livekit", "wss://livekit.example/room"])
def test_an_address_that_is_no_livekit_server_is_refused(tmp_path: Path, url: str) -> None:
    """The page's security policy would be built from whatever is set."""
    with pytest.raises(ValueError, match="LiveKit"):
        Settings(data_dir=tmp_path, livekit_url=url)
