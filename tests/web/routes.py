"""The routes of an app, whatever they are nested in."""

from collections.abc import Iterator, Sequence

from starlette.routing import BaseRoute

GRADIO_SERVES = {
    "/", "/config", "/config/", "/static/{path:path}", "/svelte/{path:path}", "/assets/{path:path}",
    "/favicon.ico", "/theme.css", "/robots.txt", "/manifest.json", "/gradio_api/info",
    "/gradio_api/startup-events", "/gradio_api/reset", "/gradio_api/cancel", "/gradio_api/queue/join",
    "/gradio_api/queue/data", "/gradio_api/heartbeat/{session_hash}", "/gradio_api/component_server",
    "/gradio_api/component_server/", "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
}  # fmt: skip
"""Of Gradio's own routes those that the gate lets through, to learners or to all."""


def routes(listed: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of each."""
    for route in listed:
        path = prefix + getattr(route, "path", "")
        if (included := getattr(route, "include_context", None)) is not None:
            yield from routes(included.included_router.routes, prefix + included.prefix)
        elif getattr(route, "routes", None):
            yield from routes(route.routes, path)
        elif (methods := getattr(route, "methods", None)) is not None:
            yield from ((method, path) for method in methods)
