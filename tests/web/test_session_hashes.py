"""A Gradio session hash, and a connection of FastRTC, belong to the learner who used them first."""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from tests.web.conftest import Site
from tutor.web.session_hashes import Owners

# Gradio's own code, called by a real event, uses a name that Starlette has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:'HTTP_422_UNPROCESSABLE_ENTITY':DeprecationWarning")

_HASHES = (f"hash{number}" for number in itertools.count())
API = "/gradio_api"


@pytest.fixture
def ada(site: Site) -> httpx.Client:
    return site.learner()


@pytest.fixture
def mallory(site: Site) -> httpx.Client:
    return site.learner()


@pytest.fixture
def session_hash() -> str:
    return next(_HASHES)


@pytest.fixture
def goto(site: Site) -> int:
    """The number of the function that opens a chapter."""
    config = site.learner().get("/config").json()
    (box,) = [c["id"] for c in config["components"] if c["props"].get("elem_id") == "goto"]
    (function,) = [f["id"] for f in config["dependencies"] if [box, "input"] in f["targets"]]
    return int(function)


def join(client: httpx.Client, session_hash: object, function: int, *data: object) -> httpx.Response:
    """Ask Gradio to call a function of the page."""
    body = {"session_hash": session_hash, "fn_index": function, "data": list(data)}
    return client.post(f"{API}/queue/join", json=body)


def messages(client: httpx.Client, session_hash: str) -> list[dict[str, Any]]:
    """What Gradio streams until the call is over."""
    found = []
    with client.stream("GET", f"{API}/queue/data", params={"session_hash": session_hash}) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
                if found[-1]["msg"] in ("process_completed", "close_stream"):
                    break
    return found


def foreign(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_session"), answer.text


def test_the_page_works_for_its_owner(ada: httpx.Client, session_hash: str, goto: int) -> None:
    """Nobody could open a chapter."""
    assert join(ada, session_hash, goto, "python-basics/lists").status_code == 200
    last = messages(ada, session_hash)[-1]
    assert last["success"], last
    assert join(ada, session_hash, goto, "python-basics/loops").status_code == 200


def test_another_learner_cannot_listen(
    ada: httpx.Client, mallory: httpx.Client, session_hash: str, goto: int
) -> None:
    """Who knows the hash of an open page would read what its learner is told."""
    join(ada, session_hash, goto, "python-basics/lists")
    foreign(mallory.get(f"{API}/queue/data", params={"session_hash": session_hash}))
    assert messages(ada, session_hash)[-1]["success"], "the answer went to somebody else"


def test_another_learner_cannot_act(
    ada: httpx.Client, mallory: httpx.Client, session_hash: str, goto: int
) -> None:
    """Who knows the hash of an open page could write into it, stop its answers or close it."""
    event = join(ada, session_hash, goto, "python-basics/lists").json()["event_id"]
    foreign(join(mallory, session_hash, goto, "python-basics/loops"))
    cancel = {"session_hash": session_hash, "fn_index": goto, "event_id": event}
    foreign(mallory.post(f"{API}/cancel", json=cancel))
    foreign(mallory.get(f"{API}/heartbeat/{session_hash}"))
    served = {"session_hash": session_hash, "component_id": 1, "fn_name": "offer", "data": {}}
    for path in ("component_server", "component_server/"):
        foreign(mallory.post(f"{API}/{path}", json=served))
    assert messages(ada, session_hash)[-1]["success"]


@pytest.mark.parametrize("first", ["data", "heartbeat", "cancel", "component_server"])
def test_any_first_use_makes_it_ones_own(
    ada: httpx.Client, mallory: httpx.Client, session_hash: str, goto: int, first: str
) -> None:
    """Between the first and the second request of a page somebody else could take it over."""
    if first == "data":
        with suppress(httpx.TransportError):  # Gradio breaks off: nothing has been asked yet
            ada.get(f"{API}/queue/data", params={"session_hash": session_hash})
    elif first == "heartbeat":
        with ada.stream("GET", f"{API}/heartbeat/{session_hash}") as answer:
            assert answer.status_code == 200
    else:
        more = {"fn_index": goto, "event_id": "a", "component_id": 1, "fn_name": "x", "data": None}
        ada.post(f"{API}/{first}", json={"session_hash": session_hash, **more})
    foreign(join(mallory, session_hash, goto, "python-basics/loops"))
    assert join(ada, session_hash, goto, "python-basics/loops").status_code == 200


def test_a_connection_of_the_voice_is_ones_own(
    ada: httpx.Client, mallory: httpx.Client, session_hash: str, goto: int
) -> None:
    """Who knows the id of a voice connection could read its transcript, or hang up."""
    connection, own = f"{session_hash}voice", f"{session_hash}mallory"
    body = {"component_id": 1, "fn_name": "offer", "data": {"webrtc_id": connection, "sdp": "v=0"}}
    ada.post(f"{API}/component_server", json={"session_hash": session_hash, **body})
    foreign(mallory.post(f"{API}/component_server", json={"session_hash": own, **body}))
    foreign(join(mallory, own, goto, connection))
    foreign(join(mallory, own, goto, {"webrtc_id": connection}))
    assert join(ada, session_hash, goto, connection).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"data": []}',
        b'{"session_hash": null, "data": []}',
        b'{"session_hash": "", "data": []}',
        b'{"session_hash": ["a"], "data": []}',
        b'{"session_hash": "../x", "data": []}',
        b'{"session_hash": "' + b"a" * 65 + b'", "data": []}',
    ],
)
@pytest.mark.parametrize("path", ["queue/join", "cancel", "component_server"])
def test_an_event_without_a_hash_is_refused(ada: httpx.Client, path: str, body: bytes) -> None:
    """Events without an owner could be sent, or a stranger's bytes could crash the page's server."""
    answer = ada.post(f"{API}/{path}", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "query", ["", "?session_hash=", "?session_hash=a%20b", "?session_hash=x1&session_hash=x2"]
)
def test_a_stream_needs_one_hash(ada: httpx.Client, query: str) -> None:
    """A second hash in the address could be the one that Gradio uses, unchecked."""
    assert ada.get(f"{API}/queue/data{query}").status_code == 400


def test_a_form_is_no_event(ada: httpx.Client, session_hash: str) -> None:
    """Gradio's component server also takes forms with files, in which the hash would go unchecked."""
    form = {"session_hash": session_hash, "component_id": "1", "fn_name": "offer", "data": "{}"}
    answer = ada.post(f"{API}/component_server", data=form, files={"f": b"x"})
    assert answer.status_code == 400


def test_a_large_event_is_refused(ada: httpx.Client, session_hash: str, goto: int) -> None:
    """One event could fill the memory."""
    assert join(ada, session_hash, goto, "x" * 1_000_000).status_code == 413


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server inside the network, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the base class names it

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_a_file_in_an_event_is_not_fetched(
    ada: httpx.Client, session_hash: str, goto: int, inside: tuple[str, list[str]]
) -> None:
    """A learner could make the server fetch addresses, or read files of its own, through a text box."""
    url, asked = inside
    for path in (f"{url}/secret", "/etc/passwd"):
        file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
        for data in (file, [file], {"deep": [{"er": file}]}):
            assert join(ada, session_hash, goto, data).status_code == 400
    assert not asked


def test_the_page_calls_only_what_is_served(site: Site) -> None:
    """A button of the page would call a route that the gate has closed, and do nothing."""
    functions = site.learner().get("/config").json()["dependencies"]
    assert functions
    # Outside of the queue the browser posts to /gradio_api/run/..., which is closed.
    outside = [one for one in functions if one["queue"] is False and one["backend_fn"]]
    assert [one["targets"] for one in outside] == []


def test_memory_is_bounded() -> None:
    """A visitor who makes up hashes for ever would fill the memory."""
    owners = Owners(ids=4, learners=10)
    for number in range(1000):
        assert owners.claim(f"id{number}", f"learner{number % 50}")
        assert len(owners) <= 40
    assert not owners.claim("id999", "somebody else")


def test_ones_own_hashes_push_out_only_ones_own() -> None:
    """A learner who makes up hashes could make the server forget whose another page is."""
    owners = Owners(ids=4, learners=10)
    owners.claim("ada1", "ada")
    for number in range(100):
        owners.claim(f"id{number}", "mallory")
    assert not owners.claim("ada1", "mallory")
    assert owners.claim("ada1", "ada")


def test_what_is_in_use_is_kept() -> None:
    """A page that stays open while others come and go would be given away."""
    owners = Owners(ids=4, learners=10)
    for number in range(100):
        assert owners.claim("open", "ada")
        owners.claim(f"id{number}", "ada")
        owners.claim(f"of{number}", f"learner{number}")
    assert not owners.claim("open", "mallory")
