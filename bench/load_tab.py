"""A browser's tab for the load bench: asks through Gradio's queue, as Gradio's own script does."""

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any, Self

from bench.load_client import Line


class Tab:
    """One open page."""

    def __init__(self, line: Line, function: int) -> None:
        self._line = line
        self._function = function
        self._hash = secrets.token_hex(6)

    @classmethod
    async def open(cls, line: Line, *, box: str = "") -> Self:
        """Read the page's configuration; `box`: the id of the text box whose submission is the question."""
        config = await line.json("GET", "/config")
        boxes = {one["id"] for one in config["components"] if not box or one["props"].get("elem_id") == box}
        function = next(
            one["id"]
            for one in config["dependencies"]
            if any(target in boxes and event == "submit" for target, event in one["targets"])
        )
        return cls(line, function)

    async def ask(self, *values: object) -> AsyncIterator[dict[str, Any]]:
        """The messages of one event. Raises Refused, OSError, EOFError, RuntimeError."""
        event = {"data": values, "fn_index": self._function, "session_hash": self._hash, "event_data": None}
        await self._line.json("POST", "/gradio_api/queue/join", event)
        async for piece in self._line.stream("GET", f"/gradio_api/queue/data?session_hash={self._hash}"):
            for line in piece.split(b"\n\n"):
                if line:
                    message: dict[str, Any] = json.loads(line[6:])
                    if message["msg"] == "process_completed" and not message["success"]:
                        raise RuntimeError(str(message["output"])[:80])
                    yield message
