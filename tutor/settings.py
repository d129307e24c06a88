"""Every setting, in one place. Read once, in wiring; never at import."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tutor.domain.style import Style
from tutor.errors import SettingsError

_ROOT = Path(__file__).resolve().parent.parent
_LIVEKIT = re.compile(r"wss?://[A-Za-z0-9.-]+(:\d+)?/?")
_SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|[0-9a-f:]+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")


class Settings(BaseSettings):
    """Taken from the environment, then from the file `.env`.

    Names are `TUTOR_<FIELD>` unless an alias says otherwise.
    """

    model_config = SettingsConfigDict(
        env_prefix="TUTOR_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    host: str = "0.0.0.0"  # noqa: S104 - a container and a Space are reached from outside
    port: int = Field(default=7860, ge=1, le=65535)
    data_dir: Path = _ROOT / "data"
    """Everything the app writes goes here."""
    courses_dir: Path = _ROOT / "courses"
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """SQLAlchemy URL; empty means SQLite in `data_dir`."""

    secret_key: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Signs sessions; made in `data_dir` at first start where it is not set. Of several, separated by
    commas, the first signs and all of them check."""
    session_hours: int = Field(default=24, ge=1, le=24 * 30)
    sign_up: bool = True
    guests: bool = True
    frame_ancestors: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins that may show the app in an iframe, separated by commas."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Names that the site answers to, separated by commas; `*.` for all below one. Unset: web/hosts.py."""
    embed_keys: Annotated[dict[str, tuple[SecretStr, ...]], NoDecode] = {}
    """By course site, the keys that sign what it tells the teacher: `site=key`, separated by commas."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For is believed, separated by commas; `*` behind a proxy that sets it."""
    space_id: str = Field(default="", validation_alias="SPACE_ID")
    """Set by Hugging Face: there the app lives in their frame, behind their proxy."""

    groq_api_key: SecretStr | None = Field(default=None, validation_alias="GROQ_API_KEY")
    groq_base_url: str = Field(default="https://api.groq.com", validation_alias="GROQ_BASE_URL")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field(default="https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL")
    local_base_url: str = ""
    """Any OpenAI-compatible server, for the provider `local`: http://127.0.0.1:11434/v1 is Ollama's."""
    local_api_key: SecretStr | None = None
    """Only where that server asks for one."""
    ladder_file: Path | None = None
    """Rungs of the fallback ladder, in TOML; unset means the ladder that comes with the project."""

    stt: Literal["auto", "openai", "groq", "local", "off"] = "auto"
    """Who hears. `auto`: every one that is configured, in this order."""
    tts: Literal["auto", "openai", "groq", "local", "browser", "off"] = "auto"
    """Who speaks. `browser`: the browser's own Web Speech voice."""
    openai_stt_model: str = "gpt-transcribe"
    groq_stt_model: str = "whisper-large-v3-turbo"
    openai_tts_model: str = "gpt-4o-mini-tts"
    """OpenAI shuts it down on 2027-01-06; another server at OPENAI_BASE_URL may have others."""
    openai_tts_voice: str = "alloy"
    groq_tts_model: str = "canopylabs/orpheus-v1-english"
    groq_tts_voice: str = "hannah"
    whisper_model: str = ""
    """Folder or hub name for faster-whisper; empty means the packaged tiny.en."""
    piper_voice: str = ""
    """Path of a Piper voice (.onnx); empty means the packaged one."""

    turn: Literal["auto", "own", "cloudflare", "huggingface", "twilio", "off"] = "auto"
    """Who relays sound where a network lets none through. `auto`: your own, Cloudflare, Twilio, if set up."""
    turn_url: str = Field(default="", pattern=r"(turns?:\S+( turns?:\S+)*)?")
    """Addresses of your own relay, with a space between them: turn:relay.example:3478?transport=udp."""
    turn_secret: SecretStr | None = None
    """What it shares with us: coturn's `static-auth-secret`."""
    cloudflare_turn_key_id: str = Field(default="", validation_alias="CLOUDFLARE_TURN_KEY_ID")
    cloudflare_turn_key_api_token: SecretStr | None = Field(
        default=None, validation_alias="CLOUDFLARE_TURN_KEY_API_TOKEN"
    )
    twilio_account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN")
    hf_token: SecretStr | None = Field(default=None, validation_alias="HF_TOKEN")
    stun: str = Field(default="stun:stun.l.google.com:19302", pattern=r"off|stuns?:[^\s?]+")
    """Tells the server its own public address."""

    max_message_chars: int = Field(default=8000, ge=100)
    max_audio_seconds: int = Field(default=60, ge=5)
    voice_sessions: int = Field(default=4, ge=1)
    """Learners who may talk at the same time."""
    redis_url: SecretStr | None = None
    """Where several processes count tries together: redis://host:6379. Unset: each counts for itself."""
    turns_at_once: int = Field(default=100, ge=1)
    """Turns that one process runs at the same time."""
    turns_waiting: int = Field(default=200, ge=0)
    """How many more may wait in the line; others are asked to come back."""
    turns_per_minute: int = Field(default=20, ge=0)
    """Questions of one learner; 0: no limit."""
    tokens_per_day: int = Field(default=1_000_000, ge=0)
    """Of models, for one learner: a question takes some 5000; 0: no limit."""
    voice_minutes_per_day: int = Field(default=60, ge=0)
    """Of sound heard and spoken, for one learner; 0: no limit."""
    styles: Annotated[tuple[Style, ...], NoDecode] = tuple(Style)
    """How learners may choose to be taught, separated by commas; the first is what they begin with."""
    retention_days: int = Field(default=0, ge=0)
    """Conversations that nobody used for so many days are deleted; 0 keeps them."""

    livekit_url: str = Field(default="", validation_alias="LIVEKIT_URL")
    """Of the LiveKit server, ws:// or wss://; empty: no rooms."""
    livekit_api_key: str = Field(default="", validation_alias="LIVEKIT_API_KEY")
    livekit_api_secret: SecretStr | None = Field(default=None, validation_alias="LIVEKIT_API_SECRET")
    livekit_public_url: str = ""
    """How browsers reach that server, where it is not the address that the app uses."""
    rooms_name: str = Field(default="tutor", pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    """Of this site among those that share a LiveKit server: a teacher comes to rooms of its own site only."""
    rooms_load: float = Field(default=0.7, gt=0)
    """Share of the machine's CPU from which on a worker takes no new room; above 1: no limit."""
    rooms_idle: int = Field(default=1, ge=0)
    """Processes that a worker keeps ready, with their models loaded."""
    rooms_drain_seconds: int = Field(default=120, ge=1)
    """How long a worker that is told to end waits for answers that are being spoken."""
    rooms_health_port: int = Field(default=8081, ge=0, le=65535)
    """Of a worker; 0: any that is free."""
    rooms_metrics_port: int = Field(default=0, ge=0, le=65535)
    """Of a worker, for Prometheus; 0: none."""

    pyodide_cdn: str = "https://cdn.jsdelivr.net"
    """Where browsers fetch Pyodide while `data_dir` has no copy; each checksum is known. `off`: nowhere."""

    metrics: bool = False
    """Serves /metrics to anybody who can reach the app; for a network of your own."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("styles", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
        if not value:
            msg = "name at least one of guide, explain, answer"
            raise ValueError(msg)
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _HOST.fullmatch(name):
                msg = f"{name!r} is not the name of a host; write it as learn.example or *.learn.example"
                raise ValueError(msg)
        return value

    @field_validator("frame_ancestors", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("frame_ancestors")
    @classmethod
    def _exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not _ORIGIN.fullmatch(origin):
                msg = f"{origin!r} is not an origin; write it as https://course.example"
                raise ValueError(msg)
        return value

    @field_validator("pyodide_cdn")
    @classmethod
    def _cdn(cls, value: str) -> str:
        if value in ("", "off"):
            return ""
        if not _ORIGIN.fullmatch(value):
            msg = f"{value!r} is not an origin; write it as https://cdn.example, or off"
            raise ValueError(msg)
        return value

    @field_validator("livekit_url", "livekit_public_url")
    @classmethod
    def _livekit(cls, value: str) -> str:
        if value and not _LIVEKIT.fullmatch(value):
            msg = f"{value!r} is not the address of a LiveKit server; write it as wss://livekit.example"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("embed_keys", mode="before")
    @classmethod
    def _by_site(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys: dict[str, list[str]] = {}
        for part in filter(None, map(str.strip, value.split(","))):
            site, _, key = part.partition("=")
            if not _SITE.fullmatch(site):
                msg = "each part is site=key; a site's name has small letters, digits and hyphens"
                raise ValueError(msg)
            keys.setdefault(site, []).append(key)
        return keys

    @field_validator("embed_keys")
    @classmethod
    def _strong_each(cls, value: dict[str, tuple[SecretStr, ...]]) -> dict[str, tuple[SecretStr, ...]]:
        for site, keys in value.items():
            if any(map(_weak, keys)):
                msg = f"the key of {site} is too weak: it needs 32 bytes or more, drawn at random"
                raise ValueError(msg)
        return value

    @field_validator("secret_key", mode="before")
    @classmethod
    def _each(cls, value: object) -> object:
        value = value.get_secret_value() if isinstance(value, SecretStr) else value
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(map(_weak, value)):
            msg = "is too weak: it needs 32 bytes or more, drawn at random"
            raise ValueError(msg)
        return value

    @property
    def has_rooms(self) -> bool:
        """Whether a LiveKit server is set, with all that is needed to use it."""
        return bool(self.livekit_url and self.livekit_api_key and self.livekit_api_secret)

    @model_validator(mode="after")
    def _defaults(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir.resolve() / 'tutor.db'}"
        if self.space_id:
            self.frame_ancestors = self.frame_ancestors or ("https://huggingface.co",)
            self.trusted_proxies = "*"
        return self


def _weak(key: SecretStr) -> bool:
    return len(key.get_secret_value().encode()) < 32 or len(set(key.get_secret_value())) < 10


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: One cannot be used; the text names it and says why, without its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{_variable(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        text = "These settings cannot be used:\n  " + "\n  ".join(lines)
        raise SettingsError(text, text=text) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "settings"
    return name if name.isupper() else f"TUTOR_{name.upper()}"
