"""What the documents say is so: files, settings, versions, commands."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer
import yaml
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from tutor import __version__
from tutor.__main__ import app
from tutor.adapters.assets import PYODIDE_VERSION, livekit_client
from tutor.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_ROW = re.compile(r"\| `([^`]+)` \| (?:`([^`]+)` )?\| (.+) \|")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(package: str) -> str:
    found = re.search(rf"^{package}==(\S+)", text("requirements.txt"), re.MULTILINE)
    assert found, f"{package} is not pinned"
    return found[1]


def front_matter() -> dict[str, str]:
    """What a Space reads of the README."""
    _, head, _ = text("README.md").split("---\n", 2)
    return dict(yaml.safe_load(head))


def variables() -> dict[str, FieldInfo]:
    """Every setting, by the name under which it is set."""
    prefix = Settings.model_config["env_prefix"]
    return {
        str(field.validation_alias or f"{prefix}{name}".upper()): field
        for name, field in Settings.model_fields.items()
    }


def shown(default: object) -> str:
    """A default, as the table writes it."""
    if default is None or isinstance(default, SecretStr) or default in ("", (), {}):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return str(default.relative_to(ROOT)) if isinstance(default, Path) else str(default)


def anchors(document: Path) -> set[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[str]:
    """The targets of a document's links, code blocks left out."""
    prose = re.sub(
        r"^(`{3,}).*?^\1", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)


def modules() -> dict[str, set[str]]:
    """The files that the architecture has to name, by folder: modules and page scripts."""
    found: dict[str, set[str]] = {}
    static = ROOT / "tutor/web/static"
    for file in (*ROOT.glob("tutor/**/*.py"), *static.iterdir()):
        if file.is_file() and file.read_text(encoding="utf-8").strip():
            found.setdefault(file.parent.relative_to(ROOT).as_posix(), set()).add(file.name)
    return found


def named() -> dict[str, set[str]]:
    """The files that the architecture names, by folder."""
    found: dict[str, set[str]] = {}
    folder = ""
    for line in text("docs/architecture.md").splitlines():
        if heading := re.match(r"#+ (?:`(tutor(?:/\w+)*)/`)?", line):
            folder = heading[1] or ""
        elif folder and (row := re.match(r"\| `([\w.]+)` \|", line)):
            found.setdefault(folder, set()).add(row[1])
    return found


def test_the_architecture_names_every_module() -> None:
    """Who looks for something would miss it, or look for what has gone."""
    assert named() == modules()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    """A reader would be sent to a page or to a heading that is not there."""
    lost = []
    for link in links(document):
        url = urlsplit(link)
        if url.scheme:
            assert url.scheme in ("http", "https")
            continue
        target = (document.parent / unquote(url.path)).resolve() if url.path else document
        if not target.exists() or (url.fragment and url.fragment not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_document_can_be_reached() -> None:
    """A page would be written and never be found."""
    reached = {
        (document.parent / link.partition("#")[0]).resolve()
        for document in DOCUMENTS
        for link in links(document)
    }
    assert {document for document in DOCUMENTS if document.name != "README.md"} <= reached


def test_a_space_gets_what_was_tested() -> None:
    """Hugging Face would install another Gradio than the one that is pinned, or start another file."""
    told = front_matter()
    assert told["sdk"] == "gradio"
    assert told["sdk_version"] == pinned("gradio")
    assert told["python_version"] == "3.11"
    assert (ROOT / told["app_file"]).is_file()
    assert told["license"] == "mit"
    assert len(told["short_description"]) <= 60


def test_one_version_everywhere() -> None:
    """Somebody who reports a mistake would name a version that means something else."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert project["version"] == __version__
    assert project["requires-python"].removeprefix(">=") == front_matter()["python_version"]
    released = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", text("CHANGELOG.md"), re.MULTILINE)
    assert released[0] == __version__


def test_every_setting_is_explained() -> None:
    """An owner would not learn of a setting, or rely on a default that has changed."""
    rows = {row[1]: row[2] or "" for row in _ROW.finditer(text("docs/configuration.md"))}
    assert rows == {name: shown(field.default) for name, field in variables().items()}


def test_settings_that_are_named_exist() -> None:
    """An owner would set something that nothing reads."""
    known = set(variables()) | {"TUTOR_NEW_PASSWORD"}
    told = {
        match
        for document in DOCUMENTS
        for match in re.findall(r"\bTUTOR_[A-Z_]*[A-Z]\b", text(str(document)))
    }
    assert told <= known
    table = re.findall(r"^\| (`[A-Z_`, ]+`) \|", text("README.md"), re.MULTILINE)
    assert {name for row in table for name in re.findall(r"[A-Z_]+", row)} <= known


def test_the_example_of_an_env_file_is_read(tmp_path: Path) -> None:
    """Whoever takes a # away would get a setting that does not exist, or a start that fails."""
    lines = re.findall(r"^#([A-Z_]+)=(.*)$", text(".env.example"), re.MULTILINE)
    assert {name for name, _ in lines} <= set(variables())
    assert not re.findall(r"^[^#\n]", text(".env.example"), re.MULTILINE), "something is on by default"
    (tmp_path / "ladder.toml").write_text("")
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in lines))
    settings = Settings(_env_file=tmp_path / ".env")
    assert settings.frame_ancestors == ("https://course.example",)
    assert (settings.sign_up, settings.groq_api_key) == (False, None)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_exist(document: Path) -> None:
    """A reader would type a command that nobody knows."""
    told = document.read_text(encoding="utf-8")
    targets = re.findall(r"^(\w+):", text("Makefile"), re.MULTILINE)
    assert set(re.findall(r"(?:^    |`)make (\w+)", told, re.MULTILINE)) <= set(targets)
    for command in re.findall(r"python -m tutor ([a-z]+(?: (?:add|check))?)", told):
        words, known = command.split(), typer.main.get_command(app)
        while words:
            assert words[0] in known.commands, f"python -m tutor {command}"
            known = known.commands[words.pop(0)]


def test_the_image_has_what_it_needs() -> None:
    """A container would lack a file, or carry the owner's keys and database."""
    docker, ignored = text("Dockerfile"), text(".dockerignore").split()
    assert ignored[ignored.index("*") :] == [
        "*",
        "!app.py",
        "!requirements.txt",
        "!courses",
        "!tutor",
        "**/__pycache__",
    ]
    for name in re.findall(r"^COPY (\S+)", docker, re.MULTILINE):
        assert f"!{name}" in ignored
        assert (ROOT / name).exists()
    assert f"npm pack pyodide@{PYODIDE_VERSION} livekit-client@{livekit_client().version} " in docker
    assert f"FROM python:{front_matter()['python_version']}-slim" in docker
    assert re.search(r"^USER (?!root)\w+", docker, re.MULTILINE)


def test_the_picture_is_there() -> None:
    """The README would begin with a hole, or take long to load."""
    picture = (ROOT / "docs/screenshot.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (1280, 800)
    assert len(picture) < 250_000
