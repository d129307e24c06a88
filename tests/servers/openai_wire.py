"""A real HTTP server that speaks the OpenAI chat-completions protocol, and goes wrong on demand.

In a test: `async with OpenAIWire() as wire`, then `wire.act("model-a", Act(status=500))`. As a program it
serves until it is killed and takes its acts over HTTP (`POST /act`), so that a benchmark can run it in a
process of its own: `python tests/servers/openai_wire.py` prints its port.

Written on bare sockets: an HTTP framework would refuse to send half of what it has to.
"""

import asyncio
import contextlib
import json
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, Self

_REASONS = {
    200: "OK",
    307: "Temporary Redirect",
    400: "Bad Request",
    404: "Not Found",
    429: "Too Many Requests",
}
NOW = "{now}"
HANG = 3600.0
"""Seconds: longer than any test waits."""


@dataclass(frozen=True)
class Act:
    """How one model behaves."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""
    """Error code in the body of an error answer."""
    words: tuple[str, ...] = ("A ", "loop ", "repeats ", "code.")
    """NOW stands for the moment at which it is sent, in seconds of the machine's monotonic clock."""
    connect: float = 0.0
    """Seconds before the status line."""
    first: float = 0.0
    """Seconds between status line and first word."""
    gap: float = 0.0
    """Seconds between words."""
    role: bool = True
    """Send the usual first delta that has a role and no text."""
    keepalive: float = 0.0
    """Instead of words, send a comment every so many seconds, for ever."""
    cut_after: int | None = None
    """Words after which the connection is torn."""
    stall_after: int | None = None
    """Words after which nothing comes any more, though the connection stays."""
    finish: str = "stop"
    """'' to end the stream without a finish reason."""
    usage: tuple[int, int] | None = (11, 7)
    done: bool = True
    """False: after the last word the stream hangs instead of ending."""
    raw: str = ""
    """Sent in place of words, as latin-1: anything, valid or not."""


@dataclass
class Asked:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closed the connection before the answer was complete."""

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))


class OpenAIWire:
    """The server. Models that no act was set for answer at once and well."""

    def __init__(self, *, models: tuple[str, ...] = ()) -> None:
        self.models = models
        """What /models lists; empty: 404, as servers without that route do."""
        self.asked: list[Asked] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.connections = 0
        """Opened so far."""
        self._acts: dict[str, list[Act]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """Its root, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def act(self, model: str, *acts: Act) -> None:
        """Behave so: one act for each request, the last one for all further ones."""
        self._acts[model] = list(acts)

    def asked_of(self, model: str) -> list[Asked]:
        """The requests for one model."""
        return [asked for asked in self.asked if asked.model == model]

    async def start(self, port: int = 0) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._serve(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request. False where the connection is over."""
        line = await reader.readline()
        if not line:
            return False
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (header := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower().strip()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "GET" and path.endswith("/models"):
            return await self._list_models(writer)
        if path == "/act":
            told = json.loads(body)
            self.act(told["model"], *(Act(**act) for act in told["acts"]))
            self.counts.clear()
            return await _plain(writer, 200, {})
        if path == "/counts":
            return await _plain(writer, 200, dict(self.counts))
        asked = Asked(path, headers, json.loads(body))
        self.counts[asked.model] += 1
        if len(self.asked) < 10_000:
            self.asked.append(asked)
        acts = self._acts.get(asked.model) or [Act()]
        act = acts.pop(0) if len(acts) > 1 else acts[0]
        return await self._perform(act, asked, reader, writer)

    async def _list_models(self, writer: asyncio.StreamWriter) -> bool:
        if not self.models:
            return await _plain(writer, 404, {"error": {"message": "no such route", "code": "not_found"}})
        listed = [{"id": model, "object": "model", "created": 0, "owned_by": "t"} for model in self.models]
        return await _plain(writer, 200, {"object": "list", "data": listed})

    async def _perform(
        self, act: Act, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        # A client sends nothing while it waits; so reading ends only when it goes away.
        watching = asyncio.ensure_future(reader.read(1)) if _slow(act) else None
        playing = asyncio.ensure_future(_play(act, asked, writer))
        try:
            if watching is None:
                return await playing
            await asyncio.wait((watching, playing), return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                asked.gone.set()
                return False
            return await playing and not watching.done()
        except ConnectionError:
            asked.gone.set()
            return False
        finally:
            for task in (watching, playing):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                        await task


def _slow(act: Act) -> bool:
    return (
        bool(act.connect or act.first or act.gap or act.keepalive or not act.done)
        or act.stall_after is not None
    )


async def _play(act: Act, asked: Asked, writer: asyncio.StreamWriter) -> bool:
    if act.connect:
        await asyncio.sleep(act.connect)
    if act.status != 200:
        body = {"error": {"message": f"a made-up failure, key {asked.headers.get('authorization')}"}}
        if act.code:
            body["error"]["code"] = act.code
        return await _plain(writer, act.status, body, act.headers)
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    more = "".join(f"{name}: {value}\r\n" for name, value in act.headers.items())
    writer.write(f"{head}{more}\r\n".encode())
    if act.raw:
        _chunk(writer, act.raw.encode("latin-1"))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True
    if act.role:
        _event(writer, asked.model, {"role": "assistant", "content": ""})
    await writer.drain()
    while act.keepalive:
        await asyncio.sleep(act.keepalive)
        _chunk(writer, b": keep-alive\n\n")
        await writer.drain()
    if act.first:
        await asyncio.sleep(act.first)
    return await _speak(act, asked, writer)


async def _speak(act: Act, asked: Asked, writer: asyncio.StreamWriter) -> bool:
    for number, word in enumerate(act.words):
        if number == act.cut_after:
            writer.transport.abort()
            return False
        if number == act.stall_after:
            await asyncio.sleep(HANG)
        if act.gap and number:
            await asyncio.sleep(act.gap)
        _event(writer, asked.model, {"content": f"{monotonic():.6f} " if word == NOW else word})
        await writer.drain()
    if act.finish:
        _event(writer, asked.model, {}, finish=act.finish)
    if not act.done:
        await writer.drain()
        await asyncio.sleep(HANG)
    if act.usage:
        prompt, completion = act.usage
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
        _send(writer, asked.model, {"choices": [], "usage": usage})
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _event(
    writer: asyncio.StreamWriter, model: str, delta: dict[str, str], finish: str | None = None
) -> None:
    _send(writer, model, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _send(writer: asyncio.StreamWriter, model: str, more: dict[str, Any]) -> None:
    event = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": model, **more}
    _chunk(writer, f"data: {json.dumps(event)}\n\n".encode())


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


async def _plain(
    writer: asyncio.StreamWriter, status: int, body: object, headers: dict[str, str] | None = None
) -> bool:
    payload = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Broken')}", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines.append(f"content-length: {len(payload)}")
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
    await writer.drain()
    return True


def as_json(act: Act) -> dict[str, Any]:
    """An act as `POST /act` takes it."""
    return asdict(act)


async def _main() -> None:
    wire = await OpenAIWire().start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(wire.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
