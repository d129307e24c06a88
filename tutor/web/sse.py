"""The events of a turn as server-sent events."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing

from starlette.responses import JSONResponse, Response, StreamingResponse

from tutor.domain.audio import Audio
from tutor.domain.turn import Failed, Spoken, TurnEvent
from tutor.errors import status_of

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy that buffers would hold the answer back until it is whole."""


Wav = Callable[[Sequence[Audio]], bytes]


async def event_stream(events: AsyncGenerator[TurnEvent], *, wav: Wav | None = None) -> Response:
    """Stream the events; where the very first is a failure, answer with its HTTP status instead.

    Args:
        events: Of one turn.
        wav: Makes a file of sound; without it sentences come without theirs.
    """
    first = await anext(events, None)
    if first is None or isinstance(first, Failed):
        await events.aclose()
        failed = first or Failed(code="internal", text="There was no answer.")
        again = {"retry-after": str(failed.retry_after)} if failed.retry_after else None
        refusal = {"code": failed.code, "text": failed.text}  # in the form of the API's other refusals
        return JSONResponse(refusal, status_code=status_of(failed.code), headers=again)
    return StreamingResponse(_lines(first, events, wav), media_type="text/event-stream", headers=_HEADERS)


async def _lines(first: TurnEvent, events: AsyncGenerator[TurnEvent], wav: Wav | None) -> AsyncIterator[str]:
    async with aclosing(events):
        yield _frame(first, wav)
        async for event in events:
            yield _frame(event, wav)


def _frame(event: TurnEvent, wav: Wav | None) -> str:
    data = event.model_dump_json()
    if wav is not None and isinstance(event, Spoken) and event.audio is not None:
        sound = b64encode(wav([event.audio])).decode()
        data = json.dumps({**json.loads(data), "sound": sound})
    return f"event: {event.event}\ndata: {data}\n\n"
