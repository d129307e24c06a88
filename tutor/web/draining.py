"""Lets the process end: Gradio's event streams stay open as long as a page does, and would hold it up."""

import asyncio
import re
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.services.drain import Drain

_IDLE = re.compile(r"(/welcome)?/gradio_api/heartbeat/.*")
"""Says only that the page is there."""
_BUSY = "/gradio_api/queue/data"
"""Carries the events of what runs."""


class Draining:
    """Ends the streams that never end by themselves, once the process is told to stop."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path = scope.get("path", "")
        idle = _IDLE.fullmatch(path)
        if scope["type"] != "http" or not (idle or path == _BUSY):
            await self.app(scope, receive, send)
            return
        unfinished = False

        async def noted(message: Message) -> None:
            nonlocal unfinished
            unfinished = message["type"] == "http.response.start" or bool(message.get("more_body"))
            await send(message)

        serving = asyncio.ensure_future(self.app(scope, receive, noted))
        ending = asyncio.ensure_future(self._drain.wait_begun() if idle else self._drain.wait_over())
        try:
            await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            for task in (serving, ending):
                task.cancel()
            await asyncio.wait((serving, ending))
        if unfinished and serving.cancelled():
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class DrainingServer(uvicorn.Server):
    """Uvicorn, which tells the app at the signal, and not after the last connection has gone."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Take no more connections, and let those that are there end."""
        self._drain.begin()
        await super().shutdown(sockets)
