"""The load bench sees what it is there to see."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.load_client import Line, Refused, event_of
from bench.load_learner import Seen
from bench.load_report import p
from tests.servers.openai_wire import Act, OpenAIWire


def stored(folder: Path, *rows: tuple[str, str, str, str, str]) -> Path:
    """A store with messages: turn, id, author, text, conversation."""
    file = folder / "tutor.db"
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("CREATE TABLE messages (turn_id, id, author, text, conversation_id)")
        store.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", rows)
    return file


def test_what_is_kept_is_not_called_lost(tmp_path: Path) -> None:
    """The bench would cry where all is well."""
    file = stored(tmp_path, ("t", "m1", "user", "Why?", "c"), ("t", "m2", "assistant", "So.", "c"))
    seen = Seen(questions={"t": "Why?"}, answers={"m2": "So."}, on_page={"Why?": "c"})
    assert seen.compared(file) == (0, 0)


def test_what_is_lost_changed_or_doubled_is_found(tmp_path: Path) -> None:
    """Lost messages would pass for kept ones."""
    rows = [("t", f"m{number}", "user", "Why?", "c") for number in range(2)]
    file = stored(tmp_path, *rows, ("t", "m2", "assistant", "So", "c"))
    seen = Seen(questions={"t": "Why?", "gone": "What?"}, answers={"m2": "So."}, on_page={"Why?": "other"})
    assert seen.compared(file) == (3, 1)


def test_percentiles() -> None:
    """The table would show other figures than were measured."""
    values = [float(number) for number in range(101)]
    assert (p(values, 50), p(values, 99)) == (50, 99)


async def test_the_client_reads_pieces_as_they_come() -> None:
    """The time of a first word would be that of the last one, or a refusal would count as an answer."""
    async with OpenAIWire() as wire, Line(wire.port) as line:
        wire.act("m", Act(words=("one", "two")), Act(status=429, headers={"retry-after": "7"}))
        pieces = [piece async for piece in line.stream("POST", "/v1/chat/completions", {"model": "m"})]
        assert sum(b'"content": "one"' in piece or b'"content": "two"' in piece for piece in pieces) == 2
        assert not any(b"one" in piece and b"two" in piece for piece in pieces)
        with pytest.raises(Refused) as refused:
            await line.json("POST", "/v1/chat/completions", {"model": "m"})
        assert (refused.value.status, refused.value.retry_after) == (429, 7)
    assert event_of(b'event: delta\ndata: {"text": "x"}\n\n') == ("delta", b'{"text": "x"}')
