"""A busy moment, as a program meets it."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.web.conftest import Site, serve
from tutor.settings import Settings

ONE = {"turns_at_once": 1, "turns_waiting": 1}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that answers one question at a time, and lets one wait."""
    folder = tmp_path_factory.mktemp("small")
    yield from serve(
        Settings(_env_file=None, data_dir=folder, stt="off", tts="off", pyodide_cdn="off", **ONE)
    )


def test_who_waits_is_told_and_who_is_one_too_many_too(
    small: Site, begin: Callable[[httpx.Client], str]
) -> None:
    """At a busy moment a page would show nothing, and a program would not know when to come back."""
    ada, bob = small.learner(), small.learner()
    line = small.services.teacher.line
    running = line.enter()
    with ada.stream(
        "POST", f"/api/v1/conversations/{begin(ada)}/turns", json={"text": "What is a loop?"}
    ) as answer:
        frames = (json.loads(data[6:]) for data in answer.iter_lines() if data.startswith("data: "))
        assert next(frames)["event"] == "heard"
        waits = next(frames)
        assert (waits["event"], waits["number"]) == ("waiting", 1)
        assert "number 1" in waits["text"]

        refused = bob.post(f"/api/v1/conversations/{begin(bob)}/turns", json={"text": "And what is a list?"})
        assert refused.status_code == 503
        assert refused.json()["code"] == "busy"
        assert "1 question" in refused.json()["text"]
        assert int(refused.headers["retry-after"]) >= 1

        line.leave(running)
        assert [frame["event"] for frame in frames][-1] == "said"
