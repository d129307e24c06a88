"""Hearing and speaking: who does it, and whether the local ones load."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from tutor.adapters import stt, tts, turn_end
from tutor.doctor.finding import Finding
from tutor.errors import SettingsError, TutorError
from tutor.settings import Settings


class _Named(Protocol):
    @property
    def name(self) -> str: ...


@runtime_checkable
class _Local(Protocol):
    """A model of this machine: loading it shows whether it works, and reaches for nothing else."""

    async def warm(self) -> None: ...


async def look_at_hearing(settings: Settings) -> list[Finding]:
    """Every transcriber that would be tried, in order."""
    what = "hearing"
    if settings.stt == "off":
        return [Finding(what, False, "TUTOR_STT is off", "set TUTOR_STT=auto", optional=True)]
    try:
        found = stt.transcribers(settings)
    except SettingsError as error:
        return [Finding(what, False, error.text, "set the key, or TUTOR_STT=auto")]
    missing = stt.missing(settings).get("local", "")
    if not missing and _on_a_hub(settings.whisper_model):
        remote = [one for one in found if not isinstance(one, _Local)]
        state = f"whisper {settings.whisper_model}, fetched from its hub at first use; not tried"
        local = [Finding(what, True, state)] if len(remote) < len(found) else []
        return [*await _tried(what, remote), *local]
    return [*await _tried(what, found), *_without(what, missing, settings.stt, bool(found))]


async def look_at_turns(settings: Settings) -> list[Finding]:
    """What tells the end of a turn from a hesitation. Without it, the length of a pause decides."""
    what = "end of a turn"
    if settings.stt == "off":
        return []
    if reason := turn_end.missing():
        state, _, remedy = reason.partition("; ")
        return [Finding(what, False, f"told by the length of a pause alone: {state}", remedy, optional=True)]
    try:
        await turn_end.SmartTurn().warm()
    except TutorError as error:
        return [Finding(what, False, str(error), _remedy(str(error)), optional=True)]
    return [Finding(what, True, "Smart Turn v3.2, on this machine")]


async def look_at_speaking(settings: Settings) -> list[Finding]:
    """Every voice that would be tried, in order."""
    what = "speaking"
    if settings.tts == "off":
        return [Finding(what, False, "TUTOR_TTS is off", "set TUTOR_TTS=auto", optional=True)]
    if settings.tts == "browser":
        return [Finding(what, True, "the browser's own voice")]
    try:
        found = tts.speakers(settings)
    except SettingsError as error:
        return [Finding(what, False, error.text, "set the key, or TUTOR_TTS=auto")]
    missing = tts.missing(settings).get("local", "")
    return [*await _tried(what, found), *_without(what, missing, settings.tts, bool(found))]


async def _tried(what: str, voices: Sequence[_Named]) -> list[Finding]:
    findings = []
    for voice in voices:
        state = f"{voice.name}, not tried: that would cost money"
        if isinstance(voice, _Local):
            state = f"{voice.name}, on this machine"
            try:
                await voice.warm()
            except TutorError as error:
                findings.append(Finding(what, False, f"{voice.name}: {error}", _remedy(str(error))))
                continue
        findings.append(Finding(what, True, state))
    return findings


def _on_a_hub(model: str) -> bool:
    """Whether loading this model would download it."""
    return bool(model) and not Path(model).exists()


def _without(what: str, reason: str, wanted: str, others: bool) -> list[Finding]:
    """The local one, where it is left out of `auto` because something is not installed."""
    if not reason or wanted != "auto":
        return []
    state = f"none on this machine: {reason.partition(';')[0]}"
    return [Finding(what, False, state if others else f"off; {state}", _remedy(reason), optional=True)]


def _remedy(reason: str) -> str:
    """What the adapter says can be done stands behind its semicolon."""
    return reason.partition("; ")[2] or "pip install -r requirements.txt"
