"""The app as a container runs it, where nothing can be written but its data; and what it tells of secrets."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers import postgres
from tests.web.browsing import ROOT
from tutor.adapters.store.engine import Database
from tutor.errors import Busy, SettingsError, StoreUnavailable
from tutor.services.throttle import Rule, Throttle

PROGRAM = """
import errno, os, sys
allowed = tuple(sys.argv[1:])
changes = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink"}

def read_only(event, args):
    if event == "open":
        path, mode, flags = args
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if isinstance(flags, int) else False
    elif event in changes:
        path, writes = args[0], True
    else:
        return
    if not writes or isinstance(path, int) or path is None:
        return
    where = os.path.abspath(os.fsdecode(path))
    if not where.startswith(allowed):
        if "__pycache__" not in where:
            print("WRITES", where, file=sys.stderr, flush=True)
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), where)

sys.addaudithook(read_only)
import app
app.main()
"""
SECRETS = {
    "TUTOR_SECRET_KEY": "jwt-Zq8vT2mXw5Rk9Ld3Hs7Bn4Yc6Gf1PjA",
    "GROQ_API_KEY": "gsk_Secret7Kq2Vx9Tm4Wd8Rb3",
    "OPENAI_API_KEY": "sk-Secret5Hn1Jc6Pf0Lz2Sg9Xv",
    "TUTOR_LOCAL_API_KEY": "local-Secret3Qw8Er5Ty1Ui6",
    "TUTOR_EMBED_KEYS": "campus=embed-Mn7Bv4Cx1Zl9Kj6Hg3Fd8Sa5Pq2Wo0",
    "LIVEKIT_API_SECRET": "livekit-Secret9Aa4Bb7Cc2Dd5Ee8Ff1Gg6Hh3",
    "HF_TOKEN": "hf_Secret4Tr7Yu2Io9Pl",
}
PASSWORD = "pass-Secret8Zx3Cv6Bn1Ml"
WORDS = "Zaubertrank loop question"


@dataclass
class Hardened:
    """A running app, what it answered, and what it logged."""

    pages: dict[str, httpx.Response]
    turn: str
    log: str


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Hardened:
    """Providers that cannot be reached, every secret set, everything logged."""
    data, temporary = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("tmp")
    port = postgres.free_port()
    dead = "http://127.0.0.1:9/v1"
    settings = {
        **SECRETS, "GROQ_BASE_URL": dead, "OPENAI_BASE_URL": dead, "TUTOR_LOCAL_BASE_URL": dead,
        "LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "devkey", "TUTOR_LOG_LEVEL": "debug",
        "TUTOR_LOG_FORMAT": "json", "TUTOR_METRICS": "true", "TUTOR_DATA_DIR": str(data),
        "TUTOR_PORT": str(port), "TUTOR_HOST": "127.0.0.1", "TUTOR_PYODIDE_CDN": "off", "TUTOR_STT": "local",
        "TUTOR_TTS": "local", "HOME": "/nonexistent", "TMPDIR": str(temporary),
    }  # fmt: skip
    allowed = (str(data), str(temporary), "/dev/", "/proc/")
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *allowed],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            _ready(client, process, data / "log")
            turn, pages = _visit(client)
    finally:
        process.terminate()
        process.wait(20)
    return Hardened(pages, turn, (data / "log").read_text())


def _ready(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the app did not get ready")


def _visit(client: httpx.Client) -> tuple[str, dict[str, httpx.Response]]:
    who = {"name": "Ada", "password": PASSWORD}
    client.post("/api/v1/auth/sign-up", json=who)
    client.post("/api/v1/auth/sign-in", json={**who, "password": PASSWORD + "x"})
    client.get("/embed", params={"ticket": "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"})
    client.post("/api/v1/auth/sign-in", content=b"{" + PASSWORD.encode())  # a body that is no JSON
    place = {"course": "python-basics", "chapter": "loops"}
    talk = client.post("/api/v1/conversations", json=place).json()["id"]
    turn = client.post(f"/api/v1/conversations/{talk}/turns", json={"text": WORDS}).text
    paths = ["/", "/welcome/", "/config", "/account", "/progress", "/room", "/metrics", "/healthz",
             "/no-such", "/api/v1/mode", "/api/v1/voice", "/api/v1/openapi.json", "/api/v1/auth/me",
             "/api/v1/auth/me/data"]  # fmt: skip
    until = time.monotonic() + 30
    while client.get("/api/v1/mode").json()["hears"] == "loading" and time.monotonic() < until:
        time.sleep(0.1)  # the voices, too, must load without writing
    return turn, {path: client.get(path) for path in paths}


def test_nothing_is_written_but_data(hardened: Hardened) -> None:
    """A container with a read-only root would not start, or would lose what it wrote elsewhere."""
    assert "event: said" in hardened.turn
    assert hardened.pages["/"].status_code == 200
    tried = sorted({line for line in hardened.log.splitlines() if line.startswith("WRITES")})
    assert not tried


def test_no_secret_is_told(hardened: Hardened) -> None:
    """A key would stand in a log that many may read, in a page, or in the figures of a monitor."""
    secrets = [value.partition("=")[2] or value for value in SECRETS.values()] + [PASSWORD]
    assert "provider_unreachable" in hardened.log, "the providers' errors are not in the log"
    assert '"level": "debug"' in hardened.log
    assert hardened.pages["/metrics"].status_code == hardened.pages["/config"].status_code == 200
    told = {path: page.text for path, page in hardened.pages.items()} | {"log": hardened.log}
    for where, text in told.items():
        assert [secret for secret in secrets if secret in text] == [], where
    assert "Zaubertrank" not in hardened.log, "a learner's words are in the log"
    assert "Zaubertrank" in json.dumps(hardened.pages["/api/v1/auth/me/data"].json())


async def test_a_database_that_cannot_be_used_tells_no_password() -> None:
    """The first thing that an owner pastes into a forum is why the app does not start."""
    database = Database("postgresql://tutor:Secret6@127.0.0.1:9/tutor", patience=1)
    with pytest.raises(StoreUnavailable) as refused:
        await database.ping()
    database.close()
    with pytest.raises(SettingsError) as unusable:
        Database("x:Secret6@y")
    told = f"{refused.value} {refused.value.text} {unusable.value} {unusable.value.text}"
    assert "connection" in told, "the database was not asked"
    assert "Secret6" not in told


async def test_a_counter_that_is_down_tells_no_password() -> None:
    """The password of a shared Redis would be in the log each time that it is restarted."""
    throttle = Throttle("redis://:Secret6@127.0.0.1:9")
    with pytest.raises(Busy) as refused:
        await throttle.hit(Rule("x", "1/minute"), "key")
    throttle.close()
    assert "Secret6" not in str(refused.value)
