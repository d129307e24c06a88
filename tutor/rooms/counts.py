"""What a room's process counts, told to its worker, which outlives it and serves /metrics."""

import socket
from collections import deque
from typing import Final, Literal, TypeAlias

import structlog

from tutor.domain.conversation import Via
from tutor.domain.value import Value

log = structlog.get_logger()

_MOST: Final = 1000
"""Counts that may wait for a worker that is busy."""

Name: TypeAlias = Literal["turn", "wait", "interruption", "refusal", "opened", "closed"]


class Count(Value):
    """One thing that happened in a room."""

    name: Name
    labels: tuple[str, ...] = ()
    value: float = 1.0


class Counts:
    """Tells counts in datagrams over a Unix socket, without ever waiting. None says what or who it was about.

    Args:
        address: Path of the worker's socket; empty where nobody counts.
    """

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None
        if self._socket is not None:
            self._socket.setblocking(False)
        self._waiting: deque[Count] = deque(maxlen=_MOST)

    def turn(self, via: Via, outcome: str) -> None:
        """A turn has ended: answered, declined, commanded, failed or interrupted."""
        self._tell(Count(name="turn", labels=(via, outcome)))

    def wait(self, seconds: float) -> None:
        """So long was it from the last sound of a question to the first of its answer."""
        self._tell(Count(name="wait", value=seconds))

    def interruption(self) -> None:
        """A learner talked over an answer, or stopped it."""
        self._tell(Count(name="interruption"))

    def refusal(self, code: str) -> None:
        """A message on the data channel was refused."""
        self._tell(Count(name="refusal", labels=(code,)))

    def opened(self) -> None:
        """A teacher has begun to teach."""
        self._tell(Count(name="opened"))

    def closed(self) -> None:
        """A teacher has left."""
        self._tell(Count(name="closed"))

    def close(self) -> None:
        """Tell no more."""
        if self._socket is not None:
            self._socket.close()

    def _tell(self, count: Count) -> None:
        if self._socket is None:
            return
        self._waiting.append(count)
        try:
            while self._waiting:
                self._socket.sendto(self._waiting[0].model_dump_json().encode(), self._address)
                self._waiting.popleft()
        except BlockingIOError:
            pass  # ten may lie in the socket, until the worker has read them: the rest goes with the next
        except OSError as error:  # the worker is gone: a lesson is worth more than its count
            log.warning("count_lost", count=count.name, detail=str(error))
