"""Copies of the whole database: taken while the app runs, and put back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from tutor.adapters.store.engine import Database
from tutor.adapters.store.store_errors import translated
from tutor.errors import BackupUnusable

_TIMEOUT: Final = 3600
"""Seconds that PostgreSQL's own programs may take."""


def back_up(database: Database, file: Path) -> None:
    """Write a copy of everything that is committed at one moment; writers go on meanwhile. Blocks.

    The file appears when it is whole, readable by its owner only. SQLite: a database again. PostgreSQL: an
    archive of pg_dump's.

    Raises:
        BackupUnusable: It cannot be written there, exists already, or PostgreSQL's programs are missing.
        StoreUnavailable: The database cannot be read.
    """
    if file.exists():
        raise BackupUnusable(f"{file} exists", text=f"{file} is there already. Choose another name.")
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        if database.is_sqlite:
            _copy(Path(database.url.database or ""), part)
        else:
            _postgres("pg_dump", database.url, "--format=custom", f"--file={part}")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
    except sqlite3.Error as error:
        raise translated(error) from error
    except OSError as error:
        raise BackupUnusable(str(error), text=f"{file} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def restore(database: Database, file: Path) -> None:
    """Put a copy in the place of everything, in one transaction, and bring it up to date. Blocks.

    Raises:
        BackupUnusable: The file is no whole copy of this program's database.
        StoreUnavailable: The database cannot be written; it is as it was.
        SettingsError: The copy was made by a newer version of this program; it is in place all the same.
    """
    try:
        if database.is_sqlite:
            _check(file)
            _copy(file, Path(database.url.database or ""))
        else:
            options = ("--clean", "--if-exists", "--single-transaction", "--no-owner", "--dbname=")
            _postgres("pg_restore", database.url, *options, str(file))
    except sqlite3.Error as error:
        raise translated(error) from error
    database.migrate()


def _copy(source: Path, target: Path) -> None:
    """SQLite's own online copy: all pages in one step, so that no writer can come between."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target, timeout=30)) as new:
        old.backup(new)


def _check(file: Path) -> None:
    if not file.is_file():
        raise BackupUnusable(f"{file} is missing", text=f"There is no file {file}.")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            whole = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BackupUnusable(f"{file}: {error}") from error
    if not whole or version is None:
        raise BackupUnusable(f"{file} is damaged")


def _postgres(program: str, url: URL, *options: str) -> None:
    """PostgreSQL copies itself best. The password goes by the environment, where no process list shows it."""
    found = shutil.which(program)
    if found is None:
        text = f"{program} is not installed. It comes with PostgreSQL's client programs."
        raise BackupUnusable(f"no {program}", text=text)
    place = {"HOST": url.host, "PORT": url.port, "USER": url.username, "PASSWORD": url.password}
    place["DATABASE"] = url.database
    known = {f"PG{name}": str(value) for name, value in place.items() if value is not None}
    arguments = [option + (url.database or "") if option == "--dbname=" else option for option in options]
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [found, *arguments],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        problem = done.stderr.strip().partition("\n")[0]
        raise BackupUnusable(problem, text=f"{program} could not do it: {problem}")
