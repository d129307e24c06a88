"""Tickets to rooms, over the API."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.web.conftest import Site, serve
from tutor.settings import Settings

Begin = Callable[[httpx.Client], str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app with a LiveKit server set. None of these tests reaches it."""
    settings = Settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("site"), stt="off", tts="off", log_level="warning",
        livekit_url="ws://127.0.0.1:7880", livekit_public_url="wss://livekit.example",
        livekit_api_key="key", livekit_api_secret="only-for-tests-and-32-characters-or-more",
    )  # fmt: skip
    yield from serve(settings)


def test_a_learner_gets_a_ticket_to_their_own_conversation(site: Site, begin: Begin) -> None:
    """Nobody could enter a room, or somebody could enter another's."""
    ada, bob = site.learner(), site.learner()
    talk = begin(ada)
    given = ada.post("/api/v1/rooms/token", json={"conversation_id": talk, "chapter": "lists"})
    assert given.status_code == 200
    assert given.headers["cache-control"] == "no-store"
    assert given.json()["url"] == "wss://livekit.example"
    assert bob.post("/api/v1/rooms/token", json={"conversation_id": talk}).status_code == 404
    assert site.visitor().post("/api/v1/rooms/token", json={"conversation_id": talk}).status_code == 401


def test_a_chapter_must_be_of_the_course(site: Site, begin: Begin) -> None:
    """A ticket would carry a client's own words as a chapter, signed by us."""
    ada = site.learner()
    asked = {"conversation_id": begin(ada), "chapter": "no-such-chapter"}
    assert ada.post("/api/v1/rooms/token", json=asked).status_code == 404


def test_the_room_page_may_reach_its_server_alone(site: Site) -> None:
    """The page could not join, or could send what a learner says to any host."""
    answer = site.visitor().get("/healthz")
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    reached = {"wss://livekit.example", "https://livekit.example"}
    assert {"'self'"} | reached == set(rules["connect-src"].split()) - {site.services.settings.pyodide_cdn}


def test_the_room_page_is_for_the_signed_in(site: Site, begin: Begin) -> None:
    """A visitor would see a page that cannot work, or a learner none at all."""
    assert site.visitor().get("/room").status_code == 401
    ada = site.learner()
    off = ada.get("/room?course=python-basics&chapter=loops")  # the client script is not there yet
    assert (off.status_code, off.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert 'href="/?course=python-basics&amp;chapter=loops"' in off.text
    folder = site.services.settings.data_dir / "livekit"
    folder.mkdir()
    (folder / "livekit-client.umd.js").write_text("window.LivekitClient = {};")
    page = ada.get("/room?course=python-basics&chapter=loops")
    assert page.status_code == 200
    assert 'data-chapter="loops"' in page.text
    assert "{" not in page.text.split("<main")[0]
    assert ada.get("/room/livekit-client.umd.js").headers["content-type"].startswith("text/javascript")
    assert ada.get("/room?course=python-basics&chapter=%3Cscript%3E").status_code == 404
