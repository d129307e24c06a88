"""Two learners never see each other's things, by any route."""

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.web.conftest import Site

Begin = Callable[[httpx.Client], str]
_NUMBERS = itertools.count()
SECRET = "My secret variable is called zanzibar."


@pytest.fixture
def talk(site: Site, begin: Begin) -> tuple[httpx.Client, str]:
    """A learner, and the id of a conversation with a secret in it."""
    ada = site.learner()
    conversation = begin(ada)
    answer = ada.post(f"/api/v1/conversations/{conversation}/turns", json={"text": SECRET})
    assert answer.status_code == 200
    return ada, conversation


WAV = {"content": b"RIFF", "headers": {"content-type": "audio/wav"}}
GREETING = {"json": {"name": "recap", "parameters": {"chapter": "loops"}}}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", {}),
        ("GET", "/messages", {}),
        ("GET", "/messages?limit=1000", {}),
        ("DELETE", "", {}),
        ("POST", "/turns", {"json": {"text": "What is my secret?"}}),
        ("POST", "/turns", {"json": {"text": ""}}),
        ("POST", "/recordings", WAV),
        ("POST", "/instructions", GREETING),
        ("POST", "/instructions", {"json": {"name": "go_on", "parameters": {}}}),
    ],
)
@pytest.mark.parametrize("who", ["guest", "account"])
def test_anothers_conversation_is_not_there(
    site: Site, talk: tuple[httpx.Client, str], method: str, path: str, body: dict[str, Any], who: str
) -> None:
    """A learner who knows an id could read, continue or delete somebody else's conversation."""
    ada, conversation = talk
    before = ada.get(f"/api/v1/conversations/{conversation}/messages").json()
    mallory = site.learner() if who == "guest" else site.learner(f"Mallory {next(_NUMBERS)}")
    url = f"/api/v1/conversations/{conversation}{path}"
    answer = mallory.request(method, url, **body)
    absent = mallory.request(method, url.replace(conversation, "0" * len(conversation)), **body)
    assert answer.status_code == 404
    assert answer.json() == absent.json(), "the answer tells that the conversation exists"
    assert "zanzibar" not in answer.text
    after = ada.get(f"/api/v1/conversations/{conversation}/messages").json()
    assert after == before
    assert site.visitor().request(method, url, **body).status_code == 401


def test_lists_hold_only_ones_own(site: Site, talk: tuple[httpx.Client, str], begin: Begin) -> None:
    """Somebody else's questions would stand in the list as titles."""
    ada, conversation = talk
    mallory = site.learner()
    own = begin(mallory)
    mallory.post(f"/api/v1/conversations/{own}/turns", json={"text": "What is a list?"})
    assert [one["id"] for one in mallory.get("/api/v1/conversations?limit=200").json()] == [own]
    assert [one["id"] for one in ada.get("/api/v1/conversations?limit=200").json()] == [conversation]


def test_the_teacher_does_not_tell(site: Site, talk: tuple[httpx.Client, str], begin: Begin) -> None:
    """One learner's words would come out in another's answer."""
    mallory = site.learner()
    own = begin(mallory)
    answer = mallory.post(f"/api/v1/conversations/{own}/turns", json={"text": "What is zanzi?"})
    assert "zanzibar" not in answer.text


def test_a_deleted_conversation_is_gone(talk: tuple[httpx.Client, str]) -> None:
    """What a learner deletes would still be readable."""
    ada, conversation = talk
    url = f"/api/v1/conversations/{conversation}"
    assert ada.delete(url).status_code == 204
    for answer in (ada.get(url), ada.get(f"{url}/messages"), ada.delete(url)):
        assert answer.json()["code"] == "conversation_unknown"
    assert ada.get("/api/v1/conversations").json() == []


def test_a_guest_is_not_the_next_guest(site: Site, talk: tuple[httpx.Client, str]) -> None:
    """Two guests at one computer would share an account."""
    ada, _ = talk
    first = ada.get("/api/v1/auth/me").json()
    ada.post("/api/v1/auth/sign-out")
    ada.post("/api/v1/auth/guest")
    assert ada.get("/api/v1/auth/me").json()["id"] != first["id"]
    assert ada.get("/api/v1/conversations").json() == []
