"""Who can speak: the registry of voices. A new one is a file here and a line below."""

from tutor.adapters.tts import groq, openai, piper_local
from tutor.adapters.tts.groq import GroqSpeaker
from tutor.adapters.tts.openai import OpenAISpeaker
from tutor.adapters.tts.piper_local import PiperSpeaker
from tutor.errors import SettingsError
from tutor.services.ports import Speaker
from tutor.settings import Settings


def speakers(settings: Settings) -> list[Speaker]:
    """Those that the settings ask for, the preferred one first. Cheap: nothing is loaded.

    With `auto` it is every one that could work, with another value only that one, even if it will fail.
    None with `off`, and with `browser`, where the page speaks by itself.

    Raises:
        SettingsError: One is asked for by name, and its key is not there.
    """
    return [_make(name, settings) for name in _names(settings)]


def voices(settings: Settings) -> tuple[str, ...]:
    """Voices of the preferred speaker that a learner may choose from; empty where it has but one."""
    preferred = next(iter(_names(settings)), "")
    return {"openai": openai.VOICES, "groq": groq.VOICES}.get(preferred, ())


def missing(settings: Settings) -> dict[str, str]:
    """Those that cannot be used, each with the reason, for people."""
    found = {
        "openai": "" if settings.openai_api_key else "OPENAI_API_KEY is not set",
        "groq": "" if settings.groq_api_key else "GROQ_API_KEY is not set",
        "local": piper_local.missing(settings.piper_voice),
    }
    return {name: reason for name, reason in found.items() if reason}


def _names(settings: Settings) -> list[str]:
    wanted, absent = settings.tts, missing(settings)
    if wanted == "auto":
        return [name for name in ("openai", "groq", "local") if name not in absent]
    return [] if wanted in ("off", "browser") else [wanted]


def _make(name: str, settings: Settings) -> Speaker:
    if name == "local":
        return PiperSpeaker(settings.piper_voice)
    key = settings.openai_api_key if name == "openai" else settings.groq_api_key
    if key is None:
        text = f"TUTOR_TTS={name} needs {name.upper()}_API_KEY."
        raise SettingsError(text, text=text)
    if name == "openai":
        return OpenAISpeaker(
            key,
            base_url=settings.openai_base_url,
            model=settings.openai_tts_model,
            voice=settings.openai_tts_voice,
        )
    return GroqSpeaker(
        key, base_url=settings.groq_base_url, model=settings.groq_tts_model, voice=settings.groq_tts_voice
    )
