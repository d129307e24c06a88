"""What the page needs to run Python: the sandboxed frame, Pyodide's files, and the checks of an exercise."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse

from tutor.domain import pyodide
from tutor.domain.course import Exercise
from tutor.domain.mishap import MISHAPS, Mishap
from tutor.errors import NotFound
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.web.identity import learner_of
from tutor.web.look import STATIC

KINDS = {
    "pyodide.js": "text/javascript",
    "pyodide.asm.js": "text/javascript",
    "pyodide.asm.wasm": "application/wasm",
    "python_stdlib.zip": "application/zip",
    "pyodide-lock.json": "application/json",
}
"""Pyodide's files that are served, with their media types."""

_SCRIPT = (STATIC / "runner_frame.js").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
FRAME = f'<!doctype html><html lang="en"><title>Python</title><script>{_SCRIPT}</script></html>'
FRAME_POLICY = (
    # `sandbox` holds even where the frame is opened by itself. The worker inherits the rest. It needs no
    # network: its files come by message. 'unsafe-eval' is left out on purpose; WebAssembly has its own word.
    f"sandbox allow-scripts; default-src 'none'; script-src 'sha256-{_DIGEST}' blob: 'wasm-unsafe-eval'; "
    "worker-src blob:; base-uri 'none'; form-action 'none'"
)
_PACKAGE = re.compile(r"[\w+-][\w.+-]*\.(whl|zip|tar|tar\.gz)")
_FOR_GOOD = {"cache-control": "private, max-age=31536000, immutable"}


def router(services: Services) -> APIRouter:
    """/runner. Nothing here is open to visitors who are not signed in."""
    runner = APIRouter(prefix="/runner", include_in_schema=False, dependencies=[Depends(learner_of)])
    folder, cdn = services.settings.data_dir / "pyodide", services.settings.pyodide_cdn

    @runner.get("/frame")
    async def frame() -> HTMLResponse:
        return HTMLResponse(FRAME, headers={"content-security-policy": FRAME_POLICY})

    @runner.get("/files")
    def files() -> dict[str, Any]:
        """Which version there is, or null where none is, and where to ask for which names."""
        names = list(KINDS)
        if (version := _version(folder)) is not None:
            here = f"/runner/pyodide/{version}/"
            return {"version": version, "names": names, "core": here, "packages": here, "integrity": {}}
        if not cdn:
            return {"version": None, "names": names}
        return {
            "version": pyodide.VERSION,
            "names": names,
            "core": pyodide.core_address(cdn),
            "packages": pyodide.package_address(cdn),
            "integrity": pyodide.FILES,
        }

    @runner.get("/pyodide/{version}/{name}")
    def file(version: str, name: str, request: Request) -> FileResponse:
        if version != _version(folder) or not (name in KINDS or _is_package(folder, name)):
            raise NotFound(f"{version}/{name}")
        # The version stands in the address, so a browser may keep the file for good.
        headers = _FOR_GOOD | {"vary": "accept-encoding"}
        packed = folder / f"{name}.gz"
        if name in KINDS and packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return FileResponse(packed, headers=headers, media_type=KINDS[name])
        kind = KINDS.get(name, "application/octet-stream")
        return FileResponse(folder / name, headers=headers, media_type=kind)

    @runner.get("/checks/{course}/{chapter}/{exercise}")
    def checks(course: str, chapter: str, exercise: str) -> dict[str, Any]:
        """All checks, the hidden ones too, and what is typed. The page asks when Check is pressed."""
        cell = services.courses.chapter(course, chapter).cell(exercise)
        if not isinstance(cell, Exercise):
            raise NotFound(f"{course}/{chapter}/{exercise} is no exercise")
        checks = [check.model_dump(include={"source", "input"}) for check in cell.checks]
        return {"checks": checks, "input": cell.input}

    @runner.get("/explanations")
    def explanations() -> tuple[Mishap, ...]:
        """What errors mean, in plain words."""
        return MISHAPS

    return runner


def foreign_host(settings: Settings) -> str:
    """The only other host that the page may ask: the CDN, while there is no local copy; or ''."""
    return "" if _version(settings.data_dir / "pyodide") else settings.pyodide_cdn


def _is_package(folder: Path, name: str) -> bool:
    """Whether it is the file of a package that Pyodide's own list names, and the owner has put it there."""
    if not (_PACKAGE.fullmatch(name) and (folder / name).is_file()):
        return False
    packages = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    return any(package["file_name"] == name for package in packages.values())


def _version(folder: Path) -> str | None:
    """The version of the local copy, or None where there is none."""
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    complete = all((folder / name).is_file() for name in KINDS)
    return str(version) if complete else None
