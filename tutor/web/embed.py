"""The way in from a course site: a ticket in the frame's address becomes a session, once."""

from typing import Annotated, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tutor.errors import TutorError
from tutor.services.services import Services
from tutor.web.identity import cookie
from tutor.web.notice import notice

log = structlog.get_logger()

_THEMES: Final = frozenset({"light", "dark"})


def router(services: Services) -> APIRouter:
    """/embed."""
    embed = APIRouter(include_in_schema=False)

    @embed.get("/embed")
    async def enter(
        request: Request,
        ticket: Annotated[str, Query(max_length=16_000)],
        course: Annotated[str, Query(max_length=80)] = "",
        chapter: Annotated[str, Query(max_length=80)] = "",
        theme: Annotated[str, Query(max_length=10)] = "",
        room: Annotated[bool, Query(description="The room page, where teachers are workers.")] = False,
    ) -> Response:
        address = request.client.host if request.client else "unknown"
        try:
            known = await services.sites.ticket(ticket, address)
            session = await services.accounts.from_site(known.site, known.subject, known.name)
        except TutorError as error:
            log.warning("ticket_refused", code=error.code, detail=str(error))
            return HTMLResponse(notice("This did not open", error.text), error.status, _NOT_KEPT)
        wanted = {"course": course, "chapter": chapter, "__theme": theme if theme in _THEMES else ""}
        query = urlencode({name: value for name, value in wanted.items() if value})
        page = "/room" if room else "/"
        answer = RedirectResponse(f"{page}?{query}" if query else page, 303, _NOT_KEPT)
        answer.headers["set-cookie"] = cookie(request, session.token, session.expires_at)
        return answer

    return embed


_NOT_KEPT: Final = {"cache-control": "no-store"}
"""A ticket must not stay in a cache."""
