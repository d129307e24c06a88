"""The OpenAI SDK's errors, as ours."""

from typing import Any

from tutor.adapters.sdk_errors import SdkErrors


def _load() -> tuple[Any, Any]:
    import httpx2
    import openai

    return openai, httpx2


_TABLE = SdkErrors("openai", _load)
translated, translate = _TABLE.translated, _TABLE.translate
