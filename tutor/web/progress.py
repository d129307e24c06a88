"""/progress: how far the learner has come, as a page and over the API."""

from datetime import UTC, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from tutor.services.journey import Overview
from tutor.services.services import Services
from tutor.web.api.refusal import ANYWHERE
from tutor.web.api.signed import Signed
from tutor.web.pages.progress import progress_html

_Zone = Annotated[str, Query(max_length=60)]


def router(services: Services) -> APIRouter:
    """The page, and its data."""
    routes = APIRouter()

    @routes.get("/progress", include_in_schema=False)
    async def page(learner: Signed, zone: _Zone = "") -> HTMLResponse:
        here = zone_of(zone)
        shown = progress_html(await services.journey.overview(learner, here), here)
        return HTMLResponse(shown, headers={"cache-control": "no-store"})

    @routes.get("/api/v1/progress", tags=["workbook"], responses=ANYWHERE)
    async def overview(learner: Signed, zone: _Zone = "") -> Overview:
        """Where the learner stands in every course, what is due, and the days of practice."""
        return await services.journey.overview(learner, zone_of(zone))

    return routes


def zone_of(name: str) -> tzinfo:
    """The time zone of this name, as browsers know them; UTC where there is none."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
