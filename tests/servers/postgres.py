"""A real PostgreSQL of the tests' own: in a folder that goes away, on a free port, for no one else."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

_PACKAGED = Path("/usr/lib/postgresql")


class Postgres:
    """A running server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str) -> str:
        """Where one of its databases is, as SQLAlchemy spells it."""
        return f"postgresql+psycopg://tutor@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *, like: str = "template1") -> str:
        """A new database, empty or a copy of another one that nobody uses now; returns its URL."""
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(like))
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def ready(self) -> bool:
        """Whether it takes connections."""
        try:
            self._run(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: sql.Composable) -> None:
        where = f"host=127.0.0.1 port={self.port} user=tutor dbname=postgres connect_timeout=2"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running() -> Iterator[Postgres]:
    """A server for as long as the block lasts."""
    with (
        tempfile.TemporaryDirectory(prefix="tutor-postgres-") as folder,
        (Path(folder) / "log").open("wb") as output,
    ):
        as_user = _as_user(Path(folder))
        data = str(Path(folder) / "data")
        subprocess.run(
            [_tool("initdb"), "-D", data, "-U", "tutor", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            stdout=output,
            stderr=output,
            **as_user,
        )
        port = free_port()
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"]
        with subprocess.Popen(
            [_tool("postgres"), "-D", data, *options], stdout=output, stderr=output, **as_user
        ) as server:
            try:
                yield _waited_for(Postgres(port), server, Path(folder))
            finally:
                server.send_signal(2)  # SIGINT: disconnect everybody and stop
                server.wait(10)


def _waited_for(postgres: Postgres, server: "subprocess.Popen[bytes]", folder: Path) -> Postgres:
    until = time.monotonic() + 30
    while not postgres.ready():
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)
    return postgres


def _tool(name: str) -> str:
    """Debian keeps the server's programs off PATH."""
    packaged = sorted(_PACKAGED.glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(packaged[-1]) if packaged else None)
    if found is None:
        raise RuntimeError(f"{name} is not installed; tests/install-postgres installs it")
    return found


def _as_user(folder: Path) -> dict[str, str]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "cwd": str(folder)}
