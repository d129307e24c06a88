"""Adds up what the rooms of a worker count, for its /metrics. Kept apart from the rooms, which come and go.

No label names a room or a learner: there is one for each lesson, and Prometheus keeps each for ever.
"""

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from pydantic import ValidationError

from tutor.rooms.counts import Count

log = structlog.get_logger()

_LARGEST: Final = 4096
_WAITS: Final = (0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds; 1.2 and 2 are what this project promises."""


class Tally:
    """Where rooms' processes send their counts: a Unix socket in a folder that only this user can open.

    Args:
        registry: Of the metrics; LiveKit's worker serves the usual one.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._turns = Counter(
            "tutor_room_turns", "Turns in rooms, by how they came and ended.", ("via", "outcome"),
            registry=registry,
        )  # fmt: skip
        self._waits = Histogram(
            "tutor_room_wait_seconds", "From the last sound of a question to the first of its answer.",
            buckets=_WAITS, registry=registry,
        )  # fmt: skip
        self._interruptions = Counter(
            "tutor_room_interruptions", "Answers that learners talked over or stopped.", registry=registry
        )
        self._refusals = Counter(
            "tutor_room_messages_refused", "Messages on data channels that were refused.", ("code",),
            registry=registry,
        )  # fmt: skip
        self._opened = Counter("tutor_rooms_opened", "Rooms in which a teacher began.", registry=registry)
        self._closed = Counter("tutor_rooms_closed", "Rooms that a teacher left.", registry=registry)
        self._folder = tempfile.TemporaryDirectory(prefix="tutor-rooms-")
        self.address = str(Path(self._folder.name) / "counts")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(self.address)

    def listen(self) -> None:
        """Take counts from now on, in the running loop."""
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def close(self) -> None:
        """Take no more."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._folder.cleanup()

    def _read(self) -> None:
        try:
            self.add(Count.model_validate_json(self._socket.recv(_LARGEST)))
        except ValidationError as error:
            log.warning("count_unreadable", faults=error.error_count())

    def add(self, count: Count) -> None:
        """Count one thing that happened."""
        match count.name:
            case "turn":
                self._turns.labels(*count.labels).inc()
            case "wait":
                self._waits.observe(count.value)
            case "interruption":
                self._interruptions.inc()
            case "refusal":
                self._refusals.labels(*count.labels).inc()
            case "opened":
                self._opened.inc()
            case "closed":
                self._closed.inc()
