"""Who is asking: cookies, bearers, and tokens that are not ours."""

import base64
import json
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import httpx
import jwt
import pytest

from tests.web.conftest import PASSWORD, Site
from tutor.services.signed import ALGORITHM, PARTY
from tutor.services.tokens import KIND

ME = "/api/v1/auth/me"
AUTH = "/api/v1/auth"


def _cookie(answer: httpx.Response) -> tuple[str, Any]:
    (header,) = answer.headers.get_list("set-cookie")
    ((name, morsel),) = SimpleCookie(header.replace("; Partitioned", "")).items()
    assert morsel["path"] == "/"
    assert morsel["httponly"], "scripts of the page could read the session"
    assert not morsel["domain"]
    return name, header


def test_the_way_of_an_account(site: Site) -> None:
    """Nobody could make an account, leave, and come back to it."""
    who = {"name": "Grace Hopper", "password": PASSWORD}
    client = site.visitor()
    made = client.post(f"{AUTH}/sign-up", json=who)
    assert made.status_code == 201
    assert made.json()["learner"]["name"] == "Grace Hopper"
    assert made.json()["learner"]["role"] == "learner"
    assert client.get(ME).json() == made.json()["learner"]
    assert client.post(f"{AUTH}/sign-out").status_code == 204
    assert client.get(ME).json()["code"] == "sign_in_required"
    again = client.post(f"{AUTH}/sign-in", json={**who, "name": "grace hopper"})
    assert again.status_code == 200
    assert again.json()["learner"] == made.json()["learner"]
    assert client.get(ME).status_code == 200


def test_wrong_credentials_tell_nothing(site: Site) -> None:
    """A stranger could find out who has an account."""
    site.learner("Known One")
    visitor = site.visitor()
    answers = [
        visitor.post(f"{AUTH}/sign-in", json={"name": name, "password": "wrong horse"})
        for name in ("Known One", "Unknown One")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert visitor.get(ME).status_code == 401


def test_a_name_belongs_to_one(site: Site) -> None:
    """A second learner could take over the name of the first."""
    site.learner("Ada Lovelace")
    answer = site.visitor().post(f"{AUTH}/sign-up", json={"name": "ADA  LOVELACE", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_guessing_is_slowed(site: Site) -> None:
    """A program could try every password."""
    visitor = site.visitor()
    for _ in range(5):
        visitor.post(f"{AUTH}/sign-in", json={"name": "Somebody", "password": "wrong horse"})
    answer = visitor.post(f"{AUTH}/sign-in", json={"name": "Somebody", "password": "wrong horse"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    elsewhere = site.visitor().post(f"{AUTH}/sign-in", json={"name": "Somebody", "password": "wrong"})
    assert elsewhere.status_code == 401, "somebody else's guesses shut the learner out"


def test_a_changed_password_ends_every_session(site: Site) -> None:
    """Somebody who stole a session would keep it after the learner changed the password."""
    first = site.learner("Changer")
    second = site.visitor()
    assert second.post(f"{AUTH}/sign-in", json={"name": "Changer", "password": PASSWORD}).status_code == 200
    old = first.cookies["tutor"]
    wrong = first.post(f"{AUTH}/password", json={"old": "not this one", "new": "another good one"})
    assert wrong.status_code == 401
    changed = first.post(f"{AUTH}/password", json={"old": PASSWORD, "new": "another good one"})
    assert changed.status_code == 200
    assert first.get(ME).status_code == 200, "the one who changed it is thrown out"
    assert second.get(ME).json()["code"] == "session_expired"
    assert site.visitor(authorization=f"Bearer {old}").get(ME).status_code == 401
    assert site.visitor().post(f"{AUTH}/password", json={"old": "a", "new": "b"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"), [("sign-up", {"name": "Cookie Plain", "password": PASSWORD}), ("guest", None)]
)
def test_the_cookie_on_plain_http(site: Site, path: str, body: dict[str, str] | None) -> None:
    """A try at home on http://localhost could not stay signed in."""
    name, header = _cookie(site.visitor().post(f"{AUTH}/{path}", json=body))
    assert name == "tutor"
    assert header.endswith("; HttpOnly; SameSite=Lax")
    assert "Secure" not in header
    assert 86_300 < int(header.split("Max-Age=")[1].split(";")[0]) <= 86_400


def test_the_cookie_behind_https(site: Site) -> None:
    """Inside a course site's frame the browser would drop the cookie, or send it without encryption."""
    client = site.visitor(**{"x-forwarded-proto": "https"})
    answer = client.post(f"{AUTH}/guest")
    name, header = _cookie(answer)
    assert name == "__Host-tutor"
    assert header.endswith("; HttpOnly; Secure; SameSite=None; Partitioned")
    token = answer.json()["token"]
    assert site.visitor(cookie=f"__Host-tutor={token}").get(ME).status_code == 200
    out = client.post(f"{AUTH}/sign-out", headers={"cookie": f"__Host-tutor={token}"})
    name, header = _cookie(out)
    assert (name, "Max-Age=0" in header, "__Host-tutor=;" in header) == ("__Host-tutor", True, True)


def test_a_bearer_is_as_good_as_a_cookie(site: Site) -> None:
    """A script could not use the API."""
    token = site.visitor().post(f"{AUTH}/guest").json()["token"]
    assert site.visitor(authorization=f"Bearer {token}").get(ME).json()["role"] == "guest"
    assert site.visitor(authorization=f"bearer {token}").get(ME).status_code == 200
    assert site.visitor(authorization=f"Basic {token}").get(ME).status_code == 401


def test_a_session_that_was_signed_out_is_over(site: Site) -> None:
    """A token copied from the browser would work after the learner has left."""
    client = site.learner()
    token = client.cookies["tutor"]
    client.post(f"{AUTH}/sign-out")
    answer = site.visitor(authorization=f"Bearer {token}").get(ME)
    assert answer.json()["code"] == "session_expired"
    assert "everything is where you left it" in answer.json()["text"]


@pytest.fixture
def forge(site: Site) -> Callable[..., str]:
    """Makes a token as ours would be, with changes."""
    token = site.learner().cookies["tutor"]
    payload = jwt.decode(token, options={"verify_signature": False})
    key = (site.services.settings.data_dir / "secret.key").read_text().strip().encode()

    def forged(*, key: bytes = key, algorithm: str = ALGORITHM, typ: str = KIND, **changes: Any) -> str:
        return jwt.encode({**payload, **changes}, key, algorithm, headers={"typ": typ})

    return forged


def test_the_forge_works(site: Site, forge: Callable[..., str]) -> None:
    """The tests below would pass for the wrong reason."""
    assert site.visitor(authorization=f"Bearer {forge()}").get(ME).status_code == 200


_NOW = int(time.time())
FORGED: dict[str, dict[str, Any]] = {
    "another key": {"key": b"another key of 32 bytes, or more."},
    "expired": {"exp": _NOW - 60},
    "expired long ago": {"iat": _NOW - 999_999, "nbf": _NOW - 999_999, "exp": _NOW - 900_000},
    "of the future": {"nbf": _NOW + 3600},
    "another audience": {"aud": "somebody-else"},
    "another issuer": {"iss": "somebody-else"},
    "audience among others": {"aud": [PARTY, "x"]},
    "another kind": {"typ": "JWT"},
    "another algorithm": {"algorithm": "HS512"},
    "another learner": {"sub": "somebody"},
    "another session": {"jti": "somebody"},
    "no number": {"exp": "tomorrow"},
}


# HS512 with our key of 43 bytes: PyJWT warns of it, a forger would not.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_ours_is_nobodys(
    site: Site, forge: Callable[..., str], changes: dict[str, Any]
) -> None:
    """Somebody could sign in as anybody."""
    token = forge(**changes)
    for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"tutor={token}"}):
        answer = site.visitor(**headers).get(ME)
        assert answer.status_code == 401
        assert answer.json()["code"] in ("sign_in_required", "session_expired")
        assert site.visitor(**headers).get("/").status_code == 303


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", ""])
def test_an_unsigned_token_is_nobodys(site: Site, forge: Callable[..., str], algorithm: str) -> None:
    """A token could choose not to be checked (alg none)."""
    _, payload, signature = forge().split(".")
    for tail in ("", signature):
        token = f"{_part({'alg': algorithm, 'typ': KIND})}.{payload}.{tail}"
        assert site.visitor(authorization=f"Bearer {token}").get(ME).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "e30.e30.e30", "x" * 5000, "ey" * 900])
def test_garbage_is_nobodys(site: Site, token: str) -> None:
    """A broken cookie would be a server error on every page."""
    assert site.visitor(authorization=f"Bearer {token}").get(ME).status_code == 401
    assert site.visitor(cookie=f"tutor={token}").get("/").status_code == 303


def test_an_illegal_header_is_refused_before_us(site: Site) -> None:
    """A control character would come as far as our own reading of tokens."""
    assert site.visitor(authorization="Bearer \x7f").get(ME).status_code == 400
