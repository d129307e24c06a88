"""The Groq SDK's errors, as ours."""

from typing import Any

from tutor.adapters.sdk_errors import SdkErrors


def _load() -> tuple[Any, Any]:
    import groq
    import httpx

    return groq, httpx


_TABLE = SdkErrors("groq", _load)
translated, translate = _TABLE.translated, _TABLE.translate
