"""Gradio's page asks other hosts for fonts and a script; ours asks nobody."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POP = re.compile(rb"https://huggingface\.co/datasets/[^\"'`]*\.mp3")
"""A sound that FastRTC's component fetches when it loads."""
_SILENCE = b"data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
_FOREIGN = re.compile(
    rb"<(?:link|script|meta)\b[^>]*\b(?:href|src|content)=\"https?://[^\"]*\"[^>]*>(?:\s*</script>)?",
    re.DOTALL,
)


class OwnHostOnly:
    """Takes elements that name another host out of HTML pages, and such a sound out of FastRTC's script."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "/custom_component/" in scope["path"]:
            # It can only be read, and is only sent, as it stands: Gradio would compress it.
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        start: Message | None = None
        body = bytearray()

        async def cleaned(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_text(message, scope["path"]):
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    page = _POP.sub(_SILENCE, _FOREIGN.sub(b"", bytes(body)))
                    MutableHeaders(scope=start)["content-length"] = str(len(page))
                    await send(start)
                    await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, cleaned)


def _is_text(message: Message, path: str) -> bool:
    """Whether this answer may hold what is to go: a page, or a script of a custom component."""
    headers = Headers(raw=message["headers"])
    kind = headers.get("content-type", "")
    script = "javascript" in kind and "/custom_component/" in path
    return (kind.startswith("text/html") or script) and "content-encoding" not in headers
