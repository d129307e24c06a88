"""Every way in, with every kind of stranger. The ways are read from the app: a new one needs a row here."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import jwt
import pytest
from gradio.routes import App
from starlette.routing import WebSocketRoute

from tests.web.conftest import Site
from tests.web.routes import GRADIO_SERVES, routes

# Gradio's own code, called by a real event, uses a name that Starlette has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:'HTTP_422_UNPROCESSABLE_ENTITY':DeprecationWarning")

Begin = Callable[[httpx.Client], str]
SECRET = "My secret variable is called zanzibar."
API = "/api/v1"
TALK, CELL = (
    f"{API}/conversations/{{conversation_id}}",
    f"{API}/courses/{{course}}/chapters/{{chapter}}/cells/{{cell}}",
)
NAMES = {
    "course": "python-basics", "chapter": "loops", "cell": "countdown", "exercise": "countdown",
    "version": "0", "name": "pyodide.js", "path": "figures/x.svg",
}  # fmt: skip


class Way(NamedTuple):
    """One way in."""

    open: bool = False
    """Whether anybody may use it: it shows nothing of anybody, or asks for a password or a ticket."""
    body: dict[str, Any] | None = None
    """JSON that the route takes."""
    page: bool = False
    """Whether somebody without a session is led to the first page."""


OPEN, SIGNED, PAGE = Way(open=True), Way(), Way(page=True)
WAYS = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/embed"): OPEN,
    ("GET", "/welcome"): OPEN,
    ("GET", f"{API}/openapi.json"): OPEN,
    ("GET", f"{API}/docs"): OPEN,
    ("GET", f"{API}/docs/{{name}}"): OPEN,
    ("GET", f"{API}/mode"): OPEN,
    ("POST", f"{API}/auth/sign-up"): OPEN,
    ("POST", f"{API}/auth/sign-in"): OPEN,
    ("POST", f"{API}/auth/guest"): OPEN,
    ("POST", f"{API}/auth/sign-out"): OPEN,  # of a token that is no good, nothing
    ("GET", "/account"): PAGE,
    ("GET", "/progress"): PAGE,
    ("GET", "/room"): SIGNED,
    ("GET", "/room/livekit-client.umd.js"): SIGNED,
    ("GET", "/files/{course}/{path:path}"): SIGNED,
    ("GET", "/runner/frame"): SIGNED,
    ("GET", "/runner/files"): SIGNED,
    ("GET", "/runner/pyodide/{version}/{name}"): SIGNED,
    ("GET", "/runner/checks/{course}/{chapter}/{exercise}"): SIGNED,
    ("GET", "/runner/explanations"): SIGNED,
    ("GET", f"{API}/limits"): SIGNED,
    ("GET", f"{API}/progress"): SIGNED,
    ("GET", f"{API}/voice"): SIGNED,
    ("GET", f"{API}/auth/me"): SIGNED,
    ("GET", f"{API}/auth/me/data"): SIGNED,
    ("POST", f"{API}/auth/me/delete"): Way(body={"password": ""}),
    ("POST", f"{API}/auth/password"): Way(body={"old": "one of mine", "new": "another one"}),
    ("GET", f"{API}/courses"): SIGNED,
    ("GET", f"{API}/courses/{{course}}"): SIGNED,
    ("GET", f"{API}/courses/{{course}}/chapters/{{chapter}}"): SIGNED,
    ("GET", f"{API}/courses/{{course}}/chapters/{{chapter}}/work"): SIGNED,
    ("GET", f"{API}/courses/{{course}}/chapters/{{chapter}}/notebook"): SIGNED,
    ("PUT", f"{CELL}/code"): Way(body={"code": "mine = 1"}),
    ("DELETE", f"{CELL}/code"): SIGNED,
    ("POST", f"{CELL}/runs"): SIGNED,
    ("POST", f"{CELL}/checks"): Way(body={"passed": True}),
    ("POST", f"{CELL}/hints"): Way(body={"number": 1}),
    ("POST", f"{CELL}/answers"): Way(body={"answer": ["1"]}),
    ("POST", f"{CELL}/answers/shown"): SIGNED,
    ("POST", f"{CELL}/again"): SIGNED,
    ("GET", f"{API}/conversations"): SIGNED,
    ("POST", f"{API}/conversations"): Way(body={"course": "python-basics", "chapter": "loops"}),
    ("GET", TALK): SIGNED,
    ("DELETE", TALK): SIGNED,
    ("GET", f"{TALK}/messages"): SIGNED,
    ("POST", f"{TALK}/turns"): Way(body={"text": "What is my secret?"}),
    ("PUT", f"{TALK}/turns/{{turn_id}}"): Way(body={"text": "What is my secret?"}),
    ("POST", f"{TALK}/turns/{{turn_id}}/heard"): Way(body={"characters": 1}),
    ("POST", f"{TALK}/recordings"): SIGNED,
    ("POST", f"{TALK}/instructions"): Way(body={"name": "go_on", "parameters": {}}),
    ("POST", f"{API}/rooms/token"): Way(body={"conversation_id": "{conversation_id}"}),
}
"""Every route of ours. Gradio's are below: those that the gate serves to learners."""
_EVENT = {"fn_index": 0, "data": [], "event_id": "e", "component_id": 1, "fn_name": "offer"}
GRADIO = {
    ("GET", "/"): PAGE,
    ("GET", "/config"): SIGNED,
    ("GET", "/gradio_api/info"): SIGNED,
    ("GET", "/gradio_api/startup-events"): SIGNED,
    ("POST", "/gradio_api/reset"): Way(body={"event_id": "e"}),
    ("POST", "/gradio_api/cancel"): Way(body=_EVENT),
    ("POST", "/gradio_api/queue/join"): Way(body=_EVENT),
    ("GET", "/gradio_api/queue/data?session_hash={hash}"): SIGNED,
    ("GET", "/gradio_api/heartbeat/{hash}"): SIGNED,
    ("POST", "/gradio_api/component_server"): Way(body=_EVENT),
    ("POST", "/gradio_api/component_server/"): Way(body=_EVENT),
}
SAME_FOR_ALL = {
    "/config/", "/static/{path:path}", "/svelte/{path:path}", "/assets/{path:path}", "/favicon.ico",
    "/theme.css", "/robots.txt", "/manifest.json",
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
}  # fmt: skip
"""Gradio's files, which hold nothing of anybody; and a second name of one that is above."""
WITH_A_HASH = [way for way in GRADIO if "{hash}" in way[1] or GRADIO[way].body is _EVENT]
GUARDED = [way for way, row in (WAYS | GRADIO).items() if not row.open]
OF_A_LEARNER = [way for way, row in WAYS.items() if "{conversation_id}" in str((way, row.body))]


class Ada(NamedTuple):
    """A learner who has something to lose."""

    client: httpx.Client
    talk: str
    turn: str
    session_hash: str

    def everything(self) -> str:
        """All that is kept of her, less when she was seen."""
        return self.client.get(f"{API}/auth/me/data").text


@pytest.fixture(scope="module")
def ada(site: Site) -> Ada:
    client = site.learner()
    talk = client.post(f"{API}/conversations", json={"course": "python-basics", "chapter": "loops"}).json()[
        "id"
    ]
    client.post(f"{API}/conversations/{talk}/turns", json={"text": SECRET})
    client.put(f"{API}{CELL.removeprefix(API)}/code".format(**NAMES), json={"code": "zanzibar = 1"})
    turn = client.get(f"{API}/conversations/{talk}/messages").json()[0]["turn_id"]
    one = Ada(client, talk, turn, "adaspage")
    joined = {**_EVENT, "session_hash": one.session_hash}
    assert client.post("/gradio_api/queue/join", json=joined).status_code == 200
    return one


@pytest.fixture(scope="module")
def strangers(site: Site, ada: Ada) -> dict[str, str]:
    """Tokens that name Ada, and are no good; '' for none."""
    real = ada.client.cookies["tutor"]
    claims, head = jwt.decode(real, options={"verify_signature": False}), jwt.get_unverified_header(real)
    forged = jwt.encode(claims, "x" * 64, "HS256", headers=head)
    signer = site.services.accounts._tokens
    read = signer.read(real)
    old = signer.sign(read._replace(expires_at=datetime.now(UTC) - timedelta(hours=1)))
    bob = site.learner()
    revoked = bob.cookies["tutor"]
    bob.post(f"{API}/auth/sign-out")
    return {"none": "", "forged": forged, "expired": old, "revoked": revoked}


def asked(client: httpx.Client, way: tuple[str, str], ada: Ada, **headers: str) -> httpx.Response:
    """A request that names what is Ada's wherever the way has a place for it."""
    method, path = way
    row = (WAYS | GRADIO)[way]
    names = {**NAMES, "conversation_id": ada.talk, "turn_id": ada.turn, "hash": ada.session_hash}
    body = row.body
    if body is not None:
        body = {key: ada.talk if value == "{conversation_id}" else value for key, value in body.items()}
        body = {**body, "session_hash": ada.session_hash} if row.body is _EVENT else body
    url = path.replace("{path:path}", "{path}").format(**names)
    return client.request(method, url, json=body, headers=headers)


def test_every_way_has_a_row(site: Site) -> None:
    """A new route would be tried by no stranger."""
    gradio = [route for route in site.app.routes if isinstance(getattr(route, "app", None), App)]
    ours = [route for route in site.app.routes if route not in gradio]
    found = {(method, path) for method, path in routes(ours) if method not in ("HEAD", "OPTIONS")}
    assert sorted(found) == sorted(WAYS)
    told = {path.partition("?")[0].replace("{hash}", "{session_hash}") for _, path in GRADIO}
    assert told | SAME_FOR_ALL == GRADIO_SERVES


def test_there_is_no_socket(site: Site) -> None:
    """A WebSocket would go past the gate, which looks at requests."""
    assert not [route for route in site.app.routes if isinstance(route, WebSocketRoute)]


@pytest.mark.parametrize("who", ["none", "forged", "expired", "revoked"])
@pytest.mark.parametrize("way", GUARDED, ids=" ".join)
def test_strangers_are_not_let_in(
    site: Site, ada: Ada, strangers: dict[str, str], way: tuple[str, str], who: str
) -> None:
    """Somebody without a session, or with one that is made up or over, would see or change what is Ada's."""
    token = strangers[who]
    ways_to_say = [{"cookie": f"tutor={token}"}, {"authorization": f"Bearer {token}"}] if token else [{}]
    for headers in ways_to_say:
        answer = asked(strangers_client(site), way, ada, **headers)
        if (WAYS | GRADIO)[way].page:
            assert (answer.status_code, answer.headers["location"][:9]) == (303, "/welcome/")
        else:
            assert answer.status_code == 401, answer.text
            assert answer.json()["code"] in ("sign_in_required", "session_expired")
        assert "zanzibar" not in answer.text


_CLIENTS: dict[str, httpx.Client] = {}


def strangers_client(site: Site) -> httpx.Client:
    """A browser that keeps no cookie."""
    client = _CLIENTS.get(site.url) or _CLIENTS.setdefault(site.url, site.visitor())
    client.cookies.clear()
    return client


@pytest.fixture(scope="module")
def mallory(site: Site) -> httpx.Client:
    return site.learner()


@pytest.mark.parametrize("way", OF_A_LEARNER, ids=" ".join)
def test_a_foreign_id_is_not_there(site: Site, ada: Ada, mallory: httpx.Client, way: tuple[str, str]) -> None:
    """A learner who knows an id would read, change or stop what is another's."""
    before = ada.everything()
    answer = asked(mallory, way, ada)
    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_unknown"), answer.text
    assert ada.everything() == before


@pytest.mark.parametrize("way", sorted(set(WAYS) - set(OF_A_LEARNER)), ids=" ".join)
def test_ones_own_ways_lead_to_nobody_else(site: Site, ada: Ada, way: tuple[str, str]) -> None:
    """A route without an id would show or change what is another's."""
    before = ada.everything()
    answer = asked(site.learner(), way, ada)
    if answer.status_code >= 500 and "no rooms" not in answer.text:  # as the page of a site without them says
        assert answer.json()["code"] in ("rooms_off", "busy"), answer.text
    assert "zanzibar" not in answer.text
    assert ada.talk not in answer.text
    assert ada.everything() == before


@pytest.mark.parametrize("way", WITH_A_HASH, ids=" ".join)
def test_a_foreign_page_is_refused(ada: Ada, mallory: httpx.Client, way: tuple[str, str]) -> None:
    """A learner who knows the hash of an open page would hear, write or stop what is in it."""
    answer = asked(mallory, way, ada)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_session")


def test_no_handler_of_the_page_believes_what_it_is_sent(site: Site, ada: Ada) -> None:
    """A box of the page that a learner fills with another's ids would open what is the other's."""
    mallory = site.learner()
    place = {"conversation_id": ada.talk, "course": "python-basics", "chapter": "loops", "turn_id": ada.turn}
    before = ada.everything()
    functions = [one for one in mallory.get("/config").json()["dependencies"] if one["backend_fn"]]
    assert len(functions) > 5
    for function in functions:
        for data in (json.dumps(place), ada.talk, ada.turn):
            heard = events(
                mallory, f"mallory{function['id']}", function["id"], [data] * len(function["inputs"])
            )
            assert "zanzibar" not in heard, function
            assert ada.everything() == before, function


def events(client: httpx.Client, session_hash: str, function: int, data: list[str]) -> str:
    """All that the page is told of one call, for a second at most."""
    body = {"session_hash": session_hash, "fn_index": function, "data": data}
    joined = client.post("/gradio_api/queue/join", json=body)
    told = [joined.text]
    if joined.status_code != 200:
        return told[0]
    until = time.monotonic() + 3
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session_hash}) as answer:
        for line in answer.iter_lines():
            told.append(line)
            if '"process_completed"' in line or '"close_stream"' in line or time.monotonic() > until:
                break
    return "\n".join(told)
