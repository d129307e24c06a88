"""A learner without a browser: signs in, speaks a recording over WebRTC, and notes what comes back."""

import asyncio
import contextlib
import fractions
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import av
import httpx
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from numpy.typing import NDArray

RATE = 48_000
FRAME = 960
"""Samples in 20 ms."""
_AUDIBLE = 150
"""Of 32768: a frame that is louder holds sound."""


class Microphone(MediaStreamTrack):
    """Speaks what it is given, and silence in between, in real time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sound = np.zeros(0, dtype=np.int16)
        self._began = 0.0
        self._count = 0
        self.begun_at = 0.0
        """When the first sample of what it was given was sent."""
        self.done_at = 0.0
        """When the last sample of what it was given was sent."""
        self.quiet = asyncio.Event()

    def say(self, sound: NDArray[np.int16]) -> None:
        """Speak this next, from 48 kHz samples."""
        if not self._sound.size:
            self.begun_at = 0.0
        self._sound = np.concatenate([self._sound, sound])
        self.quiet.clear()

    async def recv(self) -> av.AudioFrame:
        self._began = self._began or perf_counter()
        await asyncio.sleep(max(0.0, self._began + self._count * 0.02 - perf_counter()))
        part, self._sound = self._sound[:FRAME], self._sound[FRAME:]
        if part.size:
            self.begun_at = self.begun_at or perf_counter()
        if part.size and not self._sound.size:
            self.done_at = perf_counter()
            self.quiet.set()
        samples = np.pad(part, (0, FRAME - part.size))[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._count * FRAME, fractions.Fraction(1, RATE)
        self._count += 1
        return frame


@dataclass
class Caller:
    """One call. `dial`, then speak with the microphone; `sounds` fills with what is heard."""

    client: httpx.AsyncClient
    course: str = "python-basics"
    chapter: str = "loops"
    place: str = ""
    """What the page tells of its place; '' for the real one."""
    work: str = ""
    """What the page tells of the learner's work."""
    relayed: bool = False
    """Whether all sound must go through the relay that the site names."""
    microphone: Microphone = field(default_factory=Microphone)
    sounds: list[float] = field(default_factory=list)
    """When each audible frame came in, on the clock of `perf_counter`."""
    hears: Callable[[float, NDArray[np.int16]], None] | None = None
    """Is given every frame that comes in, and when: 20 ms at 48 kHz, shape (960,)."""
    messages: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    connection: RTCPeerConnection | None = None

    async def dial(self) -> dict[str, Any]:
        """Sign in as a guest, open a conversation, and connect. Gives the server's answer to the offer."""
        if not self.client.cookies:
            (await self.client.post("/api/v1/auth/guest")).raise_for_status()
        where = {"course": self.course, "chapter": self.chapter}
        talk = (await self.client.post("/api/v1/conversations", json=where)).raise_for_status().json()
        self.place = self.place or json.dumps({**where, "conversation_id": talk["id"]})
        self.conversation = talk["id"]
        config = (await self.client.get("/config")).json()
        self.component = next(part["id"] for part in config["components"] if part["type"] == "webrtc")
        self._event = next(
            call["id"] for call in config["dependencies"] if [self.component, "tick"] in call["targets"]
        )
        self.id, self._session = secrets.token_hex(6), secrets.token_hex(6)
        self.connection = RTCPeerConnection(await self._relays() if self.relayed else None)
        self.connection.addTrack(self.microphone)
        self.connection.on("track", self._hears)
        self.channel = self.connection.createDataChannel("text")
        self.channel.on("message", self._told)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription
        answer = await self.serve("offer", {"sdp": offer.sdp, "type": offer.type, "webrtc_id": self.id})
        if "sdp" in answer:
            description = RTCSessionDescription(sdp=answer["sdp"], type=answer["type"])
            await self.connection.setRemoteDescription(description)
        return answer

    @property
    def refused(self) -> str:
        """Why the server has ended the call; '' where it has not."""
        return next((str(told["data"]) for _, told in self.messages if told.get("type") == "end_stream"), "")

    async def hang_up(self) -> None:
        """End the call."""
        if self.connection is not None:
            await self.connection.close()

    async def _relays(self) -> RTCConfiguration:
        known = await self.serve("turn", {})
        servers = [RTCIceServer(**server) for server in known["iceServers"]]
        return RTCConfiguration(iceServers=servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)

    async def serve(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the page's voice component."""
        body = {
            "data": data,
            "fn_name": name,
            "component_id": self.component,
            "session_hash": self._session,
        }
        answer = await self.client.post("/gradio_api/component_server", json=body)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def _hears(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(Exception):  # aiortc ends a track with an error
            while True:
                frame = await track.recv()
                sound = frame.to_ndarray().reshape(-1, 2)[:, 0]  # type: ignore[union-attr]  # both sides are one
                if np.abs(sound.astype(np.int32)).max() > _AUDIBLE:
                    self.sounds.append(perf_counter())
                if self.hears is not None:
                    self.hears(perf_counter(), sound)

    def _told(self, message: str) -> None:
        told = json.loads(message)
        self.messages.append((perf_counter(), told))
        if told.get("type") == "send_input":
            self._sending = asyncio.create_task(self.tell())

    async def tell(self) -> None:
        """Tell the server where this is, as the page does when it is asked."""
        body = {
            "data": [self.id, self.place, self.work],
            "fn_index": self._event,
            "session_hash": self._session,
            "trigger_id": self.component,
        }
        (await self.client.post("/gradio_api/queue/join", json=body)).raise_for_status()
