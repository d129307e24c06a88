"""The OpenAI and Groq SDKs' clients for sound. Both SDKs have the same shape."""

import asyncio
import importlib
from typing import Any, Literal

from pydantic import SecretStr

from tutor.adapters import groq_errors, openai_errors

_CLASSES = {"openai": "AsyncOpenAI", "groq": "AsyncGroq"}
_TRANSLATED = {"openai": openai_errors.translated, "groq": groq_errors.translated}
_CONNECT_SECONDS = 5.0


class SdkClient:
    """One account at one provider, for the use of one event loop."""

    def __init__(
        self, sdk: Literal["openai", "groq"], api_key: SecretStr, base_url: str, *, timeout: float
    ) -> None:
        """`timeout`: seconds to wait for an answer; connecting gets at most five."""
        self._sdk = sdk
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._made: Any = None

    async def get(self) -> Any:  # noqa: ANN401 - the SDK is not imported before it is used; callers annotate
        """The client, made when first needed. The SDK is loaded in a thread: it takes a second.

        Raises:
            ProviderError: The key or the address cannot be used at all.
        """
        if self._made is None:
            sdk = await asyncio.to_thread(importlib.import_module, self._sdk)
            if self._made is None:  # another task may have been quicker while this one loaded
                with _TRANSLATED[self._sdk]():
                    self._made = self._make(sdk)
        return self._made

    def _make(self, sdk: Any) -> Any:  # noqa: ANN401
        timeout = sdk.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, self._timeout))
        return getattr(sdk, _CLASSES[self._sdk])(
            api_key=self._api_key.get_secret_value(),
            base_url=self._base_url,
            max_retries=0,
            timeout=timeout,
            # A redirect would carry the learner's voice to a host that nobody chose.
            http_client=sdk.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.close()
