"""Only tokens that this program signed for sessions, now and with its keys, are believed."""

import base64
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from tutor.errors import SessionExpired, SettingsError, SignInRequired
from tutor.services.signed import PARTY
from tutor.services.tokens import KEY_FILE, KIND, Claims, Tokens, _make_key, load_signing_keys
from tutor.settings import Settings

KEY = b"k" * 48 + b"0123456789abcdef"
OTHER_KEY = b"o" * 48 + b"0123456789abcdef"
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CLAIMS = Claims("learner-1", "session-1", NOON + timedelta(hours=1))


def tokens(*keys: bytes, at: datetime = NOON) -> Tokens:
    return Tokens(keys or (KEY,), now=lambda: at)


def forged(*, key: bytes = KEY, algorithm: str = "HS256", typ: str = KIND, **changes: object) -> str:
    """A token with a good signature and something wrong in it. A change to None leaves the claim out."""
    now = int(NOON.timestamp())
    payload = {
        "iss": PARTY,
        "aud": PARTY,
        "sub": "learner-1",
        "jti": "session-1",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
    } | changes
    payload = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(payload, key, algorithm, headers={"typ": typ})


def unsigned(algorithm: str) -> str:
    """A token that names an algorithm and has no signature."""
    parts = jwt.decode_complete(forged(), options={"verify_signature": False})
    head, body = ({"alg": algorithm, "typ": KIND}, parts["payload"])
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, body))
    return b".".join([*encoded, b""]).decode()


def test_token_says_what_was_signed() -> None:
    """A learner would be somebody else, or nobody, after signing in."""
    assert tokens().read(tokens().sign(CLAIMS)) == CLAIMS
    assert tokens().read(forged()) == CLAIMS, "the forger of the other tests must be able to make a good one"


def test_header_is_pinned() -> None:
    """The token would be of another algorithm or kind than is checked."""
    assert jwt.get_unverified_header(tokens().sign(CLAIMS)) == {"alg": "HS256", "typ": "tutor-session"}


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=9)])
def test_clocks_may_differ_a_little(late: timedelta) -> None:
    """Two machines whose clocks are a few seconds apart would refuse each other's tokens."""
    token = tokens().sign(CLAIMS)
    assert tokens(at=CLAIMS.expires_at + late).read(token) == CLAIMS
    assert tokens(at=NOON - late).read(token) == CLAIMS


def test_expired() -> None:
    """A stolen token would work for ever."""
    token = tokens().sign(CLAIMS)
    with pytest.raises(SessionExpired):
        tokens(at=CLAIMS.expires_at + timedelta(seconds=10)).read(token)


def test_expired_and_forged_is_just_forged() -> None:
    """A forger would learn that the server looked into the token before it checked the signature."""
    with pytest.raises(SignInRequired) as refusal:
        tokens().read(forged(key=OTHER_KEY, exp=1))
    assert refusal.type is SignInRequired


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged(key=OTHER_KEY), id="foreign key"),
        pytest.param(forged(algorithm="HS512"), id="a longer hash"),
        pytest.param(forged(algorithm="HS384"), id="another hash"),
        pytest.param(unsigned("none"), id="alg none"),
        pytest.param(unsigned("None"), id="alg None"),
        pytest.param(unsigned("HS256"), id="no signature"),
        pytest.param(forged(typ="JWT"), id="another kind"),
        pytest.param(forged(typ="tutor-ticket"), id="another kind of ours"),
        pytest.param(forged(aud="other"), id="for somebody else"),
        pytest.param(forged(aud=[PARTY, "other"]), id="for us and others"),
        pytest.param(forged(iss="other"), id="from somebody else"),
        *(
            pytest.param(forged(**{claim: None}), id=f"without {claim}")
            for claim in ("iss", "aud", "sub", "jti", "iat", "nbf", "exp")
        ),
        pytest.param(forged(exp="tomorrow"), id="exp is no number"),
        pytest.param(forged(exp=1e300), id="exp is no whole number"),
        pytest.param(forged(nbf=int(NOON.timestamp()) + 60), id="not yet"),
        pytest.param(forged(iat=int(NOON.timestamp()) + 60), id="of the future"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="garbage"),
        pytest.param(forged()[:-4], id="cut"),
        pytest.param(forged() + "A" * 3000, id="endless"),
        pytest.param("é" + forged(), id="not ASCII"),
        pytest.param("\ud800", id="lone surrogate"),
    ],
)
def test_token_that_is_not_ours(token: str) -> None:
    """Anybody could sign in as anybody."""
    with pytest.raises(SignInRequired) as refusal:
        tokens().read(token)
    assert refusal.type is SignInRequired


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(OTHER_KEY).decode()}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"kid": "../../dev/null"},
    ],
)
def test_a_token_cannot_bring_its_key(header: dict[str, object]) -> None:
    """Who forges a token would also say where the key to check it is (RFC 8725, 3.10)."""
    payload = jwt.decode(forged(), options={"verify_signature": False})
    for key in (OTHER_KEY, bytes(32)):
        token = jwt.encode(payload, key, "HS256", headers={"typ": KIND, **header})
        with pytest.raises(SignInRequired):
            tokens().read(token)


def test_an_extension_that_is_not_known() -> None:
    """What a token calls critical would be passed over (RFC 7515, 4.1.11)."""
    payload = jwt.decode(forged(), options={"verify_signature": False})
    token = jwt.encode(payload, KEY, "HS256", headers={"typ": KIND, "crit": ["x"], "x": True})
    with pytest.raises(SignInRequired):
        tokens().read(token)


def test_changed_payload() -> None:
    """A learner could write another's id into their own token."""
    head, _, signature = tokens().sign(CLAIMS).split(".")
    body = forged(sub="somebody-else").split(".")[1]
    with pytest.raises(SignInRequired):
        tokens().read(f"{head}.{body}.{signature}")


def test_rotation() -> None:
    """A new key would sign everybody out, or the old one would go on signing."""
    old = tokens(KEY).sign(CLAIMS)
    both = tokens(OTHER_KEY, KEY)
    assert both.read(old) == CLAIMS
    assert tokens(OTHER_KEY).read(both.sign(CLAIMS)) == CLAIMS
    with pytest.raises(SignInRequired):
        tokens(OTHER_KEY).read(old)
    with pytest.raises(ValueError, match="key"):
        Tokens((), now=lambda: NOON)


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **changes)


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    """Every restart would sign everybody out, or another user of the machine could read the key."""
    folder = tmp_path / "data"
    keys = load_signing_keys(settings(folder))
    assert load_signing_keys(settings(folder)) == keys
    assert len(keys[0]) >= 32
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert load_signing_keys(settings(tmp_path / "another")) != keys


def test_key_of_the_settings_comes_first(tmp_path: Path) -> None:
    """Two machines with the same TUTOR_SECRET_KEY would not accept each other's sessions."""
    chosen = "0123456789abcdef" * 2
    assert load_signing_keys(settings(tmp_path, secret_key=chosen)) == (chosen.encode(),)
    assert list(tmp_path.iterdir()) == []


def test_several_keys_in_the_settings(tmp_path: Path) -> None:
    """A key that is set from outside could not be changed without signing everybody out."""
    new, old = "n-0123456789abcdefghijklmnopqrstuv", "o-0123456789abcdefghijklmnopqrstuv"
    chosen = settings(tmp_path, secret_key=f"{new}, {old}")
    assert load_signing_keys(chosen) == (new.encode(), old.encode())
    with pytest.raises(ValueError, match="too weak"):
        settings(tmp_path, secret_key=f"{new},short")


def test_several_keys_in_the_file(tmp_path: Path) -> None:
    """An owner could not rotate the key without signing everybody out."""
    file = tmp_path / "secret.key"
    file.write_bytes(KEY + b"\n" + OTHER_KEY + b"\n")
    file.chmod(0o600)
    assert load_signing_keys(settings(tmp_path)) == (KEY, OTHER_KEY)


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (KEY, 0o644, "chmod 600"),
        (KEY, 0o660, "chmod 600"),
        (b"short", 0o600, "less than 32"),
        (KEY + b"\nshort", 0o600, "less than 32"),
        (b"\n", 0o600, "no key"),
    ],
)
def test_weak_key_file_is_refused(tmp_path: Path, content: bytes, mode: int, why: str) -> None:
    """The site would run with a key that others know or can guess."""
    file = tmp_path / "secret.key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(SettingsError, match=why) as refusal:
        load_signing_keys(settings(tmp_path))
    assert content.decode().strip() == "" or content.decode() not in refusal.value.text


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """The owner would see a traceback in place of what to do."""
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="TUTOR_SECRET_KEY"):
        load_signing_keys(settings(tmp_path / "data", database_url="sqlite:///elsewhere.db"))


def test_key_that_another_process_made_stays(tmp_path: Path) -> None:
    """The slower of two processes would replace the key that the other already signs with."""
    keys = load_signing_keys(settings(tmp_path))
    _make_key(tmp_path / KEY_FILE)
    assert load_signing_keys(settings(tmp_path)) == keys
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    """Of two workers each would refuse the sessions of the other."""
    program = (
        "import sys; from pathlib import Path; from tutor.settings import Settings\n"
        "from tutor.services.tokens import load_signing_keys\n"
        "settings = Settings(_env_file=None, data_dir=Path(sys.argv[1])); sys.stdin.readline()\n"
        "print(load_signing_keys(settings)[0].hex())"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(4)
    ]
    for start in starts:
        start.stdin.write("go\n")
        start.stdin.flush()
    keys = {start.communicate(timeout=60)[0] for start in starts}
    assert len(keys) == 1
    assert len(keys.pop()) > 64
