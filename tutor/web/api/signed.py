"""What the routes of the API ask for alike: who calls, and short names."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from tutor.domain.learner import Learner
from tutor.web.identity import learner_of


async def _signed(request: Request) -> Learner:
    # async, though it waits for nothing: FastAPI gives each call of a plain function to a thread
    return learner_of(request)


Signed = Annotated[Learner, Depends(_signed)]
"""The learner whose session the request carries; 401 without one."""

Slug = Annotated[str, Field(max_length=80)]
"""The name of a course, a chapter or a cell, or an id."""
