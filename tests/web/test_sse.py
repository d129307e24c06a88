"""The events of a turn as server-sent events."""

import json
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from starlette.responses import JSONResponse, StreamingResponse

from tutor.domain.audio import Audio
from tutor.domain.turn import Delta, Failed, Heard, Spoken, TurnEvent
from tutor.web.sse import event_stream

HEARD = Heard(text="Why?", conversation_id="c", turn_id="t")


class Turn:
    """Events of a turn, which knows whether it was closed."""

    def __init__(self, *events: TurnEvent) -> None:
        self._events = events
        self.closed = False

    async def __call__(self) -> AsyncGenerator[TurnEvent]:
        try:
            for event in self._events:
                yield event
        finally:
            self.closed = True


async def body(response: object) -> str:
    assert isinstance(response, StreamingResponse)
    return "".join([str(chunk) async for chunk in response.body_iterator])


async def test_each_event_is_one_frame() -> None:
    """A browser's EventSource could not tell the events apart."""
    turn = Turn(HEARD, Delta(text="Line one\n\nLine two: «é»"), Failed(code="busy", text="Later."))
    response = await event_stream(turn())
    assert response.media_type == "text/event-stream"
    first, second, third, end = (await body(response)).split("\n\n")
    assert first.split("\n")[0] == "event: heard"
    assert json.loads(second.split("\n")[1].removeprefix("data: ")) == {
        "event": "delta",
        "text": "Line one\n\nLine two: «é»",
    }
    assert third.startswith("event: failed\ndata: {")
    assert end == ""
    assert turn.closed


async def test_sound_is_not_sent_as_text() -> None:
    """Every spoken sentence would be sent as a megabyte of JSON."""
    spoken = Spoken(text="Hi.", seconds=0.5, audio=Audio(pcm=bytes(16_000), sample_rate=16_000))
    text = await body(await event_stream(Turn(HEARD, spoken)()))
    assert json.loads(text.split("data: ")[2]) == {"event": "spoken", "text": "Hi.", "seconds": 0.5, "end": 0}


@pytest.mark.parametrize(
    ("events", "status", "code"),
    [
        ((Failed(code="message_empty", text="Say something."),), 422, "message_empty"),
        ((Failed(code="message_too_long", text="Shorter."),), 413, "message_too_long"),
        ((Failed(code="conversation_unknown", text="Gone."),), 404, "conversation_unknown"),
        ((Failed(code="store_full", text="Full."),), 507, "store_full"),
        ((Failed(code="rate_limited", text="Later."),), 502, "rate_limited"),
        ((Failed(code="something new", text="Odd."),), 500, "something new"),
        ((), 500, "internal"),
    ],
)
async def test_a_turn_that_fails_at_once_has_a_status(
    events: tuple[TurnEvent, ...], status: int, code: str
) -> None:
    """A program would have to read a stream to find out that its request was wrong."""
    turn = Turn(*events)
    response = await event_stream(turn())
    assert isinstance(response, JSONResponse)
    assert response.status_code == status
    assert json.loads(bytes(response.body))["code"] == code
    assert turn.closed


async def test_who_is_sent_away_is_told_when_to_come_back() -> None:
    """Programs would try again at once, and keep a busy site busy."""
    busy = await event_stream(Turn(Failed(code="busy", text="Later.", retry_after=7))())
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "7")
    broken = await event_stream(Turn(Failed(code="internal", text="Odd."))())
    assert "retry-after" not in broken.headers


async def test_who_leaves_stops_the_turn() -> None:
    """A model would go on answering nobody."""
    turn = Turn(HEARD, *(Delta(text="x") for _ in range(100)))
    response = await event_stream(turn())
    assert isinstance(response, StreamingResponse)
    frames: AsyncIterator[object] = response.body_iterator
    await anext(frames)
    await frames.aclose()  # type: ignore[attr-defined]
    assert turn.closed


async def test_nothing_in_between_may_keep_the_answer() -> None:
    """A proxy would hold the answer back until it is whole, or a cache would keep a learner's words."""
    headers = (await event_stream(Turn(HEARD)())).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
