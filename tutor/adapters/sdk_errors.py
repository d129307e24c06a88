"""The errors of the OpenAI and Groq SDKs, as ours: one generator made both, and named them alike."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tutor.adapters.http_errors import from_answer
from tutor.errors import (
    AnswerUnusable,
    ProviderError,
    ProviderRefusedKey,
    ProviderTimeout,
    ProviderUnreachable,
)


class SdkErrors:
    """The table of one SDK.

    Args:
        name: What the log calls the provider.
        load: Imports the SDK and the HTTP client below it, which it lets through in streams. Called when
            the first error is looked for, not before.
    """

    def __init__(self, name: str, load: Callable[[], tuple[Any, Any]]) -> None:
        self._name = name
        self._load = load

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Around every use of the SDK, streaming included: its errors leave as ours.

        The original is not chained, because its message may quote the key or the learner's words.

        Raises:
            ProviderError: In place of whatever the SDK or its HTTP client raised.
        """
        sdk, http = self._load()
        caught = (sdk_root(sdk), http.HTTPError, http.StreamError, http.InvalidURL)
        try:
            yield
        except (*caught, json.JSONDecodeError, UnicodeError) as error:
            raise self.translate(error) from None

    def translate(self, error: Exception) -> ProviderError:
        """Our error for one of the SDK's or of its HTTP client's."""
        sdk, http = self._load()
        what = f"{self._name} {type(error).__name__}"
        match error:
            case sdk.APIStatusError():
                return from_answer(self._name, error.status_code, error.body, error.response.headers)
            case sdk.APITimeoutError() | http.TimeoutException():
                return ProviderTimeout(what)
            case sdk.APIResponseValidationError() | json.JSONDecodeError() | UnicodeDecodeError():
                return AnswerUnusable(what)
            case sdk.APIConnectionError() | http.HTTPError() | http.StreamError():
                return ProviderUnreachable(what)
            case sdk.APIError():  # an error event inside a stream
                return from_answer(self._name, None, error.body)
            case UnicodeEncodeError() | http.InvalidURL():
                return ProviderRefusedKey(f"{what}: the key or the address cannot be sent")
        return ProviderError(what)


def sdk_root(sdk: Any) -> type[Exception]:  # noqa: ANN401 - a module
    """The root of the SDK's errors: the one that its APIError comes from."""
    root: type[Exception] = sdk.APIError.__mro__[1]
    return root
