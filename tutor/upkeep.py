"""Commands that look after the database: python -m tutor migrate, backup and restore."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tutor.adapters.store.backup import back_up
from tutor.adapters.store.backup import restore as put_back
from tutor.adapters.store.engine import Database
from tutor.errors import TutorError
from tutor.settings import Settings, load_settings


def migrate(
    to: Annotated[str, typer.Option(help="A step, such as 0005: up to it, or back to it.")] = "head",
) -> None:
    """Bring the tables up to date, or back to those of an older version. The app may run meanwhile."""

    def move(_: Settings, database: Database) -> None:
        database.migrate(to=to)

    _with_database(move)


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; a new file in the data folder if left out.")
    ] = None,
) -> None:
    """Copy the whole database to a file, while the app runs."""

    def copy(settings: Settings, database: Database) -> None:
        target = file or _new_file(settings, "tutor")
        back_up(database, target)
        typer.echo(f"Everything is copied to {target}.")

    _with_database(copy)


def restore(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a copy in the place of the whole database. What is there now is copied first."""
    if not yes:
        typer.confirm(f"Replace everything in the database by {file}?", abort=True)

    def replace(settings: Settings, database: Database) -> None:
        before = _new_file(settings, "before-restore")
        back_up(database, before)
        put_back(database, file)
        typer.echo(f"The database is as it was in {file}. What was there before is in {before}.")

    _with_database(replace)


def _new_file(settings: Settings, name: str) -> Path:
    return settings.data_dir / "backups" / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.backup"


def _with_database(work: Callable[[Settings, Database], None]) -> None:
    """Run work on the database alone: no model is loaded, and no service started."""
    try:
        settings = load_settings()
    except TutorError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(2) from None
    try:
        database = Database(settings.database_url)
        try:
            work(settings, database)
        finally:
            database.close()
    except TutorError as error:
        typer.echo(f"{error.text} ({error.code})", err=True)
        raise typer.Exit(1) from None
