"""The data folder, and what lies in it beside the database."""

import json
import os
import shutil
from pathlib import Path

from tutor.adapters import assets
from tutor.doctor.finding import Finding
from tutor.errors import SettingsError
from tutor.services.tokens import KEY_FILE, load_signing_keys
from tutor.settings import Settings

FIRST_START = "will be made at first start"
_ROOM = 200_000_000
"""Bytes that should be free: learners' work is small, but a full disk loses what they say next."""


def look_at_folder(settings: Settings) -> Finding:
    """Whether the app may write there, and how much."""
    folder = settings.data_dir
    there = _nearest(folder)
    remedy = "set TUTOR_DATA_DIR to a folder that the app may write to"
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding("data folder", False, f"{there} is not a folder that can be written to", remedy)
    free = shutil.disk_usage(there).free
    room = f"{free / 1e9:.1f} GB free"
    if free < _ROOM:
        return Finding("data folder", False, f"{folder}, only {room}", "make room on that disk")
    return Finding("data folder", True, f"{folder}, {room}" if folder.is_dir() else f"{folder} {FIRST_START}")


def look_at_key(settings: Settings) -> Finding:
    """The key that signs sessions."""
    path = settings.data_dir / KEY_FILE
    if not settings.secret_key and not path.exists():
        return Finding("signing key", True, f"{path} {FIRST_START}")
    try:
        load_signing_keys(settings)
    except SettingsError as error:
        return Finding("signing key", False, error.text, "or delete the file: everybody signs in again")
    return Finding("signing key", True, "TUTOR_SECRET_KEY" if settings.secret_key else str(path))


def look_at_pyodide(settings: Settings) -> Finding:
    """The files that run Python in the learner's browser."""
    what, folder = "Python in the browser", settings.data_dir / "pyodide"
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        version = None
    if version and all((folder / name).is_file() for name in assets.FILES):
        return Finding(what, True, f"Pyodide {version}")
    if settings.pyodide_cdn:
        return Finding(what, True, f"Pyodide {assets.PYODIDE_VERSION}, from {settings.pyodide_cdn}")
    return Finding(
        what,
        False,
        "Pyodide is not there, so cells can be read but not run",
        "python -m tutor assets (it needs npm)",
        optional=True,
    )


def _nearest(folder: Path) -> Path:
    """The folder itself, or what is there of the path to it."""
    return next((one for one in (folder, *folder.resolve().parents) if one.exists()), folder)
