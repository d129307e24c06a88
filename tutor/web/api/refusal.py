"""How the API says no: one form for all of its routes, and which statuses go with them."""

from http import HTTPStatus
from typing import Any

from pydantic import Field

from tutor.domain.value import Value


class Refusal(Value):
    """Why a request was not carried out."""

    code: str
    """For programs: `conversation_unknown`."""
    text: str
    """For the learner."""
    fields: tuple[str, ...] = Field(default=())
    """What in the request has the wrong form, such as `body.text`."""


def refusals(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`."""
    return {status.value: {"model": Refusal, "description": status.phrase} for status in statuses}


ANYWHERE = refusals(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INSUFFICIENT_STORAGE,
)
"""What any route may answer: no session, too large, too often, a database that is away or full, and so on."""
NOT_HERE = refusals(HTTPStatus.NOT_FOUND)
"""For routes with an id or a name in them. What is another learner's is not there either."""
TAKEN = refusals(HTTPStatus.CONFLICT)
"""For routes that come too late, or too early."""
