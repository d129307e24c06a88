"""The ladder file: what it says by default, and what it says to an owner who mistyped."""

from pathlib import Path

import pytest

from tutor.adapters.llm import PROVIDERS, connect
from tutor.errors import SettingsError
from tutor.rungs import Tier, read_plan
from tutor.settings import Settings

OTHER = '\n[[rungs]]\nname = "b"\nprovider = '
RUNG = '[[rungs]]\nname = "a"\nprovider = "groq"\nmodel = "m"\n'


def read(tmp_path: Path, text: str) -> str:
    """The message for a ladder file; fails where it is accepted."""
    file = tmp_path / "ladder.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_plan(file, providers=PROVIDERS)
    return caught.value.text


def test_default_ladder() -> None:
    """The ladder that comes with the project would not be the promised one."""
    plan = read_plan(None, providers=PROVIDERS)
    tiers = [rung.tier.rank for rung in plan.rungs]
    assert len(plan.rungs) == 8
    assert tiers == sorted(tiers)
    assert {rung.tier for rung in plan.rungs} == set(Tier)
    assert {rung.provider for rung in plan.rungs} == {"groq", "openai", "local"}
    assert [rung.temperature for rung in plan.rungs] == [0.6] * 7 + [0.7]
    assert plan.rungs[-1].model == "llama3.2:1b"
    assert {rung.model for rung in plan.rungs if rung.contract_only} == {
        "llama-3.3-70b-versatile",
        "llama-3.1-8b-instant",
    }
    assert plan.limits.first_token == 2.0


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (RUNG + OTHER + '"gorq"\nmodel = "m"\n', 8, "unknown provider 'gorq'; known"),
        (RUNG + "\n" + RUNG, 7, "the name 'a' is taken in line 2"),
        (RUNG + OTHER + '"groq"\n', 6, "the key 'model' is missing"),
        ("[limits]\nattempts = 1\n", 1, "there are no rungs"),
        ("", 1, "there are no rungs"),
        ("# none\nrungs = []\n", 2, "there are no rungs"),
        (RUNG + "temprature = 0.5\n", 5, "unknown key 'temprature'"),
        (RUNG + "temperature = 9\n", 5, "temperature: Input should be less than or equal to 2"),
        (RUNG + 'tier = "huge"\n', 5, "tier: Input should be 'large'"),
        (RUNG + "price = { input = -1 }\n", 5, "price.input: Input should be greater"),
        (RUNG + "[limits]\n# how\nfirst_token = 0\n", 7, "first_token: Input should be greater than 0"),
        (RUNG + '[providers.mine]\nbase_url = "ftp://x"\n', 6, "must begin with http"),
        (RUNG + "context = \n", 5, "Invalid value"),
        (RUNG + 'model = "again"\n', 5, "Cannot overwrite a value"),
        ("[[rungs]]\n" + RUNG, 1, "the key 'name' is missing"),
    ],
)  # fmt: skip
def test_bad_file_names_the_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    """An owner would have to look for a mistake in the whole file."""
    message = read(tmp_path, text)
    assert f"line {line}" in message
    assert reason in message
    assert "ladder.toml" in message


def test_every_problem_is_named(tmp_path: Path) -> None:
    """An owner would mend one line, start again, and find the next mistake."""
    message = read(tmp_path, RUNG + "context = 1\nstall = -1\n")
    assert "line 5" in message
    assert "line 6" in message


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path would end in a traceback."""
    with pytest.raises(SettingsError, match="No such file"):
        read_plan(tmp_path / "none.toml", providers=PROVIDERS)


def test_file_that_is_no_text(tmp_path: Path) -> None:
    """A picture given as ladder file would end in a traceback."""
    (tmp_path / "ladder.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        read_plan(tmp_path / "ladder.toml", providers=PROVIDERS)


def settings(**more: object) -> Settings:
    """Settings of a machine without keys, but for those given."""
    bare = {"groq_api_key": None, "openai_api_key": None, "local_base_url": "", "ladder_file": None}
    return Settings(_env_file=None, **{**bare, **more})  # type: ignore[call-arg, arg-type]


def test_nothing_configured_leaves_all_out() -> None:
    """Without keys the app would not start, or doctor could not say why no model answers."""
    connected = connect(settings())
    assert connected.rungs == ()
    assert {skipped.reason for skipped in connected.skipped} == {
        "GROQ_API_KEY is not set",
        "OPENAI_API_KEY is not set",
        "TUTOR_LOCAL_BASE_URL is not set",
    }


def test_only_what_is_configured_is_used() -> None:
    """A rung without a key would be asked."""
    connected = connect(settings(groq_api_key="k", local_base_url="http://127.0.0.1:11434/v1"))
    assert {rung.provider for rung, _ in connected.rungs} == {"groq", "local"}
    assert {skipped.rung for skipped in connected.skipped} == {"gpt-6-luna", "gpt-5.6-luna"}


def test_address_that_is_none() -> None:
    """A mistyped address would look like a server that is down."""
    skipped = connect(settings(local_base_url="127.0.0.1:11434")).skipped
    assert "does not begin with http" in skipped[-1].reason


def test_own_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner could not use a provider that the project does not know."""
    file = tmp_path / "ladder.toml"
    file.write_text(
        RUNG.replace("groq", "mine")
        + '[providers.mine]\nbase_url = "https://models.example/v1/"\napi_key_env = "MINE_KEY"\n'
    )
    assert connect(settings(ladder_file=file)).skipped[0].reason == "MINE_KEY is not set"
    monkeypatch.setenv("MINE_KEY", "secret")
    connected = connect(settings(ladder_file=file))
    assert [rung.provider for rung, _ in connected.rungs] == ["mine"]
    assert "secret" not in repr(connected)


def test_local_address_from_the_file(tmp_path: Path) -> None:
    """The address of a local server could not be written into the ladder file."""
    file = tmp_path / "ladder.toml"
    file.write_text(RUNG.replace("groq", "local") + '[providers.local]\nbase_url = "http://127.0.0.1:1/v1"\n')
    assert len(connect(settings(ladder_file=file)).rungs) == 1
