"""The events of a turn as server-sent events."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from starlette.responses import JSONResponse, Response, StreamingResponse

from tutor.domain.turn import Failed, TurnEvent
from tutor.errors import status_of

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy that buffers would hold the answer back until it is whole."""


async def event_stream(events: AsyncGenerator[TurnEvent]) -> Response:
    """Stream the events; where the very first is a failure, answer with its HTTP status instead."""
    first = await anext(events, None)
    if first is None or isinstance(first, Failed):
        await events.aclose()
        failed = first or Failed(code="internal", text="There was no answer.")
        return JSONResponse(failed.model_dump(), status_code=status_of(failed.code))
    return StreamingResponse(_lines(first, events), media_type="text/event-stream", headers=_HEADERS)


async def _lines(first: TurnEvent, events: AsyncGenerator[TurnEvent]) -> AsyncIterator[str]:
    async with aclosing(events):
        yield _frame(first)
        async for event in events:
            yield _frame(event)


def _frame(event: TurnEvent) -> str:
    return f"event: {event.event}\ndata: {event.model_dump_json()}\n\n"
