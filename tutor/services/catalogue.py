"""Whether providers have the models that a ladder names."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from tutor.errors import ModelUnknown, ProviderRefusedKey, TutorError
from tutor.services.climb import Climb
from tutor.services.health import State

log = structlog.get_logger()

_PATIENCE = 10.0
"""Seconds for a provider's list, the loading of its SDK included."""

M = TypeVar("M")


class Catalogue(Protocol):
    """A provider's list of models."""

    @property
    def exhaustive(self) -> bool:
        """Whether it names every id that may be asked for. Some local servers take any."""

    async def models(self) -> frozenset[str]:
        """The ids that this account may use. Raises ProviderError."""


@dataclass(frozen=True)
class Finding:
    """What was found out of one rung, for `doctor`."""

    rung: str
    model: str
    ok: bool | None
    """None where it could not be found out."""
    text: str


async def check(climb: Climb[M], catalogues: Mapping[str, Catalogue]) -> tuple[Finding, ...]:
    """Ask all providers at once; skip the rungs whose model is gone. Never raises."""
    names = list(dict.fromkeys(step.rung.provider for step in climb.steps))
    known = [name for name in names if name in catalogues]
    lists = await asyncio.gather(*(_list(catalogues[name]) for name in known))
    findings: list[Finding] = []
    for name, models in zip(known, lists, strict=True):
        for step in climb.of_provider(name):
            rung = step.rung
            if isinstance(models, TutorError):
                if isinstance(models, ProviderRefusedKey):
                    climb.failed(step, models, began=climb.clock())
                findings.append(
                    Finding(rung.name, rung.model, None, f"{name} cannot be asked: {models.code}")
                )
            elif rung.model in models:
                findings.append(Finding(rung.name, rung.model, True, f"{name} has {rung.model}"))
            elif not catalogues[name].exhaustive:
                findings.append(
                    Finding(rung.name, rung.model, None, f"{name} does not list {rung.model}; it may know it")
                )
            else:
                if step.health.state is not State.SKIPPED:
                    climb.failed(step, ModelUnknown("not in /models"), began=climb.clock())
                findings.append(Finding(rung.name, rung.model, False, f"{name} has no {rung.model}"))
    return tuple(findings)


async def _list(catalogue: Catalogue) -> frozenset[str] | TutorError:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await catalogue.models()
    except TutorError as error:
        return error
    except TimeoutError:
        return TutorError("no list of models in time")
    except Exception as error:  # noqa: BLE001 - a list is never worth a crash at start
        log.warning("models_unreadable", error=type(error).__name__)
        return TutorError(type(error).__name__)
