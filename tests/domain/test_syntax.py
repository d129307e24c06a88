"""Code is read by many threads at once."""

import ast
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tutor.domain.syntax import tree_of

CODE = Path(ast.__file__).read_text()


class Circle:
    """Litter whose removal runs Python code, in which another thread may get its turn."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(50))


@pytest.fixture
def hurry() -> Iterator[None]:
    """Threads change, and litter is removed, as often as can be."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(100, 5, 5)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("hurry")
def test_threads_that_read_code_do_not_disturb_each_other() -> None:
    """Of two learners who ask at the same moment, one would get an error instead of an answer."""

    def read(_: int) -> int:
        Circle()
        return len(tree_of(CODE).body)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(read, range(40))) == {len(ast.parse(CODE).body)}
