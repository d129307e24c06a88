"""Files that the app serves but does not carry: Pyodide, and the LiveKit client of the room page."""

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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
_LIVEKIT_INTEGRITY = (
    "j9Kg86nJjBjNFUD+ukp2jwMCGa0k+YD5gU//RzAM+ZY3pbG631QCte7fQjwqWMmtBzhDJL9nKYuOLMv/9IbAxg=="
)


class Package(NamedTuple):
    """An npm package, and what is taken out of it."""

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]
    """Paths in the package; they land side by side in one folder."""
    packed: tuple[str, ...] = ()
    """Those that are kept gzipped, too."""


def livekit_client() -> Package:
    """What the room page joins a LiveKit room with (Apache-2.0)."""
    return Package("livekit-client", "2.23.0", _LIVEKIT_INTEGRITY, ("dist/livekit-client.umd.js", "LICENSE"))


def pyodide_package() -> Package:
    """What runs Python in the browser (MPL-2.0)."""
    return Package("pyodide", PYODIDE_VERSION, _INTEGRITY, FILES, _PACKED)


class AssetsUnavailable(TutorError):
    """What had to be fetched cannot be had, or is not what it should be."""

    code = "assets_unavailable"
    status = 503


def fetch_pyodide(folder: Path) -> bool:
    """`fetch` for Pyodide."""
    return fetch(folder, pyodide_package)


def fetch(folder: Path, package: Callable[[], Package]) -> bool:
    """Put a package's files into a folder, with the npm client of this machine.

    Args:
        folder: Where to; what is in it is replaced as a whole, or not at all.
        package: Which one.

    Returns:
        Whether anything was fetched; False where this version was there already.

    Raises:
        AssetsUnavailable: No npm, no network, or a package other than the one that is known.
    """
    if _there(folder, package()):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".assets-") as scratch:
        archive = _download(Path(scratch), package())
        fresh = Path(scratch) / "fresh"
        unpack(archive, fresh, package())
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    return True


def unpack(archive: Path, folder: Path, package: Package | None = None) -> None:
    """Take the files that are needed out of the npm package, after a look at its checksum.

    Raises:
        AssetsUnavailable: It is not the package that is known.
    """
    known = package or pyodide_package()
    digest = hashlib.sha512(archive.read_bytes()).digest()
    if base64.b64encode(digest).decode() != known.integrity:
        raise _unavailable(f"{archive.name} has another SHA-512 than the package that is known")
    folder.mkdir()
    with tarfile.open(archive) as files:
        for path in (*known.files, _MARK):
            # Read one by one, by name: no path of the archive ever reaches the file system.
            member, name = files.getmember(f"package/{path}"), Path(path).name
            source = files.extractfile(member) if member.isfile() and member.size <= _LARGEST else None
            if source is None:
                raise _unavailable(f"{name} in {archive.name} is not a plain file")
            content = source.read()
            (folder / name).write_bytes(content)
            if path in known.packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _there(folder: Path, package: Package) -> bool:
    try:
        version = json.loads((folder / _MARK).read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return False
    return version == package.version and all((folder / Path(path).name).is_file() for path in package.files)


def _download(folder: Path, package: Package) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise _unavailable("npm is not installed", "To fetch Python for the browser, npm is needed.")
    try:
        subprocess.run(  # noqa: S603 - the machine's own npm, with arguments of ours
            [npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--silent"],
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
    archive = folder / f"{package.name}-{package.version}.tgz"
    if not archive.is_file():
        raise _unavailable(f"npm pack left no {archive.name}")
    return archive


def _unavailable(detail: str, text: str = "") -> AssetsUnavailable:
    return AssetsUnavailable(detail, text=text or f"Python for the browser could not be fetched: {detail}")
