"""Model files that come inside Python packages: where they are, and whether they are the ones we know."""

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tutor.errors import ModelMissing


def installed(module: str) -> bool:
    """Whether a top-level module can be imported. It is not imported."""
    return find_spec(module) is not None


def folder_of(module: str) -> Path | None:
    """The folder of an installed package, or None. The package is not imported."""
    spec = find_spec(module)
    locations = spec.submodule_search_locations if spec else None
    return Path(locations[0]) if locations else None


def check(folder: Path, known: Mapping[str, str], *, remedy: str) -> None:
    """Compare files with what they have to be.

    Args:
        folder: Where they are.
        known: SHA-256 in hex by file name.
        remedy: What the owner can do, for the detail.

    Raises:
        ModelMissing: A file is absent or has changed.
    """
    for name, digest in known.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelMissing(f"{path} cannot be read ({type(error).__name__}); {remedy}") from error
        if found != digest:
            raise ModelMissing(f"{path} is not the file this release was made with; {remedy}")
