"""The OpenAI SDK's errors, as ours."""

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
    import httpx2
    import openai

    caught = (
        openai.OpenAIError,
        httpx2.HTTPError,
        httpx2.StreamError,
        httpx2.InvalidURL,
        json.JSONDecodeError,
        UnicodeError,
    )
    try:
        yield
    except caught as error:
        raise translate(error) from None


def translate(error: Exception) -> ProviderError:
    """Our error for one of the SDK's, or of the HTTP client's below it, which it lets through in streams."""
    import httpx2
    import openai

    match error:
        case openai.APIStatusError():
            return from_answer("openai", error.status_code, error.body, error.response.headers)
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return ProviderTimeout(f"openai {type(error).__name__}")
        case openai.APIResponseValidationError() | json.JSONDecodeError() | UnicodeDecodeError():
            return AnswerUnusable(f"openai {type(error).__name__}")
        case openai.APIConnectionError() | httpx2.HTTPError() | httpx2.StreamError():
            return ProviderUnreachable(f"openai {type(error).__name__}")
        case openai.APIError():  # an error event inside a stream
            return from_answer("openai", None, error.body)
        case UnicodeEncodeError() | httpx2.InvalidURL():
            return ProviderRefusedKey(f"openai {type(error).__name__}: the key or the address cannot be sent")
    return ProviderError(f"openai {type(error).__name__}")
