"""Imports only point down: what each floor of the house may know of the others."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
SDKS = ("openai", "groq", "faster_whisper", "piper", "wordllama", "livekit")
"""Heavy, or of one vendor: loaded only by whoever really uses them."""
SEES_WIRING = {
    "app.py",
    "tutor/__main__.py",
    "tutor/web/server.py",
    "tutor/rooms/worker.py",
    "tutor/doctor.py",
}


class Import(NamedTuple):
    """One imported module, and where."""

    file: str
    line: int
    module: str
    at_load: bool
    """Whether loading the file runs the import: not in a function, not for the type checker alone."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"

    def of(self, *packages: str) -> bool:
        """Whether the module is one of these or inside one."""
        return any(self.module == package or self.module.startswith(f"{package}.") for package in packages)


def _found(file: Path) -> Iterator[Import]:
    name = str(file.relative_to(ROOT))
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} has a relative import, which hides its floor"
            module = node.module or ""
            # `from tutor.adapters import stt` imports a module, `from tutor.errors import X` does not: both
            # are judged by the longer name, which lies on the same floor.
            modules = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            yield Import(name, node.lineno, module, id(node) not in inside)


IMPORTS = [found for file in (*ROOT.glob("tutor/**/*.py"), ROOT / "app.py") for found in _found(file)]


def _of(*folders: str) -> list[Import]:
    chosen = [one for one in IMPORTS if one.file.startswith(tuple(f"{folder}/" for folder in folders))]
    assert chosen, f"no imports under {folders}: the test looks in the wrong place"
    return chosen


def _none(broken: list[Import]) -> None:
    assert not broken, "\n".join(map(str, broken))


def test_the_domain_is_pure() -> None:
    """The rules of teaching would need a database, a network or a vendor to be tested."""
    foreign = [
        one
        for one in _of("tutor/domain")
        if one.module.partition(".")[0] not in sys.stdlib_module_names
        # fsrs is as pure: values in, values out. The chance that it can add is switched off.
        and not one.of("pydantic", "fsrs", "tutor.domain", "tutor.errors")
    ]
    _none(foreign)


@pytest.mark.parametrize(
    "module", ["sqlite3", "socket", "subprocess", "random", "asyncio", "threading", "os"]
)
def test_the_domain_does_no_io(module: str) -> None:
    """A value would reach outside by itself, through the standard library."""
    found = [one for one in _of("tutor/domain") if one.of(module)]
    # Python 3.11's parser has to be kept to one thread at a time.
    _none([one for one in found if (one.file, one.module) != ("tutor/domain/syntax.py", "threading.Lock")])


def test_services_know_only_ports() -> None:
    """A use case would be tied to one provider or one front."""
    _none([one for one in _of("tutor/services") if one.of("tutor.adapters", "tutor.web", "tutor.rooms")])


def test_services_know_no_framework() -> None:
    """A use case would be tied to the page or to a database library."""
    frameworks = ("gradio", "fastapi", "starlette", "fastrtc", "sqlalchemy", "sqlmodel", "uvicorn", *SDKS)
    _none([one for one in _of("tutor/services") if one.of(*frameworks)])


def test_fronts_do_not_reach_past_the_services() -> None:
    """A page would go around the pipeline, and the API would not get what the page gets."""
    fronts = [one for one in IMPORTS if one.file.startswith(("tutor/web/", "tutor/rooms/"))]
    _none([one for one in fronts if one.of("tutor.adapters")])


def test_only_entries_see_the_wiring() -> None:
    """Two parts would depend on everything, so nothing could be taken out any more."""
    _none([one for one in IMPORTS if one.of("tutor.wiring") and one.file not in SEES_WIRING])


def test_adapters_look_only_down() -> None:
    """A provider would call a use case or a page, which is a circle."""
    adapters = _of("tutor/adapters")
    services = [one for one in adapters if one.of("tutor.services") and not one.of("tutor.services.ports")]
    _none(services + [one for one in adapters if one.of("tutor.web", "tutor.rooms", "tutor.doctor")])


def test_sdks_are_loaded_when_used() -> None:
    """Every start would pay seconds and memory for providers that nobody configured."""
    loaded = [one for one in IMPORTS if one.at_load and not one.file.startswith("tutor/rooms/")]
    _none([one for one in loaded if one.of(*SDKS)])


def test_only_a_worker_loads_the_rooms() -> None:
    """The page would pay for LiveKit's agents, which it never uses; for a token it needs none of them."""
    outside = [one for one in IMPORTS if one.at_load and not one.file.startswith("tutor/rooms/")]
    _none([one for one in outside if one.of("tutor.rooms") and not one.of("tutor.rooms.tokens")])
    tokens = [one for one in IMPORTS if one.file == "tutor/rooms/tokens.py"]
    _none([one for one in tokens if one.at_load and one.of(*SDKS, "tutor.rooms")])


def test_settings_are_not_read_at_import() -> None:
    """A test, or another process, could not choose its own settings."""
    calls = []
    for file in ROOT.glob("tutor/**/*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            names = {call.func.id for call in ast.walk(node) if _is_named_call(call)}
            if names & {"Settings", "load_settings"} and "__name__" not in ast.unparse(node):
                calls.append(str(file.relative_to(ROOT)))
    assert not calls


def _is_named_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
