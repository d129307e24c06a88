"""The page that documents the API, with its script served from here."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from tutor.errors import NotFound

_STATIC = Path(str(files("fastapi_offline"))) / "static"
_ASSETS = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})


def router() -> APIRouter:
    """/api/v1/docs and what it loads."""
    docs = APIRouter(prefix="/api/v1/docs", include_in_schema=False)

    @docs.get("")
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/api/v1/openapi.json",
            title="AI Programming Teacher API",
            swagger_js_url="/api/v1/docs/swagger-ui-bundle.js",
            swagger_css_url="/api/v1/docs/swagger-ui.css",
            swagger_favicon_url="/ours/static/mark.svg",
        )

    @docs.get("/{name}")
    async def asset(name: str) -> FileResponse:
        if name not in _ASSETS:
            raise NotFound(name)
        return FileResponse(_STATIC / name)

    return docs
