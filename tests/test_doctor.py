"""The doctor tells the truth, names the remedy, keeps secrets, and touches nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.servers.openai_wire import OpenAIWire
from tutor.adapters import assets, turn_end, weights
from tutor.adapters.store.engine import Database
from tutor.doctor import Finding, examine
from tutor.services.tokens import load_signing_keys
from tutor.settings import Settings

COURSES = Path(__file__).parent / "data" / "courses"
Make = Callable[..., Settings]

LADDER = """
[[rungs]]
name = "big"
provider = "groq"
model = "m"
[[rungs]]
name = "contract"
provider = "groq"
model = "only-for-some"
contract_only = true
[[rungs]]
name = "home"
provider = "local"
model = "l"
"""


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Settings for a quick look: no local voice is loaded unless a test asks for it."""
    (tmp_path / "ladder.toml").write_text(LADDER)

    def settings(**values: object) -> Settings:
        quick = {"stt": "off", "tts": "off", "courses_dir": COURSES, "ladder_file": tmp_path / "ladder.toml"}
        return Settings(**({"data_dir": tmp_path / "data"} | quick | values))

    return settings


@pytest.fixture
async def wire() -> AsyncIterator[OpenAIWire]:
    async with OpenAIWire(models=("m", "n")) as wire:
        yield wire


@asynccontextmanager
async def refusing() -> AsyncIterator[str]:
    """A provider that refuses every key, and quotes it. Gives its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = json.dumps({"error": {"message": f"wrong key in {asked}", "code": "invalid_api_key"}}).encode()
        head = f"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        writer.write(head.encode() + b"\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def of(findings: list[Finding], what: str) -> Finding:
    """The only finding with this name."""
    (found,) = [finding for finding in findings if finding.what == what]
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.models
async def test_a_fresh_checkout_is_well(tmp_path: Path) -> None:
    """A new owner without a key would be told that something is broken, or that local voice is not there."""
    findings = await examine(Settings(data_dir=tmp_path / "data"))
    assert [str(finding) for finding in findings if not (finding.works or finding.optional)] == []
    assert of(findings, "hearing").state == "whisper-tiny.en, on this machine"
    assert of(findings, "speaking").state == "piper-en_US-joe-medium, on this machine"
    assert of(findings, "end of a turn").state == "Smart Turn v3.2, on this machine"
    assert of(findings, "ladder").state.endswith("answers: lesson guide")
    assert "No language model is connected" in of(findings, "mode").state
    assert "You can speak" in of(findings, "mode").state
    assert "GROQ_API_KEY is not set" in of(findings, "models of groq").state
    assert not (tmp_path / "data").exists(), "it made something"


async def test_a_missing_end_of_turn_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner would not learn why the teacher cuts off learners who hesitate."""
    monkeypatch.setattr(turn_end, "missing", lambda: "pipecat-ai is not installed; pip install pipecat-ai")
    found = of(await examine(make(stt="local")), "end of a turn")
    assert (found.works, found.optional) == (False, True)
    assert "length of a pause" in found.state
    assert found.remedy == "pip install pipecat-ai"


async def test_nothing_is_changed(make: Make) -> None:
    """To look would be to migrate a database, or to leave files beside one that is not in use."""
    settings = make()
    load_signing_keys(settings)
    database = Database(settings.database_url)
    database.migrate()
    database.close()
    before = contents(settings.data_dir)
    findings = await examine(settings)
    assert contents(settings.data_dir) == before
    assert "up to date (" in of(findings, "database").state
    assert of(findings, "signing key").works


async def test_a_database_in_use_is_read(make: Make) -> None:
    """While the app runs, what it wrote last would not be seen, and the tables would be called missing."""
    settings = make()
    database = Database(settings.database_url)
    try:
        database.migrate()
        await database.ping()
        assert "up to date" in of(await examine(settings), "database").state
    finally:
        database.close()


@pytest.mark.parametrize(
    ("content", "works", "said"),
    [
        (b"", True, "is empty; its tables will be made at first start"),
        (b"not a database at all " * 100, False, "does not answer: DatabaseError: file is not a database"),
    ],
)
async def test_other_databases(make: Make, content: bytes, works: bool, said: str) -> None:
    """An owner would restore a file that is only new, or start with one that is damaged."""
    settings = make()
    settings.data_dir.mkdir()
    (settings.data_dir / "tutor.db").write_bytes(content)
    found = of(await examine(settings), "database")
    assert (found.works, said in found.state) == (works, True), found


async def test_a_newer_database_is_refused(make: Make) -> None:
    """After a downgrade the owner would not learn why nothing works."""
    settings = make()
    database = Database(settings.database_url)
    database.migrate()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer version" in of(await examine(settings), "database").state


@pytest.mark.parametrize(
    "url",
    ["postgresql://somebody:very-secret@127.0.0.1:9/x", "nonsense:very-secret", "mysql://x:very-secret@h/x"],
)
async def test_database_addresses_that_fail(make: Make, url: str) -> None:
    """The password of a database would be shown, or the doctor would fall over a wrong address."""
    found = of(await examine(make(database_url=url)), "database")
    assert not found.works
    assert not found.optional
    assert "very-secret" not in str(found)


async def test_models_are_looked_up(make: Make, wire: OpenAIWire) -> None:
    """An owner would not learn that a model has gone, or which rungs are really left."""
    settings = make(groq_api_key="gsk-very-secret", groq_base_url=wire.url, local_base_url=f"{wire.url}/v1")
    findings = await examine(settings)
    assert of(findings, "models of groq").works
    assert "1 of 2 models: big" in of(findings, "models of groq").state
    assert of(findings, "rung contract").remedy == "nothing to do: only some contracts have it"
    assert of(findings, "rung home").remedy == "for Ollama: ollama pull l"
    assert of(findings, "ladder").state.endswith("3 rungs; answers: big > lesson guide")
    assert of(findings, "mode").state.startswith("A language model answers.")
    assert "very-secret" not in "\n".join(map(str, findings))


async def test_a_server_without_a_list_is_fine(make: Make, wire: OpenAIWire) -> None:
    """A local server that knows no /models would be called broken, though it answers."""
    wire.models = ()
    findings = await examine(make(local_base_url=f"{wire.url}/v1"))
    assert of(findings, "models of local").works
    assert of(findings, "ladder").state.endswith("answers: home > lesson guide")


async def test_a_refused_key_is_broken_and_not_shown(make: Make) -> None:
    """A mistyped key would look like no key, or stand in the report that somebody pastes into an issue."""
    async with refusing() as url:
        findings = await examine(make(groq_api_key="gsk-very-secret", groq_base_url=url))
    found = of(findings, "models of groq")
    assert found.state == f"{url} refuses the key"
    assert (found.works, found.optional) == (False, False)
    assert "very-secret" not in "\n".join(map(str, findings))


async def test_an_unreachable_provider_is_broken(make: Make) -> None:
    """An owner without a network would look for the mistake in the key; one in the URL would be shown."""
    url = "http://me:very-secret@127.0.0.1:9"
    found = of(await examine(make(groq_api_key="gsk", groq_base_url=url)), "models of groq")
    assert found.state == "http://127.0.0.1:9 cannot be asked (provider_unreachable)"
    assert not found.optional


async def test_a_bad_ladder_file_is_broken(make: Make, tmp_path: Path) -> None:
    """The line with the mistake would not be told."""
    (tmp_path / "ladder.toml").write_text(
        LADDER + '[[rungs]]\nname = "big"\nprovider = "groq"\nmodel = "x"\n'
    )
    found = of(await examine(make()), "ladder")
    assert "line 16: the name 'big' is taken in line 3" in found.state
    assert not found.works


async def test_a_key_that_others_may_read(make: Make) -> None:
    """Anybody on the machine could sign in as anybody, or the app would refuse to start without a reason."""
    settings = make()
    load_signing_keys(settings)
    (settings.data_dir / "secret.key").chmod(0o644)
    found = of(await examine(settings), "signing key")
    assert not found.works
    assert "chmod 600" in found.state


async def test_a_data_folder_that_is_a_file(make: Make, tmp_path: Path) -> None:
    """The app would not start, and the doctor would fall over the same mistake."""
    (tmp_path / "data").write_text("")
    assert not of(await examine(make()), "data folder").works


async def test_courses_with_mistakes(make: Make, tmp_path: Path) -> None:
    """Learners would miss a chapter, and the owner would not be told where to look."""
    (tmp_path / "courses" / "mine").mkdir(parents=True)
    (tmp_path / "courses" / "mine" / "course.toml").write_text(
        'title = "Mine"\nsummary = "x"\nchapters = ["a"]\n'
    )
    found = of(await examine(make(courses_dir=tmp_path / "courses")), "courses")
    assert "there is no a.md or a.ipynb" in found.state
    assert not found.works
    assert not of(await examine(make(courses_dir=tmp_path / "none")), "courses").works


@pytest.mark.parametrize(
    ("values", "what", "works", "optional", "said"),
    [
        ({}, "hearing", False, True, "TUTOR_STT is off"),
        ({"tts": "browser"}, "speaking", True, False, "the browser's own voice"),
        ({"stt": "openai"}, "hearing", False, False, "TUTOR_STT=openai needs OPENAI_API_KEY."),
        ({"stt": "local", "whisper_model": "/none"}, "hearing", False, False, "holds no model.bin"),
        (
            {"stt": "auto", "whisper_model": "/none"},
            "hearing",
            False,
            True,
            "off; none on this machine: /none",
        ),
        ({"stt": "auto", "whisper_model": "some/name"}, "hearing", True, False, "fetched from its hub"),
        ({"tts": "auto", "piper_voice": "/none.onnx"}, "speaking", False, True, "/none.onnx is not there"),
        ({"tts": "local", "piper_voice": "/none.onnx"}, "speaking", False, False, "/none.onnx is not there"),
    ],
)
async def test_voices(
    make: Make, values: dict[str, str], what: str, works: bool, optional: bool, said: str
) -> None:
    """What nobody asked for would be called broken, or what was asked for would be called off."""
    found = of(await examine(make(**values)), what)
    assert (found.works, found.optional) == (works, optional), found
    assert said in found.state


async def test_packages_that_are_not_installed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever left the GPL voice out would not learn how to get it, or that the app goes on without."""
    monkeypatch.setattr(weights, "installed", lambda _: False)
    findings = await examine(make(stt="auto", tts="auto"))
    assert of(findings, "hearing").remedy == "pip install faster-whisper"
    assert of(findings, "speaking").remedy == "pip install piper-tts"
    assert of(findings, "speaking").optional
    assert "Voice is off; you can type." in of(findings, "mode").state


async def test_pyodide(make: Make) -> None:
    """Learners could not run a cell, and the owner would not learn why."""
    cdn = of(await examine(make()), "Python in the browser")
    assert (cdn.works, cdn.state) == (True, "Pyodide 0.29.5, from https://cdn.jsdelivr.net")
    settings = make(pyodide_cdn="off")
    found = of(await examine(settings), "Python in the browser")
    assert (found.works, found.optional) == (False, True)
    assert "python -m tutor assets" in found.remedy
    folder = settings.data_dir / "pyodide"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"version": "1.2.3"}')
    assert not of(await examine(settings), "Python in the browser").works, "half of it is not enough"
    for name in assets.FILES:
        (folder / name).write_bytes(b"")
    assert of(await examine(settings), "Python in the browser").state == "Pyodide 1.2.3"


def test_how_it_reads() -> None:
    """Something that is only off would frighten, or a remedy would be given for what is well."""
    assert str(Finding("a", True, "fine", "mend it")) == "ok      a: fine"
    assert str(Finding("a", False, "gone", "mend it", optional=True)) == "off     a: gone\n        -> mend it"
    assert str(Finding("a", False, "gone")) == "BROKEN  a: gone"
