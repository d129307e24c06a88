"""Write the next step: what tables.py says now, less what the steps so far make."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from tutor.adapters.store.engine import Database
from tutor.adapters.store.migrations import config

if len(sys.argv) != 2:
    sys.exit('usage: python -m tutor.adapters.store.migrations "what changes"')
with tempfile.TemporaryDirectory() as folder:
    database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
    database.migrate()
    number = len(list((Path(__file__).parent / "versions").glob("[0-9]*.py"))) + 1
    with database.engine.connect() as connection:
        command.revision(config(connection), sys.argv[1], autogenerate=True, rev_id=f"{number:04}")
    database.close()
