"""The web application: middleware, the API, and the pages mounted behind the gate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil

import gradio as gr
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from tutor import __version__, garbage
from tutor.errors import Busy, SiteClosing, TutorError
from tutor.services.services import Services
from tutor.web import api, docs, embed, metrics, progress, room, runner
from tutor.web.draining import Draining
from tutor.web.gate import WELCOME, BodyLimit, SameOrigin, SecurityHeaders, SessionGate
from tutor.web.hosts import KnownHosts
from tutor.web.look import STATIC
from tutor.web.offline import OwnHostOnly
from tutor.web.page import lesson_page
from tutor.web.pages.sign_in import sign_in_page
from tutor.web.session_hashes import SessionHashes

log = structlog.get_logger()

_MAX_BODY = 26_000_000
"""Bytes: the longest recording that `read_audio` takes, and a little more."""

_MOST_EVENTS = 1_000
"""Events that may stand in Gradio's own queue. Each is taken out at once, since what takes time waits in our
line, with a number; so a full one means that this process is stuck, and the page says that it is full."""


def create_app(services: Services) -> FastAPI:
    """The whole web front, for one set of services."""
    warm = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.start()
        beside = (
            asyncio.create_task(_warm(services, warm)),
            asyncio.create_task(services.privacy.keep_tidy()),
        )
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await services.close()

    app = FastAPI(
        title="AI Programming Teacher",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        middleware=[
            Middleware(
                SecurityHeaders,
                frame_ancestors=services.settings.frame_ancestors,
                foreign=" ".join(
                    (runner.foreign_host(services.settings), *room.livekit_hosts(services.settings))
                ),
            ),
            Middleware(KnownHosts, allowed=services.settings.allowed_hosts),
            Middleware(BodyLimit, limit=_MAX_BODY),
            Middleware(Draining, drain=services.drain),
            Middleware(SameOrigin),
            Middleware(SessionGate, learner=services.accounts.learner),
            Middleware(SessionHashes),
            Middleware(OwnHostOnly),
        ],
    )
    app.add_exception_handler(TutorError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.include_router(api.router(services))
    app.include_router(docs.router())
    if services.settings.metrics:
        app.include_router(metrics.router(services.counters))
    app.include_router(embed.router(services))
    app.include_router(runner.router(services))
    app.include_router(room.router(services))
    app.include_router(progress.router(services))
    app.mount("/ours/static", StaticFiles(directory=STATIC))

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        await services.ping()
        return {"status": "ok", "version": __version__}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        """Whether learners should be sent here: not yet while models load, no more while it is stopped."""
        if services.drain.begun:
            raise SiteClosing
        if not warm.is_set():
            raise Busy("still loading")
        await services.ping()
        return {"status": "ready"}

    @app.get("/files/{course}/{path:path}", include_in_schema=False)
    async def course_file(course: str, path: str) -> FileResponse:
        # A picture may be an SVG: opened by itself it must not run as a page of ours.
        return FileResponse(
            services.courses.file(course, path), headers={"content-security-policy": "sandbox"}
        )

    @app.get("/account", include_in_schema=False)
    async def account() -> FileResponse:
        return FileResponse(STATIC / "account.html")

    @app.get(WELCOME, include_in_schema=False)
    async def welcome() -> RedirectResponse:
        return RedirectResponse(f"{WELCOME}/")

    mount(app, sign_in_page(services.settings), WELCOME)
    mount(app, lesson_page(services), "/")
    return app


async def _warm(services: Services, warm: asyncio.Event) -> None:
    """Load the models while the page is already served; `services.mode` shows how far that is."""
    await services.warm_search()
    warm.set()
    await asyncio.gather(services.prepare(), services.warm_models(), services.warm_voice())
    garbage.keep()


def mount(app: FastAPI, page: gr.Blocks, path: str) -> None:
    """Put a page behind the gate. Gradio's own API page stays closed, and nothing may be uploaded."""
    page.queue(default_concurrency_limit=None, api_open=False, max_size=_MOST_EVENTS)
    gr.mount_gradio_app(app, page, path, show_api=False, show_error=False, ssr_mode=False, max_file_size=1)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TutorError)  # noqa: S101 - registered for nothing else
    log.warning("request_refused", code=error.code, detail=str(error))
    headers = {"retry-after": str(ceil(error.retry_after))} if error.retry_after else None
    return JSONResponse({"code": error.code, "text": error.text}, error.status, headers)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    fields = [".".join(map(str, problem["loc"])) for problem in error.errors()]
    return JSONResponse(
        {"code": "invalid_input", "text": "The request does not have the right form.", "fields": fields}, 422
    )
