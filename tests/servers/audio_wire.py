"""A small real HTTP server that speaks OpenAI's and Groq's audio routes, with faults to order."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tutor.adapters.wav import encode
from tutor.domain.audio import Audio

RATE = 24_000


@dataclass
class Fault:
    """What happens in place of the answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: object | None = None
    """JSON with an error status; None for the shape that both providers use."""
    raw: bytes | None = None
    """Sent as it stands in place of everything else."""
    delay: float = 0.0
    """Seconds before anything is sent."""


@dataclass
class Heard:
    """One request as it came in."""

    path: str
    key: str
    fields: dict[str, list[str]]
    upload: bytes = b""


class AudioWire:
    """The server's script and its memory."""

    def __init__(self) -> None:
        self.url = ""
        self.text = "Why does my while loop never end?"
        self.fault: Fault | None = None
        self.pace = 0.0
        """Seconds of sound for a character; 0: a tenth of a second for any text."""
        self.requests: list[Heard] = []
        self.app = Starlette(
            routes=[
                Route(f"{root}/audio/{name}", handler, methods=["POST"])
                for root in ("/v1", "/openai/v1")
                for name, handler in (("transcriptions", self._transcriptions), ("speech", self._speech))
            ]
        )

    async def _transcriptions(self, request: Request) -> Response:
        async with request.form() as form:
            upload = form["file"]
            assert isinstance(upload, UploadFile)
            data = await upload.read()
            names = {name for name in form if name != "file"}
            fields = {name: [str(value) for value in form.getlist(name)] for name in names}
        self._remember(request, fields, data)
        return await self._faulty() or JSONResponse({"text": f" {self.text}"})

    async def _speech(self, request: Request) -> Response:
        asked = await request.json()
        self._remember(request, {name: [str(value)] for name, value in asked.items()})
        if fault := await self._faulty():
            return fault
        length = int(RATE * (self.pace * len(asked["input"]) or 0.1))
        samples = (np.sin(np.arange(length) / 10) * 8000).astype("<i2")
        audio = Audio(pcm=samples.tobytes(), sample_rate=RATE)
        if asked["response_format"] == "pcm":
            return Response(audio.pcm, media_type="audio/pcm")
        return Response(encode(audio), media_type="audio/wav")

    def _remember(self, request: Request, fields: dict[str, list[str]], upload: bytes = b"") -> None:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.requests.append(Heard(path=request.url.path, key=key, fields=fields, upload=upload))

    async def _faulty(self) -> Response | None:
        fault = self.fault
        if fault is None:
            return None
        await asyncio.sleep(fault.delay)
        if fault.raw is not None:
            return Response(fault.raw, status_code=fault.status, headers=fault.headers)
        if fault.status == 200:
            return None
        body = fault.body or {
            "error": {"message": "the key gsk_secret said: hello", "type": "x", "code": None}
        }
        return JSONResponse(body, status_code=fault.status, headers=fault.headers)


@contextmanager
def audio_wire() -> Iterator[AudioWire]:
    """A server on a free port of this machine, for the length of the block."""
    wire = AudioWire()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        wire.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(wire.app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            server.should_exit = True
            thread.join(timeout=10)
