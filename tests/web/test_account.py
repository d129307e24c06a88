"""A learner sees what is kept of them, and can take it along or have it deleted."""

from collections.abc import Callable

import httpx

from tests.web.conftest import PASSWORD, Site

Begin = Callable[[httpx.Client], str]


def test_a_learner_takes_everything_along(site: Site, begin: Begin) -> None:
    """The promise of the privacy page would be empty."""
    client = site.learner("Hypatia")
    talk = begin(client)
    client.post(
        f"/api/v1/conversations/{talk}/turns", json={"text": "What does range do?"}
    ).raise_for_status()
    answer = client.get("/api/v1/auth/me/data")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["messages"][0]["text"] == "What does range do?"
    assert "password" not in answer.text
    other = site.learner().get("/api/v1/auth/me/data")
    assert other.json()["messages"] == []
    assert site.visitor().get("/api/v1/auth/me/data").status_code == 401


def test_deleting_needs_the_password(site: Site, begin: Begin) -> None:
    """Somebody at an unlocked screen would wipe out an account."""
    client = site.learner("Emmy")
    begin(client)
    for wrong in ({}, {"password": "not this one"}):
        answer = client.post("/api/v1/auth/me/delete", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "credentials_wrong")
    assert client.get("/api/v1/auth/me").status_code == 200

    assert client.post("/api/v1/auth/me/delete", json={"password": PASSWORD}).status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401
    again = site.visitor().post("/api/v1/auth/sign-in", json={"name": "Emmy", "password": PASSWORD})
    assert again.status_code == 401


def test_a_guest_leaves_without_a_password(site: Site) -> None:
    """A guest has none to give, so nothing of theirs could be deleted."""
    client = site.learner()
    assert client.post("/api/v1/auth/me/delete", json={}).status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401


def test_the_page_asks_strangers_to_sign_in(site: Site) -> None:
    """A bookmark of the page would answer with an error once the session is over."""
    assert "Delete everything" in site.learner().get("/account").text
    away = site.visitor().get("/account")
    assert (away.status_code, away.headers["location"]) == (303, "/welcome/?next=/account")
