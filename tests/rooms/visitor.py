"""A learner's client in a room, made with LiveKit's own Python SDK."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from livekit import rtc

from tutor.domain.audio import Audio
from tutor.rooms.tokens import Ticket


class Visitor:
    """Joins, types, speaks, and remembers what it was told and what it heard."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.room = rtc.Room()
        self.told: list[dict[str, Any]] = []
        self.captions: list[str] = []
        self.sound: list[tuple[float, bytes]] = []
        """Pieces of the teacher's track at 16 kHz, each with the time of its arrival."""
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._speech = b""
        self._silent = asyncio.Event()

    async def join(self) -> None:
        self.room.on("data_received", self._received)
        self.room.on("track_subscribed", self._subscribed)
        self.room.register_text_stream_handler("lk.transcription", self._transcribed)
        await self.room.connect(self.ticket.url, self.ticket.token)

    async def leave(self) -> None:
        await self.room.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- What the learner does

    async def send(self, **message: Any) -> None:
        await self.send_raw(json.dumps({"v": 1, **message}).encode())

    async def send_raw(self, data: bytes, *, topic: str = "tutor") -> None:
        await self.room.local_participant.publish_data(data, topic=topic)

    async def open_microphone(self) -> None:
        """From now on it sends silence, as a real one does, or what `speak` gives it."""
        source = rtc.AudioSource(16_000, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)

        async def send() -> None:
            while True:
                piece, self._speech = self._speech[:640], self._speech[640:]
                frame = rtc.AudioFrame(piece.ljust(640, b"\0"), 16_000, 1, 320)
                await source.capture_frame(frame)
                if not self._speech:
                    self._silent.set()

        self._keep(send())

    async def speak(self, audio: Audio) -> None:
        """Say it into the microphone, at the speed of speech."""
        assert audio.sample_rate == 16_000
        self._silent.clear()
        self._speech = audio.pcm
        await self._silent.wait()

    # -- What the learner gets

    async def wait_for(
        self,
        kind: str,
        *,
        seconds: float = 40,
        after: int = 0,
        where: Callable[[dict[str, Any]], bool] | None = None,
    ) -> dict[str, Any]:
        """The first message of a kind, from the message number `after` on."""
        async with asyncio.timeout(seconds):
            while True:
                for message in self.told[after:]:
                    if message["type"] == kind and (where is None or where(message)):
                        return message
                self._news.clear()
                await self._news.wait()

    async def wait_for_caption(self, true: Callable[[list[str]], bool], *, seconds: float = 15) -> None:
        """Wait until what LiveKit's stock captions brought fulfils a condition."""
        async with asyncio.timeout(seconds):
            while not true(self.captions):
                self._news.clear()
                await self._news.wait()

    def heard(self) -> Audio:
        """All that the teacher's track has brought."""
        return Audio(pcm=b"".join(pcm for _, pcm in self.sound) or bytes(2), sample_rate=16_000)

    def loud(self, since: float = 0.0) -> list[float]:
        """When pieces of sound came that are not silence."""
        return [
            at
            for at, pcm in self.sound
            if at >= since and np.abs(np.frombuffer(pcm, dtype="<i2").astype(int)).max() > 500
        ]

    def _received(self, packet: rtc.DataPacket) -> None:
        if packet.topic == "tutor":
            self.told.append(json.loads(packet.data))
            self._news.set()

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._keep(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=16_000, num_channels=1)
        async for event in stream:
            self.sound.append((asyncio.get_running_loop().time(), bytes(event.frame.data)))

    def _transcribed(self, reader: rtc.TextStreamReader, _: str) -> None:
        async def read() -> None:
            async for piece in reader:
                self.captions.append(piece)
                self._news.set()

        self._keep(read())

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
