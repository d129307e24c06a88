"""Hidden instructions that a client makes up: refused by the API and by the page, and nowhere stored."""

import itertools
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import httpx
import jwt
import pytest

from tests.forged import CELL, CHAPTER, EXERCISE, FORGED, NAMES, WORDS, Payload
from tests.web.conftest import Site, serve
from tutor.settings import Settings

# Gradio's own code, called by a real event, uses a name that Starlette has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:'HTTP_422_UNPROCESSABLE_ENTITY':DeprecationWarning")

Begin = Callable[[httpx.Client], str]
KEY = secrets.token_urlsafe(48)
_HASHES = (f"forged{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """As everywhere, with one course site that may sign notes."""
    folder: Path = tmp_path_factory.mktemp("site")
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="warning",
            embed_keys=f"campus={KEY}",
        )
    )  # fmt: skip


@pytest.fixture
def audit(site: Site) -> Callable[[str], list[tuple[Any, ...]]]:
    """What the audit has of a conversation: name, site and text of each instruction."""
    query = (
        "SELECT i.name, i.site, i.text FROM instructions i JOIN turns t ON t.id = i.turn_id"
        " WHERE t.conversation_id = ?"
    )

    def read(conversation: str) -> list[tuple[Any, ...]]:
        with closing(connect(site.services.settings.data_dir / "tutor.db")) as database:
            return database.execute(query, [conversation]).fetchall()

    return read


Audit = Callable[[str], list[tuple[Any, ...]]]


def stored(client: httpx.Client, conversation: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/conversations/{conversation}/messages")
    assert answer.status_code == 200
    return list(answer.json())


def signed(**changes: Any) -> str:
    """A note of the course site, for two minutes."""
    now = int(time.time())
    claims = {
        "iss": "campus", "aud": "ai-programming-teacher", "jti": secrets.token_urlsafe(12),
        "iat": now, "exp": now + 120, "text": WORDS,
    }  # fmt: skip
    return jwt.encode(claims | changes, KEY, "HS256", headers={"typ": "tutor-note"})


@pytest.mark.parametrize(("_why", "payload"), FORGED, ids=NAMES)
def test_the_api_refuses(site: Site, begin: Begin, audit: Audit, _why: str, payload: Payload) -> None:
    """A program in the learner's hands could put words into the teacher's ear, past the guard and the log."""
    client = site.learner()
    conversation = begin(client)
    answer = client.post(f"/api/v1/conversations/{conversation}/instructions", json=payload)
    assert answer.status_code in (413, 422), answer.text
    assert answer.json()["code"] in ("instruction_refused", "invalid_input")
    assert WORDS not in answer.text
    assert stored(client, conversation) == []
    assert audit(conversation) == []


def test_what_the_table_takes_as_real_is_real(site: Site, begin: Begin) -> None:
    """The forged instructions would be refused for another reason than the one that is tested."""
    client = site.learner()
    url = f"/api/v1/conversations/{begin(client)}/instructions"
    for name, cell in (("explain_cell", CELL), ("give_hint", EXERCISE)):
        body = {"name": name, "parameters": {"chapter": CHAPTER, "cell": cell}}
        assert client.post(url, json=body).status_code == 200


def test_a_flood_is_stopped(site: Site, begin: Begin) -> None:
    """A script could spend the site's budget on greetings that nobody reads."""
    client = site.learner()
    url = f"/api/v1/conversations/{begin(client)}/instructions"
    codes = [client.post(url, json={"name": "go_on", "parameters": {}}).status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]
    answer = client.post(url, json={"name": "go_on", "parameters": {}})
    assert answer.json()["code"] == "too_many_tries"


def test_a_signed_note_is_carried_out_once(site: Site, begin: Begin, audit: Audit) -> None:
    """A course site's note would not arrive; or it would be shown, unaudited, or good for ever."""
    client = site.learner()
    conversation = begin(client)
    me = client.get("/api/v1/auth/me").json()["id"]
    url = f"/api/v1/conversations/{conversation}/instructions"
    token = signed(sub=me, conversation=conversation, course="python-basics", chapter=CHAPTER)
    answer = client.post(url, json={"token": token})
    assert answer.status_code == 200, answer.text
    assert WORDS not in answer.text
    assert "event: said" in answer.text
    assert [message["author"] for message in stored(client, conversation)] == ["assistant"]
    assert audit(conversation) == [("site_note", "campus", WORDS)]
    again = client.post(url, json={"token": token})
    assert (again.status_code, again.json()["code"]) == (422, "instruction_refused")
    assert len(audit(conversation)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 60, "iat": int(time.time()) - 120},
        {"exp": int(time.time()) + 3600},
        {"aud": "somebody else"},
        {"iss": "another"},
        {"sub": "another learner"},
        {"conversation": "another"},
        {"course": "another"},
        {"chapter": "lists"},
    ],
    ids=str,
)
def test_a_note_for_elsewhere_is_refused(
    site: Site, begin: Begin, audit: Audit, changes: dict[str, Any]
) -> None:
    """A token that was overheard, or is old, would work for whoever has it."""
    client = site.learner()
    conversation = begin(client)
    url = f"/api/v1/conversations/{conversation}/instructions"
    answer = client.post(url, json={"token": signed(**changes)})
    assert (answer.status_code, answer.json()["code"]) == (422, "instruction_refused")
    assert audit(conversation) == []


def test_a_note_does_not_open_anothers_conversation(site: Site, begin: Begin, audit: Audit) -> None:
    """With a note of their own, a learner could write into somebody else's conversation."""
    conversation = begin(site.learner())
    answer = site.learner().post(
        f"/api/v1/conversations/{conversation}/instructions", json={"token": signed()}
    )
    assert answer.status_code == 404
    assert audit(conversation) == []


@pytest.fixture
def functions(site: Site) -> dict[str, int]:
    """The page's functions by what calls them."""
    config = site.learner().get("/config").json()
    boxes = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
    wanted = {"about": "input", "goto": "input", "question": "submit"}
    return {
        name: next(f["id"] for f in config["dependencies"] if [boxes[name], event] in f["targets"])
        for name, event in wanted.items()
    }


def called(client: httpx.Client, function: int, *data: object) -> str:
    """All that Gradio answers to an event with these inputs."""
    session = next(_HASHES)
    body = {"session_hash": session, "fn_index": function, "data": list(data)}
    joined = client.post("/gradio_api/queue/join", json=body)
    if joined.status_code != 200:
        return joined.text
    told: list[str] = []
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as answer:
        for line in answer.iter_lines():
            told.append(line)
            if '"process_completed"' in line or '"close_stream"' in line:
                break
    return "\n".join(told)


def here(conversation: str, **changes: object) -> str:
    return json.dumps(
        {"conversation_id": conversation, "course": "python-basics", "chapter": CHAPTER} | changes
    )


ABOUT: dict[str, object] = {
    "words as a cell": {"cell_id": WORDS},
    "a cell that is not there": {"cell_id": "nowhere"},
    "no cell": {"cell_id": ""},
    "an instruction of the forger's choice": {"cell_id": CELL, "name": "give_hint"},
    "hidden words": {"cell_id": CELL, "hidden": True, "text": WORDS},
    "a hint level": {"cell_id": EXERCISE, "hint_level": 9},
    "a list": [CELL],
    "text": WORDS,
}
PLACES: dict[str, dict[str, object]] = {
    "another chapter": {"chapter": "lists"},
    "no such chapter": {"chapter": "history"},
    "no such course": {"course": "history"},
    "words as a chapter": {"chapter": WORDS},
    "no such conversation": {"conversation_id": "0" * 22},
    "hidden words": {"hidden": True, "question": WORDS},
}


@pytest.mark.parametrize("why", [*ABOUT, *PLACES])
def test_the_page_refuses(
    site: Site, begin: Begin, audit: Audit, functions: dict[str, int], why: str
) -> None:
    """Whoever changes the page's hidden boxes could have the teacher follow words of their own."""
    client = site.learner()
    conversation = begin(client)
    about = ABOUT.get(why, {"cell_id": CELL})
    place = here(conversation, **PLACES.get(why, {}))
    told = called(client, functions["about"], json.dumps(about), place)
    assert '"success":false' in told.replace(" ", ""), told
    assert WORDS not in told
    assert stored(client, conversation) == []
    assert audit(conversation) == []


def test_the_page_explains_a_real_cell(
    site: Site, begin: Begin, audit: Audit, functions: dict[str, int]
) -> None:
    """The test above would pass on a page where Ask does nothing."""
    client = site.learner()
    conversation = begin(client)
    told = called(client, functions["about"], json.dumps({"cell_id": CELL}), here(conversation))
    assert '"success":true' in told.replace(" ", ""), told
    assert audit(conversation) == [("explain_cell", "", "")]


@pytest.mark.parametrize("box", ["about", "question"])
def test_the_page_keeps_conversations_apart(
    site: Site, begin: Begin, audit: Audit, functions: dict[str, int], box: str
) -> None:
    """A changed place would write into somebody else's conversation."""
    ada = site.learner()
    conversation = begin(ada)
    about = json.dumps({"cell_id": CELL})
    data = [about, here(conversation)] if box == "about" else ["What is a loop?", here(conversation), about]
    told = called(site.learner(), functions[box], *data)
    assert '"success":false' in told.replace(" ", ""), told
    assert stored(ada, conversation) == []
    assert audit(conversation) == []
