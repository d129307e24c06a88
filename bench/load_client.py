"""A learner's side of HTTP, for the load bench: one kept connection, and as little work as can be.

Client, model and app share two cores. A general client takes a millisecond and more for a request, which the
app would then lack; this one takes a tenth of that. It reads what uvicorn sends, and nothing else.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

_LIMIT = 1 << 22
"""Bytes of one line: an event of Gradio's is one."""


class Refused(Exception):
    """An answer with another status than 2xx."""

    def __init__(self, status: int, body: bytes, retry_after: float) -> None:
        super().__init__(f"{status} {body[:200]!r}")
        self.status = status
        self.retry_after = retry_after


class Line:
    """One learner's connection to the app."""

    def __init__(self, port: int, address: str = "") -> None:
        """`address`: whom a proxy would name as the client, so that no throttle joins two learners."""
        self._port = port
        self.headers = {"host": "127.0.0.1", "content-type": "application/json"}
        if address:
            self.headers["x-forwarded-for"] = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()

    async def hang_up(self) -> None:
        """Close the connection, in the middle of an answer if need be; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    async def json(self, method: str, path: str, body: object = None) -> Any:
        """A whole answer. Raises Refused, OSError, EOFError."""
        pieces = [piece async for piece in self.stream(method, path, body)]
        return json.loads(b"".join(pieces) or b"null")

    async def stream(self, method: str, path: str, body: object = None) -> AsyncIterator[bytes]:
        """An answer, piece by piece as it was sent. Raises Refused, OSError, EOFError."""
        if self._reader is not None and self._reader.at_eof():
            await self.hang_up()  # the server closed a connection on which nothing went on
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=_LIMIT)
        reader, writer = self._reader, self._writer
        sent = b"" if body is None else json.dumps(body).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        start = f"{method} {path} HTTP/1.1\r\n{head}content-length: {len(sent)}\r\n\r\n"
        writer.write(start.encode() + sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        found = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        if status >= 300:
            whole = b"".join([piece async for piece in _body(reader, found)])
            raise Refused(status, whole, float(found.get("retry-after", 0)))
        if cookie := found.get("set-cookie"):
            # in lower case it would be another token
            given = next(line for line in lines if line.lower().startswith("set-cookie"))
            self.headers["cookie"] = given.split(": ", 1)[1].split(";")[0]
            assert cookie
        async for piece in _body(reader, found):
            yield piece


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if headers.get("transfer-encoding") != "chunked":
        if length := int(headers.get("content-length", 0)):
            yield await reader.readexactly(length)
        return
    while size := int(await reader.readline(), 16):
        piece = await reader.readexactly(size + 2)
        yield piece[:-2]
    await reader.readline()


def event_of(frame: bytes) -> tuple[str, bytes]:
    """Name and JSON of one server-sent event of ours."""
    name, _, data = frame.partition(b"\n")
    return name[7:].decode(), data[6:].rstrip()
