"""A setting that cannot be used is said at start, by its name and never with its value."""

from pathlib import Path

import pytest

from tutor.errors import SettingsError
from tutor.settings import Settings, load_settings

RANDOM = "kS9!vQ2#xL7@pM4$wR8%tY3^bN6&cZ1*"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TUTOR_PORT", "65536", "less than or equal to 65535"),
        ("TUTOR_PORT", "eighty", "valid integer"),
        ("TUTOR_SESSION_HOURS", "0", "greater than or equal to 1"),
        ("TUTOR_SIGN_UP", "perhaps", "valid boolean"),
        ("TUTOR_STT", "ears", "'auto', 'openai', 'groq', 'local' or 'off'"),
        ("TUTOR_TTS", "mouth", "'browser' or 'off'"),
        ("TUTOR_MAX_MESSAGE_CHARS", "5", "greater than or equal to 100"),
        ("TUTOR_MAX_AUDIO_SECONDS", "-1", "greater than or equal to 5"),
        ("TUTOR_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("TUTOR_FRAME_ANCESTORS", "*", "write it as https://course.example"),
        ("TUTOR_FRAME_ANCESTORS", "https://a.example/path", "is not an origin"),
        ("TUTOR_FRAME_ANCESTORS", "https://a.example; script-src *", "is not an origin"),
        ("TUTOR_FRAME_ANCESTORS", "https://a.example\n", None),
    ],
)
def test_bad_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str | None
) -> None:
    """An owner who mistyped a setting would get a stack trace, or an app that half works."""
    monkeypatch.setenv(name, value)
    if why is None:
        assert load_settings().frame_ancestors == ("https://a.example",)
        return
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.text.startswith("These settings cannot be used:")
    assert f"\n  {name}: " in caught.value.text
    assert why in caught.value.text


@pytest.mark.parametrize("key", ["changeme", "0" * 64, "abcabcabc" * 8, "short-but-varied-1234567890"])
def test_weak_keys_are_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Sessions could be forged by guessing the key, or the key would stand in the log."""
    monkeypatch.setenv("TUTOR_SECRET_KEY", key)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "TUTOR_SECRET_KEY" in caught.value.text
    assert "too weak" in caught.value.text
    assert key not in caught.value.text + str(caught.value)


def test_every_bad_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner would have to start once for every mistake."""
    monkeypatch.setenv("TUTOR_PORT", "0")
    monkeypatch.setenv("TUTOR_STT", "ears")
    with pytest.raises(SettingsError, match=r"TUTOR_PORT.*\n.*TUTOR_STT"):
        load_settings()


def test_aliases_are_named_as_they_are_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DATABASE_URL and the providers' keys would be read under names that nobody else uses."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/tutor")
    monkeypatch.setenv("GROQ_API_KEY", "gsk")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    settings = load_settings()
    assert settings.database_url == "postgresql://db/tutor"
    assert settings.groq_api_key is not None
    assert settings.openai_base_url == "http://127.0.0.1:1/v1"


def test_keys_are_not_printed() -> None:
    """A key would be in the log of whoever prints the settings."""
    settings = Settings(groq_api_key="gsk-very-secret", openai_api_key="sk-secret", secret_key=RANDOM)
    shown = f"{settings!r} {settings} {settings.model_dump_json()}"
    assert "gsk-very" not in shown
    assert "sk-secret" not in shown
    assert RANDOM not in shown


def test_the_database_is_in_the_data_folder(tmp_path: Path) -> None:
    """With TUTOR_DATA_DIR alone the learners' data would land elsewhere."""
    assert Settings(data_dir=tmp_path).database_url == f"sqlite:///{tmp_path.resolve() / 'tutor.db'}"


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """`GROQ_API_KEY=` in a copied .env would switch a provider on without a key."""
    for name in ("GROQ_API_KEY", "TUTOR_SECRET_KEY", "TUTOR_PORT", "DATABASE_URL", "TUTOR_LADDER_FILE"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert settings.groq_api_key is None
    assert settings.secret_key == ()
    assert settings.port == 7860
    assert settings.ladder_file is None


def test_origins_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second course site could not embed the app."""
    monkeypatch.setenv("TUTOR_FRAME_ANCESTORS", " https://a.example/ ,http://localhost:8000,")
    assert load_settings().frame_ancestors == ("https://a.example", "http://localhost:8000")


def test_a_space_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Hugging Face the app would refuse its own frame, and throttle all visitors as one address."""
    monkeypatch.setenv("SPACE_ID", "somebody/tutor")
    settings = load_settings()
    assert settings.frame_ancestors == ("https://huggingface.co",)
    assert settings.trusted_proxies == "*"


def test_a_dotenv_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The .env that the README tells to write would do nothing, or override a container's settings."""
    (tmp_path / ".env").write_text("TUTOR_PORT=8001\nTUTOR_STT=off\nSOMETHING_ELSE=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTOR_STT", "local")
    settings = Settings(_env_file=".env")
    assert (settings.port, settings.stt) == (8001, "local")
