"""What an HTTP answer of a model provider means, in our own errors. The SDKs' tables rest on it."""

import re
from collections.abc import Mapping

from tutor.adapters.retry_after import retry_after
from tutor.errors import (
    AnswerUnusable,
    ModelUnknown,
    ProviderError,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    RequestRefused,
)

_BY_CODE: dict[str, type[ProviderError]] = {
    # Said with 400 or 404, depending on the provider and the year.
    "model_not_found": ModelUnknown,
    "model_decommissioned": ModelUnknown,
    "model_not_active": ModelUnknown,
    # 400 at Groq: somebody has to accept the model's terms in the console before the key may use it.
    "model_terms_required": ProviderRefusedKey,
    "invalid_api_key": ProviderRefusedKey,
    # 429 at OpenAI, but no waiting helps: the account has no credit.
    "insufficient_quota": ProviderRefusedKey,
    "rate_limit_exceeded": RateLimited,
    "server_error": ProviderUnreachable,
    # The model wrote something that is not the JSON or tool call that was asked for.
    "json_validate_failed": AnswerUnusable,
    "tool_use_failed": AnswerUnusable,
}
_BY_STATUS: dict[int, type[ProviderError]] = {
    401: ProviderRefusedKey,
    403: ProviderRefusedKey,
    404: ModelUnknown,
    408: ProviderTimeout,
    413: RequestRefused,  # before the code: Groq says rate_limit_exceeded for a prompt that will never fit
    429: RateLimited,
    498: RateLimited,  # Groq: no capacity left in the flex tier
    504: ProviderTimeout,
}
_CODE = re.compile(r"[a-z][a-z0-9_]{1,48}")


def from_answer(
    provider: str, status: int | None, body: object, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """Our error for a provider's answer.

    Args:
        provider: For the detail: `groq`.
        status: The HTTP status; None where the error came inside a stream that had begun well.
        body: The decoded body. Only its error code is used, never its message, which may quote the key or
            the learner.
        headers: Of the answer, to know how long to wait.
    """
    code = _code(body)
    detail = " ".join(part for part in (provider, str(status or "stream"), code) if part)
    kind = _kind(status, code)
    if kind is RateLimited:
        return RateLimited(detail, retry_after=retry_after(headers or {}))
    return kind(detail)


def _kind(status: int | None, code: str) -> type[ProviderError]:
    if status == 413:
        return RequestRefused
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status is None or status >= 500 or status < 400:  # a redirect is never followed: it leads elsewhere
        return _BY_STATUS.get(status or 0, ProviderUnreachable)
    return _BY_STATUS.get(status, RequestRefused)


def _code(body: object) -> str:
    """The error's code; '' where there is none that looks like one."""
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return ""
    for key in ("code", "type"):
        value = inner.get(key)
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
    return ""
