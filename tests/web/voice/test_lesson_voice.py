"""One connection: who gets a seat, and who is told why not."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from fastrtc import AdditionalOutputs

from tutor.adapters.vad import Vad
from tutor.domain.learner import Learner, Role
from tutor.domain.place import Place
from tutor.errors import VoiceUsedUp
from tutor.services.services import Services
from tutor.services.voice_seats import VoiceSeats
from tutor.settings import Settings
from tutor.web.identity import current_learner
from tutor.web.pages import voice
from tutor.web.pages.voice import LessonVoice

FRAME = (16_000, np.zeros((1, 320), dtype=np.int16))


class Channel:
    """A data channel that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: str) -> None:
        self.sent.append(message)


class Talkative:
    """Limits that nobody but one learner has reached."""

    async def admit_voice(self, learner: Learner) -> None:
        if learner.name == "hoarse":
            raise VoiceUsedUp("an hour", retry_after=60)


@pytest.fixture
def seats() -> VoiceSeats:
    return VoiceSeats(1)


async def connected(seats: VoiceSeats, name: str) -> LessonVoice:
    """A connection that this learner has made; '' for nobody."""
    services = SimpleNamespace(
        settings=Settings(),
        voice_activity=Vad,
        turn_end=None,
        voice_seats=seats,
        teacher=None,
        turns=None,
        limits=Talkative(),
    )
    learner = Learner(id=name, name=name, role=Role.LEARNER) if name else None
    token = current_learner.set(learner)
    made = LessonVoice(cast("Services", services), cast("Any", Place)).copy()
    current_learner.reset(token)
    made.set_channel(Channel())
    await made.start_up()
    await asyncio.sleep(0.01)
    return made


def told(connection: LessonVoice) -> str:
    return " ".join(cast("Channel", connection.channel).sent)


async def test_nobody_talks_without_a_session(seats: VoiceSeats) -> None:
    """A stranger could use the microphone route, in the name of whoever they like."""
    stranger = await connected(seats, "")
    assert "sign in" in told(stranger)
    assert seats.taken == 0
    await stranger.receive(FRAME)
    await stranger.shutdown()


async def test_the_next_learner_is_told_and_hanging_up_makes_room(seats: VoiceSeats) -> None:
    """A learner would wait in silence, or a seat would stay taken for ever."""
    first = await connected(seats, "ada")
    second = await connected(seats, "bob")
    assert "place for talking is taken" in told(second)
    await second.shutdown()
    assert seats.taken == 1
    await first.shutdown()
    await first.shutdown()
    assert seats.taken == 0
    third = await connected(seats, "bob")
    assert told(third) == ""
    await third.shutdown()


async def test_who_has_talked_enough_today_is_told(seats: VoiceSeats) -> None:
    """A learner at the limit of the day would press Talk and hear nothing, or hold a seat."""
    hoarse = await connected(seats, "hoarse")
    assert "minutes of talking" in told(hoarse)
    assert seats.taken == 0
    await hoarse.shutdown()


async def test_the_newer_window_takes_over(seats: VoiceSeats) -> None:
    """A learner with two windows would have two teachers, or none."""
    older, newer = await connected(seats, "ada"), await connected(seats, "ada")
    assert "another window" in told(older)
    assert told(newer) == ""
    await older.shutdown()
    assert seats.taken == 1
    await newer.shutdown()


async def test_a_client_that_sends_nothing_gives_its_seat_back(
    seats: VoiceSeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four phones that lost their network would close the voice for everybody."""
    monkeypatch.setattr(voice, "_LOOK_SECONDS", 0.005)
    silent = await connected(seats, "ada")
    async with asyncio.timeout(5):
        while seats.taken:  # noqa: ASYNC110 - nothing tells when a seat is free
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.01)
    assert "No sound reaches us" in told(silent)
    await silent.shutdown()


async def test_an_hour_ends_with_a_word(seats: VoiceSeats, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that was forgotten would hold its seat for days."""
    monkeypatch.setattr(voice, "_LOOK_SECONDS", 0.005)
    monkeypatch.setattr(voice, "_LONGEST_SECONDS", 0.0)
    endless = await connected(seats, "ada")
    async with asyncio.timeout(5):
        while seats.taken:
            await endless.receive(FRAME)
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    assert "an hour" in told(endless)
    await endless.shutdown()


def test_a_vanished_client_is_noticed_in_time() -> None:
    """The seat of a vanished client would not be free after five seconds."""
    assert voice._LOOK_SECONDS * voice._VANISHED_LOOKS < 4.5


async def test_a_connection_that_takes_nothing_is_not_filled_without_end(seats: VoiceSeats) -> None:
    """A browser that stands still would fill the memory with sound, or miss what came last."""
    call = await connected(seats, "ada")
    for number in range(2000):
        call._send(FRAME)
        call._screen.say(str(number))
    kept = [call._out.get_nowait() for _ in range(call._out.qsize())]
    seen = [str(item.args[2]) for item in kept if isinstance(item, AdditionalOutputs)]
    assert len(kept) <= voice._UNSENT
    assert seen[-1] == "1999"
    await call.shutdown()
