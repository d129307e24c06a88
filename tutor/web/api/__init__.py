"""The JSON API, /api/v1: everything the page can do, for programs."""

from fastapi import APIRouter

from tutor.services.services import Services
from tutor.web.api import auth, conversations, courses, limits, mode, rooms, turns, workbook
from tutor.web.api.refusal import ANYWHERE


def router(services: Services) -> APIRouter:
    """All routes."""
    api = APIRouter(prefix="/api/v1", responses=ANYWHERE)
    for part in (auth, mode, limits, courses, conversations, turns, rooms, workbook):
        api.include_router(part.router(services))
    return api
