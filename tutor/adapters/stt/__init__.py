"""Who can hear: the registry of transcribers. A new one is a file here and a line below."""

from tutor.adapters.stt import moonshine_local, whisper_local
from tutor.adapters.stt.groq import GroqTranscriber
from tutor.adapters.stt.moonshine_local import MoonshineTranscriber
from tutor.adapters.stt.openai import OpenAITranscriber
from tutor.adapters.stt.whisper_local import WhisperTranscriber
from tutor.errors import SettingsError
from tutor.services.ports import Transcriber
from tutor.settings import Settings


def transcribers(settings: Settings) -> list[Transcriber]:
    """Those that the settings ask for, the preferred one first. Cheap: nothing is loaded.

    With `auto` it is every one that could work, with another value only that one, even if it will fail.

    Raises:
        SettingsError: One is asked for by name, and its key is not there.
    """
    wanted, absent = settings.stt, missing(settings)
    if wanted == "auto":
        names = [name for name in ("openai", "groq", "local") if name not in absent]
    else:
        names = [] if wanted == "off" else [wanted]
    return [_make(name, settings) for name in names]


def quick(settings: Settings) -> Transcriber | None:
    """Who may hear it first, before the English transcriber of this machine; None with any other one."""
    preferred = transcribers(settings)[:1]
    english = bool(preferred) and isinstance(preferred[0], WhisperTranscriber) and not settings.whisper_model
    return MoonshineTranscriber() if english and not moonshine_local.missing() else None


def missing(settings: Settings) -> dict[str, str]:
    """Those that cannot be used, each with the reason, for people."""
    found = {
        "openai": "" if settings.openai_api_key else "OPENAI_API_KEY is not set",
        "groq": "" if settings.groq_api_key else "GROQ_API_KEY is not set",
        "local": whisper_local.missing(settings.whisper_model),
    }
    return {name: reason for name, reason in found.items() if reason}


def _make(name: str, settings: Settings) -> Transcriber:
    if name == "local":
        return WhisperTranscriber(settings.whisper_model)
    key = settings.openai_api_key if name == "openai" else settings.groq_api_key
    if key is None:
        text = f"TUTOR_STT={name} needs {name.upper()}_API_KEY."
        raise SettingsError(text, text=text)
    if name == "openai":
        return OpenAITranscriber(key, base_url=settings.openai_base_url, model=settings.openai_stt_model)
    return GroqTranscriber(key, base_url=settings.groq_base_url, model=settings.groq_stt_model)
