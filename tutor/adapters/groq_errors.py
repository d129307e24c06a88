"""The Groq SDK's errors, as ours."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tutor.adapters.http_errors import from_answer
from tutor.errors import (
    AnswerUnusable,
    ProviderError,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
)


@contextmanager
def translated() -> Iterator[None]:
    """Around every use of the SDK, streaming included: its errors leave as ours.

    The original is not chained, because its message may quote the key or the learner's words.

    Raises:
        ProviderError: In place of whatever the SDK or its HTTP client raised.
    """
    import groq
    import httpx

    caught = (
        groq.GroqError,
        httpx.HTTPError,
        httpx.StreamError,
        httpx.InvalidURL,
        json.JSONDecodeError,
        UnicodeError,
    )
    try:
        yield
    except caught as error:
        raise translate(error) from None


def translate(error: Exception) -> ProviderError:
    """Our error for one of the SDK's, or of the HTTP client's below it, which it lets through in streams."""
    import groq
    import httpx

    match error:
        case groq.APIStatusError():
            return from_answer("groq", error.status_code, error.body, error.response.headers)
        case groq.APITimeoutError() | httpx.TimeoutException():
            return ProviderTimeout(f"groq {type(error).__name__}")
        case groq.APIResponseValidationError() | json.JSONDecodeError() | UnicodeDecodeError():
            return AnswerUnusable(f"groq {type(error).__name__}")
        case groq.APIConnectionError() | httpx.HTTPError() | httpx.StreamError():
            return ProviderUnreachable(f"groq {type(error).__name__}")
        case groq.APIError():  # an error event inside a stream
            return from_answer("groq", None, error.body)
        case UnicodeEncodeError() | httpx.InvalidURL():
            return ProviderRefusedKey(f"groq {type(error).__name__}: the key or the address cannot be sent")
    return ProviderError(f"groq {type(error).__name__}")
