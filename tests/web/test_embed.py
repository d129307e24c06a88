"""A course site signs its learners in with tickets: each works once, and nobody else's does."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.web.conftest import PASSWORD, Site, serve
from tutor.services.course_sites import NOTE, TICKET
from tutor.settings import Settings

KEY, OTHER_KEY = secrets.token_urlsafe(48), secrets.token_urlsafe(48)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    keys = {"campus": (KEY,), "academy": (OTHER_KEY,)}
    yield from serve(
        Settings(_env_file=None, data_dir=folder, stt="off", tts="off", log_level="error", embed_keys=keys)
    )


def ticket(*, key: str = KEY, typ: str = TICKET, **changes: Any) -> str:
    """A good ticket, or one with something wrong in it."""
    now = int(time.time())
    claims = {
        "iss": "campus",
        "aud": "ai-programming-teacher",
        "jti": secrets.token_urlsafe(12),
        "iat": now,
        "exp": now + 60,
        "sub": "student-7",
        "name": "Amina",
    } | changes
    return jwt.encode(claims, key, "HS256", headers={"typ": typ})


def enter(site: Site, token: str, **parameters: str) -> tuple[httpx.Client, httpx.Response]:
    """Open the frame's address in a browser of its own."""
    client = site.visitor()
    return client, client.get("/embed", params={"ticket": token, **parameters})


def test_a_ticket_signs_in_and_opens_the_chapter(site: Site) -> None:
    """A learner of a course site would have to make one more account, or land somewhere else."""
    client, answer = enter(site, ticket(), course="python-basics", chapter="loops", theme="dark")
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    assert answer.headers["location"] == "/?course=python-basics&chapter=loops&__theme=dark"
    me = client.get("/api/v1/auth/me").json()
    assert (me["name"], me["role"]) == ("Amina", "site")


def test_the_same_student_is_the_same_learner(site: Site) -> None:
    """Each visit would begin from nothing, or two sites' students be one."""
    ids = [
        enter(site, token)[0].get("/api/v1/auth/me").json()["id"]
        for token in (
            ticket(sub="x"),
            ticket(sub="x", name="Renamed"),
            ticket(sub="y"),
            ticket(sub="x", iss="academy", key=OTHER_KEY),
        )
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


now = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(ticket(key=OTHER_KEY), id="another site's key"),
        pytest.param(ticket(key=secrets.token_urlsafe(48)), id="foreign key"),
        pytest.param(ticket(iss="nobody"), id="unknown site"),
        pytest.param(ticket(typ=NOTE), id="a note"),
        pytest.param(ticket(typ="tutor-session"), id="a session"),
        pytest.param(ticket(typ="JWT"), id="no kind"),
        pytest.param(ticket(aud="other"), id="for another program"),
        pytest.param(ticket(iat=now - 900, exp=now - 700), id="over"),
        pytest.param(ticket(iat=now + 900, exp=now + 1000), id="of the future"),
        pytest.param(ticket(exp=now + 9000), id="good for too long"),
        pytest.param(ticket(sub=""), id="nobody"),
        pytest.param(ticket(sub="s" * 201), id="an endless student"),
        pytest.param(ticket(role="owner"), id="asks for a role"),
        pytest.param("a.b.c", id="garbage"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_ticket_opens_nothing(site: Site, token: str) -> None:
    """Anybody could come in as anybody."""
    client, answer = enter(site, token)
    assert answer.status_code == 403
    assert "open the lesson again" in answer.text
    assert "set-cookie" not in answer.headers
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_ticket_works_once(site: Site) -> None:
    """Whoever finds a ticket in a browser's history could come in."""
    token = ticket()
    assert enter(site, token)[1].status_code == 303
    assert enter(site, token)[1].status_code == 403


def test_nobody_signs_up_as_a_student_of_a_site(site: Site) -> None:
    """A stranger could take a student's place before or after they first come."""
    client = site.visitor()
    for name in ("campus\x1fstudent-9", "campus student-9", "Amina"):
        answer = client.post("/api/v1/auth/sign-up", json={"name": name, "password": PASSWORD})
        assert answer.status_code in (201, 409), "as any other name"
    student = enter(site, ticket(sub="student-9"))[0].get("/api/v1/auth/me").json()["id"]
    for name in ("campus\x1fstudent-9", "student-9"):
        answer = client.post("/api/v1/auth/sign-in", json={"name": name, "password": PASSWORD})
        assert student not in answer.text


def test_a_strange_name_does_no_harm(site: Site) -> None:
    """A name with markup or control signs would break the page, or a long one be refused."""
    client, answer = enter(site, ticket(sub="odd", name="\u202e<b>Ada</b>\n" + "x" * 150))
    assert answer.status_code == 303
    name = client.get("/api/v1/auth/me").json()["name"]
    assert name.startswith("<b>Ada</b> x")
    assert len(name) == 40
    assert "<b>Ada" not in client.get("/").text


def test_theme_and_place_cannot_leave_the_site(site: Site) -> None:
    """An address in a mail would sign somebody in and send them to another host."""
    _, answer = enter(site, ticket(), course="//evil.example", chapter="x&y=1", theme="dark&x")
    assert answer.headers["location"] == "/?course=%2F%2Fevil.example&chapter=x%26y%3D1"


def test_a_student_leaves_without_a_password(site: Site) -> None:
    """A learner who has no password here could not delete what is kept."""
    client, _ = enter(site, ticket(sub="leaver"))
    assert client.post("/api/v1/auth/me/delete", json={}).status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401
