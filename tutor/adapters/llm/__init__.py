"""Chat models by provider. Another provider is one more file and its line in PROVIDERS."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from tutor.adapters.llm.account import Account, ChatProvider, Factory
from tutor.adapters.llm.groq import GroqProvider
from tutor.adapters.llm.openai import OpenAIProvider
from tutor.rungs import LadderPlan, Rung, Server, Skipped, read_plan
from tutor.services.ports import ChatModel
from tutor.settings import Settings

PROVIDERS: dict[str, Factory] = {"groq": GroqProvider, "openai": OpenAIProvider, "local": OpenAIProvider}
"""Any other name in a ladder file needs a [providers.NAME] table and speaks OpenAI's protocol."""

_NO_KEY = SecretStr("")


@dataclass(frozen=True)
class Connected:
    """A ladder file together with the accounts that can serve it."""

    plan: LadderPlan
    rungs: tuple[tuple[Rung, ChatModel], ...]
    """Best first; only those with an address and a key."""
    skipped: tuple[Skipped, ...]
    """The others, and what they lack."""
    providers: Mapping[str, ChatProvider]

    async def aclose(self) -> None:
        """Close all connections."""
        for provider in self.providers.values():
            await provider.aclose()


def connect(settings: Settings) -> Connected:
    """Read the ladder file and make a model of every rung that can be used. Opens no connection yet.

    Raises:
        SettingsError: The file cannot be used.
    """
    plan = read_plan(settings.ladder_file, providers=PROVIDERS)
    providers: dict[str, ChatProvider] = {}
    lacking: dict[str, str] = {}
    for name in dict.fromkeys(rung.provider for rung in plan.rungs):
        account = _account(name, plan.providers.get(name, Server()), settings)
        if isinstance(account, str):
            lacking[name] = account
        else:
            providers[name] = PROVIDERS.get(name, OpenAIProvider)(account)
    return Connected(
        plan=plan,
        rungs=tuple(
            (rung, providers[rung.provider].chat(rung)) for rung in plan.rungs if rung.provider in providers
        ),
        skipped=tuple(
            Skipped(rung=rung.name, reason=lacking[rung.provider])
            for rung in plan.rungs
            if rung.provider in lacking
        ),
        providers=providers,
    )


def _account(name: str, server: Server, settings: Settings) -> Account | str:
    """A provider's account, or what is missing for it."""
    urls = {
        "groq": settings.groq_base_url,
        "openai": settings.openai_base_url,
        "local": settings.local_base_url,
    }
    keys = {
        "groq": settings.groq_api_key,
        "openai": settings.openai_api_key,
        "local": settings.local_api_key or _NO_KEY,
    }
    # The environment wins over the file for the addresses that have a variable of their own.
    url = (urls.get(name) if name == "local" else server.base_url) or server.base_url or urls.get(name)
    key = keys.get(name)
    if server.api_key_env:
        value = os.environ.get(server.api_key_env, "")
        key = SecretStr(value) if value else None
    elif name not in keys:
        key = _NO_KEY
    if not url:
        variable = "TUTOR_LOCAL_BASE_URL" if name == "local" else f"base_url in [providers.{name}]"
        return f"{variable} is not set"
    if not url.startswith(("http://", "https://")):
        return f"the address of {name} does not begin with http:// or https://"
    if key is None:
        return f"{server.api_key_env or f'{name.upper()}_API_KEY'} is not set"
    return Account(provider=name, base_url=url, api_key=key)
