"""What a program and a page are told of a learner's limits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import Site, serve
from tutor.settings import Settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("limits")
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="error", pyodide_cdn="off",
            turns_per_minute=2,
        )
    )  # fmt: skip


def test_a_learner_at_the_limit(site: Site, begin: Callable[[httpx.Client], str]) -> None:
    """A program could not tell when to ask again, nor a page that the limit is near."""
    assert site.visitor().get("/api/v1/limits").status_code == 401
    client = site.learner()
    fresh = client.get("/api/v1/limits").json()
    assert [one["kind"] for one in fresh["allowances"]] == ["turns", "tokens", "voice"]
    assert (fresh["notice"], fresh["message_chars"], fresh["recording_seconds"]) == ("", 8000, 60)
    turns = f"/api/v1/conversations/{begin(client)}/turns"
    assert client.post(turns, json={"text": "What is a loop?"}).status_code == 200
    assert client.get("/api/v1/limits").json()["notice"] == "1 question left this minute."
    assert client.post(turns, json={"text": "What is a while loop?"}).status_code == 200
    refused = client.post(turns, json={"text": "And a for loop?"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["retry-after"] in refused.json()["text"]
    assert site.learner().get("/api/v1/limits").json()["notice"] == "", "another learner's limit is told"
