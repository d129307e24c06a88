"""Gradio's session hashes, bound to learners.

Gradio keys its event streams, and FastRTC its connections, by ids that the browser makes up and sends along.
Who knows somebody else's could listen in, speak there or hang up. So an id belongs to its first user.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import structlog
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.log import pseudonym

log = structlog.get_logger()

_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_IN_BODY = frozenset({"/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/component_server"})
_IN_QUERY = "/gradio_api/queue/data"
_IN_PATH = "/gradio_api/heartbeat/"
_MOST_BYTES = 1_000_000
"""Of an event: its texts are limited elsewhere, and files are not taken at all."""


class Owners:
    """Who used an id first. Of each learner, and of learners, the least recently active is forgotten first.

    Nobody can push out somebody else's ids by making up many of their own.
    """

    def __init__(self, *, ids: int = 32, learners: int = 4096) -> None:
        self._owner: dict[str, str] = {}
        self._ids: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()
        self._most_ids, self._most_learners = ids, learners

    def foreign(self, some_id: str, learner_id: str) -> bool:
        """Whether it is another learner's."""
        return self._owner.get(some_id, learner_id) != learner_id

    def claim(self, some_id: str, learner_id: str) -> bool:
        """Take the id, or keep it. False where it is another learner's."""
        if self.foreign(some_id, learner_id):
            return False
        own = self._ids.setdefault(learner_id, OrderedDict())
        self._ids.move_to_end(learner_id)
        own[some_id] = None
        own.move_to_end(some_id)
        self._owner[some_id] = learner_id
        if len(own) > self._most_ids:
            del self._owner[own.popitem(last=False)[0]]
        if len(self._ids) > self._most_learners:
            for gone in self._ids.popitem(last=False)[1]:
                del self._owner[gone]
        return True

    def __len__(self) -> int:
        return len(self._owner)


class SessionHashes:
    """ASGI behind the gate, which has found the learner: refuses events with an id of somebody else."""

    def __init__(self, app: ASGIApp, owners: Owners | None = None) -> None:
        self.app = app
        self._owners = owners or Owners()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path = scope.get("path", "").rstrip("/")
        if scope["type"] != "http" or not path.startswith("/gradio_api/"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        learner = getattr(connection.state, "learner", None)
        learner_id = learner.id if learner else ""
        refusal: JSONResponse | None = None
        if path in _IN_BODY:
            body = await _whole(receive)
            receive = _again(body, receive)
            refusal = self._event(path, body, learner_id)
        elif path == _IN_QUERY:
            hashes = connection.query_params.getlist("session_hash")
            refusal = self._claimed(hashes[0] if len(hashes) == 1 else None, learner_id)
        elif path.startswith(_IN_PATH):
            refusal = self._claimed(path.removeprefix(_IN_PATH), learner_id)
        await (refusal or self.app)(scope, receive, send)

    def _event(self, path: str, body: bytes | None, learner_id: str) -> JSONResponse | None:
        if body is None:
            return _refusal("too_large", "That is too large to send.", 413)
        event = _read(body)
        if event is None:
            return _refusal("malformed", "The page sent something unreadable. Please reload it.", 400)
        data = event.get("data")
        # FastRTC finds a connection by an id among an event's values; any of them may be one.
        if any(isinstance(value, str) and self._owners.foreign(value, learner_id) for value in _values(data)):
            return _foreign(learner_id)
        refusal = self._claimed(event.get("session_hash"), learner_id)
        if refusal is None and path.endswith("/component_server") and isinstance(data, dict):
            refusal = self._claimed(data.get("webrtc_id", event["session_hash"]), learner_id)
        return refusal

    def _claimed(self, some_id: object, learner_id: str) -> JSONResponse | None:
        if not isinstance(some_id, str) or not _ID.fullmatch(some_id):
            return _refusal("malformed", "The page lost its place. Please reload it.", 400)
        return None if self._owners.claim(some_id, learner_id) else _foreign(learner_id)


async def _whole(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too large. One that breaks off is shorter than it should be."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes | None, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then what really comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _read(body: bytes) -> dict[str, Any] | None:
    """The event, as Gradio will read it; None where it is none, or where it names a file.

    Gradio fetches what a file's `path` names, an address on the network included. The page sends no files.
    """
    try:
        event = json.loads(body)
        files = any(isinstance(value, dict) and {"path", "meta"} <= value.keys() for value in _values(event))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and not files else None


def _values(value: object) -> Iterator[object]:
    """A JSON value and all that is in it."""
    yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inside:
        yield from _values(part)


def _foreign(learner_id: str) -> JSONResponse:
    log.warning("foreign_session_hash", learner=pseudonym(learner_id))
    return _refusal("foreign_session", "This page was opened by somebody else. Please reload it.", 403)


def _refusal(code: str, text: str, status: int) -> JSONResponse:
    # `detail` is what Gradio's own script shows.
    return JSONResponse({"code": code, "text": text, "detail": text}, status_code=status)
