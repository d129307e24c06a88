"""Files that the app serves but does not carry: Pyodide, which runs Python in the learner's browser."""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tutor.domain import pyodide
from tutor.errors import TutorError

PYODIDE_VERSION = pyodide.VERSION
_INTEGRITY = "TkYrUv9m8QmfImADKRmpwZulL48E0uUaBSO+dvRQKyAJc0qh9gu7jn8btyHPh3NZm1r2IH2YrJhIr7Q2B9urAw=="
"""SHA-512 of the npm package, base64, as its registry and every lock file spell it."""
_LARGEST = 40_000_000
"""Bytes of one file; the largest that is known has 9 million."""
_TIMEOUT = 300
"""Seconds for the download."""
FILES = tuple(pyodide.FILES)
_PACKED = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "pyodide-lock.json")
_MARK = "package.json"
"""Names the version; written last, so a folder that has it is whole."""


class AssetsUnavailable(TutorError):
    """What had to be fetched cannot be had, or is not what it should be."""

    code = "assets_unavailable"
    status = 503


def fetch_pyodide(folder: Path) -> bool:
    """Put Pyodide's files into a folder, with the npm client of this machine.

    Args:
        folder: Where to; what is in it is replaced as a whole, or not at all.

    Returns:
        Whether anything was fetched; False where this version was there already.

    Raises:
        AssetsUnavailable: No npm, no network, or a package other than the one that is known.
    """
    if _there(folder):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".pyodide-") as scratch:
        package = _download(Path(scratch))
        fresh = Path(scratch) / "fresh"
        unpack(package, fresh)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    return True


def unpack(package: Path, folder: Path) -> None:
    """Take the files that are needed out of the npm package, after a look at its checksum.

    Raises:
        AssetsUnavailable: It is not the package that is known.
    """
    digest = hashlib.sha512(package.read_bytes()).digest()
    if base64.b64encode(digest).decode() != _INTEGRITY:
        raise _unavailable(f"{package.name} has another SHA-512 than the package that is known")
    folder.mkdir()
    with tarfile.open(package) as archive:
        for name in (*FILES, _MARK):
            # Read one by one, by name: no path of the archive ever reaches the file system.
            member = archive.getmember(f"package/{name}")
            source = archive.extractfile(member) if member.isfile() and member.size <= _LARGEST else None
            if source is None:
                raise _unavailable(f"{name} in {package.name} is not a plain file")
            content = source.read()
            (folder / name).write_bytes(content)
            if name in _PACKED:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _there(folder: Path) -> bool:
    try:
        version = json.loads((folder / _MARK).read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return False
    return version == PYODIDE_VERSION and all((folder / name).is_file() for name in FILES)


def _download(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise _unavailable("npm is not installed", "To fetch Python for the browser, npm is needed.")
    try:
        subprocess.run(  # noqa: S603 - the machine's own npm, with arguments of ours
            [npm, "pack", f"pyodide@{PYODIDE_VERSION}", "--ignore-scripts", "--silent"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise _unavailable(f"npm pack: {error.stderr.decode(errors='replace').strip()[-500:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unavailable(f"npm pack: {error}") from error
    package = folder / f"pyodide-{PYODIDE_VERSION}.tgz"
    if not package.is_file():
        raise _unavailable(f"npm pack left no {package.name}")
    return package


def _unavailable(detail: str, text: str = "") -> AssetsUnavailable:
    return AssetsUnavailable(detail, text=text or f"Python for the browser could not be fetched: {detail}")
