"""A full disk and a locked database, as a learner meets them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from tests.web.conftest import Site

Begin = Callable[[httpx.Client], str]


@contextmanager
def told(site: Site, pragma: str, afterwards: str) -> Iterator[None]:
    """Every connection of the app is told this, as long as the block runs."""
    engine = site.services.turns.database.engine  # type: ignore[attr-defined]

    def tell(connection: Any, *_: object) -> None:
        connection.execute(pragma)

    def tell_again(connection: Any, *_: object) -> None:
        connection.execute(afterwards)

    event.listen(engine, "checkout", tell)
    yield
    event.remove(engine, "checkout", tell)
    event.listen(engine, "checkout", tell_again)


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    """SQLite finds no more room for a page."""
    with closing(sqlite3.connect(site.services.settings.data_dir / "tutor.db")) as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    with told(site, f"PRAGMA max_page_count={pages}", "PRAGMA max_page_count=1073741823"):
        yield


@contextmanager
def held_lock(site: Site) -> Iterator[None]:
    """Another process holds the write lock, for longer than a learner has patience."""
    with closing(
        sqlite3.connect(site.services.settings.data_dir / "tutor.db", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        with told(site, "PRAGMA busy_timeout=200", "PRAGMA busy_timeout=5000"):
            yield


@pytest.mark.parametrize(
    ("trouble", "status", "code", "words"),
    [
        (full_disk, 507, "store_full", "no room left to save your message"),
        (held_lock, 503, "store_unavailable", "could not be saved just now"),
    ],
)
def test_what_cannot_be_kept_is_not_sent(
    site: Site, begin: Begin, trouble: Any, status: int, code: str, words: str
) -> None:
    """A learner would believe that a question was sent, lose an older one, or find one twice."""
    client = site.learner()
    url = f"/api/v1/conversations/{begin(client)}"
    before = "What is a loop? " + "Please explain. " * 400
    assert client.post(f"{url}/turns", json={"text": before}).status_code == 200
    kept = client.get(f"{url}/messages").json()
    lost = "And what is a list? " + "Please explain it. " * 400  # more than a page
    with trouble(site):
        for _ in range(2):
            answer = client.post(f"{url}/turns", json={"text": lost})
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert words in answer.json()["text"]
        assert client.get(f"{url}/messages").json() == kept, "what was acknowledged must stay in sight"
    assert client.post(f"{url}/turns", json={"text": lost}).status_code == 200
    messages = client.get(f"{url}/messages").json()
    assert messages[: len(kept)] == kept
    assert [one["text"] for one in messages if one["author"] == "user"] == [before.strip(), lost.strip()]
