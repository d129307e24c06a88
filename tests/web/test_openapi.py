"""The API does what its document says, whatever a program sends: schemathesis makes up the requests."""

import ast
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.checks import Failure, FailureGroup, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.conftest import Site, serve
from tutor.settings import Settings

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
"""Of each route. The profile's number of examples would be too many for a build."""
ENDS_THE_SESSION = ("/auth/sign-out", "/auth/me/delete")
REAL = {"course": "python-basics", "chapter": "loops", "cell": "countdown"}
SPEECH = Path(__file__).resolve().parents[1] / "data/speech/list.wav"
schemathesis.openapi.media_type("audio/*", st.binary(max_size=200) | st.just(SPEECH.read_bytes()[:20_000]))
_VISITORS: dict[str, tuple[str, dict[str, str]]] = {}


@pytest.fixture(scope="module", autouse=True)
def _one_parser_at_a_time() -> Iterator[None]:
    """Hypothesis reads modules while the site reads code in its threads: see `tutor/domain/syntax.py`."""
    parse, lock = ast.parse, Lock()

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return parse(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ast, "parse", locked)
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """As everywhere, with rooms, and with patience for a program that asks all day."""
    folder: Path = tmp_path_factory.mktemp("site")
    yield from serve(
        Settings(
            _env_file=None, data_dir=folder, stt="off", tts="off", log_level="error",
            turns_per_minute=100_000, livekit_url="ws://127.0.0.1:9", livekit_api_key="key",
            livekit_api_secret="s" * 40,
        )
    )  # fmt: skip


def visitor(site: Site, label: str) -> tuple[str, dict[str, str]]:
    """A learner's token, and the names of things that are there for this learner."""
    if label not in _VISITORS or label.endswith(ENDS_THE_SESSION):
        client = site.learner()
        body = {"course": REAL["course"], "chapter": REAL["chapter"]}
        talk = client.post("/api/v1/conversations", json=body).json()["id"]
        client.post(f"/api/v1/conversations/{talk}/turns", json={"text": "What is a loop?"})
        turn = client.get(f"/api/v1/conversations/{talk}/messages").json()[0]["turn_id"]
        _VISITORS[label] = client.cookies["tutor"], {**REAL, "conversation_id": talk, "turn_id": turn}
    return _VISITORS[label]


def tried(site: Site, operation: schemathesis.APIOperation) -> None:
    """Ask one route in a few ways."""

    @given(case=operation.as_strategy(), there=st.booleans())
    @settings(max_examples=EXAMPLES)
    def ask(case: schemathesis.Case, there: bool) -> None:
        token, names = visitor(site, operation.label)
        if there:  # else whatever was made up
            case.path_parameters = {name: names[name] for name in case.path_parameters or {}}
        case.call_and_validate(headers={"authorization": f"Bearer {token}"}, checks=CHECKS, timeout=60)

    ask()


def test_the_api_keeps_to_its_document(site: Site) -> None:
    """A program that reads the document would meet a crash, or an answer that it was not told of."""
    api = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) > 30
    broken = {}
    for operation in operations:
        try:
            tried(site, operation)
        except (Failure, FailureGroup) as failure:
            broken[operation.label] = failure
    assert not broken, "\n\n".join(f"{label}: {failure}" for label, failure in broken.items())
