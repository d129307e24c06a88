"""What an adapter needs to know of a provider."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from tutor.rungs import Rung
from tutor.services.ports import ChatModel


@dataclass(frozen=True)
class Account:
    """Where a provider is, and who asks it."""

    provider: str
    base_url: str
    api_key: SecretStr
    """An empty one where the server asks for none."""


class ChatProvider(Protocol):
    """One client with one pool of connections, shared by all rungs of a provider."""

    @property
    def exhaustive(self) -> bool:
        """Whether `models` names every id that may be asked for. Some local servers take any."""

    def chat(self, rung: Rung) -> ChatModel:
        """A rung as something that answers."""

    async def models(self) -> frozenset[str]:
        """The ids that this account may use. Also loads the SDK and opens a connection.

        Raises:
            ProviderError: The list could not be read.
        """

    async def aclose(self) -> None:
        """Close the connections."""


Factory = Callable[[Account], ChatProvider]
