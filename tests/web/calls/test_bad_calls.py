"""Callers who do not behave, over real WebRTC: each loses no more than their own call."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from aiortc import RTCPeerConnection

from bench.caller import Microphone
from tests.web.calls.conftest import QUIET
from tests.web.conftest import Site

pytestmark = QUIET

Call = Callable[..., Any]
GARBAGE = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
"""An offer that passes for one at the first look."""


class Mute(Microphone):
    """A microphone that never gives a sample."""

    async def recv(self) -> Any:
        await asyncio.Event().wait()


async def test_two_learners_are_answered_and_leave_no_seat_taken(calls: Site, call: Call) -> None:
    """Two who ask at once would be mixed up, or a seat would stay taken after the call."""
    async with call() as ada, call() as bob:
        await asyncio.gather(ada.reads("Listening"), bob.reads("Listening"))
        await asyncio.gather(ada.say("list"), bob.say("function"))
        await asyncio.gather(*(one.reads("next question") for one in (ada, bob)))
        assert "list" in (await ada.stored())[0][1].lower()
        assert "function" in (await bob.stored())[0][1].lower()
        assert calls.services.voice_seats.taken == 2
    await ada.until(lambda: calls.services.voice_seats.taken == 0, seconds=5)


async def test_a_client_that_sends_no_sound_is_told_and_gives_its_seat_back(calls: Site, call: Call) -> None:
    """Whoever connects and sends nothing would keep others from talking."""
    async with call(microphone=Mute()) as ada:
        await ada.until(lambda: calls.services.voice_seats.taken == 1)
        begun = monotonic()
        await ada.until(lambda: calls.services.voice_seats.taken == 0)
        assert monotonic() - begun < 5
        await ada.until(lambda: "No sound reaches us" in ada.caller.refused)


async def test_nobody_keeps_others_out_by_offers(calls: Site, call: Call) -> None:
    """A learner could close the voice for all: with offers that cannot be read, or that nobody opens."""
    async with call() as mallory:
        for number in range(200):
            offer = {"sdp": GARBAGE, "type": "offer", "webrtc_id": f"garbage{number}"}
            assert (await mallory.caller.serve("offer", offer))["status"] == "failed"
        closed = []
        for number in range(6):
            connection = RTCPeerConnection()
            connection.addTrack(Microphone())
            await connection.setLocalDescription(await connection.createOffer())
            described = connection.localDescription
            offer = {"sdp": described.sdp, "type": described.type, "webrtc_id": f"unopened{number}"}
            assert "sdp" in await mallory.caller.serve("offer", offer), "FastRTC takes no more"
            closed.append(connection)
        async with call() as ada:
            await ada.reads("Listening")
        for connection in closed:
            await connection.close()
