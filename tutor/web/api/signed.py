"""What the routes of the API ask for alike: who calls, and short names."""

from typing import Annotated

from fastapi import Depends
from pydantic import Field

from tutor.domain.learner import Learner
from tutor.web.identity import learner_of

Signed = Annotated[Learner, Depends(learner_of)]
"""The learner whose session the request carries; 401 without one."""

Slug = Annotated[str, Field(max_length=80)]
"""The name of a course, a chapter or a cell, or an id."""
