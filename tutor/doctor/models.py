"""The language models: which providers can be asked, and which rungs of the ladder they serve."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from tutor.adapters.llm import Connected, connect
from tutor.adapters.llm.account import ChatProvider
from tutor.doctor.finding import Finding
from tutor.errors import ModelUnknown, ProviderError, ProviderRefusedKey, ProviderTimeout, SettingsError
from tutor.rungs import Rung
from tutor.settings import Settings

_PATIENCE = 8.0
"""Seconds for a provider's list of models, the loading of its SDK included."""
_TO_GET = {
    "groq": "get a key at https://console.groq.com/keys and set GROQ_API_KEY",
    "openai": "get a key at https://platform.openai.com/api-keys and set OPENAI_API_KEY",
    "local": "start Ollama or llama.cpp and set TUTOR_LOCAL_BASE_URL, for Ollama to http://127.0.0.1:11434/v1",
}
_OWN_LADDER = "name another model in a ladder file of your own (TUTOR_LADDER_FILE)"


async def look_at_models(settings: Settings) -> tuple[list[Finding], tuple[str, ...]]:
    """The findings, and the rungs that would answer, best first. Never shows a key."""
    try:
        connected = connect(settings)
    except SettingsError as error:
        return [Finding("ladder", False, error.text, "mend the file, or unset TUTOR_LADDER_FILE")], ()
    providers = connected.providers
    try:
        lists = await asyncio.gather(*map(_listed, providers.values()))
    finally:
        await connected.aclose()
    findings: list[Finding] = []
    usable: list[Rung] = []
    for name, listed in zip(providers, lists, strict=True):
        rungs = [rung for rung, _ in connected.rungs if rung.provider == name]
        address = _address(name, connected, settings)
        if isinstance(listed, ModelUnknown) and not providers[name].exhaustive:
            usable += rungs
            state = f"{address} answers, but keeps no list of its models"
            findings.append(Finding(f"models of {name}", True, state))
        elif isinstance(listed, ProviderError):
            findings.append(_silent(name, address, listed))
        else:
            present = [rung for rung in rungs if rung.model in listed]
            usable += present
            findings.append(_answering(name, address, rungs, present))
            findings += [_absent(rung, providers[name]) for rung in rungs if rung not in present]
    answering = tuple(rung.name for rung in connected.plan.rungs if rung in usable)
    return [*findings, *_lacking(connected), _ladder(connected, settings, answering)], answering


async def _listed(provider: ChatProvider) -> frozenset[str] | ProviderError:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await provider.models()
    except ProviderError as error:
        return error
    except TimeoutError:
        return ProviderTimeout("no list of models in time")


def _address(name: str, connected: Connected, settings: Settings) -> str:
    """Where a provider is asked, without a name and password that may stand in the URL."""
    filed = connected.plan.providers[name].base_url if name in connected.plan.providers else ""
    configured = str(getattr(settings, f"{name}_base_url", ""))
    url = urlsplit((configured or filed) if name == "local" else (filed or configured))
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"


def _silent(name: str, address: str, error: ProviderError) -> Finding:
    what = f"models of {name}"
    if isinstance(error, ProviderRefusedKey):
        return Finding(what, False, f"{address} refuses the key", _TO_GET.get(name, "check its key"))
    remedy = (
        f"check the network and the address ({'TUTOR_LOCAL' if name == 'local' else name.upper()}_BASE_URL)"
    )
    return Finding(what, False, f"{address} cannot be asked ({error.code})", remedy)


def _answering(name: str, address: str, rungs: Sequence[Rung], present: Sequence[Rung]) -> Finding:
    state = f"{address} answers, with {len(present)} of {len(rungs)} models"
    if present:
        state += f": {', '.join(rung.name for rung in present)}"
    return Finding(f"models of {name}", bool(present), state, _OWN_LADDER)


def _absent(rung: Rung, provider: ChatProvider) -> Finding:
    what, state = f"rung {rung.name}", f"{rung.provider} has no {rung.model}; the rung is skipped"
    remedy = _OWN_LADDER
    if rung.contract_only:
        remedy = "nothing to do: only some contracts have it"
    elif not provider.exhaustive:
        state = f"{rung.provider} does not list {rung.model}"
        remedy = f"for Ollama: ollama pull {rung.model}"
    return Finding(what, False, state, remedy, optional=True)


def _lacking(connected: Connected) -> list[Finding]:
    """One finding for each provider that is not set up."""
    reasons = {skipped.rung: skipped.reason for skipped in connected.skipped}
    without: dict[str, list[str]] = {}
    for rung in connected.plan.rungs:
        if rung.name in reasons:
            without.setdefault(rung.provider, []).append(rung.name)
    return [
        Finding(
            f"models of {name}",
            False,
            f"{reasons[rungs[0]]}, so without {', '.join(rungs)}",
            _TO_GET.get(name, "see its table in the ladder file"),
            optional=True,
        )
        for name, rungs in without.items()
    ]


def _ladder(connected: Connected, settings: Settings, answering: Sequence[str]) -> Finding:
    origin = settings.ladder_file or "the one that comes with the project"
    climbed = " > ".join((*answering, "lesson guide"))
    return Finding("ladder", True, f"{origin}, {len(connected.plan.rungs)} rungs; answers: {climbed}")
