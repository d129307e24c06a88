"""A thread of its own for a model that does one thing at a time."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from tutor.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """Runs calls one after the other, off the event loop; usable from several event loops at once."""

    def __init__(self, name: str, *, limit: int = 8) -> None:
        """`limit`: calls that may run or wait; one more is refused, because it would come too late."""
        self._name = name
        self._limit = limit
        self._inside = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The call's result. A caller that is cancelled while waiting gives its place up.

        Raises:
            Busy: The lane is full.
        """
        with self._lock:
            if self._inside >= self._limit:
                raise Busy(f"{self._name}: {self._limit} calls are waiting")
            self._inside += 1
        future = self._pool.submit(call, *args, **kwargs)
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self._inside -= 1
