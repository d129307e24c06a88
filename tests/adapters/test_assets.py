"""Pyodide is fetched whole and checked, or not at all. No test here reaches the registry."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tutor.adapters import assets
from tutor.adapters.assets import FILES, AssetsUnavailable, fetch_pyodide, unpack
from tutor.domain import pyodide as facts
from tutor.web.runner import KINDS


def _package(path: Path, *, link: str = "") -> Path:
    """An npm package like Pyodide's, with one file that is a link if asked for."""
    with tarfile.open(path, "w:gz") as archive:
        for name in (*FILES, "package.json", "../../escaped"):
            content = json.dumps({"version": assets.PYODIDE_VERSION}).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            if name == link:
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            archive.addfile(member, io.BytesIO(content))
    return path


def _known(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    monkeypatch.setattr(assets, "_INTEGRITY", digest)


def _npm(monkeypatch: pytest.MonkeyPatch, *, failing: str = "") -> list[list[str]]:
    """Stand in for npm; gives the list of commands that were run."""
    commands: list[list[str]] = []

    def run(command: list[str], *, cwd: Path, **_: object) -> None:
        commands.append(command)
        if failing:
            raise subprocess.CalledProcessError(1, command, stderr=failing.encode())
        _known(_package(cwd / f"pyodide-{assets.PYODIDE_VERSION}.tgz"), monkeypatch)

    monkeypatch.setattr(assets.shutil, "which", lambda _: "/usr/bin/npm")
    monkeypatch.setattr(assets.subprocess, "run", run)
    return commands


def test_the_files_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second call would fetch thirteen megabytes again."""
    commands = _npm(monkeypatch)
    folder = tmp_path / "data" / "pyodide"
    assert fetch_pyodide(folder) is True
    assert fetch_pyodide(folder) is False
    assert len(commands) == 1
    assert f"pyodide@{assets.PYODIDE_VERSION}" in commands[0]
    assert "--ignore-scripts" in commands[0]
    assert {path.name for path in folder.parent.iterdir()} == {"pyodide"}


def test_an_older_version_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two versions would be mixed in one folder."""
    _npm(monkeypatch)
    (tmp_path / "package.json").write_text('{"version": "0.1"}')
    (tmp_path / "old.js").write_text("")
    assert fetch_pyodide(tmp_path) is True
    assert not (tmp_path / "old.js").exists()


def test_only_the_known_package_is_unpacked(tmp_path: Path) -> None:
    """A package that somebody replaced would reach every learner."""
    with pytest.raises(AssetsUnavailable, match="another SHA-512"):
        unpack(_package(tmp_path / "x.tgz"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_of_the_archive_lands_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with dots in the archive would write outside of the folder."""
    package = _package(tmp_path / "x.tgz")
    _known(package, monkeypatch)
    (tmp_path / "a").mkdir()
    unpack(package, tmp_path / "a" / "out")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"out"}
    names = {path.name.removesuffix(".gz") for path in (tmp_path / "a" / "out").iterdir()}
    assert names == {*FILES, "package.json"}


def test_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link in the archive would serve a file of this machine."""
    package = _package(tmp_path / "x.tgz", link="pyodide.js")
    _known(package, monkeypatch)
    with pytest.raises(AssetsUnavailable, match="not a plain file"):
        unpack(package, tmp_path / "out")


def test_no_npm_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner would get a traceback where npm is missing."""
    monkeypatch.setattr(assets.shutil, "which", lambda _: None)
    with pytest.raises(AssetsUnavailable) as caught:
        fetch_pyodide(tmp_path / "pyodide")
    assert "npm is needed" in caught.value.text


def test_a_failing_npm_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken download would take the working copy away."""
    _npm(monkeypatch, failing="no network")
    folder = tmp_path / "pyodide"
    folder.mkdir()
    (folder / "package.json").write_text('{"version": "0.1"}')
    with pytest.raises(AssetsUnavailable, match="no network"):
        fetch_pyodide(folder)
    assert (folder / "package.json").exists()


def test_what_is_fetched_is_what_is_served() -> None:
    """The page would ask for a file that nobody fetched."""
    assert set(FILES) == set(KINDS)


def test_browsers_know_the_files_of_the_package() -> None:
    """Every browser would refuse the CDN's files, or take others."""
    folder = Path(sys.prefix) / "pyodide"
    for name, known in facts.FILES.items():
        digest = hashlib.sha256((folder / name).read_bytes()).digest()
        assert known == f"sha256-{base64.b64encode(digest).decode()}", name
