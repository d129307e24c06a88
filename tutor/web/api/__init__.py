"""The JSON API, /api/v1: everything the page can do, for programs."""

from fastapi import APIRouter

from tutor.services.services import Services
from tutor.web.api import auth, conversations, courses, limits, mode, rooms, turns, workbook


def router(services: Services) -> APIRouter:
    """All routes."""
    api = APIRouter(prefix="/api/v1")
    for part in (auth, mode, limits, courses, conversations, turns, rooms, workbook):
        api.include_router(part.router(services))
    return api
