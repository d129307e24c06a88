"""The one writer of a SQLite file: what waits while the disk is busy shares the next commit."""

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine

from tutor.adapters.store.store_errors import meant
from tutor.errors import StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], Any]

_MOST: Final = 64
"""Writes of one transaction: whoever comes later must not wait for everybody's."""


class _OneFailedError(Exception):
    """What was asked for raised, so that its transaction is undone."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(eq=False)
class _Write:
    work: Work
    done: "asyncio.Future[Any]"
    """Of the loop in which somebody waits for it."""
    asked: float = field(default_factory=time.monotonic)
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        """Tell the one who waits, unless that one has gone."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class Writer:
    """Writes in a thread of its own, in the order in which it was asked.

    A commit waits for the disk, however little it writes; so all writes that wait share one. Nobody is told
    that theirs is stored before that commit is done. Where one of them fails, nothing of the transaction
    stays, and each is tried again in a transaction of its own: so none fails because of a neighbour. What
    is asked of it must therefore bear to be done anew after it was undone.

    Args:
        engine: Whose transactions take the write lock as they begin.
        patience: Seconds to stand in line here.
    """

    def __init__(self, engine: Engine, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._waiting: deque[_Write] = deque()
        self._lock = threading.Lock()
        self._busy = False

    async def __call__(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; when this returns, it is on the disk.

        Raises:
            StoreUnavailable: Or StoreFull; nothing was stored. And whatever `work` raises.
        """
        write = _Write(work, asyncio.get_running_loop().create_future())
        with self._lock:
            if not self._busy:
                self._call_thread()
            self._waiting.append(write)
        found: T = await write.done  # cancelled or not, it is carried out
        return found

    def close(self) -> None:
        """Finish what was asked for. Blocks."""
        self._thread.shutdown()

    def _call_thread(self) -> None:
        try:
            self._thread.submit(self._write_waiting)
        except RuntimeError as error:
            raise StoreUnavailable("the database is closed") from error
        self._busy = True

    def _write_waiting(self) -> None:
        while True:
            with self._lock:
                writes = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
                self._busy = bool(writes)
            if not writes:
                return
            self._together(self._in_time(writes))
            _tell(writes)

    def _in_time(self, writes: Sequence[_Write]) -> Sequence[_Write]:
        """Otherwise, behind a held lock, the tenth in line would wait ten times as long."""
        now = time.monotonic()
        for write in writes:
            if now - write.asked > self._patience:
                write.error = StoreUnavailable("waited too long in line for the database")
        return [write for write in writes if write.error is None]

    def _together(self, writes: Sequence[_Write]) -> None:
        if not writes:
            return
        try:
            self._transaction(writes)
        except _OneFailedError as one:
            if len(writes) == 1:
                writes[0].error = meant(one.error)
                return
            for write in writes:
                self._together(self._in_time([write]))
        except Exception as error:  # noqa: BLE001 - told to those who asked
            for write in writes:  # it could not begin, or not commit: nothing of it is stored
                write.error = meant(error)

    def _transaction(self, writes: Sequence[_Write]) -> None:
        with self._engine.begin() as connection:
            for write in writes:
                try:
                    write.result = write.work(connection)
                except Exception as error:
                    raise _OneFailedError(error) from error


def _tell(writes: Sequence[_Write]) -> None:
    """Wake each loop once, however many wait in it."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Write]] = defaultdict(list)
    for write in writes:
        by_loop[write.done.get_loop()].append(write)
    for loop, mine in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, mine)


def _settle(writes: Sequence[_Write]) -> None:
    for write in writes:
        write.settle()
