"""The room page: a lesson beside the teacher of a LiveKit room, for sites whose teachers are workers."""

import asyncio
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse, HTMLResponse

from tutor.domain.course import Cell, Chapter, Code, Exercise, Prose
from tutor.domain.learner import Learner
from tutor.errors import NotFound, RoomsOff
from tutor.services.lessons import Lesson
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web.identity import learner_of
from tutor.web.look import STATIC
from tutor.web.notice import notice
from tutor.web.pages.markup import code_html, course_markdown

log = structlog.get_logger()

CLIENT = "livekit-client.umd.js"
_PAGE = (STATIC / "room.html").read_text(encoding="utf-8")
_NOT_KEPT: Final = {"cache-control": "no-store"}
_Slug = Annotated[str, Query(max_length=80)]


def router(services: Services) -> APIRouter:
    """/room. Nothing here is open to visitors who are not signed in."""
    room = APIRouter(prefix="/room", include_in_schema=False, dependencies=[Depends(learner_of)])
    client: Path = services.settings.data_dir / "livekit" / CLIENT

    @room.get("")
    async def page(
        learner: Annotated[Learner, Depends(learner_of)], course: _Slug = "", chapter: _Slug = ""
    ) -> HTMLResponse:
        if not services.settings.has_rooms or not await asyncio.to_thread(client.is_file):
            log.warning("room_page_off", detail="no LiveKit server, or `python -m tutor assets` was not run")
            return HTMLResponse(_off(course, chapter), RoomsOff.status, _NOT_KEPT)
        lesson = await (
            services.lessons.open(learner, course, chapter)
            if course and chapter
            else services.lessons.resume(learner)
        )
        return HTMLResponse(_filled(lesson), headers=_NOT_KEPT)

    @room.get(f"/{CLIENT}")
    def script() -> FileResponse:
        if not client.is_file():
            raise NotFound(CLIENT)
        return FileResponse(
            client, media_type="text/javascript", headers={"cache-control": "private, max-age=3600"}
        )

    return room


def livekit_hosts(settings: Settings) -> tuple[str, ...]:
    """What the page may connect to besides its own host: the LiveKit server, by WebSocket and by HTTP."""
    url = settings.livekit_public_url or settings.livekit_url
    return (url, url.replace("ws", "http", 1)) if url else ()


def _off(course: str, chapter: str) -> str:
    """For somebody who followed a link to a room that this site does not have."""
    wanted = {name: slug for name, slug in (("course", course), ("chapter", chapter)) if slug}
    to = f"/?{urlencode(wanted)}" if wanted else "/"
    return notice("There are no rooms here", RoomsOff.text, to=to, words="Open the lesson page")


def _filled(lesson: Lesson) -> str:
    values = {
        "conversation": lesson.conversation.id,
        "course": lesson.course.slug,
        "chapter": lesson.chapter.slug,
        "title": f"{lesson.chapter.number}. {lesson.chapter.title}",
    }
    page = _PAGE
    for name, value in values.items():
        page = page.replace(f"{{{name}}}", escape(value))
    return page.replace("{lesson}", _lesson_html(lesson.course.slug, lesson.chapter))


def _lesson_html(course: str, chapter: Chapter) -> str:
    """The chapter to read along. Running code and solving exercises is what the lesson page is for."""
    markdown = course_markdown(course)
    return "".join(
        f'<section id="{escape(cell.id)}">{html}</section>'
        for cell in chapter.cells
        if (html := _cell_html(markdown, cell))
    )


def _cell_html(markdown: Callable[[str], str], cell: Cell) -> str:
    match cell:
        case Prose():
            return markdown(cell.markdown)
        case Code():
            return code_html(cell.source)
        case Exercise():
            return f"<h3>{escape(cell.title)}</h3>{markdown(cell.task)}{code_html(cell.starter)}"
        case _:
            return ""  # a quiz is of no use without its buttons
